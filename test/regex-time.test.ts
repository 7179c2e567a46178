// Is every regular expression that meets the text of an event safe? Each literal in the code is attacked with what it repeats itself.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { type Attack, attacksOn, attackText } from './regex-attacks.ts'
import { regexLiterals } from './regex-literals.ts'

const root = join(import.meta.dirname, '..')
const files = ['processors', 'ingest', 'schemas', 'sinks', 'runtime'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(folder, file)),
)

/** Expressions put together at run time, where a scan of the source does not see them: each file with what makes it safe. */
const constructed: Readonly<Record<string, string>> = {
  'processors/detect/sigma/regex.ts':
    'regexes of rules: without groups and alternatives, the rest runs on RE2 (regex.test.ts)',
  'processors/enrich/agent.ts': 'words, escaped',
  'processors/parse/application/application.ts': 'words and one class of characters, each once',
  'sinks/clickhouse/rollups.ts': "names of our own tables, in our own views' questions",
}

/** Up to the length at which something quadratic takes seconds; in small steps first, since what is exponential never comes back. */
const lengths = [...Array.from({ length: 13 }, (_, n) => 16 + 4 * n), 256, 1_024, 4_096, 16_384, 65_536]
/** Time for the longest text: a bounded look-ahead at each of its characters stays below, what is quadratic is far above. */
const MOST_MS = 1_000

/** Expressions that see only so much text: by their source, with the reason. */
const short: ReadonlyMap<string, string> = new Map([
  [String.raw`(\\+")\s*:\s*(-?)$`, 'tokeniser: the 64 bytes before a number'],
  [String.raw`(?:[.-]\d(?=([\dTt:_-]*))\1|\.(?:old|bak|prev|orig))+$`, 'names of files, 255 bytes'],
  [String.raw`[.-]\d[\dTt:_-]*(?=\.[A-Za-z]+$)`, 'names of files, 255 bytes'],
])
const SHORT = 256

/** Milliseconds for the longest text of an attack, or for the first that took too long. */
function worstOf(regex: RegExp, attack: Attack, longest: number): number {
  let took = 0
  for (const length of lengths.filter((one) => one <= longest)) {
    const text = attackText(attack, length)
    took = Number.POSITIVE_INFINITY
    // What is slow once may have been somebody else's doing.
    for (let n = 0; n < 2 && took > MOST_MS; n++) {
      const started = performance.now()
      regex.lastIndex = 0
      regex.exec(text)
      took = Math.min(took, performance.now() - started)
    }
    if (took > MOST_MS) break
  }
  return took
}

/** The attacks under which an expression is too slow. Runs where it can be ended: what is exponential would not come back. */
function weaknesses(source: string, flags: string, timeout = 20_000): string[] {
  const regex = new RegExp(source, flags)
  const weak: string[] = []
  let present: Attack | undefined
  const attack = (): void => {
    for (present of attacksOn(source, flags)) {
      const took = worstOf(regex, present, short.has(source) ? SHORT : Number.POSITIVE_INFINITY)
      if (took > MOST_MS) weak.push(`${took.toFixed(0)} ms: ${JSON.stringify(present)}`)
      if (weak.length > 0) return
    }
  }
  try {
    runInNewContext('attack()', { attack }, { timeout })
  } catch (error) {
    weak.push(`${String(error)}: ${JSON.stringify(present)}`)
  }
  return weak
}

test('the attack finds what is known to be slow', () => {
  for (const source of ['(a+)+$', '\\s+$', '(\\w+)$', '^\\d+\\.?\\d*$', '".*",".*",', '(?:a|a)*b', '[\\r\\n]+$', 'x*y'])
    expect(weaknesses(source, '', 1_000), source).not.toEqual([])
  for (const source of ['^a+$', '^\\s+', '^[^"]*"', 'a{1,20}b', '^(?:ab)*c'])
    expect(weaknesses(source, ''), source).toEqual([])
})

test('the scan finds literals and only literals', () => {
  const text = `const a = b / c / d // /no/\nreturn /yes[/]\\/x/gi.test(\`$\{/in/u} /no/\`) && '/no/' /* /no/ */\n`
  expect(regexLiterals(text).map(({ line, source, flags }) => `${line} ${source} ${flags}`)).toEqual([
    '2 yes[/]\\/x gi',
    '2 in u',
  ])
})

describe('every regular expression takes time in proportion to the text', () => {
  test.each(files.filter((file) => regexLiterals(readFileSync(join(root, file), 'utf8')).length > 0))('%s', (file) => {
    const weak = regexLiterals(readFileSync(join(root, file), 'utf8')).flatMap(({ line, source, flags }) =>
      weaknesses(source, flags).map((why) => `${file}:${line} /${source}/${flags} ${why}`),
    )
    expect(weak).toEqual([])
  })

  test('those made at run time are known', () => {
    const makers = files.filter((file) => /\bnew RegExp\(/.test(readFileSync(join(root, file), 'utf8')))
    expect(makers.toSorted()).toEqual(Object.keys(constructed).toSorted())
  })
})
