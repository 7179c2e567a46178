// Does `siaga score` explain what lies in ClickHouse, record what people think of it, and learn from that without applying anything?
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { migrate } from '../../deploy/clickhouse/migrate.ts'
import { createScore, scoreVersion } from '../../processors/score/index.ts'
import { type ClickHouse, createClickHouse } from '../../runtime/clickhouse.ts'
import { loadConfig } from '../../runtime/config.ts'
import { silentLog } from '../../runtime/log.ts'
import { loadReference } from '../../runtime/reference.ts'
import type { Detection, Severity } from '../../schemas/detection.ts'
import { type Event, emptyEvent } from '../../schemas/event.ts'
import { ScoreWeights } from '../../schemas/score.ts'
import { insertOnce } from '../../sinks/clickhouse/insert.ts'
import { createRowBuffer } from '../../sinks/clickhouse/rows.ts'
import { recordVerdict } from '../../sinks/clickhouse/verdicts.ts'
import { getServices } from '../services.ts'
import { type Run, siaga, siagaMany } from './run.ts'

const run = randomBytes(4).toString('hex')
const stream = randomBytes(8).toString('hex')
const id = (name: string): string => `${run}-${name}`
const at = Date.UTC(2024, 10, 27, 1, 0, 0)
const RULE = '0d7c4d8e-5a53-4f43-9f1e-1c6f0f5b7a11'

let folder = ''
let admin: ClickHouse
let env: Record<string, string> = {}
let pipelineEnv: Record<string, string> = {}

function detection(severity: Severity, ruleId = RULE): Detection {
  const said = { field: 'url_original', value: "/?id=1' or\u001B[2J 1=1" }
  return {
    ruleId,
    title: 'SQL',
    severity,
    technique: 'T1190',
    attack: ['T1190'],
    ...said,
    evidence: [said],
    generate: true,
  }
}

/** Events in the order of their offsets, with their detections and the weights that score them. */
const landed: [Partial<Event>, Detection[], ScoreWeights?][] = [
  [
    {
      event_id: id('attack'),
      message: 'GET /?id=1\u001B[2J',
      source_id: 'web-kpu',
      dataset: 'nginx.access',
      region_code: '73.71',
      owner: 'kpu',
      asset_id: 'sirekap',
      asset_criticality: 'critical',
      election: 'pilkada-2024',
      phase: 'pemungutan',
      source_ip: '203.0.113.9',
      http_status_code: 200,
    },
    [detection('high')],
  ],
  [{ event_id: id('quiet') }, []],
  [{ event_id: id('old') }, [detection('high')], ScoreWeights.parse({ rule: { high: 40 } })],
  [{ event_id: id('twice') }, []],
  [{ event_id: id('twice') }, []],
  [{ event_id: id('7-9') }, []],
]

const reputation = loadReference({ calendars: [], regions: [] }, '.').scanners

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'siaga-score-'))
  const { clickhouse } = await getServices()
  const { reader, pipeline } = clickhouse.users
  admin = createClickHouse({ url: clickhouse.url, ...clickhouse.users.admin })
  await migrate(admin)
  const urlOf = (user: { username: string; password: string }) => Object.assign(new URL(clickhouse.url), user).href
  env = { CLICKHOUSE_URL: urlOf(reader), LANG: 'C' }
  pipelineEnv = { CLICKHOUSE_URL: urlOf(pipeline), LANG: 'C' }
  writeFileSync(
    join(folder, 'siaga.yaml'),
    'rules: {shipped: false, folders: [rules.yml]}\nallow_list: [198.51.100.0/24]\n',
  )
  writeFileSync(
    join(folder, 'rules.yml'),
    `title: SQL injection in a request\nid: ${RULE}\nlogsource: {category: webserver}\nlevel: high
detection: {s: {c-uri|contains: ' or 1=1'}, condition: s}
siaga: {judul: Injeksi SQL dalam permintaan, response: {id: x, en: x}}\n`,
  )
  await land(landed)
})
afterAll(async () => {
  await admin?.close()
  rmSync(folder, { recursive: true, force: true })
})

