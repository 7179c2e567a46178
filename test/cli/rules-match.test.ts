// Does `siaga rules match` find what rules find in events of each form, with pipelines, without services, in bounded memory?
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { readLines } from '../../cli/rules/lines.ts'
import { siagaLine } from './host.ts'
import { mainFile, plainEnvironment, type RunOptions } from './run.ts'

const whoami = `title: Whoami run
id: whoami
logsource: {category: process_creation, product: windows}
detection:
  selection:
    Image|endswith: '\\whoami.exe'
  condition: selection
`
const web = `title: Path to etc
id: etc
logsource: {category: webserver}
detection:
  selection:
    c-uri|contains: '/etc/passwd'
  condition: selection
`
const placeholders = `title: Administrators
id: admins
logsource: {product: windows, service: security}
detection:
  selection:
    SubjectUserName|expand: '%admins%'
  condition: selection
`
const windowsEvent = {
  Event: {
    System: { EventID: 1, Channel: 'Microsoft-Windows-Sysmon/Operational', Computer: 'pc' },
    EventData: { Image: 'C:\\Windows\\System32\\whoami.exe', CommandLine: 'whoami /all' },
  },
}

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'siaga-match-'))
  mkdirSync(join(folder, 'rules'))
  writeFileSync(join(folder, 'rules/whoami.yml'), whoami)
  writeFileSync(join(folder, 'rules/web.yml'), web)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const match = (args: string[], events: unknown[] | string = '', options: RunOptions = {}) =>
  siagaLine(['rules', 'match', ...args], {
    cwd: folder,
    stdin: typeof events === 'string' ? events : `${events.map((event) => JSON.stringify(event)).join('\n')}\n`,
    ...options,
  })

describe('forms of events', () => {
  test('each line says itself what it is; the answer is one NDJSON line for each match', async () => {
    const { code, stdout, stderr } = await match(
      ['--rules', 'rules', '-'],
      [
        windowsEvent,
        { 'c-uri': '/../../etc/passwd' },
        {
          '@timestamp': '2024-11-27T00:00:00Z',
          event: { category: ['process'], type: ['start'] },
          host: { os: { type: 'windows' } },
          process: { executable: 'D:\\x\\WHOAMI.exe' },
        },
        { Image: 'C:\\whoami.exe', 'c-uri': '/etc/passwd' },
        { nothing: 1 },
      ],
    )
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toBe(
      [
        '{"event":0,"rule":"whoami","title":"Whoami run"}',
        '{"event":1,"rule":"etc","title":"Path to etc"}',
        '{"event":2,"rule":"whoami","title":"Whoami run"}',
        '{"event":3,"rule":"etc","title":"Path to etc"}',
        '{"event":3,"rule":"whoami","title":"Whoami run"}',
        '',
      ].join('\n'),
    )
  })

  test('--logsource says what flat events are: rules of other log sources are not tried', async () => {
    const event = { Image: 'C:\\whoami.exe', 'c-uri': '/etc/passwd' }
    const { stdout } = await match(
      ['--rules', 'rules', '--logsource', 'category=process_creation,product=windows'],
      [event],
    )
    expect(stdout).toBe('{"event":0,"rule":"whoami","title":"Whoami run"}\n')
    expect((await match(['--rules', 'rules', '--logsource', 'process_creation/windows'], [event])).stdout).toBe(stdout)
    expect(await match(['--rules', 'rules', '--logsource', 'category=dns'], [event])).toMatchObject({
      code: 0,
      stdout: '',
      stderr: expect.stringContaining('no rule is for events of category=dns'),
    })
  })

  test('a file, packed or not; blank lines count as lines', async () => {
    const text = `\n${JSON.stringify(windowsEvent)}\n\n{"c-uri":"/etc/passwd"}`
    writeFileSync(join(folder, 'events.ndjson'), text)
    writeFileSync(join(folder, 'events.ndjson.gz'), gzipSync(text))
    for (const file of ['events.ndjson', 'events.ndjson.gz'])
      expect((await match(['--rules', 'rules', file])).stdout).toMatch(/^\{"event":1,.*\n\{"event":3,.*\n$/)
  })
})

describe('what cannot be read', () => {
  test('bad lines are named with their number, the others go on, exit 1', async () => {
    const { code, stdout, stderr } = await match(
      ['--rules', 'rules'],
      `{"c-uri":"/etc/passwd"}\n{"broken\n[1]\n{"c-uri":"/etc/passwd"}\n`,
    )
    expect(code).toBe(1)
    expect(stdout.split('\n')).toHaveLength(3)
    expect(stderr).toContain('line 2 (event 1) is not JSON')
    expect(stderr).toContain('line 3 (event 2) is JSON, but no object')
  })

  test('a broken rule is named and the others are used', async () => {
    mkdirSync(join(folder, 'mixed'), { recursive: true })
    writeFileSync(join(folder, 'mixed/a.yml'), 'title: x\nlogsource: {category: dns}\n')
    writeFileSync(join(folder, 'mixed/b.yml'), web)
    const done = await match(['--rules', 'mixed'], [{ 'c-uri': '/etc/passwd' }])
    expect(done).toMatchObject({ code: 0, stderr: expect.stringMatching(/warning: mixed\/a\.yml.* has no detection/) })
    expect(done.stdout).toContain('"etc"')
    expect((await match(['--rules', 'mixed', '--quiet'], [{ a: 1 }])).stderr).toBe('')
  })

  test.each([
    [['--rules', 'nowhere'], 2, 'no folder or file'],
    [['--rules', 'rules', 'nowhere.ndjson'], 1, 'ENOENT'],
    [['--rules', 'rules', '--logsource', 'dns'], 2, 'is no log source'],
    [['--rules', 'rules', '--pipeline', 'nowhere.yml'], 1, 'ENOENT'],
  ])('%j', async (args, code, said) => {
    expect(await match(args)).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(said) })
  })

  test('lines of any length and any cut come whole, over-long ones as what they are', async () => {
    const text = `a\n\nb${'x'.repeat(100_000)}\r\nlast`
    for (const size of [1, 7, 65_536]) {
      const found: [number, string | undefined][] = []
      async function* chunks(): AsyncGenerator<Buffer> {
        for (let at = 0; at < text.length; at += size) yield Buffer.from(text.slice(at, at + size))
      }
      for await (const lines of readLines(chunks()))
        for (const line of lines) found.push([line.number, line.text?.trim()])
      expect(found).toEqual([
        [0, 'a'],
        [2, `b${'x'.repeat(100_000)}`],
        [3, 'last'],
      ])
    }
    async function* endless(): AsyncGenerator<Buffer> {
      for (let n = 0; n < 20; n += 1) yield Buffer.alloc(1024 * 1024, 120)
      yield Buffer.from('\nafter\n')
    }
    const found = []
    for await (const lines of readLines(endless())) found.push(...lines)
    expect(found).toMatchObject([
      { number: 0, text: undefined },
      { number: 1, text: 'after' },
    ])
  })
})

