// How are findings like those of an alert held back for a while? Always with an owner, a reason and an end.
import { useSignal } from '@preact/signals'
import { useEffect, useMemo, useRef } from 'preact/hooks'
import type { AlertDetail, SuppressionItem } from '../../../../schemas/alert-api.ts'
import type { Severity } from '../../../../schemas/detection.ts'
import { ask } from '../../api.ts'
import { dateTime } from '../../format.ts'
import { t } from '../../language.ts'
import { severities, severityWord } from '../../parts/severity.tsx'
import { session } from '../../session.ts'
import { digest, failureText, newPress, renewed } from './act.ts'
import { ruleTitle } from './title.ts'
import { entityText } from './words.ts'

interface Choice {
  readonly name: 'rules' | 'entities' | 'assets'
  readonly value: string
  readonly text: string
}

/** What findings like these have in common. */
function choicesOf(alert: AlertDetail): readonly Choice[] {
  const title = ruleTitle(alert.rule, alert.rules.find(({ rule_id }) => rule_id === alert.rule)?.title ?? alert.title)
  return [
    { name: 'rules', value: alert.rule, text: `${t('Aturan', 'Rule')}: ${title}` } as const,
    { name: 'assets', value: alert.asset, text: `${t('Aset', 'Asset')}: ${alert.asset}` } as const,
    { name: 'entities', value: alert.entity, text: entityText(alert.entity) } as const,
  ].filter(({ value }) => value !== '')
}

const HOUR_MS = 3_600_000
const spans = [1, 4, 8, 24, 72, 168] as const

export function Suppress({ alert, close }: { alert: AlertDetail; close: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => dialog.current?.showModal(), [])
  const press = useMemo(newPress, [alert.id])
  const choices = choicesOf(alert)
  const chosen = useSignal<ReadonlySet<string>>(new Set(choices.map(({ name }) => name)))
  const failure = useSignal('')
  const busy = useSignal(false)
  const made = useSignal<SuppressionItem | undefined>(undefined)
  const isCentre = session.value?.room.region === '00'
  const flip = (name: string): void => {
    const then = new Set(chosen.value)
    if (!then.delete(name)) then.add(name)
    chosen.value = then
  }
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    if (!(event.currentTarget instanceof HTMLFormElement) || busy.value) return
    const form = new FormData(event.currentTarget)
    const text = (name: string): string => String(form.get(name) ?? '')
    const severity: Severity = severities.find((one) => one === text('severity')) ?? 'medium'
    const match = Object.fromEntries(
      choices.filter(({ name }) => chosen.value.has(name)).map(({ name, value }) => [name, [value]]),
    )
    busy.value = true
    failure.value = ''
    try {
      made.value = await ask<SuppressionItem>('/v1/suppressions', {
        method: 'POST',
        body: {
          kind: text('kind'),
          owner: text('owner'),
          reason: text('reason'),
          until: new Date(Date.now() + Number(text('hours')) * HOUR_MS).toISOString(),
          match,
          max_severity: severity,
        },
        // After a correction it is another request.
        headers: { 'idempotency-key': `${press.key}-${digest(JSON.stringify([...form, match]))}` },
      })
    } catch (error) {
      failure.value = failureText(error)
      renewed(press, error)
    } finally {
      busy.value = false
    }
  }
  return (
    <dialog ref={dialog} class="asking" aria-labelledby="suppress-title" onClose={close}>
      <h2 id="suppress-title">{t('Tahan temuan yang serupa', 'Hold back findings like these')}</h2>
      {made.value === undefined ? (
        <form onSubmit={(event) => void submit(event)}>
          <p class="soft">
            {isCentre
              ? t(
                  'Berlaku di semua wilayah: temuan yang cocok tidak menjadi peringatan, dan dihitung.',
                  'Holds in all regions: findings that match make no alert, and are counted.',
                )
              : t(
                  'Ruang Anda tidak diberi tahu tentang temuan yang cocok di wilayahnya. Pusat tetap melihat semuanya.',
                  'Your room is not told of findings that match in its region. The centre still sees everything.',
                )}
          </p>
          <fieldset>
            <legend>{t('Semua yang dipilih harus cocok', 'All that is chosen must match')}</legend>
            {choices.map(({ name, text }) => (
              <label key={name} class="line-up">
                <input type="checkbox" checked={chosen.value.has(name)} onChange={() => flip(name)} /> <bdi>{text}</bdi>
              </label>
            ))}
          </fieldset>
          <label>
            {t('Jenis', 'Kind')}
            <select name="kind">
              <option value="suppression">{t('Penahanan', 'Suppression')}</option>
              <option value="maintenance">{t('Pemeliharaan', 'Maintenance')}</option>
            </select>
          </label>
          <label>
            {t('Paling berat yang ditahan', 'Most severe that is held back')}
            <select name="severity" value={alert.severity}>
              {severities.map((severity) => (
                <option key={severity} value={severity}>
                  {severityWord(severity)}
                </option>
              ))}
            </select>
          </label>
          <label>
            {t('Selama', 'For')}
            <select name="hours" value="4">
              {spans.map((span) => (
                <option key={span} value={span}>
                  {span < 72 ? t(`${span} jam`, `${span} hours`) : t(`${span / 24} hari`, `${span / 24} days`)}
                </option>
              ))}
            </select>
          </label>
          <label>
            {t('Penanggung jawab', 'Who answers for it')}
            <input name="owner" required maxLength={200} value={session.value?.account.name ?? ''} />
          </label>
          <label>
            {t('Alasan', 'Reason')}
            <textarea name="reason" required maxLength={2000} rows={2} />
          </label>
          <p class="soft">
            {t(
              'Pada masa tenang, pemungutan, dan rekapitulasi, menahan yang tinggi atau kritis perlu persetujuan orang kedua.',
              'In the quiet days, voting and count, holding back high or critical needs the agreement of a second person.',
            )}
          </p>
          {failure.value !== '' && (
            <p class="state failed" role="alert">
              {failure.value}
            </p>
          )}
          <p class="buttons">
            <button type="submit" disabled={busy.value || chosen.value.size === 0}>
              {t('Tahan', 'Hold back')}
            </button>
            <button type="button" onClick={close}>
              {t('Batal', 'Cancel')}
            </button>
          </p>
        </form>
      ) : (
        <Made made={made.value} close={close} />
      )}
    </dialog>
  )
}

function Made({ made, close }: { made: SuppressionItem; close: () => void }) {
  return (
    <>
      <p role="status">
        {made.waits
          ? t(
              `${made.id} tersimpan dan menunggu persetujuan orang kedua; sebelum itu tidak menahan apa pun.`,
              `${made.id} is kept and waits for a second person; it holds nothing back before.`,
            )
          : t(
              `${made.id} berlaku sampai ${dateTime(Date.parse(made.until))}.`,
              `${made.id} is in force until ${dateTime(Date.parse(made.until))}.`,
            )}
      </p>
      <p class="buttons">
        <a href="/peringatan/penahanan">{t('Semua penahanan', 'All that is held back')}</a>
        <button type="button" onClick={close}>
          {t('Tutup', 'Close')}
        </button>
      </p>
    </>
  )
}
