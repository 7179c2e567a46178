// What is held back, by whom and until when? Suppressions and maintenance windows made, listed, agreed to and ended; counts of what they swallow; the policy.
import { z } from 'zod'
import { readLocalTime } from '../../runtime/local-time.ts'
import { AlertDetail, HeldPage, PolicyItem, SuppressionItem } from '../../schemas/alert-api.ts'
import type { Severity } from '../../schemas/detection.ts'
import { CommandError, type Frame } from '../frame.ts'
import { printable } from '../terminal.ts'
import { type AccessOptions, accessOf } from './access.ts'
import { alertPath } from './act.ts'
import { isAccepted } from './client.ts'
import { showHeld, showPolicy, showSuppression, showSuppressions } from './show-hold.ts'
import { words } from './words.ts'

export interface SuppressOptions extends AccessOptions {
  readonly rule: readonly string[]
  readonly asset: readonly string[]
  readonly entity: readonly string[]
  readonly region: readonly string[]
  readonly source: readonly string[]
  readonly owner?: string
  readonly reason?: string
  readonly from?: string
  readonly until?: string
  readonly for?: number
  readonly maxSeverity?: Severity
  readonly maintenance?: boolean
}

const HOUR_MS = 3_600_000

/** Reads `90m`, `4h`, `7d` as milliseconds. */
export function readDuration(text: string): number | undefined {
  const [, count = '', unit = ''] = /^(\d{1,5})(m|h|d)$/.exec(text.trim()) ?? []
  const each = { m: 60_000, h: HOUR_MS, d: 24 * HOUR_MS }[unit]
  return each === undefined || Number(count) === 0 ? undefined : Number(count) * each
}

/** Makes a suppression, of the alert that is named or of what is given. */
export async function suppress(id: string | undefined, options: SuppressOptions, frame: Frame): Promise<void> {
  const { client, language } = await accessOf(options, frame)
  const from = timeOf(options.from, '--from')
  const end = timeOf(options.until, '--until')
  const until = options.for === undefined ? end : (from ?? Date.now()) + options.for
  if (until === undefined || (options.for !== undefined && end !== undefined)) {
    throw new CommandError(
      'A suppression has one end.',
      'Give it: --for 4h, or --until "2024-11-27 18:00" (WIB unless a zone stands behind it).',
      2,
    )
  }
  const about = id === undefined ? undefined : await client.get(alertPath(id), AlertDetail)
  const own = (given: readonly string[], of: string | undefined): string[] =>
    given.length > 0 || of === undefined || of === '' ? [...given] : [of]
  const body = {
    kind: options.maintenance === true ? 'maintenance' : 'suppression',
    owner: options.owner ?? '',
    reason: options.reason ?? '',
    ...(from === undefined ? {} : { from: new Date(from).toISOString() }),
    until: new Date(until).toISOString(),
    match: {
      rules: own(options.rule, about?.worst[0]?.rule_id),
      assets: own(options.asset, about?.asset),
      entities: own(options.entity, about?.entity),
      regions: [...options.region],
      sources: [...options.source],
    },
    max_severity: options.maxSeverity ?? about?.severity ?? 'medium',
  }
  const made = await client.post('/v1/suppressions', body, SuppressionItem)
  if (options.json === true) frame.stdout.write(`${JSON.stringify(made, undefined, 2)}\n`)
  else if (isAccepted(made)) frame.stdout.write(`${words[language].accepted}\n`)
  else frame.stdout.write(showSuppression(made, language, frame.paint))
}

function timeOf(text: string | undefined, option: string): number | undefined {
  if (text === undefined) return undefined
  const time = readLocalTime(text, 'WIB')
  if (time !== undefined) return time
  throw new CommandError(`${option}: \`${printable(text)}\` is no time.`, 'Write it as 2024-11-27 08:00 WITA.', 2)
}

export async function listSuppressions(
  options: AccessOptions & { readonly all?: boolean },
  frame: Frame,
): Promise<void> {
  const { client, language } = await accessOf(options, frame)
  const { suppressions } = await client.get('/v1/suppressions', z.object({ suppressions: z.array(SuppressionItem) }))
  const now = Date.now()
  const over = ({ until, ended_at }: SuppressionItem): boolean => ended_at !== undefined || Date.parse(until) <= now
  const shown = options.all === true ? suppressions : suppressions.filter((one) => !over(one))
  if (options.json === true) frame.stdout.write(`${JSON.stringify(shown, undefined, 2)}\n`)
  else frame.stdout.write(showSuppressions(shown, language, frame.paint))
}

/** Agrees to a suppression (S-…) or to the policy that waits, as the second person. */
export async function approve(id: string, options: AccessOptions, frame: Frame): Promise<void> {
  if (/^s-/i.test(id)) return change(id, 'approve', options, frame)
  const { client, language } = await accessOf(options, frame)
  const answer = await client.post('/v1/alert-policy/approve', { id }, PolicyItem)
  if (options.json === true) frame.stdout.write(`${JSON.stringify(answer, undefined, 2)}\n`)
  else if (isAccepted(answer)) frame.stdout.write(`${words[language].accepted}\n`)
  else frame.stdout.write(showPolicy(answer, language, frame.paint))
}

/** Ends a suppression early, or agrees to it. */
export async function change(id: string, what: 'approve' | 'end', options: AccessOptions, frame: Frame): Promise<void> {
  const { client, language } = await accessOf(options, frame)
  // Ids of suppressions are S- and small hexadecimal digits.
  const named = encodeURIComponent(id.trim().toLowerCase().replace(/^s-/, 'S-'))
  const answer = await client.post(`/v1/suppressions/${named}/${what}`, {}, SuppressionItem)
  if (options.json === true) frame.stdout.write(`${JSON.stringify(answer, undefined, 2)}\n`)
  else if (isAccepted(answer)) frame.stdout.write(`${words[language].accepted}\n`)
  else frame.stdout.write(showSuppression(answer, language, frame.paint))
}

export async function held(options: AccessOptions & { readonly hours: number }, frame: Frame): Promise<void> {
  const { client, language } = await accessOf(options, frame)
  const page = await client.get(`/v1/alerts/held?hours=${options.hours}`, HeldPage)
  if (options.json === true) frame.stdout.write(`${JSON.stringify(page, undefined, 2)}\n`)
  else frame.stdout.write(showHeld(page, language, frame.paint))
}

export async function policy(options: AccessOptions, frame: Frame): Promise<void> {
  const { client, language } = await accessOf(options, frame)
  const found = await client.get('/v1/alert-policy', PolicyItem)
  if (options.json === true) frame.stdout.write(`${JSON.stringify(found, undefined, 2)}\n`)
  else frame.stdout.write(showPolicy(found, language, frame.paint))
}
