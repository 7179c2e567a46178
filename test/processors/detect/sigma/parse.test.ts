// Does every Sigma file become rules, or a problem that says where and why?
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { anySource, createSigma } from '../../../../processors/detect/sigma/engine.ts'
import { loadRules } from '../../../../processors/detect/sigma/load.ts'
import { parseRules } from '../../../../processors/detect/sigma/parse.ts'

const head = 'title: A rule\nid: 5f3c1a52-0d7b-4b1e-8a53-3f4c0a7b9f11\nlogsource: {category: webserver}\n'

/** Reason of the one problem of a rule with this detection. */
function reason(detection: string): string {
  const { rules, problems } = parseRules(`${head}detection:\n${detection}`, 'r.yml')
  expect(rules).toEqual([])
  expect(problems).toHaveLength(1)
  return problems[0]?.reason ?? ''
}

describe('what can not be used is said with its reason', () => {
  test.each([
    ['  s: {a: b}\n', 'has no condition'],
    ['  s: {a: b}\n  condition: s and t\n', 'names "t"'],
    ['  s: {a: b}\n  condition: 1 of x*\n', 'fits none of its searches'],
    ['  s: {a: b}\n  condition: 2 of s*\n', 'only "1 of", "any of" and "all of" exist'],
    ['  s: {a: b}\n  condition: (s\n', 'a bracket that is not closed'],
    ['  s: {a: b}\n  condition: s s\n', 'has s where "and", "or" or the end is expected'],
    ['  s: {a: b}\n  condition: s and\n', 'ends where a search is expected'],
    ['  s: {a: b}\n  condition: s | count() > 5\n', 'replaced those by correlation rules'],
    ['  s: {a|nope: b}\n  condition: s\n', 'the modifier "nope", which Sigma does not know'],
    ['  s: {a|lt: b}\n  condition: s\n', 'needs a number behind "lt"'],
    ['  s: {a|exists: b}\n  condition: s\n', 'needs true or false behind "exists"'],
    ["  s: {a|base64: 'b*'}\n  condition: s\n", 'has a wildcard in a value that "base64" encodes'],
    ["  s: {a|expand: '%x%'}\n  condition: s\n", 'the placeholder %x%, for which no values are given'],
    ['  s: {a|i: b}\n  condition: s\n', 'has "i" without "re" before it'],
    ['  s: {a: {b: c}}\n  condition: s\n', 'has a map as a value of a'],
    ['  s: []\n  condition: s\n', 'without anything in it'],
    ['  s: {a: []}\n  condition: s\n', 'has no values for a'],
    ['  s: {a: b}\n  unused: {a|nope: b}\n  condition: s\n', 'the modifier "nope"'],
  ])('%j', (detection, expected) => {
    expect(reason(detection)).toContain(expected)
  })

  test('no YAML, no map, no title, no log source, wrong level, a status that is not to be run', () => {
    const of = (text: string): string => parseRules(text, 'r.yml').problems[0]?.reason ?? ''
    expect(of('a: [')).toContain('is not YAML')
    expect(of('- a')).toContain('is not a map')
    expect(of('id: x\nlogsource: {category: a}\ndetection: {s: {a: b}, condition: s}')).toContain('title')
    expect(of('title: x\ndetection: {s: {a: b}, condition: s}')).toContain('has no logsource')
    expect(of(`${head}level: huge\ndetection: {s: {a: b}, condition: s}`)).toContain('level')
    expect(of(`${head}status: unsupported\ndetection: {s: {a: b}, condition: s}`)).toContain('not meant to be run')
    expect(of(head)).toContain('has no detection')
  })

  test('the line of the detection, or of the YAML error, is given', () => {
    expect(parseRules(`${head}detection:\n  s: {a: b}\n`, 'r.yml').problems[0]).toMatchObject({
      file: 'r.yml',
      line: 4,
    })
    expect(parseRules(`${head}level: [\n`, 'r.yml').problems[0]?.line).toBeGreaterThanOrEqual(4)
  })

  test('a broken document does not stop the others of its file', () => {
    const good = `${head}detection: {s: {a: b}, condition: s}\n`
    const { rules, problems } = parseRules(`${good}---\ntitle: x\n---\n${good}`, 'r.yml')
    expect(rules).toHaveLength(2)
    expect(problems).toHaveLength(1)
  })

  test('aliases that would unfold without end are refused', () => {
    const bomb = `a: &a [x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a]\nc: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b]\nd: [*c, *c, *c, *c, *c, *c, *c]\n`
    expect(parseRules(bomb, 'r.yml').problems[0]?.reason).toContain('is not YAML')
  })
})

