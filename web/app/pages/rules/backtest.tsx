// What would a rule have found? A span and a region are chosen; the reading shows how far it is and may be stopped.
import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { BacktestJob, BacktestResult, RuleView } from '../../../../schemas/rules-api.ts'
import { ask } from '../../api.ts'
import { aheadOfUtc, dateTime, dayOf, localIso, number } from '../../format.ts'
import { t } from '../../language.ts'
import { visible } from '../../parts/hostile.ts'
import { regionName, regionNames } from '../../parts/region-names.ts'
import { Empty, Failed, Help } from '../../parts/states.tsx'

const DAY_MS = 86_400_000
const MAX_DAYS = 31
const EVERY_MS = 800

/** Days in WIB, as `siaga rules backtest` has them. */
const isoDay = (ms: number): string => localIso(ms, 'WIB', 10)
const midnight = (day: string): number => Date.parse(`${day}T00:00:00Z`) - aheadOfUtc('WIB')

export function Backtest({ rule, measured }: { rule: RuleView; measured: (us: number) => void }) {
  const from = useSignal(isoDay(Date.now() - DAY_MS))
  const to = useSignal(isoDay(Date.now()))
  const region = useSignal('')
  const job = useSignal<BacktestJob | undefined>(undefined)
  const error = useSignal<unknown>(undefined)
  const id = job.value?.id
  const open = job.value !== undefined && (job.value.state === 'waiting' || job.value.state === 'running')
  useEffect(() => {
    if (id === undefined || !open) return
    const stop = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    const look = async (): Promise<void> => {
      try {
        const now = await ask<BacktestJob>(`/api/rules/backtests/${id}`, { signal: stop.signal })
        job.value = now
        error.value = undefined
        const cost = now.result?.cost_us
        if (cost != null) measured(cost)
        if (now.state === 'done' || now.state === 'failed') return
      } catch (caught) {
        if (stop.signal.aborted) return
        error.value = caught
      }
      timer = setTimeout(() => void look(), EVERY_MS)
    }
    timer = setTimeout(() => void look(), EVERY_MS)
    return () => {
      stop.abort()
      clearTimeout(timer)
    }
  }, [id, open])
  const begin = async (): Promise<void> => {
    try {
      job.value = await ask<BacktestJob>(`/api/rules/by-id/${encodeURIComponent(rule.id)}/backtests`, {
        method: 'POST',
        body: {
          from: midnight(from.value),
          to: Math.min(Date.now(), midnight(to.value) + DAY_MS),
          region: region.value,
        },
      })
      error.value = undefined
    } catch (caught) {
      error.value = caught
    }
  }
  const halt = async (): Promise<void> => {
    if (id === undefined) return
    await ask(`/api/rules/backtests/${id}/stop`, { method: 'POST' }).catch((caught: unknown) => {
      error.value = caught
    })
  }
  const days = (midnight(to.value) - midnight(from.value)) / DAY_MS + 1
  const wrong = Number.isNaN(days) || days < 1 || days > MAX_DAYS
  return (
    <section class="card">
      <h3>
        {t('Uji riwayat', 'Back-test')}{' '}
        <Help
          id="Menjalankan aturan ini pada kejadian yang tersimpan, dengan mesin yang sama seperti di pipeline. Tidak ada yang ditulis dan tidak seorang pun diberi tahu. Korelasi dihitung dari aturan dasar yang sudah dipakai ketika kejadiannya masuk."
          en="Runs this rule over stored events with the engine of the pipeline. Nothing is written and nobody is told. A correlation is run over the base rules that were in use when the events came."
        />
      </h3>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (!wrong && !open) void begin()
        }}
      >
        <div class="fields">
          <label>
            {t('Dari (WIB)', 'From (WIB)')}
            <input
              type="date"
              required
              value={from.value}
              onInput={(event) => (from.value = event.currentTarget.value)}
            />
          </label>
          <label>
            {t('Sampai dengan (WIB)', 'Up to and with (WIB)')}
            <input type="date" required value={to.value} onInput={(event) => (to.value = event.currentTarget.value)} />
          </label>
          <label>
            {t('Wilayah', 'Region')}
            <select value={region.value} onChange={(event) => (region.value = event.currentTarget.value)}>
              <option value="">{t('semua', 'all')}</option>
              {Array.from(regionNames(), ([code, name]) => (
                <option key={code} value={code}>
                  {code.length > 2 ? `— ${name}` : name}
                </option>
              ))}
            </select>
          </label>
        </div>
        {wrong && (
          <p class="warn">
            {t(
              `Pilih 1 sampai ${MAX_DAYS} hari; untuk yang lebih lama: siaga rules backtest.`,
              `Choose 1 to ${MAX_DAYS} days; for longer spans: siaga rules backtest.`,
            )}
          </p>
        )}
        <button type="submit" disabled={wrong || open}>
          {t('Jalankan', 'Run')}
        </button>{' '}
        {open && (
          <button type="button" onClick={() => void halt()}>
            {t('Hentikan', 'Stop')}
          </button>
        )}
      </form>
      {error.value !== undefined && <Failed error={error.value} />}
      <div aria-live="polite">
        {job.value !== undefined && <Progress job={job.value} />}
        {job.value?.result != null && <Result result={job.value.result} correlation={rule.correlation !== ''} />}
      </div>
    </section>
  )
}

