// What is held back, by whom, until when, and who has to agree? Suppressions, the policy that waits for two persons, and what made no alert.
import { useSignal } from '@preact/signals'
import { useMemo } from 'preact/hooks'
import type { PolicyItem, SuppressionItem } from '../../../../schemas/alert-api.ts'
import { ask } from '../../api.ts'
import { dateTime, number } from '../../format.ts'
import { t } from '../../language.ts'
import { useLoad } from '../../parts/load.ts'
import { severityWord } from '../../parts/severity.tsx'
import { Empty, Failed, Help, Loading } from '../../parts/states.tsx'
import { may, session } from '../../session.ts'
import { failureText, newPress, renewed } from './act.ts'
import { serverNow } from './marks.tsx'
import { entityText, say } from './words.ts'

const AGAIN_MS = 30_000

export function HeldBack() {
  const isCentre = session.value?.room.region === '00'
  return (
    <article class="held-back">
      <nav class="back">
        <a href="/peringatan">← {t('Antrean', 'Queue')}</a>
      </nav>
      <h1>{t('Penahanan', 'Held back')}</h1>
      <Suppressions />
      {isCentre && <Policy />}
      {isCentre && <Held />}
    </article>
  )
}

function Suppressions() {
  const loaded = useLoad<{ suppressions: SuppressionItem[] }>(() => '/v1/suppressions', AGAIN_MS)
  const all = loaded.data.value?.suppressions.toSorted(
    (a, b) => Number(isOver(a)) - Number(isOver(b)) || Date.parse(b.from) - Date.parse(a.from),
  )
  return (
    <section class="card" aria-labelledby="suppressions">
      <h2 id="suppressions">
        {t('Penahanan dan pemeliharaan', 'Suppressions and maintenance')}{' '}
        <Help
          id="Yang dibuat pusat berlaku di mana-mana. Yang dibuat sebuah ruang hanya membuat ruang itu tidak diberi tahu."
          en="What the centre makes holds everywhere. What a room makes only keeps that room from being told."
        />
      </h2>
      {all === undefined && loaded.error.value === undefined && <Loading />}
      {loaded.error.value !== undefined && <Failed error={loaded.error.value} again={loaded.again} />}
      {all?.length === 0 && <Empty>{t('Tidak ada yang ditahan.', 'Nothing is held back.')}</Empty>}
      <ul class="plain suppressions">
        {all?.map((one) => (
          <One key={one.id} one={one} again={loaded.again} />
        ))}
      </ul>
    </section>
  )
}

const isOver = ({ until, ended_at }: SuppressionItem): boolean =>
  ended_at !== undefined || Date.parse(until) < serverNow()

function stateOf(one: SuppressionItem): string {
  if (one.ended_at !== undefined) return t('○ diakhiri', '○ ended')
  if (isOver(one)) return t('○ lewat', '○ over')
  if (one.waits) return t('◌ menunggu orang kedua', '◌ waits for a second person')
  return Date.parse(one.from) > serverNow() ? t('◌ belum mulai', '◌ not begun') : t('● berlaku', '● in force')
}

function One({ one, again }: { one: SuppressionItem; again: () => void }) {
  const failure = useSignal('')
  const busy = useSignal(false)
  const press = useMemo(newPress, [one.id])
  const act = async (verb: 'approve' | 'end'): Promise<void> => {
    if (busy.value) return
    busy.value = true
    failure.value = ''
    try {
      await ask(`/v1/suppressions/${one.id}/${verb}`, {
        method: 'POST',
        headers: { 'idempotency-key': press.key },
      })
      again()
    } catch (error) {
      failure.value = failureText(error)
      renewed(press, error)
    } finally {
      busy.value = false
    }
  }
  const { rules, assets, entities, regions, sources } = one.match
  const matched = [...rules, ...assets, ...entities.map(entityText), ...regions, ...sources]
  return (
    <li class={isOver(one) ? 'over soft' : ''}>
      <p>
        <b>{stateOf(one)}</b> ·{' '}
        {one.kind === 'maintenance' ? t('pemeliharaan', 'maintenance') : t('penahanan', 'suppression')}{' '}
        <span class="mono">{one.id}</span> · {t('sampai', 'until')} {dateTime(Date.parse(one.until))} ·{' '}
        {t('paling berat', 'at most')} {severityWord(one.max_severity)} · {number(one.findings)}{' '}
        {t('temuan ditahan', 'findings held back')}
      </p>
      <p>
        {matched.map((value) => (
          <bdi key={value} class="chip mono">
            {value}
          </bdi>
        ))}
      </p>
      <p>
        <bdi>{one.reason}</bdi>{' '}
        <span class="soft">
          {t('penanggung jawab', 'answers for it')}: <bdi>{one.owner}</bdi> · {t('dibuat', 'made by')} {one.made_by} (
          {one.room}){one.approved_by !== '' && ` · ${t('disetujui', 'agreed by')} ${one.approved_by}`}
        </span>
      </p>
      {one.verbs.length > 0 && (
        <p class="buttons">
          {one.verbs.includes('approve') && (
            <button type="button" class="main" disabled={busy.value} onClick={() => void act('approve')}>
              {t('Setujui sebagai orang kedua', 'Agree as the second person')}
            </button>
          )}
          {one.verbs.includes('end') && !isOver(one) && (
            <button type="button" disabled={busy.value} onClick={() => void act('end')}>
              {t('Akhiri sekarang', 'End now')}
            </button>
          )}
        </p>
      )}
      {failure.value !== '' && (
        <p class="state failed" role="alert">
          {failure.value}
        </p>
      )}
    </li>
  )
}