async function land(events: typeof landed, first = 0, ingestedAt = Date.now()): Promise<void> {
  const buffer = createRowBuffer()
  events.forEach(([fields, detections, weights = ScoreWeights.parse({})], n) => {
    const event = Object.assign(emptyEvent(), { timestamp: at, received_at: at }, fields)
    Object.assign(event, { retain_until: Date.now() + 1e10, _stream: stream, _partition: 3, _offset: first + n })
    createScore(weights, { allowList: ['198.51.100.0/24'], reputation })(event, detections)
    buffer.append(event, null)
  })
  buffer.stamp(ingestedAt)
  await insertOnce({ stream, partition: 3, first, last: first + events.length - 1, ingestedAt }, buffer.view(), false, {
    clickhouse: admin,
    log: silentLog,
    isCurrent: () => true,
    heartbeat: async () => undefined,
  })
}

const cli = (...args: string[]) => siaga(['score', ...args], { cwd: folder, env })
const many = (lines: string[][]): Promise<Run[]> =>
  siagaMany(
    lines.map((args) => ['score', ...args]),
    { cwd: folder, env },
  )

describe('siaga score explain', () => {
  test('adds the factors up before the reader’s eyes, in English', async () => {
    const { code, stdout, stderr } = await cli('explain', id('attack'), '--lang', 'en')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain(`${id('attack')}  (${stream}-3-0)`)
    expect(stdout).toContain('2024-11-27 09:00:00 WITA  web-kpu  nginx.access')
    expect(stdout).toContain('73.71  kpu  sirekap')
    const rows = stdout.split('\n').flatMap((line) => {
      const [, factor, points, sum, chance] = /^(\S+) +([+-]\d+) +(-?\d+) +(\d+) %/.exec(line) ?? []
      return factor === undefined ? [] : [[factor, points, sum, chance]]
    })
    expect(rows).toEqual([
      ['prior', '-46', '-46', '1'],
      ['asset', '+12', '-34', '3'],
      ['phase', '+10', '-24', '8'],
      [`rule:${RULE}`, '+45', '21', '89'],
      ['attack_succeeded', '+12', '33', '96'],
    ])
    expect(stdout).toContain('SQL injection in a request: url_original: ')
    expect(stdout).toMatch(/^Score: 96\n.*the version in force now\.$/m)
    // A log line does not steer the terminal.
    expect(stdout).not.toContain('\u001B')
  })

  test('speaks Indonesian unless asked, with the Indonesian title of the rule', async () => {
    const { stdout } = await cli('explain', id('attack'))
    expect(stdout).toMatch(/^Faktor +Poin +Jumlah +Peluang/m)
    expect(stdout).toContain('Injeksi SQL dalam permintaan: ')
    expect(stdout).toMatch(/^Skor: 96\n.*versi yang berlaku sekarang\.$/m)
  })

  test('takes the place in Kafka and the id of a finding too, and an event id that looks like one', async () => {
    const asked = [`${stream}-3-1-${RULE}`, `${stream}-3-1`, id('7-9')]
    const runs = await many(asked.map((which) => ['explain', which, '--lang', 'en']))
    expect(runs.map(({ stdout }) => /^Event {2}\S+/m.exec(stdout)?.[0])).toEqual(
      ['quiet', 'quiet', '7-9'].map((name) => `Event  ${id(name)}`),
    )
  })

  test('says when the weights have changed since', async () => {
    const { stdout } = await cli('explain', id('old'), '--lang', 'en')
    const given = scoreVersion(ScoreWeights.parse({ rule: { high: 40 } }), ['198.51.100.0/24'], reputation)
    const present = scoreVersion(ScoreWeights.parse({}), ['198.51.100.0/24'], reputation)
    expect(stdout).toContain(`Weights ${given} are not those in force now (${present})`)
    // What it was worth then, not what it would be worth now.
    expect(stdout).toMatch(/\+40 +-6 +35 %/)
  })

  test('--json is one value with everything', async () => {
    const answer = JSON.parse((await cli('explain', id('attack'), '--json')).stdout)
    expect(answer).toMatchObject({
      event_id: id('attack'),
      position: `${stream}-3-0`,
      timestamp: '2024-11-27T01:00:00.000Z',
      score: 96,
      copies: 1,
      adds_up: true,
      version_is_present: true,
      rule_ids: [RULE],
    })
    expect(answer.factors.at(-1)).toEqual({
      name: 'attack_succeeded',
      points: 12,
      detail: 'HTTP 200',
      sum: 33,
      chance: 96,
    })
  })

  test('counts the copies that a sender made', async () => {
    expect((await cli('explain', id('twice'), '--lang', 'en')).stdout).toContain('The sender sent it 2 times')
  })

  test('says clearly when there is no such event', async () => {
    const { code, stdout, stderr } = await cli('explain', `${stream}-3-999`)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(new RegExp(`^siaga: There is no event \`${stream}-3-999\`\\.\n  Give an event_id`))
  })
})

