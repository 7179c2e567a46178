// From which lines does the fuzz start? Every line that the project holds of every format, and the real logs of ../shared/corpora where they are.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readCases, StreamCase } from '../../../cli/rules/case-file.ts'
import { SHIPPED_RULES } from '../../../cli/worker/rules.ts'
import { ruleFiles } from '../../../processors/detect/sigma/load.ts'
import { allowed } from '../../../processors/parse/formats.ts'
import { EventFormat } from '../../../schemas/config.ts'
import { parseOne } from './read.ts'
import { lines, samples } from './samples.ts'

export interface Seed {
  readonly text: string
  /** What a source with such lines is set to. */
  readonly format: EventFormat
}

const fixtures = join(import.meta.dirname, '../../fixtures')
const corpora = join(import.meta.dirname, '../../../../shared/corpora')
/** Lines of a file of the corpora: they repeat themselves after that. */
const MAX_LINES = 300

const isFormat = (name: string): name is EventFormat => EventFormat.options.some((option) => option === name)

/** The format that people set for lines of a dataset; `auto` for those of none in particular. */
export function formatOf(dataset: string): EventFormat {
  for (const [name, { datasets }] of allowed) if (datasets.has(dataset) && isFormat(name)) return name
  return isFormat(dataset) ? dataset : 'auto'
}

/** A line with the format that it shows by itself. */
function recognised(text: string): Seed {
  return { text, format: formatOf(parseOne(text).event.dataset) }
}

function nonBlank(file: string, max = Number.POSITIVE_INFINITY): string[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(0, max)
}

/** Lines of the project: samples of the parsers, cases of the rules, fixtures. */
export function ownSeeds(): Seed[] {
  const seeds = Object.entries(samples).map(([dataset, text]) => ({ text, format: formatOf(dataset) }))
  seeds.push(...lines.map(recognised))
  for (const ruleFile of ruleFiles(SHIPPED_RULES)) {
    const file = readCases(ruleFile)
    for (const { value } of file?.cases ?? []) {
      const { success, data } = StreamCase.safeParse(value)
      if (success) seeds.push({ text: data.line, format: data.format ?? file?.format ?? 'auto' })
    }
  }
  seeds.push(...nonBlank(join(fixtures, 'ordinary-lines.log')).map(recognised))
  for (const line of nonBlank(join(fixtures, 'web-attacks.ndjson'))) {
    const attack: { line: string } = JSON.parse(line)
    seeds.push({ text: attack.line, format: 'nginx' })
  }
  return seeds
}

/** Real lines; none where the corpora are absent. */
export function corporaSeeds(): Seed[] {
  const manifest = join(corpora, 'crowdsec/manifest.json')
  if (!existsSync(manifest)) return []
  const cases: { case: string; log: string }[] = JSON.parse(readFileSync(manifest, 'utf8'))
  const files = [
    ...cases.map((one) => `crowdsec/${one.case}/${one.log}`),
    ...['OpenSSH', 'Linux', 'Apache'].map((name) => `loghub/${name}_2k.log`),
  ]
  const seeds = files.flatMap((file) => nonBlank(join(corpora, file), MAX_LINES).map(recognised))
  const requests = join(corpora, 'crs/requests.ndjson')
  if (existsSync(requests)) {
    for (const line of nonBlank(requests)) {
      const request: { line: string } = JSON.parse(line)
      seeds.push({ text: request.line, format: 'nginx' })
    }
  }
  return seeds
}
