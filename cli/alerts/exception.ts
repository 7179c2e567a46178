// What could keep a false positive from coming again? A proposed exception to its rule: printed for people to judge, never applied by itself.
import { randomUUID } from 'node:crypto'
import { stringify } from 'yaml'
import { columnOf } from '../../processors/detect/sigma/fields.ts'
import type { AlertDetail } from '../../schemas/alert-api.ts'
import type { Language } from '../terminal.ts'

export interface Proposal {
  /** A Sigma filter as a file of its own; undefined where the rule is no Sigma rule or nothing sure tells the case apart. */
  readonly filter: string | undefined
  /** A command that holds the same back for a while. */
  readonly suppression: string
}

/** Fields that whoever attacks does not choose, and that tell one place from another. What is written into requests is none of them. */
const steady: ReadonlySet<string> = new Set([
  'source_id',
  'asset_id',
  'host_name',
  'user_name',
  'source_ip',
  'destination_ip',
  'destination_port',
  'process_executable',
  'process_parent_executable',
])
/** A filter by one of these alone says enough; by a port alone it would say too much. */
const telling: ReadonlySet<string> = new Set(['host_name', 'user_name', 'source_ip', 'process_executable'])
const sigmaId = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/
const DAYS = 7

/** The exception that the alert and the words of whoever closed it suggest. */
export function proposeException(alert: AlertDetail, reason: string, newId: () => string = randomUUID): Proposal {
  const { rule_id = alert.rules[0]?.rule_id ?? '' } = alert.worst[0] ?? {}
  const selection = selectionOf(alert, rule_id)
  const tells = [...selection.keys()].some((column) => telling.has(column))
  const match = [
    `--rule ${quoted(rule_id)}`,
    alert.entity !== '' ? `--entity ${quoted(alert.entity)}` : '',
    alert.asset !== '' ? `--asset ${quoted(alert.asset)}` : '',
    alert.entity === '' && alert.asset === '' && alert.region !== '' ? `--region ${alert.region}` : '',
  ].filter((part) => part !== '')
  const why = oneLine(reason)
  return {
    filter:
      sigmaId.test(rule_id) && tells
        ? stringify({
            title: `Exception: ${oneLine(alert.title)}`.slice(0, 200),
            id: newId(),
            status: 'experimental',
            description: `Proposed from the false positive ${alert.id}: ${why}`,
            filter: {
              rules: [rule_id],
              known: Object.fromEntries([...selection].map(([column, value]) => [column, escaped(value)])),
              condition: 'not known',
            },
          })
        : undefined,
    suppression: `siaga alerts suppress ${match.join(' ')} --for ${DAYS}d --max-severity ${alert.severity} --owner NAME --reason ${quoted(`${alert.id}: ${why}`)}`,
  }
}

/** What all of the worst findings of this rule have in common, by event column. */
function selectionOf(alert: AlertDetail, ruleId: string): Map<string, string> {
  const findings = alert.worst.filter(({ rule_id }) => rule_id === ruleId)
  const common = new Map<string, string>()
  const all = findings.map(({ evidence, entity }) => {
    const [type = '', ...rest] = entity.split(':')
    const pairs = [...evidence, { field: type, value: rest.join(':') }]
    return new Map(pairs.map(({ field, value }) => [columnOf(field) ?? field, value]))
  })
  for (const [column, value] of all[0] ?? [])
    if (value !== '' && steady.has(column) && all.every((one) => one.get(column) === value)) common.set(column, value)
  if (alert.asset !== '') common.set('asset_id', alert.asset)
  return common
}

/** Stars and question marks of a value are no wildcards. */
function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('*', '\\*').replaceAll('?', '\\?')
}

function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim()
}

/** For a POSIX shell; what findings hold must not run when it is pasted. */
function quoted(text: string): string {
  const clean = oneLine(text)
  return /^[\w.:@/-]+$/.test(clean) ? clean : `'${clean.replaceAll("'", "'\\''")}'`
}

/** The proposal as it is printed under the answer. */
export function showProposal({ filter, suppression }: Proposal, language: Language): string {
  const id = language === 'id'
  const head = id
    ? 'USULAN pengecualian, TIDAK diterapkan. Baca dahulu: apakah penyerang bisa bersembunyi di baliknya?'
    : 'PROPOSED exception, NOT applied. Read it first: could an attacker hide behind it?'
  const file = id
    ? 'Untuk seterusnya: simpan sebagai berkas di folder aturan (rules.folders), lalu uji dengan siaga rules check dan siaga rules backtest:'
    : 'For good: keep it as a file in a folder of rules (rules.folders), then try it with siaga rules check and siaga rules backtest:'
  const none = id
    ? 'Tidak ada usulan untuk aturannya: temuan tidak punya tanda yang tidak dipilih penyerang.'
    : 'There is none for the rule: its findings have no mark that an attacker does not choose.'
  const hold = id
    ? `Untuk ${DAYS} hari, terlihat dan terhitung di siaga alerts suppressions:`
    : `For ${DAYS} days, seen and counted in siaga alerts suppressions:`
  const indented = (filter ?? '').trimEnd().replaceAll(/^/gm, '    ')
  const rule = filter === undefined ? `  ${none}\n` : `  ${file}\n${indented}\n`
  return `\n${head}\n${rule}  ${hold}\n    ${suppression}\n`
}
