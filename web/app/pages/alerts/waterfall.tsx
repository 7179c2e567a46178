// How did the score come about? Each factor as a bar from where the sum stood to where it brings it; the table is the drawing's words.
import type { AlertDetail, FactorItem } from '../../../../schemas/alert-api.ts'
import { language, t } from '../../language.ts'
import { factorDetail } from '../../parts/factor-words.ts'
import { Help } from '../../parts/states.tsx'
import { allFactors } from './evidence.tsx'
import { say } from './words.ts'

interface Step {
  readonly factor: FactorItem
  readonly from: number
  readonly to: number
}

/** The prior first, as in `siaga score explain`, then the weightiest. */
function stepsOf(factors: readonly FactorItem[]): readonly Step[] {
  const sorted = factors.toSorted(
    (a, b) => Number(b.name === 'prior') - Number(a.name === 'prior') || Math.abs(b.points) - Math.abs(a.points),
  )
  let sum = 0
  return sorted.map((factor) => {
    const from = sum
    sum += factor.points
    return { factor, from, to: sum }
  })
}

/** Chance in a hundred of a sum of points (docs/scoring.md). */
const chanceOf = (points: number): number => Math.round(100 / (1 + Math.exp(-points / 10)))

const WIDTH = 1_000
const signed = (points: number): string => (points < 0 ? `−${Math.abs(points)}` : `+${points}`)

export function Waterfall({ alert }: { alert: AlertDetail }) {
  const worst = alert.worst[0]
  const seenAll = worst === undefined ? undefined : allFactors.value.get(worst.event_id)
  // The event has all of its factors; a finding only the weightiest.
  const factors = seenAll ?? worst?.factors ?? []
  return (
    <section class="card waterfall" aria-labelledby="waterfall">
      <h2 id="waterfall">
        {t('Mengapa skornya', 'Why the score is')} <b class="score">{alert.score}</b>{' '}
        <Help
          id="Skor adalah jumlah poin dari faktor-faktor; sepuluh poin satu satuan log-odds. Jumlah itu dibaca sebagai peluang dalam seratus bahwa seseorang perlu memeriksanya."
          en="A score is a sum of points of factors; ten points are one unit of log-odds. The sum is read as the chance in a hundred that a person should look."
        />
      </h2>
      <p class="soft">{alert.guidance[language.value].why[0]}</p>
      {factors.length === 0 ? (
        <p>{alert.guidance[language.value].why[1]}</p>
      ) : (
        <Table steps={stepsOf(factors)} score={worst?.score ?? alert.score} />
      )}
    </section>
  )
}

function Table({ steps, score }: { steps: readonly Step[]; score: number }) {
  const ends = steps.flatMap(({ from, to }) => [from, to])
  const [low, high] = [Math.min(0, ...ends), Math.max(0, ...ends)]
  const place = (points: number): number => ((points - low) / Math.max(1, high - low)) * WIDTH
  const sum = steps.at(-1)?.to ?? 0
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">{t('Faktor', 'Factor')}</th>
          <th scope="col" class="number">
            {t('Poin', 'Points')}
          </th>
          <th scope="col" class="drawing">
            <span class="unseen">{t('Gambar', 'Drawing')}</span>
          </th>
          <th scope="col" class="number">
            {t('Peluang', 'Chance')}
          </th>
        </tr>
      </thead>
      <tbody>
        {steps.map(({ factor, from, to }) => (
          <tr key={factor.name + factor.detail}>
            <th scope="row">
              {say(factor.words)}
              {factor.detail !== '' && factor.name !== 'prior' && <bdi class="soft detail">{factorDetail(factor)}</bdi>}
            </th>
            <td class="number">{signed(factor.points)}</td>
            <td class="drawing">
              <svg aria-hidden="true" viewBox={`0 0 ${WIDTH} 24`} preserveAspectRatio="none">
                <line class="zero" x1={place(0)} x2={place(0)} y1="0" y2="24" />
                <rect
                  class={factor.points < 0 ? 'less' : 'more'}
                  x={place(Math.min(from, to))}
                  width={Math.max(4, Math.abs(place(to) - place(from)))}
                  y="4"
                  height="16"
                />
              </svg>
            </td>
            <td class="number">{chanceOf(to)} %</td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row">{t('Jumlah', 'Sum')}</th>
          <td class="number">{signed(sum)}</td>
          <td class="drawing">
            <svg aria-hidden="true" viewBox={`0 0 ${WIDTH} 24`} preserveAspectRatio="none">
              <line class="zero" x1={place(0)} x2={place(0)} y1="0" y2="24" />
              <rect
                class="sum"
                x={place(Math.min(0, sum))}
                width={Math.max(4, Math.abs(place(sum) - place(0)))}
                y="4"
                height="16"
              />
            </svg>
          </td>
          <td class="number">
            <b>{score} %</b>
          </td>
        </tr>
        {chanceOf(sum) !== score && (
          <tr>
            <td colSpan={4} class="soft">
              {t(
                'Ada faktor kecil lain yang tidak ditampilkan di sini; skornya yang tertulis.',
                'Other small factors are not shown here; the score is the one that is written.',
              )}
            </td>
          </tr>
        )}
      </tfoot>
    </table>
  )
}