describe('siaga score mark', () => {
  const mark = (...args: string[]) => siaga(['score', 'mark', ...args], { cwd: folder, env: pipelineEnv })
  const recorded = (event: string) =>
    admin.rows(
      z.object({ verdict: z.string(), marked_by: z.string(), reason: z.string(), subject: z.string() }),
      'SELECT verdict, marked_by, reason, subject FROM siaga.verdicts WHERE event_id = {event:String} ORDER BY marked_at',
      { event },
    )

  test('records who, what and why', async () => {
    const done = await mark('false', `${stream}-3-0`, '--why', 'our own test', '--by', 'siti')
    expect(done).toMatchObject({ code: 0, stdout: 'marked 1 events as false\n', stderr: '' })
    expect(await recorded(id('attack'))).toEqual([
      { verdict: 'false', marked_by: 'siti', reason: 'our own test', subject: `event:${stream}-3-0` },
    ])
  })

  test('covers every copy of an event', async () => {
    expect((await mark('true', id('twice'), '--why', 'x')).stdout).toBe('marked 2 events as true\n')
  })

  test('says when nothing was there to mark', async () => {
    const { code, stdout, stderr } = await mark('false', '--entity', `user:nobody-${run}`, '--why', 'x')
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain(`No event weighs on user:nobody-${run}.`)
    expect((await mark('false', `nothing-${run}`, '--why', 'x')).stderr).toContain('There is no event')
  })

  test('what is used wrongly is said', async () => {
    const wrong: [string[], string][] = [
      [['maybe', 'x', '--why', 'x'], 'true'],
      [['false', 'x'], '--why'],
      [['false', '--why', 'x'], '--entity'],
      [['false', 'x', '--entity', 'user:root', '--why', 'x'], '--entity'],
      [['false', '--entity', 'planet:mars', '--why', 'x'], 'source_ip, user, asset, region'],
    ]
    const lines = wrong.map(([args]) => ['score', 'mark', ...args])
    const runs = await siagaMany(lines, { cwd: folder, env: pipelineEnv })
    expect(runs).toEqual(
      wrong.map(([, says]) => expect.objectContaining({ code: 2, stderr: expect.stringContaining(says) })),
    )
  })
})

