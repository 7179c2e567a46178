// Does `siaga rules backtest` find in ClickHouse what the engine finds, per day and region, and nothing that is not asked for?
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readTime } from '../../cli/rules/backtest-question.ts'
import { datasetsOf, shareOf } from '../../cli/rules/datasets.ts'
import { readHistory, stretches } from '../../cli/rules/history.ts'
import { createTally } from '../../cli/rules/tally.ts'
import { migrate } from '../../deploy/clickhouse/migrate.ts'
import { createClickHouse } from '../../runtime/clickhouse.ts'
import { getServices } from '../services.ts'
import { siagaLine } from './host.ts'
import type { RunOptions } from './run.ts'

const rule = `title: Voter roll in a URL
id: 7c1f6b0e-52a7-4d4b-8a55-0e7f5f0b1a01
level: low
logsource: {category: webserver}
detection:
  path: {url.decoded|contains: '/dpt?nik='}
  bulk: {agent.kind: robot}
  condition: path and bulk
`
const passwords = `title: Refused password
id: 7c1f6b0e-52a7-4d4b-8a55-0e7f5f0b1a02
level: high
logsource: {product: linux, service: sshd}
detection:
  words: ['Failed password']
  condition: words
`

let folder = ''
let env: Record<string, string> = {}
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'siaga-backtest-'))
  writeFileSync(join(folder, 'rule.yml'), rule)
  writeFileSync(join(folder, 'passwords.yml'), passwords)
  const { clickhouse } = await getServices()
  const admin = createClickHouse({ url: clickhouse.url, ...clickhouse.users.admin })
  await migrate(admin)
  // Days of 2009, which are no other test's: 120 requests at 20:00 WIB on the 1st to the 4th, one in three of them by a robot for the voter roll.
  await admin.command(`INSERT INTO siaga.events
    (event_id, timestamp, ingested_at, retain_until, dataset, region_code, source_ip, http_method, url_original, url_path, message, fields, _stream, _partition, _offset)
    SELECT concat('backtest-', toString(number)), toDateTime64('2009-06-01 13:00:00', 3, 'UTC') + INTERVAL (number % 4) DAY, now64(3), now() + INTERVAL 1 DAY, 'nginx.access',
      ['32', '32.73', '11'][number % 3 + 1], concat('192.0.2.', toString(number % 5)), 'GET',
      if(intDiv(number, 12) % 2 = 0, concat('/%64pt?nik=', toString(number)), '/berita'), '/', concat('baris ', toString(number)),
      map('agent.kind', if(number < 96, 'robot', 'person')), 'backtest', 1, number
    FROM numbers(120)`)
  await admin.command(`INSERT INTO siaga.events
    (timestamp, ingested_at, retain_until, dataset, region_code, message, _stream, _partition, _offset)
    SELECT toDateTime64('2009-06-02 17:30:00', 3, 'UTC'), now64(3), now() + INTERVAL 1 DAY, if(number < 3, 'sshd', 'nginx.access'), '', 'sshd: Failed password for root', 'backtest', 2, number
    FROM numbers(10)`)
  await admin.close()
  const { reader } = clickhouse.users
  const url = new URL(clickhouse.url)
  url.username = reader.username
  url.password = reader.password
  env = { CLICKHOUSE_URL: url.href, SIAGA_LANG: 'en' }
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const backtest = (args: string[], options: RunOptions = {}) =>
  siagaLine(['rules', 'backtest', ...args], { cwd: folder, env, ...options })

