// How is a question written? Examples that run when they are pressed, and the rules in short.
import type { ExploreFields } from '../../../../schemas/explore-api.ts'
import { language, t } from '../../language.ts'

export function QueryHelp({ fields, hrefOf }: { fields: ExploreFields | undefined; hrefOf: (q: string) => string }) {
  const en = language.value === 'en'
  return (
    <details class="query-help">
      <summary>{t('Cara menulis pertanyaan', 'How to write a question')}</summary>
      <div class="card">
        <ul>
          <li>
            {t(
              'kolom:nilai mencari yang sama persis; dengan * atau ? huruf besar-kecil bebas. Kolom:* berarti terisi, kolom:"" berarti kosong.',
              'field:value finds what is the same; with * or ? in any case. field:* means that there is something, field:"" that there is nothing.',
            )}
          </li>
          <li>
            {t(
              'message, url.original, user_agent.original, process.command_line, dan http.request.referrer mencari teks di dalamnya, huruf besar-kecil bebas.',
              'message, url.original, user_agent.original, process.command_line and http.request.referrer look for text within, in any case.',
            )}
          </li>
          <li>
            {t(
              'Jarak berarti "dan"; OR (ATAU), NOT (BUKAN) atau minus, kurung untuk kelompok, kolom:(a b) untuk salah satu.',
              'A space means "and"; OR, NOT or a minus, brackets for groups, field:(a b) for either.',
            )}
          </li>
          <li>
            {t(
              'Angka dan waktu: >= > <= <, rentang 400..499. Alamat: 203.0.113.0/24. Teks bertanda khusus di antara tanda kutip.',
              'Numbers and times: >= > <= <, ranges 400..499. Addresses: 203.0.113.0/24. Text with special characters in quotes.',
            )}
          </li>
        </ul>
        <table>
          <tbody>
            {(fields?.examples ?? []).map((example) => (
              <tr key={example.q}>
                <td>
                  <a class="mono" href={hrefOf(example.q)}>
                    {example.q}
                  </a>
                </td>
                <td>{en ? example.en : example.id}</td>
              </tr>
            ))}
          </tbody>
        </table>
        <details>
          <summary>{t('Semua kolom', 'Every field')}</summary>
          <table>
            <tbody>
              {(fields?.fields ?? []).map((field) => (
                <tr key={field.name}>
                  <td class="mono">{field.name}</td>
                  <td class="mono soft">{field.column === field.name ? '' : field.column}</td>
                  <td>{en ? field.en : field.id}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </details>
      </div>
    </details>
  )
}