describe('pySigma processing pipelines', () => {
  const withPipeline = async (pipeline: string, rule: string, events: unknown[]) => {
    writeFileSync(join(folder, 'p.yml'), pipeline)
    writeFileSync(join(folder, 'one.yml'), rule)
    return match(['--rules', 'one.yml', '--pipeline', 'p.yml'], events)
  }
  const hits = (stdout: string): number[] =>
    stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => z.object({ event: z.number() }).parse(JSON.parse(line)).event)

  test('field_name_mapping renames, to one name or several, where conditions say so', async () => {
    const pipeline = (category: string) => `name: mapping
priority: 10
transformations:
  - id: fields
    type: field_name_mapping
    mapping:
      Image: [my.image, other]
    rule_conditions:
      - {type: logsource, category: ${category}}
`
    const events = [{ my: { image: 'C:\\whoami.exe' } }, { other: 'C:\\whoami.exe' }, { Image: 'C:\\whoami.exe' }]
    expect(hits((await withPipeline(pipeline('process_creation'), whoami, events)).stdout)).toEqual([0, 1])
    expect(hits((await withPipeline(pipeline('dns'), whoami, events)).stdout)).toEqual([2])
  })

  test('prefixes: field_name_prefix, field_name_prefix_mapping, with field_name_conditions', async () => {
    const pipeline = `transformations:
  - {type: field_name_prefix, prefix: win., field_name_conditions: [{type: include_fields, fields: [Image]}]}
  - {type: field_name_prefix_mapping, mapping: {win.: log.}, field_name_conditions: [{type: exclude_fields, fields: [x.*], mode: re}]}
`
    const events = [{ log: { Image: '\\whoami.exe' } }, { win: { Image: '\\whoami.exe' } }]
    expect(hits((await withPipeline(pipeline, whoami, events)).stdout)).toEqual([0])
  })

  test('paths into Windows events, as pipelines for raw documents name them', async () => {
    const pipeline = 'transformations:\n  - {type: field_name_prefix, prefix: Event.EventData.}\n'
    expect(hits((await withPipeline(pipeline, whoami, [windowsEvent])).stdout)).toEqual([0])
  })

  test('drop_detection_item leaves the rest; a rule of which nothing is left is refused', async () => {
    const rule = whoami.replace("whoami.exe'", "whoami.exe'\n    User: root")
    const pipeline = (field: string) =>
      `transformations:\n  - {type: drop_detection_item, field_name_conditions: [{type: include_fields, fields: [${field}]}]}\n`
    expect(hits((await withPipeline(pipeline('User'), rule, [{ Image: '\\whoami.exe' }])).stdout)).toEqual([0])
    expect(hits((await withPipeline(pipeline('Nothing'), rule, [{ Image: '\\whoami.exe' }])).stdout)).toEqual([])
    expect(await withPipeline('transformations: [{type: drop_detection_item}]', rule, [])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('nothing is left of it behind drop_detection_item'),
    })
  })

  test('add_condition, also negated and as a template', async () => {
    const pipeline = `transformations:
  - {type: add_condition, conditions: {index: '$product-logs', level: [1, 2]}, template: true}
  - {type: add_condition, conditions: {test: yes}, negated: true}
`
    const events = [
      { Image: '\\whoami.exe', index: 'windows-logs', level: 2 },
      { Image: '\\whoami.exe', index: 'windows-logs', level: 3 },
      { Image: '\\whoami.exe', index: 'linux-logs', level: 1 },
      { Image: '\\whoami.exe', index: 'windows-logs', level: 1, test: 'yes' },
    ]
    expect(hits((await withPipeline(pipeline, whoami, events)).stdout)).toEqual([0])
  })

  test('change_logsource decides which events a rule sees', async () => {
    const pipeline = 'transformations:\n  - {type: change_logsource, product: windows, service: security}\n'
    expect(hits((await withPipeline(pipeline, whoami, [windowsEvent])).stdout)).toEqual([])
    expect(hits((await match(['--rules', 'one.yml'], [windowsEvent])).stdout)).toEqual([0])
  })

  test('placeholders take their values from vars, or stand for anything', async () => {
    const events = [{ SubjectUserName: 'root' }, { SubjectUserName: 'Adi' }, { SubjectUserName: 'budi' }]
    const vars = 'vars: {admins: [root, ad*]}\n'
    for (const type of ['value_placeholders', 'query_expression_placeholders'])
      expect(
        hits((await withPipeline(`${vars}transformations: [{type: ${type}}]`, placeholders, events)).stdout),
      ).toEqual([0, 1])
    expect(
      hits((await withPipeline('transformations: [{type: wildcard_placeholders}]', placeholders, events)).stdout),
    ).toEqual([0, 1, 2])
    const none = await withPipeline(
      `${vars}transformations: [{type: value_placeholders, exclude: [admins]}]`,
      placeholders,
      events,
    )
    expect(none).toMatchObject({ code: 1, stderr: expect.stringContaining('%admins%') })
  })

  test('pipelines run in the order of their priority', async () => {
    writeFileSync(
      join(folder, 'late.yml'),
      'priority: 20\ntransformations: [{type: field_name_mapping, mapping: {a: b}}]\n',
    )
    writeFileSync(
      join(folder, 'early.yml'),
      'priority: 10\ntransformations: [{type: field_name_mapping, mapping: {Image: a}}]\n',
    )
    const args = ['--rules', 'rules', '--pipeline', 'late.yml', '--pipeline', 'early.yml']
    expect(hits((await match(args, [{ b: '\\whoami.exe' }])).stdout)).toEqual([0])
  })

  test.each([
    ['transformations: [{type: nest}]', 'transformation 1 has the type "nest", which is not supported'],
    ['transformations: [{id: m, type: field_name_mapping}]', 'transformation 1 (m), field_name_mapping: mapping'],
    ['transformations: [{type: set_state, key: a, val: 1, rule_conditions: [{type: odd}]}]', 'rule_conditions'],
    ['transformations: 7', 'transformations'],
    ['a: [', 'is not YAML'],
  ])('what it cannot do it says: %s', async (pipeline, said) => {
    expect(await withPipeline(pipeline, whoami, [])).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining(said),
    })
  })
})