test('the head of a rule', () => {
  const { rules } = parseRules(
    `title: T\nid: i\nname: n\nlevel: high\nstatus: test\ntags: [attack.t1110.003, attack.initial_access, attack.T1190]
falsepositives: none
logsource: {product: Linux, service: sshd, definition: x}
siaga: {judul: J, response: {id: lakukan, en: do}}
detection: {s: {a: b}, condition: s}`,
    'r.yml',
  )
  expect(rules[0]).toMatchObject({
    id: 'i',
    name: 'n',
    title: 'T',
    level: 'high',
    attack: ['T1110.003', 'T1190'],
    falsePositives: ['none'],
    logsource: { product: 'linux', service: 'sshd' },
    guidance: { judul: 'J', response: { id: 'lakukan', en: 'do' } },
  })
})

test('rule collections: global, repeat and reset', () => {
  const text = `action: global
title: G
logsource: {category: c}
detection: {condition: s}
---
id: one
detection: {s: {a: b}}
---
action: repeat
id: two
---
action: reset
title: alone
id: three
logsource: {category: d}
detection: {t: {a: b}, condition: t}
`
  const { rules, problems } = parseRules(text, 'r.yml')
  expect(problems).toEqual([])
  expect(rules.map(({ id, title, logsource }) => [id, title, logsource.category])).toEqual([
    ['one', 'G', 'c'],
    ['two', 'G', 'c'],
    ['three', 'alone', 'd'],
  ])
})

describe('folders', () => {
  const made: string[] = []
  const folder = (files: Record<string, string>): string => {
    const path = mkdtempSync(join(tmpdir(), 'siaga-rules-'))
    made.push(path)
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(join(path, name, '..'), { recursive: true })
      writeFileSync(join(path, name), text)
    }
    return path
  }
  afterEach(() => {
    for (const path of made.splice(0)) rmSync(path, { recursive: true })
  })
  const rule = (id: string, extra = ''): string =>
    `title: ${id}\nid: ${id}\nname: name_${id}\nlogsource: {category: c}\n${extra}detection: {s: {f: x}, condition: s}\n`

  test('rules and correlations are found, cases are not rules, two of one id count once, bad regexes and networks are said', () => {
    const path = folder({
      'a/one.yml': rule('one'),
      'a/one.cases.yml': 'hit: []',
      'b/again.yaml': rule('one'),
      'b/regex.yml': `title: r\nid: r\nlogsource: {category: c}\ndetection: {s: {f|re: '(?=x)'}, condition: s}`,
      'b/net.yml': `title: n\nid: n\nlogsource: {category: c}\ndetection: {s: {f|cidr: 10.0.0.0/99}, condition: s}`,
      'c.yml': 'title: c\nid: c\ncorrelation: {type: event_count, rules: one}',
      'readme.txt': 'x',
    })
    const set = loadRules([path, join(path, 'missing')])
    expect(set.rules.map(({ id }) => id)).toEqual(['one'])
    expect(set.correlations).toHaveLength(1)
    expect(set.problems.map(({ reason: why }) => why.split(' ').slice(0, 3).join(' ')).sort()).toEqual(
      ['has 10.0.0.0/99 behind', 'has a regex', 'has the id', "can't be read:"].sort(),
    )
  })

  test('a filter is added to the rules that it names, and one that fits none is said', () => {
    const filter = (rules: string): string =>
      `title: f\nid: f\nlogsource: {category: c}\nfilter:\n  rules: ${rules}\n  keep: {g: y}\n  condition: not keep\n`
    const path = folder({ 'one.yml': rule('one'), 'two.yml': rule('two'), 'f.yml': filter('[name_one]') })
    const accessor = {
      canonical: (field: string) => field,
      reader: (field: string) => (event: Record<string, string>) => event[field],
      texts: () => undefined,
      time: () => undefined,
    }
    const { rules, problems } = loadRules([path])
    expect(problems).toEqual([])
    const sigma = createSigma(rules, accessor)
    const ids = (event: Record<string, string>): string[] => sigma.match(event, anySource).map((match) => match.rule.id)
    expect(ids({ f: 'x' })).toEqual(['one', 'two'])
    expect(ids({ f: 'x', g: 'y' })).toEqual(['two'])
    expect(loadRules([folder({ 'one.yml': rule('one'), 'f.yml': filter('[nobody]') })]).problems).toHaveLength(1)
    expect(loadRules([folder({ 'one.yml': rule('one'), 'f.yml': filter('any') })]).problems).toEqual([])
  })
})
