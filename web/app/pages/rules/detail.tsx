// What does one rule look for, what did it find, and how is it proved? With its text, its cases, and a back-test.
import { useSignal } from '@preact/signals'
import type { RuleDetail, RuleEvents } from '../../../../schemas/rules-api.ts'
import { ask } from '../../api.ts'
import { dateTime, dayOf, localIso, number } from '../../format.ts'
import { language, t } from '../../language.ts'
import { visible } from '../../parts/hostile.ts'
import { useLoad } from '../../parts/load.ts'
import { markedOf, SeverityMark } from '../../parts/severity.tsx'
import { Empty, Failed, Help, Loading } from '../../parts/states.tsx'
import { Bars } from '../sources/spark.tsx'
import { Backtest } from './backtest.tsx'
import { LooksAt } from './looks-at.tsx'
import { changedOf, FalseShare, titleOf } from './rules.tsx'

export function RulePage({ id }: { id: string }) {
  const path = `/api/rules/by-id/${encodeURIComponent(id)}`
  const { data, error, again } = useLoad<RuleDetail>(() => path)
  const cost = useSignal<number | null>(null)
  const answer = data.value
  if (answer === undefined)
    return error.value === undefined ? <Loading /> : <Failed error={error.value} again={again} />
  const { rule } = answer
  const looks = language.value === 'en' ? answer.looks_for.en : answer.looks_for.id
  const response = language.value === 'en' ? answer.response.en : answer.response.id
  const us = cost.value ?? answer.cost_us
  return (
    <article>
      <p>
        <a href="/aturan">← {t('Semua aturan', 'All rules')}</a>
      </p>
      <h2>{titleOf(rule)}</h2>
      <p>
        <SeverityMark severity={markedOf(rule.level)} /> · {rule.attack.join(' ') || t('tanpa ATT&CK', 'no ATT&CK')} ·{' '}
        <LooksAt rule={rule} /> · <span class="mono soft">{rule.id}</span>
      </p>
      {answer.description !== '' && (
        <p lang="en">
          {answer.description}{' '}
          {language.value === 'id' && <small class="soft">(keterangan dalam bahasa Inggris)</small>}
        </p>
      )}
      <div class="columns">
        <section class="card">
          <h3>{t('Hasil', 'What it found')}</h3>
          <dl>
            <div>
              <dt>{t('Temuan 24 jam / 7 hari / 30 hari', 'Findings 24 h / 7 d / 30 d')}</dt>
              <dd>
                {number(rule.findings.day)} / {number(rule.findings.week)} / {number(rule.findings.month)}
                {(rule.base || rule.quiet) && (
                  <small class="soft">
                    {rule.base
                      ? t(
                          'dasar korelasi: tidak membuat temuan sendiri',
                          'base of correlations: makes no findings itself',
                        )
                      : t('di bawah tingkat temuan', 'below the level of findings')}
                  </small>
                )}
              </dd>
            </div>
            <div>
              <dt>{t('Positif palsu (30 hari)', 'False positives (30 days)')}</dt>
              <dd>
                <FalseShare rule={rule} />
              </dd>
            </div>
            <div>
              <dt>
                {t('Biaya', 'Cost')}{' '}
                <Help
                  id="Waktu yang dipakai aturan ini untuk satu kejadian sumber lognya, bila berjalan sendiri; diukur pada uji riwayat di halaman ini. Di pipeline aturan dijalankan bersama-sama dan lebih murah."
                  en="Time that this rule takes for an event of its log source when it runs alone; measured in the back-test on this page. In the pipeline rules share one pass and cost less."
                />
              </dt>
              <dd>
                {rule.correlation !== ''
                  ? t('korelasi: satu kueri tiap putaran', 'correlation: a query each round')
                  : us === null
                    ? t('belum diukur: jalankan uji riwayat di bawah', 'not measured: run the back-test below')
                    : t(`${number(us, 2)} µs per kejadian`, `${number(us, 2)} µs an event`)}
              </dd>
            </div>
            <div>
              <dt>{t('Perubahan terakhir', 'Last change')}</dt>
              <dd>
                {dayOf(changedOf(rule)) || t('tidak disebut dalam aturan', 'not said in the rule')}
                <small class="soft">
                  {t('berkas ditulis', 'file written')} {dateTime(rule.written)} · {answer.file}
                </small>
              </dd>
            </div>
          </dl>
          <MatchingEvents path={`${path}/events`} />
        </section>
        <section class="card">
          <h3>{t('30 hari terakhir', 'Last 30 days')}</h3>
          {answer.days.length === 0 ? (
            <Empty>{t('Tidak ada temuan.', 'No findings.')}</Empty>
          ) : (
            <>
              <Bars
                values={days(answer)}
                label={t('Temuan per hari (WIB), 30 hari', 'Findings by day (WIB), 30 days')}
              />
              <table>
                <thead>
                  <tr>
                    <th scope="col">{t('Wilayah', 'Region')}</th>
                    <th scope="col" class="number">
                      {t('Temuan', 'Findings')}
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {answer.regions.map((one) => (
                    <tr key={one.region}>
                      <td>{one.name || one.region || t('tidak diketahui', 'unknown')}</td>
                      <td class="number">{number(one.findings)}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </>
          )}
        </section>
      </div>
      {(response !== '' || answer.false_positives.length > 0) && (
        <section class="card">
          {response !== '' && (
            <>
              <h3>{t('Yang harus dilakukan', 'What to do')}</h3>
              <p>{response}</p>
            </>
          )}
          {answer.false_positives.length > 0 && (
            <>
              <h3>{t('Dapat keliru bila', 'False positives')}</h3>
              <ul>
                {answer.false_positives.map((one) => (
                  <li key={one}>{one}</li>
                ))}
              </ul>
            </>
          )}
        </section>
      )}
      <Backtest rule={rule} measured={(value) => (cost.value = value)} />
      {looks.length > 0 && (
        <section class="card">
          <h3>{t('Yang dicari', 'What it looks for')}</h3>
          <pre>{looks.map(({ depth, text }) => `${'  '.repeat(depth)}• ${text}`).join('\n')}</pre>
        </section>
      )}
      <section class="card">
        <h3>{t('Contoh kena dan luput', 'Lines that must and must not match')}</h3>
        {answer.cases.length === 0 ? (
          <Empty>
            {t('Tidak ada berkas contoh di samping aturan ini.', 'There is no file of cases beside this rule.')}
          </Empty>
        ) : (
          <ul class="samples">
            {answer.cases.map((one, n) => (
              <li key={n}>
                <strong>{one.kind === 'hit' ? t('✓ kena', '✓ hit') : t('✗ luput', '✗ miss')}</strong>{' '}
                <span class="soft">
                  {one.format} {one.note !== '' && `· ${one.note}`}
                </span>
                <pre>{visible(one.text)}</pre>
              </li>
            ))}
          </ul>
        )}
      </section>
      <section class="card">
        <details>
          <summary>{t('Teks aturan', 'Text of the rule')}</summary>
          <pre>{answer.text}</pre>
          {answer.text_cut && (
            <p class="soft">{t('Hanya awalnya yang ditampilkan.', 'Only its beginning is shown.')}</p>
          )}
        </details>
      </section>
    </article>
  )
}

/** Every day of the thirty, also those without findings. */
function days({ days: found, at }: Pick<RuleDetail, 'days' | 'at'>): { at: number; events: number }[] {
  const DAY_MS = 86_400_000
  const byDay = new Map(found.map(({ day, findings }) => [day, findings]))
  return Array.from({ length: 30 }, (_, n) => {
    const moment = at - (29 - n) * DAY_MS
    const day = localIso(moment, 'WIB', 10)
    return { at: moment, events: byDay.get(day) ?? 0 }
  })
}

/** Counting events reads much: it is done when somebody asks. */
function MatchingEvents({ path }: { path: string }) {
  const counts = useSignal<RuleEvents | undefined>(undefined)
  const error = useSignal<unknown>(undefined)
  const busy = useSignal(false)
  const count = async (): Promise<void> => {
    busy.value = true
    try {
      counts.value = await ask<RuleEvents>(path)
      error.value = undefined
    } catch (caught) {
      error.value = caught
    } finally {
      busy.value = false
    }
  }
  return (
    <div role="status">
      {counts.value === undefined ? (
        <button type="button" disabled={busy.value} onClick={() => void count()}>
          {busy.value ? t('Menghitung …', 'Counting …') : t('Hitung kejadian yang kena', 'Count the events it matched')}
        </button>
      ) : (
        <p>
          {t('Kejadian yang kena 24 jam / 7 hari / 30 hari', 'Events matched 24 h / 7 d / 30 d')}:{' '}
          {number(counts.value.day)} / {number(counts.value.week)} / {number(counts.value.month)}
        </p>
      )}
      {error.value !== undefined && <Failed error={error.value} again={() => void count()} />}
    </div>
  )
}
