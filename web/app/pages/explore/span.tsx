// Which span of time is asked about? Back from now, or from one time to another, in the zone of the viewer's region.
import { aheadOfUtc, localIso, zone } from '../../format.ts'
import { t } from '../../language.ts'
import { type Asked, spans } from './address.ts'

/** For an input of type datetime-local. */
const local = (ms: number): string => localIso(ms, zone(), 19)
const read = (text: string): number => Date.parse(`${text.length === 16 ? `${text}:00` : text}Z`) - aheadOfUtc(zone())

export function SpanChoice({
  asked,
  onSpan,
}: {
  asked: Asked
  onSpan: (span: Pick<Asked, 'back' | 'from' | 'to'>) => void
}) {
  const exact = asked.back === ''
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    if (!(event.currentTarget instanceof HTMLFormElement)) return
    const form = new FormData(event.currentTarget)
    const from = read(String(form.get('from')))
    const to = read(String(form.get('to')))
    if (Number.isFinite(from) && Number.isFinite(to) && from < to) onSpan({ back: '', from, to })
  }
  return (
    <div class="span">
      <label>
        {t('Rentang', 'Span')}{' '}
        <select
          value={exact ? '' : asked.back}
          onChange={(event) => {
            const chosen = spans.find(({ name }) => name === event.currentTarget.value)
            if (chosen !== undefined) onSpan({ back: chosen.name, from: Date.now() - chosen.ms, to: Date.now() })
            else onSpan({ back: '', from: asked.from, to: asked.to })
          }}
        >
          {spans.map(({ name, id, en }) => (
            <option key={name} value={name}>
              {t(`${id} terakhir`, `last ${en}`)}
            </option>
          ))}
          <option value="">{t('dari … sampai …', 'from … to …')}</option>
        </select>
      </label>
      {exact && (
        <form class="exact" onSubmit={submit} key={`${asked.from} ${asked.to}`}>
          <label>
            {t('dari', 'from')} <input name="from" type="datetime-local" step={1} required value={local(asked.from)} />
          </label>
          <label>
            {t('sampai', 'to')} <input name="to" type="datetime-local" step={1} required value={local(asked.to)} />
          </label>
          <span>{zone()}</span>
          <button type="submit">{t('Pakai', 'Use')}</button>
        </form>
      )}
    </div>
  )
}
