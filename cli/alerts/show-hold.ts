// How is what is held back shown to people? Suppressions, counts, and the policy with what waits for two persons; Indonesian or English.
import type { z } from 'zod'
import { HeldReason } from '../../schemas/alert.ts'
import type { HeldPage, PolicyItem, SuppressionItem } from '../../schemas/alert-api.ts'
import { heldWords, severityWords } from '../../sinks/alerts/message/words.ts'
import { type Language, localTime, number, type Paint, printable, table } from '../terminal.ts'
import { lines, part } from './show.ts'

const words = {
  id: {
    headers: ['Nomor', 'Sampai', 'Paling berat', 'Cocok dengan', 'Tertahan', 'Penanggung jawab', 'Status', 'Alasan'],
    none: 'Tidak ada yang ditahan.',
    everything: 'semua',
    inForce: 'berlaku',
    ended: 'diakhiri',
    over: 'lewat',
    later: 'belum mulai',
    kind: 'Jenis',
    kinds: { suppression: 'penahanan', maintenance: 'pemeliharaan' },
    from: 'Mulai',
    until: 'Sampai',
    room: 'Ruang',
    by: 'Dibuat oleh',
    approved: 'Disetujui oleh',
    match: 'Cocok dengan',
    max: 'Paling berat',
    reason: 'Alasan',
    owner: 'Penanggung jawab',
    findings: 'Temuan tertahan',
    second:
      'Bila berlaku dalam masa yang dijaga dan menahan tingkat tinggi, orang kedua harus menyetujui; salah satunya dari pusat:',
    heldHeaders: ['Temuan', 'Sebab', 'Rincian', 'Aturan', 'Wilayah'],
    noneHeld: 'Tidak ada temuan yang ditahan.',
    since: 'Sejak',
    thresholds: 'Ambang sendiri',
    disabled: 'Aturan yang dimatikan',
    guarded: 'Dua orang diperlukan dalam',
    allow: 'Daftar izin',
    nothing: 'tidak ada',
    waits: 'MENUNGGU dua orang (salah satunya di pusat)',
    quieter: 'Yang tidak akan dikatakan Siaga lagi',
    agreed: 'Sudah setuju',
    agree: 'Setujui persis ini',
    calm: 'Tidak ada yang menunggu: yang tertulis di siaga.yaml berlaku.',
  },
  en: {
    headers: ['Id', 'Until', 'Most severe', 'Matches', 'Held', 'Owner', 'State', 'Reason'],
    none: 'Nothing is held back.',
    everything: 'everything',
    inForce: 'in force',
    ended: 'ended',
    over: 'over',
    later: 'not yet',
    kind: 'Kind',
    kinds: { suppression: 'suppression', maintenance: 'maintenance' },
    from: 'From',
    until: 'Until',
    room: 'Room',
    by: 'Made by',
    approved: 'Agreed to by',
    match: 'Matches',
    max: 'Most severe',
    reason: 'Reason',
    owner: 'Owner',
    findings: 'Findings held',
    second:
      'Where it reaches a guarded phase and holds high severity back, a second person must agree; one of the two at the centre:',
    heldHeaders: ['Findings', 'Reason', 'Detail', 'Rule', 'Region'],
    noneHeld: 'No findings were held back.',
    since: 'Since',
    thresholds: 'Own thresholds',
    disabled: 'Rules switched off',
    guarded: 'Two persons are needed in',
    allow: 'Allow list',
    nothing: 'none',
    waits: 'WAITS for two persons (one of them at the centre)',
    quieter: 'What Siaga would say no more',
    agreed: 'Have agreed',
    agree: 'Agree to exactly this',
    calm: 'Nothing waits: what stands in siaga.yaml is in force.',
  },
} as const

function matchText({ match }: SuppressionItem, language: Language): string {
  const parts = Object.entries(match).flatMap(([name, values]) =>
    values.length === 0 ? [] : [`${name}: ${values.join(', ')}`],
  )
  return parts.length === 0 ? words[language].everything : printable(parts.join('; '))
}