describe('siaga rules backtest', () => {
  test('counts per day and region, with samples; nothing is asked of other log sources', async () => {
    const args = ['rule.yml', '--from', '2009-06-01', '--to', '2009-06-04', '--json', '--samples', '3']
    const { code, stdout, stderr } = await backtest(args)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const found: unknown = JSON.parse(stdout)
    // 48 of the first 96 are for the voter roll; those of sshd are not read, the other log source's seven are.
    expect(found).toMatchObject({ datasets: ['nginx.access'], events: 127, read: 127, matches: 48, complete: true })
    expect(found).toMatchObject({
      days: [1, 2, 3, 4].flatMap((day) =>
        ['11', '32', '32.73'].map((region) => ({
          day: `2009-06-0${day}`,
          region,
          matches: 4,
          addresses: expect.any(Number),
        })),
      ),
      samples: Array.from({ length: 3 }, () => ({ line: expect.stringMatching(/^baris \d+$/) })),
    })
  })

  test('for people: a table, regions by name, what would not be told, samples', async () => {
    const { code, stdout } = await backtest([
      'rule.yml',
      '--from',
      '2009-06-02',
      '--to',
      '2009-06-02',
      '--region',
      '32',
    ])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^Day \(WIB\) +Region +Matches +Addresses$/m)
    expect(stdout).toMatch(/^2009-06-02 +32 +JAWA BARAT +4 +\d$/im)
    expect(stdout).toMatch(/^2009-06-02 +32\.73 +.*BANDUNG +4 +\d$/im)
    expect(stdout).not.toMatch(/^2009-06-02 +11 /m)
    expect(stdout).toContain('Level low is below finding_severity (medium): nobody would be told.')
    expect(stdout).toMatch(/^ {2}2009-06-02 20:00:00 WIB 32(?:\.73)? {2}baris \d+$/m)
  })

  test('the time is that of the event, a day is one of WIB', async () => {
    const { stdout } = await backtest(['passwords.yml', '--from', '2009-06-01', '--to', '2009-06-05', '--json'])
    expect(JSON.parse(stdout)).toMatchObject({
      datasets: ['sshd'],
      matches: 3,
      days: [{ day: '2009-06-03', region: '' }],
    })
    const before = await backtest(['passwords.yml', '--from', '2009-06-01', '--to', '2009-06-02T17:30:00Z', '--json'])
    expect(JSON.parse(before.stdout)).toMatchObject({ events: 0, matches: 0 })
  })

  test('no event of the log source, and no match', async () => {
    expect((await backtest(['rule.yml', '--from', '2008-01-01', '--to', '2008-01-02'])).stdout).toContain(
      'There are no events of category=webserver in that time.',
    )
    writeFileSync(join(folder, 'none.yml'), rule.replace('/dpt', '/dptx'))
    expect((await backtest(['none.yml', '--from', '2009-06-01', '--to', '2009-06-04'])).stdout).toContain(
      'Nothing matched.',
    )
  })

  test.each([
    [['rule.yml'], 2, '--from'],
    [['rule.yml', '--from', '2009-13-01'], 2, 'is no time'],
    [['rule.yml', '--from', '2009-06-05', '--to', '2009-06-01'], 2, 'not before'],
    [['rule.yml', '--from', '2009-06-01', '--region', 'Jawa'], 2, 'is no region'],
    [['nothing', '--from', '2009-06-01'], 1, 'There is no rule'],
  ])('%j', async (args, code, said) => {
    expect(await backtest(args)).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(said) })
  })

  test('a broken rule is refused with its reason', async () => {
    writeFileSync(join(folder, 'broken.yml'), 'title: c\nlogsource: {category: dns}\n')
    expect((await backtest(['broken.yml', '--from', '2009-06-01'])).stderr).toContain('has no detection')
  })
})

