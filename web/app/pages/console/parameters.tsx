// With which values does a statement run? A field for each `{name:Type}` that stands in it; since, until and region have fields of their own kind.
import type { Signal } from '@preact/signals'
import type { ListedHunt } from '../../../../schemas/sql-api.ts'
import { aheadOfUtc, localIso, zone } from '../../format.ts'
import { t } from '../../language.ts'
import type { Parameter } from './parameters-of.ts'

const isTime = (type: string): boolean => /^DateTime/.test(type)
/** ClickHouse's UTC text from and to the local text of an input. */
const toLocal = (utc: string): string => {
  const ms = Date.parse(`${utc.replace(' ', 'T')}Z`)
  return Number.isFinite(ms) ? localIso(ms, zone(), 19) : ''
}
const toUtc = (local: string): string => {
  const ms = Date.parse(`${local}Z`)
  return Number.isFinite(ms) ? utcText(ms - aheadOfUtc(zone())) : ''
}

/** As `DateTime('UTC')` reads it. */
function utcText(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ')
}

const units: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Values that a hunt begins with: its window back from now, and its defaults. */
export function defaultsOf(hunt: ListedHunt, now: number): Record<string, string> {
  const [, count = '24', unit = 'h'] = /^(\d+)([mhd])$/.exec(hunt.window) ?? []
  const window = { since: utcText(now - Number(count) * (units[unit] ?? 0)), until: utcText(now) }
  return { ...Object.fromEntries(hunt.parameters.map(({ name, default: value }) => [name, value])), ...window }
}

interface Props {
  readonly parameters: readonly Parameter[]
  readonly values: Signal<Readonly<Record<string, string>>>
  readonly hunt: ListedHunt | undefined
}

export function Parameters({ parameters, values, hunt }: Props) {
  if (parameters.length === 0) return null
  const set = (name: string, value: string): void => {
    values.value = { ...values.value, [name]: value }
  }
  return (
    <fieldset class="parameters">
      <legend>{t('Nilai parameter', 'Values of parameters')}</legend>
      {parameters.map(({ name, type }) => {
        const said = hunt?.parameters.find((one) => one.name === name)
        const value = values.value[name] ?? ''
        return (
          <label key={name} for={`parameter-${name}`}>
            <span>
              <span class="mono">{name}</span>{' '}
              <span class="soft">{said === undefined ? type : t(said.id, said.en)}</span>
            </span>
            {isTime(type) ? (
              <span>
                <input
                  id={`parameter-${name}`}
                  type="datetime-local"
                  step={1}
                  value={toLocal(value)}
                  onInput={(event) => set(name, toUtc(event.currentTarget.value))}
                />{' '}
                {zone()}
              </span>
            ) : (
              <input
                id={`parameter-${name}`}
                value={value}
                maxLength={4000}
                onInput={(event) => set(name, event.currentTarget.value)}
              />
            )}
          </label>
        )
      })}
    </fieldset>
  )
}
