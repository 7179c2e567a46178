// siaga rules list: which rules are there?
import { parseLogSource } from '../../processors/detect/sigma/json-event.ts'
import type { LogSource } from '../../processors/detect/sigma/rule.ts'
import { Severity } from '../../schemas/detection.ts'
import { CommandError, type Frame } from '../frame.ts'
import { type Language, languageOf, number, type Paint, printable, table } from '../terminal.ts'
import { type ListedRule, listed } from './listed.ts'
import { ruleSet, shortPath, warnOfProblems } from './rule-set.ts'

export interface ListOptions {
  readonly dir?: readonly string[]
  readonly level?: string
  readonly logsource?: string
  readonly json?: boolean
  readonly lang?: string
}

const words: Record<Language, { headers: readonly string[]; none: string; count: (n: number, c: number) => string }> = {
  id: {
    headers: ['ID', 'Tingkat', 'Judul', 'Sumber log', 'ATT&CK', 'Berkas'],
    none: 'Tidak ada aturan.',
    count: (n, c) => `${number(n, 'id')} aturan, di antaranya ${number(c, 'id')} korelasi`,
  },
  en: {
    headers: ['Id', 'Level', 'Title', 'Log source', 'ATT&CK', 'File'],
    none: 'There are no rules.',
    count: (n, c) => `${number(n)} rules, ${number(c)} of them correlations`,
  },
}

const colours = {
  informational: 'gray',
  low: 'blue',
  medium: 'yellow',
  high: 'red',
  critical: 'magenta',
} as const satisfies Record<Severity, string>

/** A level in its colour. */
export function levelText(level: Severity, paint: Paint): string {
  return paint(colours[level], level)
}

/** `category=webserver product=linux` as people write it with --logsource. */
export function sourceText({ category, product, service }: LogSource): string {
  return [
    ...(category === undefined ? [] : [`category=${category}`]),
    ...(product === undefined ? [] : [`product=${product}`]),
    ...(service === undefined ? [] : [`service=${service}`]),
  ].join(',')
}

/** `category=…,product=…,service=…`, or in short `category/product/service`; throws CommandError for anything else. */
export function readSource(text: string): LogSource {
  const short = text.includes('=') ? undefined : parseLogSource(text)
  if (short !== undefined && text.includes('/')) {
    const { categories, products, services } = short
    return Object.fromEntries(
      [
        ['category', categories[0]],
        ['product', products[0]],
        ['service', services[0]],
      ].filter(([, value]) => value !== undefined),
    )
  }
  const parts = text.split(',').map((part) => /^(category|product|service)=([^=]+)$/.exec(part.trim()))
  const entries = parts.map((found): [string, string] => {
    if (found === null) {
      throw new CommandError(
        `\`${printable(text)}\` is no log source.`,
        'Write it as category=process_creation,product=windows,service=sysmon; any of the three may be left out.',
        2,
      )
    }
    return [found[1] ?? '', (found[2] ?? '').toLowerCase()]
  })
  return Object.fromEntries(entries)
}

export function listRules(options: ListOptions, frame: Frame): void {
  const levels = options.level === undefined ? undefined : levelsOf(options.level)
  const wanted = options.logsource === undefined ? {} : readSource(options.logsource)
  const set = ruleSet(options.dir ?? [], frame)
  warnOfProblems(set.problems, frame)
  const shown = listed(set)
    .filter(({ level }) => levels?.includes(level) ?? true)
    .filter(({ logsource }) => Object.entries(wanted).every(([part, value]) => partOf(logsource, part) === value))
  if (options.json) {
    for (const rule of shown) frame.stdout.write(`${JSON.stringify({ ...rule, file: shortPath(rule.file, frame) })}\n`)
    return
  }
  const language = languageOf(options.lang, frame.env)
  const text = words[language]
  if (shown.length === 0) {
    frame.stderr.write(`${text.none}\n`)
    return
  }
  const rows = shown.map((rule) => row(rule, language, frame))
  frame.stdout.write(
    table(
      text.headers.map((title) => ({ title })),
      rows,
      frame.paint,
    ),
  )
  frame.stderr.write(`${text.count(shown.length, shown.filter(({ correlation }) => correlation !== '').length)}\n`)
}

function row(rule: ListedRule, language: Language, frame: Frame): string[] {
  return [
    printable(rule.id),
    levelText(rule.level, frame.paint),
    printable(language === 'id' ? rule.judul || rule.title : rule.title),
    rule.correlation === '' ? sourceText(rule.logsource) : `correlation ${rule.correlation}`,
    rule.attack.join(' '),
    shortPath(rule.file, frame),
  ]
}

/** `medium` is that level and those above; `=medium` or `low,medium` exactly those. */
function levelsOf(text: string): Severity[] {
  const names = text.replace(/^=/, '').split(',')
  const levels = names.map((name) => {
    const level = Severity.safeParse(name.trim().toLowerCase())
    if (!level.success)
      throw new CommandError(`\`${printable(name)}\` is no level.`, `Levels are ${Severity.options.join(', ')}.`, 2)
    return level.data
  })
  const [first] = levels
  if (text.startsWith('=') || levels.length > 1 || first === undefined) return levels
  return Severity.options.slice(Severity.options.indexOf(first))
}

function partOf(source: LogSource, part: string): string | undefined {
  return part === 'category' || part === 'product' || part === 'service' ? source[part] : undefined
}