describe('siaga rules backtest of a correlation', () => {
  const guessing = (type: string) => `title: Guessing
id: 7c1f6b0e-52a7-4d4b-8a55-0e7f5f0b1a03
level: high
correlation:
  ${type}
  rules: [7c1f6b0e-52a7-4d4b-8a55-0e7f5f0b1a02]
  group-by: [source.ip]
  timespan: 10m
`
  const when = ['--from', '2009-07-01', '--to', '2009-07-03']
  const find = async (text: string, more: string[] = []) => {
    writeFileSync(join(folder, 'guessing.yml'), text)
    return backtest(['guessing.yml', '--dir', 'passwords.yml', ...when, ...more])
  }

  beforeAll(async () => {
    const { clickhouse } = await getServices()
    const admin = createClickHouse({ url: clickhouse.url, ...clickhouse.users.admin })
    // Six guesses within a minute by each of three addresses, on two days and before them; one other address guesses once an hour.
    for (const [n, day] of ['2009-06-30', '2009-07-01', '2009-07-02'].entries())
      await admin.command(`INSERT INTO siaga.events
        (event_id, timestamp, ingested_at, retain_until, dataset, region_code, source_ip, rule_ids, message, _stream, _partition, _offset)
        SELECT concat('guess-${n}-', toString(number)), toDateTime64('${day} 05:00:00', 3, 'UTC') + INTERVAL if(number < 18, number, number * 3600) SECOND,
          now64(3), now() + INTERVAL 1 DAY, 'sshd', '32', if(number < 18, concat('198.51.100.', toString(number % 3)), '198.51.100.99'),
          ['7c1f6b0e-52a7-4d4b-8a55-0e7f5f0b1a02'], '', 'guesses', ${n}, number
        FROM numbers(23)`)
    await admin.close()
  })

  test('fires once for each group and window, on the ids that events carry', async () => {
    const { code, stdout } = await find(guessing('type: event_count\n  condition: {gte: 5}'), ['--json'])
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      kind: 'correlation',
      matches: 6,
      days: [
        { day: '2009-07-01', region: '32', matches: 3, addresses: 3 },
        { day: '2009-07-02', region: '32', matches: 3, addresses: 3 },
      ],
    })
    const { stdout: text } = await find(guessing('type: event_count\n  condition: {gte: 5}'))
    expect(text).toMatch(/^Day \(WIB\) +Region +Matches +Entities$/m)
    expect(text).toMatch(/^Fired 6 times, over \d+ events/m)
    expect(text).toMatch(/^ {2}2009-07-0[12] 12:00:\d\d WIB 32 {2}source_ip:198\.51\.100\.\d /m)
  })

  test('an absence is judged over the stretch asked for', async () => {
    const { code, stdout } = await find(guessing('type: absence'), ['--json'])
    expect(code).toBe(0)
    const found: { matches: number; days: { day: string }[] } = JSON.parse(stdout)
    expect(found.matches).toBeGreaterThan(0)
    expect(new Set(found.days.map(({ day }) => day))).toEqual(new Set(['2009-07-01', '2009-07-02', '2009-07-03']))
  })

  test('no event with the ids of its rules, and rules that are not there', async () => {
    writeFileSync(join(folder, 'guessing.yml'), guessing('type: event_count\n  condition: {gte: 5}'))
    const none = await backtest([
      'guessing.yml',
      '--dir',
      'passwords.yml',
      '--from',
      '2008-01-01',
      '--to',
      '2008-01-02',
    ])
    expect(none).toMatchObject({ code: 0, stdout: expect.stringContaining('No event of that time carries the ids') })
    const lone = await backtest(['guessing.yml', '--dir', 'rule.yml', ...when])
    expect(lone).toMatchObject({ code: 1, stderr: expect.stringContaining('7c1f6b0e-52a7-4d4b-8a55-0e7f5f0b1a02') })
  })
})

describe('siaga rules explain with an event of ClickHouse', () => {
  const explain = (id: string) => siagaLine(['rules', 'explain', 'rule.yml', '--event-id', id], { cwd: folder, env })

  test('says which parts hold', async () => {
    const { code, stdout } = await explain('backtest-7')
    expect(code).toBe(0)
    expect(stdout).toMatch(/✓ url\.decoded is like .* {2}← \/dpt\?nik=7$/m)
    expect(stdout).toMatch(/✓ agent\.kind is "robot" {2}← robot$/m)
    expect(stdout).toContain('This event matches.')
    expect((await explain('backtest-100')).stdout).toMatch(/✗ agent\.kind is "robot" {2}← person$/m)
  })

  test('an id that is not there', async () => {
    expect(await explain('there-is-none')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('There is no event `there-is-none`'),
    })
  })
})