function Progress({ job }: { job: BacktestJob }) {
  if (job.state === 'waiting') return <p>{t('Menunggu giliran …', 'Waiting for its turn …')}</p>
  if (job.state === 'failed')
    return (
      <p class="state failed" role="alert">
        {job.problem === 'stopped'
          ? t('Dihentikan.', 'Stopped.')
          : `${t('Tidak berhasil', 'It failed')}: ${visible(job.problem)}`}
      </p>
    )
  if (job.state === 'done') return null
  return (
    <>
      {job.events > 0 ? (
        <progress max={job.events} value={job.read} aria-label={t('Kemajuan', 'Progress')} />
      ) : (
        <progress aria-label={t('Kemajuan', 'Progress')} />
      )}
      <p>
        {job.events > 0
          ? t(
              `${number(job.read)} dari ${number(job.events)} kejadian dibaca`,
              `${number(job.read)} of ${number(job.events)} events read`,
            )
          : t('Mencari kejadian …', 'Looking for events …')}
      </p>
    </>
  )
}

function Result({ result, correlation }: { result: BacktestResult; correlation: boolean }) {
  return (
    <>
      <p>
        <strong>
          {correlation
            ? t(`Kena ${number(result.matches)} kali`, `Fired ${number(result.matches)} times`)
            : t(
                `${number(result.matches)} dari ${number(result.read)} kejadian kena`,
                `${number(result.matches)} of ${number(result.read)} events matched`,
              )}
        </strong>
        {result.datasets.length > 0 && <span class="soft"> · {result.datasets.join(', ')}</span>}
      </p>
      {!result.complete && (
        <p class="warn">
          {t(
            `▲ Baru ${number(result.read)} dari ${number(result.events)} kejadian yang dibaca; hasil ini sebagian. Persempit waktu atau wilayah.`,
            `▲ Only ${number(result.read)} of ${number(result.events)} events were read; this is a part. Choose a shorter time or a region.`,
          )}
        </p>
      )}
      {result.events === 0 && (
        <Empty>
          {correlation
            ? t(
                'Tidak ada kejadian yang membawa ID aturan dasarnya pada waktu itu.',
                'No event of that time carries the ids of its base rules.',
              )
            : t(
                'Tidak ada kejadian dari sumber log aturan ini pada waktu itu.',
                'There are no events of the log source of this rule in that time.',
              )}
        </Empty>
      )}
      {result.days.length > 0 && (
        <div class="scroll">
          <table class="cards">
            <thead>
              <tr>
                <th scope="col">{t('Hari (WIB)', 'Day (WIB)')}</th>
                <th scope="col">{t('Wilayah', 'Region')}</th>
                <th scope="col" class="number">
                  {t('Kena', 'Matches')}
                </th>
                <th scope="col" class="number">
                  {correlation ? t('Entitas', 'Entities') : t('Alamat', 'Addresses')}
                </th>
              </tr>
            </thead>
            <tbody>
              {result.days.map((row) => (
                <tr key={`${row.day} ${row.region}`}>
                  <td class="whole">{dayOf(row.day)}</td>
                  <td data-label={t('Wilayah', 'Region')}>{regionName(row.region)}</td>
                  <td class="number" data-label={t('Kena', 'Matches')}>
                    {number(row.matches)}
                  </td>
                  <td class="number" data-label={correlation ? t('Entitas', 'Entities') : t('Alamat', 'Addresses')}>
                    {number(row.addresses)}
                    {row.more && '+'}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
          {result.days_cut && <p class="soft">{t('Hanya 2.000 baris pertama.', 'The first 2,000 rows only.')}</p>}
        </div>
      )}
      {result.samples.length > 0 && (
        <>
          <h4>{t('Contoh', 'Samples')}</h4>
          <ul class="samples">
            {result.samples.map((sample, n) => (
              <li key={n}>
                <small class="soft">
                  {dateTime(sample.at)} · {regionName(sample.region)}
                </small>
                <pre>{visible(sample.line)}</pre>
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  )
}