/** What of the configuration waits for two persons. */
function Policy() {
  const loaded = useLoad<PolicyItem>(() => '/v1/alert-policy', AGAIN_MS)
  const failure = useSignal('')
  const busy = useSignal(false)
  const waits = loaded.data.value?.waiting
  const press = useMemo(newPress, [waits?.id])
  const agree = async (id: string): Promise<void> => {
    if (busy.value) return
    busy.value = true
    failure.value = ''
    try {
      await ask('/v1/alert-policy/approve', { method: 'POST', body: { id }, headers: { 'idempotency-key': press.key } })
      loaded.again()
    } catch (error) {
      failure.value = failureText(error)
      renewed(press, error)
    } finally {
      busy.value = false
    }
  }
  return (
    <section class="card" aria-labelledby="policy">
      <h2 id="policy">
        {t('Kebijakan yang menunggu dua orang', 'Policy that waits for two persons')}{' '}
        <Help
          id="Perubahan siaga.yaml yang membuat Siaga lebih diam pada masa genting berlaku setelah disetujui dua orang pusat."
          en="Changes of siaga.yaml that make Siaga quieter in tense phases hold once two persons of the centre have agreed."
        />
      </h2>
      {loaded.data.value === undefined && loaded.error.value === undefined && <Loading />}
      {loaded.error.value !== undefined && <Failed error={loaded.error.value} again={loaded.again} />}
      {loaded.data.value !== undefined && waits === undefined && (
        <p class="soft">{t('Tidak ada yang menunggu.', 'Nothing waits.')}</p>
      )}
      {waits !== undefined && (
        <>
          <ul>
            {waits.relaxations.map(({ what, detail }) => (
              <li key={what + detail}>
                {what}: {detail}
              </li>
            ))}
          </ul>
          <p class="soft">
            {t('Sejak', 'Since')} {dateTime(Date.parse(waits.since))} ·{' '}
            {waits.approvals.length === 0
              ? t('belum ada yang menyetujui', 'nobody has agreed')
              : waits.approvals.map(({ name, room }) => `${name} (${room})`).join(', ')}
          </p>
          {may('alerts', 'write') && (
            <button type="button" disabled={busy.value} onClick={() => void agree(waits.id)}>
              {t('Setujui', 'Agree')}
            </button>
          )}
          {failure.value !== '' && (
            <p class="state failed" role="alert">
              {failure.value}
            </p>
          )}
        </>
      )}
    </section>
  )
}

interface HeldAnswer {
  readonly held: readonly {
    readonly reason: string
    readonly detail: string
    readonly rule_id: string
    readonly region: string
    readonly findings: number
  }[]
}

const heldWords: Readonly<Record<string, { id: string; en: string }>> = {
  below_threshold: { id: 'di bawah ambang', en: 'below the threshold' },
  suppressed: { id: 'ditahan', en: 'suppressed' },
  maintenance: { id: 'pemeliharaan', en: 'maintenance' },
  storm: { id: 'badai', en: 'storm' },
  probe_network: { id: 'jaringan pemeriksa', en: 'network of the probe' },
}
const MOST = 100

/** Findings of a day that made no alert: never silently. */
function Held() {
  const loaded = useLoad<HeldAnswer>(() => '/v1/alerts/held?hours=24')
  const held = loaded.data.value?.held
  return (
    <section class="card" aria-labelledby="held">
      <h2 id="held">
        {t('Temuan 24 jam terakhir yang tidak menjadi peringatan', 'Findings of 24 hours that made no alert')}
      </h2>
      {held === undefined && loaded.error.value === undefined && <Loading />}
      {loaded.error.value !== undefined && <Failed error={loaded.error.value} again={loaded.again} />}
      {held?.length === 0 && <Empty>{t('Tidak ada.', 'None.')}</Empty>}
      {held !== undefined && held.length > 0 && (
        <table>
          <thead>
            <tr>
              <th scope="col">{t('Sebab', 'Why')}</th>
              <th scope="col">{t('Aturan', 'Rule')}</th>
              <th scope="col">{t('Wilayah', 'Region')}</th>
              <th scope="col" class="number">
                {t('Temuan', 'Findings')}
              </th>
            </tr>
          </thead>
          <tbody>
            {held.slice(0, MOST).map((one) => (
              <tr key={`${one.reason}${one.detail}${one.rule_id}${one.region}`}>
                <td>
                  {say(heldWords[one.reason] ?? { id: one.reason, en: one.reason })}{' '}
                  <bdi class="soft">{one.detail}</bdi>
                </td>
                <td class="mono">{one.rule_id}</td>
                <td>{one.region || '–'}</td>
                <td class="number">{number(one.findings)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  )
}