describe('siaga score fit', () => {
  /** Verdicts on factors: rules of level medium are mostly noise here, high ones nearly always right. */
  const lines = Array.from({ length: 400 }, (_, n) => {
    const level = n % 2 === 0 ? 'medium' : 'high'
    const verdict = level === 'medium' ? n % 20 === 0 : n % 19 !== 0
    return JSON.stringify({ factors: [{ name: 'prior', points: -46 }, { name: `rule.${level}` }], verdict })
  })
  const verdicts = (name: string, content: readonly string[]): string => {
    writeFileSync(join(folder, name), `${content.join('\n')}\n\n`)
    return name
  }

  // So many that a part held back by chance (ids differ in each run) has enough of each kind: of 120 it had too few in every fifth run.
  const noise: [Partial<Event>, Detection[]][] = Array.from({ length: 400 }, (_, n) => [
    { event_id: id(`fit${n}`), timestamp: at + n * 1_000, asset_criticality: n % 2 === 0 ? 'medium' : 'high' },
    [detection(n % 3 === 0 ? 'medium' : 'high', `rule-${n % 7}`)],
  ])
  const isTrue = (n: number): boolean => n % 3 !== 0
  beforeAll(() => land(noise, 100, Date.now() + 1))

  test('shows weights, how many verdicts speak, reliability and Brier score, and YAML that siaga.yaml accepts', async () => {
    const config = readFileSync(join(folder, 'siaga.yaml'), 'utf8')
    const { code, stdout, stderr } = await cli('fit', '--verdicts', verdicts('v.ndjson', lines), '--lang', 'en')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain('400 verdicts (209 true): learned from 280, judged on 120 held back.')
    expect(stdout).toMatch(/^rule\.high +45 +\d+ +\+\d+ +\d+ +\d+$/m)
    expect(stdout).toMatch(/^phase\.sengketa +4 +4 +0 +0 +0$/m)
    expect(stdout).toMatch(/^90–100 % +0 +- +- +54 +94 % +93 %$/m)
    const [, before, after] = /Brier .*: present ([\d.]+), learned ([\d.]+)/.exec(stdout) ?? []
    expect(Number(after)).toBeLessThan(Number(before))
    const yaml = stdout.slice(stdout.indexOf('# siaga.yaml'))
    writeFileSync(join(folder, 'learned.yaml'), yaml)
    const learned = loadConfig({ file: join(folder, 'learned.yaml'), env: {}, cwd: folder }).config.score
    expect(learned.rule.high).toBeGreaterThan(45)
    expect(learned.phase).toEqual(ScoreWeights.parse({}).phase)
    // Nothing was applied.
    expect(readFileSync(join(folder, 'siaga.yaml'), 'utf8')).toBe(config)
  })

  test('is the same again, another part with another seed, and Indonesian unless asked', async () => {
    const file = verdicts('v.ndjson', lines)
    const fitted = (...more: string[]) => cli('fit', '--verdicts', file, '--json', ...more)
    const first = await fitted()
    expect((await fitted()).stdout).toBe(first.stdout)
    expect((await fitted('--seed', '2')).stdout).not.toBe(first.stdout)
    const heldBack = JSON.parse((await fitted('--held-back', '0.5')).stdout)
    expect([heldBack.fitted, heldBack.heldBack, heldBack.split]).toEqual([200, 200, 'hash'])
    expect((await cli('fit', '--verdicts', file)).stdout).toMatch(/^Bobot +Sekarang +Hasil/m)
  })

  test('learns from events in ClickHouse, the newest held back, and says which are not there', async () => {
    const given = [
      ...noise.map((_, n) => JSON.stringify({ event_id: id(`fit${n}`), verdict: isTrue(n) })),
      JSON.stringify({ event_id: id('gone'), verdict: true }),
      // Of several verdicts on one event the last holds.
      JSON.stringify({ event_id: id('fit0'), verdict: true }),
    ]
    const args = ['fit', '--verdicts', verdicts('e.ndjson', given), '--json']
    const answer = JSON.parse((await cli(...args)).stdout)
    expect(answer).toMatchObject({ split: 'time', fitted: 280, heldBack: 120, missing: 1, unknown: 0, confirmed: 267 })
    const learned = Object.fromEntries(
      answer.weights.map((weight: { name: string }): [string, unknown] => [weight.name, weight]),
    )
    expect(learned['rule.medium']).toMatchObject({ points: 25, verdicts: 94, confirmed: 1 })
    // It has no points, so it is in no list of factors; yet verdicts speak for it.
    expect(learned['asset.medium']).toMatchObject({ points: 0, verdicts: 140 })
    expect(learned['rule.medium'].learned).toBeLessThan(25)
  })

  test('learns from what was recorded, though the events are gone', async () => {
    const act = { at: Date.now(), by: 'siti', reason: 'x', subject: 'x' }
    for (const verdict of ['true', 'false'] as const) {
      const eventIds = noise.flatMap(([{ event_id: event = '' }], n) => (String(isTrue(n)) === verdict ? [event] : []))
      await recordVerdict(admin, { ...act, id: id(verdict), verdict }, { eventIds })
    }
    await admin.command(
      'ALTER TABLE siaga.events DELETE WHERE startsWith(event_id, {fit:String})',
      { fit: id('fit') },
      { mutations_sync: '2' },
    )
    const { code, stdout, stderr } = await cli('fit', '--split', 'hash', '--json')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const { fitted, heldBack, confirmed, weights } = JSON.parse(stdout)
    // Other tests record verdicts too.
    expect(fitted + heldBack).toBeGreaterThanOrEqual(400)
    expect(confirmed).toBeGreaterThanOrEqual(266)
    const speaking = (name: string) => weights.find((weight: { name: string }) => weight.name === name)?.verdicts
    expect([speaking('rule.high') > 30, speaking('asset.medium') > 20, speaking('asset.high') > 20]).toEqual([
      true,
      true,
      true,
    ])
  })

  test('refuses to learn from too few, and says what is needed', async () => {
    const few = verdicts('few.ndjson', lines.slice(0, 60))
    const { code, stdout, stderr } = await cli('fit', '--verdicts', few)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(
      /There are too few verdicts to learn from\. To fit there are \d+ true and \d+ false verdicts/,
    )
    expect(stderr).toContain('at least 20 true and 20 false ones to fit, and 10 of each held back')
    const oneSided = verdicts(
      'one.ndjson',
      lines.map((line) => line.replace('false}', 'true}')),
    )
    expect((await cli('fit', '--verdicts', oneSided)).code).toBe(1)
  })

  test('a factor of other weights is left out, and said', async () => {
    const odd = JSON.stringify({ factors: [{ name: 'rule:x', points: 44 }], verdict: true })
    const answer = await cli('fit', '--verdicts', verdicts('odd.ndjson', [...lines, odd]), '--lang', 'en')
    expect(answer.stdout).toContain('1 verdicts are not used: no weight was found for a factor (rule:x).')
  })

  test('a line that is none is named, a file that is not there too; what is used wrongly is said', async () => {
    const bad = [
      ['no-json', 'x'],
      ['no-verdict', '{"event_id":"x"}'],
      ['in-words', '{"event_id":"x","verdict":"false"}'],
    ].map(([name, line = '']) => verdicts(`${name}.ndjson`, [lines[0] ?? '', line]))
    const wrong = [
      ['--held-back', '1'],
      ['--strength', '0'],
      ['--split', 'odd'],
    ]
    const asked = [...bad.map((file) => ['--verdicts', file]), ['--verdicts', 'nowhere.ndjson'], ...wrong]
    const runs = await many(asked.map((args) => ['fit', ...args]))
    const line = expect.objectContaining({ code: 1, stdout: '', stderr: expect.stringContaining('Line 2 of') })
    const nowhere = { stderr: expect.stringContaining('There is no file nowhere.ndjson') }
    expect(runs).toEqual([
      ...bad.map(() => line),
      expect.objectContaining(nowhere),
      ...wrong.map(() => expect.objectContaining({ code: 2 })),
    ])
  })

  test('time is no way to split verdicts that have none', async () => {
    const { code, stderr } = await cli('fit', '--verdicts', verdicts('v.ndjson', lines), '--split', 'time')
    expect(code).toBe(1)
    expect(stderr).toContain('Not every verdict has a time.')
  })
})