test('a stream without an end is answered as it comes', async () => {
  const child = spawn(process.execPath, [mainFile, 'rules', 'match', '--rules', 'rules', '-'], {
    cwd: folder,
    env: plainEnvironment(),
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  child.stdin.write(`${JSON.stringify(windowsEvent)}\n`)
  const [first] = await once(child.stdout, 'data')
  expect(String(first)).toBe('{"event":0,"rule":"whoami","title":"Whoami run"}\n')
  child.stdin.end()
  expect(await once(child, 'exit')).toEqual([0, null])
})

const corpus = join(import.meta.dirname, '../../../shared/corpora/sigma')

test.skipIf(!existsSync(corpus))(
  'the recorded Windows events match the rule named for each (skipped without ../shared/corpora)',
  async () => {
    const Named = z.array(z.object({ event: z.string(), rule: z.string() }))
    const named = Named.parse(JSON.parse(readFileSync(join(corpus, 'regression.json'), 'utf8')))
    // Some files hold one event on a line, others one over many lines.
    const events = named.flatMap(({ event, rule }) => {
      const text = readFileSync(join(corpus, 'regression', event), 'utf8')
      const parts = text.split(/(?<=^\}|\})\s*\n(?=\{)/)
      return parts.map((part) => ({ rule, line: JSON.stringify(JSON.parse(part)) }))
    })
    const folders = ['rules', 'rules-emerging-threats', 'rules-threat-hunting'].flatMap((name) => [
      '--rules',
      join(corpus, name),
    ])
    const { code, stdout } = await match([...folders, '--quiet', '-'], events.map(({ line }) => line).join('\n'))
    expect(code).toBe(0)
    const Line = z.object({ event: z.number(), rule: z.string() })
    const found = new Set(
      stdout
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => Line.parse(JSON.parse(line)))
        .filter(({ event, rule }) => events[event]?.rule === rule)
        .map(({ rule }) => rule),
    )
    expect(named.filter(({ rule }) => !found.has(rule))).toEqual([])
  },
)