function stateOf({ from, until, ended_at }: SuppressionItem, language: Language, paint: Paint, now: number): string {
  const text = words[language]
  if (ended_at !== undefined) return text.ended
  if (Date.parse(until) <= now) return text.over
  return Date.parse(from) > now ? text.later : paint('yellow', text.inForce)
}

export function showSuppressions(all: readonly SuppressionItem[], language: Language, paint: Paint): string {
  const text = words[language]
  if (all.length === 0) return `${text.none}\n`
  const now = Date.now()
  const rows = all.map((one) => [
    one.id,
    localTime(Date.parse(one.until)),
    severityWords[one.max_severity][language],
    matchText(one, language),
    number(one.findings, language),
    printable(one.owner),
    stateOf(one, language, paint, now),
    printable(one.reason),
  ])
  const columns = text.headers.map((title, n) => ({ title, align: n === 4 ? 'right' : 'left' }) as const)
  return table(columns, rows, paint)
}

export function showSuppression(one: SuppressionItem, language: Language, paint: Paint): string {
  const text = words[language]
  const said = lines(
    [
      [text.kind, text.kinds[one.kind]],
      [text.from, localTime(Date.parse(one.from))],
      [text.until, localTime(Date.parse(one.until))],
      [text.room, `${one.room} (${one.region})`],
      [text.match, matchText(one, language)],
      [text.max, severityWords[one.max_severity][language]],
      [text.owner, printable(one.owner)],
      [text.reason, printable(one.reason)],
      [text.by, printable(one.made_by)],
      ...(one.approved_by === '' ? [] : [[text.approved, printable(one.approved_by)] as const]),
      [text.findings, number(one.findings, language)],
    ],
    paint,
  )
  const second =
    one.approved_by === '' && one.ended_at === undefined && ['high', 'critical'].includes(one.max_severity)
      ? `  ${text.second}\n    siaga alerts approve ${one.id}\n`
      : ''
  return `${paint('bold', one.id)}  ${stateOf(one, language, paint, Date.now())}\n${said}${second}`
}

export function showHeld({ from, held }: z.infer<typeof HeldPage>, language: Language, paint: Paint): string {
  const text = words[language]
  const head = `${text.since} ${localTime(Date.parse(from))}\n`
  if (held.length === 0) return `${head}${text.noneHeld}\n`
  const rows = held.map(({ findings, reason, detail, rule_id, region }) => {
    const known = HeldReason.safeParse(reason)
    return [
      number(findings, language),
      known.success ? heldWords[known.data][language] : printable(reason),
      printable(detail) || '-',
      printable(rule_id),
      region === '' ? '?' : printable(region),
    ]
  })
  const columns = text.heldHeaders.map((title, n) => ({ title, align: n === 0 ? 'right' : 'left' }) as const)
  return head + table(columns, rows, paint)
}

export function showPolicy({ in_force, waiting }: PolicyItem, language: Language, paint: Paint): string {
  const text = words[language]
  const some = (all: readonly string[]): string => (all.length === 0 ? text.nothing : printable(all.join(', ')))
  const own = in_force.thresholds.reduce((sum, list) => sum + list.length, 0)
  const facts = lines(
    [
      [text.thresholds, own === 0 ? text.nothing : number(own, language)],
      [text.disabled, some(in_force.disabled)],
      [text.allow, some(in_force.allow_list)],
      [text.guarded, some(in_force.two_persons)],
    ],
    paint,
  )
  if (waiting === undefined) return `${facts}\n${text.calm}\n`
  return [
    facts,
    `\n${paint('yellow', text.waits)}  ${text.since.toLowerCase()} ${localTime(Date.parse(waiting.since))}\n`,
    part(
      text.quieter,
      waiting.relaxations.map(({ what, detail }) => `${what}: ${detail}`),
      paint,
    ),
    part(
      text.agreed,
      waiting.approvals.map(({ name, room }) => `${name} (${room})`),
      paint,
    ),
    part(text.agree, [`siaga alerts approve ${waiting.id}`], paint),
  ].join('')
}