test('history stops at once when it is told to, in the middle of an answer', async () => {
  const { clickhouse } = await getServices()
  const reader = createClickHouse({ url: clickhouse.url, ...clickhouse.users.reader })
  try {
    const stop = new AbortController()
    let rows = 0
    const where = "_stream = 'backtest'"
    await readHistory(reader, { columns: ['_offset'], where, params: {}, signal: stop.signal }, () => {
      rows += 1
      stop.abort()
    })
    expect(rows).toBe(1)
    await readHistory(reader, { columns: ['_offset'], where, params: {}, signal: stop.signal }, () => {
      rows += 1
    })
    expect(rows).toBe(1)
  } finally {
    await reader.close()
  }
})

test('a long history is read in stretches of whole hours', () => {
  const hour = 3_600_000
  const of = (at: number, events: number) => ({ dataset: 'sshd', hour: at * hour, events })
  const found = stretches([of(3, 50), of(0, 40), of(1, 40), { ...of(0, 10), dataset: 'pam' }, of(9, 500)], 100)
  expect(found).toEqual([
    { from: 0, to: 2 * hour },
    { from: 3 * hour, to: 4 * hour },
    { from: 9 * hour, to: 10 * hour },
  ])
})

test('dates are days of WIB, times carry their offset', () => {
  expect(readTime('--from', '2024-11-27', false)).toBe(Date.UTC(2024, 10, 26, 17))
  expect(readTime('--to', '2024-11-27', true)).toBe(Date.UTC(2024, 10, 27, 17))
  expect(readTime('--to', '2024-11-27T08:00:00+09:00', true)).toBe(Date.UTC(2024, 10, 26, 23))
  for (const text of ['2024-11-31', '27-11-2024', '2024-11-27T08:00:00', 'kemarin'])
    expect(() => readTime('--from', text, false)).toThrow('is no time')
})

test('datasets of a log source: surely, perhaps, never', () => {
  expect(shareOf('nginx.access', { category: 'webserver' })).toBe('all')
  expect(shareOf('sshd', { category: 'webserver' })).toBe('none')
  expect(shareOf('syslog', { product: 'linux', service: 'cron' })).toBe('some')
  expect(shareOf('cef', { category: 'antivirus' })).toBe('some')
  expect(shareOf('cef', { category: 'antivirus', product: 'windows' })).toBe('none')
  expect(shareOf('syslog', { service: 'a-service-of-the-future' })).toBe('some')
  expect(shareOf('ecs', { category: 'process_creation', product: 'linux' })).toBe('some')
  expect(shareOf('a.dataset.of.the.future', { category: 'webserver' })).toBe('some')
  expect(datasetsOf({ product: 'windows', category: 'registry_set' }).map(({ dataset }) => dataset)).toEqual([
    'windows.security',
    'windows.sysmon',
    'windows.powershell',
    'windows.system',
    'windows.other',
    'ecs',
    'json',
  ])
  expect(shareOf('windows.sysmon', { product: 'linux', category: 'process_creation' })).toBe('some')
  expect(shareOf('windows.security', { product: 'linux' })).toBe('none')
})

test('samples are spread over the matches, and the same each time', () => {
  const choose = () => {
    const tally = createTally(4)
    for (let n = 0; n < 10_000; n += 1)
      tally.add({
        timestamp: n * 60_000,
        region_code: '32',
        source_ip: `198.51.100.${n % 7}`,
        _stream: 's',
        _partition: 0,
        _offset: n,
      })
    return tally
  }
  const offsets = choose()
    .samples()
    .map(({ offset }) => offset)
  expect(offsets).toEqual(
    choose()
      .samples()
      .map(({ offset }) => offset),
  )
  expect(new Set(offsets).size).toBe(4)
  expect(Math.max(...offsets)).toBeGreaterThan(1_000)
  expect(
    choose()
      .rows()
      .reduce((sum, { matches }) => sum + matches, 0),
  ).toBe(10_000)
  expect(choose().rows()[1]).toMatchObject({ day: '1970-01-02', matches: 1_440, addresses: 7, more: false })
})
