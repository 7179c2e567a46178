// What is wrong with a hunt, and does its writer learn it? Heads, parameters, times, and the command line around them.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { type Hunt, parseHunt, readHunts, SHIPPED_HUNTS } from '../../../cli/hunt/read.ts'
import { huntValues, spanMs } from '../../../cli/hunt/values.ts'
import { siagaMany } from '../run.ts'

const file = join(SHIPPED_HUNTS, 'dns_tunnel.sql')
const good = readFileSync(file, 'utf8')

/** The shipped hunt with one text in place of another. */
function changed(from: string | RegExp, to: string): string | Hunt {
  const text = good.replace(from, to)
  expect(text).not.toBe(good)
  return parseHunt(text, file)
}

function hunt(): Hunt {
  const read = parseHunt(good, file)
  if (typeof read === 'string') throw new Error(read)
  return read
}

describe('a file of a hunt', () => {
  test('gives head, statement, types and limit', () => {
    const { id, query, types, limit } = hunt()
    expect({ id, limit, names: types.get('names'), since: types.get('since') }).toEqual({
      id: 'dns_tunnel',
      limit: 200,
      names: 'UInt32',
      since: "DateTime('UTC')",
    })
    expect(query.startsWith('SELECT')).toBe(true)
    expect(query).not.toContain('-- ')
  })

  test.each<[string, string | RegExp, string, string]>([
    ['no head', /^-- ---\n/, '', 'must begin with a head'],
    ['a head that is no YAML', '-- category: network', '-- category: [', 'not YAML'],
    ['a word that heads do not have', '-- category: network', '-- category: network\n-- colour: red', 'colour'],
    ['a subject that there is not', '-- category: network', '-- category: dapur', 'category'],
    ['a technique that is none', 'T1071.004', 'TA0011', 'attack'],
    ['another id than its file', '-- id: dns_tunnel', '-- id: dns_lain', 'dns_lain.sql'],
    [
      'a parameter that is not declared',
      '{names:UInt32}',
      '{nams:UInt32}',
      'nams is not declared in its head; did you mean names?',
    ],
    ['a parameter that is not used', '{label:Float64}', '25', 'label is declared and not used'],
    ['no beginning', "e.timestamp >= {since:DateTime('UTC')} AND ", '', 'must use {since:'],
    ['times of another type', "{since:DateTime('UTC')}", '{since:String}', 'must use {since:'],
    ['no limit', /\nLIMIT 200/, '', 'must end in LIMIT'],
    ['a limit without bounds', 'LIMIT 200', 'LIMIT 200000', 'must end in LIMIT'],
    ['no order', /\nORDER BY bytes_estimate DESC/, '', 'ORDER BY'],
    ['two statements', 'SELECT\n', 'SELECT 1;\nSELECT\n', 'one statement'],
    ['a statement that writes', 'SELECT\n', 'INSERT INTO siaga.events SELECT\n', 'must be a SELECT'],
    ['settings', 'LIMIT 200', 'SETTINGS max_threads = 1 LIMIT 200', 'SETTINGS'],
    ['owners left out', 'columns: [region_code, owner,', 'columns: [region_code,', 'region_code and owner'],
  ])('with %s says so', (_, from, to, reason) => {
    expect(changed(from, to)).toContain(reason)
  })

  test('of a comment that hides a parameter is not taken for a use of it', () => {
    expect(changed('LIMIT 200', '-- {names:UInt32}\nLIMIT 200')).toMatchObject({ id: 'dns_tunnel' })
    expect(parseHunt(good.replace('{label:Float64}', '25 /* {label:Float64} */'), file)).toContain(
      'label is declared and not used',
    )
  })
})

describe('folders', () => {
  const own = mkdtempSync(join(tmpdir(), 'siaga-hunts-'))
  afterAll(() => rmSync(own, { recursive: true }))
  writeFileSync(join(own, 'dns_tunnel.sql'), good)
  writeFileSync(join(own, 'dns_milik_kami.sql'), good.replace('-- id: dns_tunnel', '-- id: dns_milik_kami'))
  writeFileSync(join(own, 'rusak.sql'), 'SELECT 1')

  test('of an operator add to the shipped ones and replace none of them', () => {
    const { hunts, problems } = readHunts([SHIPPED_HUNTS, own])
    expect(hunts.get('dns_milik_kami')?.file).toBe(join(own, 'dns_milik_kami.sql'))
    expect(hunts.get('dns_tunnel')?.file).toBe(file)
    expect(problems.map(({ reason }) => reason)).toEqual([
      'another hunt has the id dns_tunnel',
      'it must begin with a head between two lines `-- ---`',
    ])
  })

  test('that are not there are told', () => {
    expect(readHunts([join(own, 'tidak-ada')]).problems[0]?.reason).toContain('cannot be read')
  })

  test('are used by the command line, and its mistakes are answered with what to do', async () => {
    const config = join(own, 'siaga.yaml')
    writeFileSync(
      config,
      `hunts:\n  dir: .\n  schedule:\n    - { id: dns_tunel, cron: '0 * * * *' }\n    - { id: dns_tunnel, cron: '5 * * * *', params: { nams: 3 } }\n`,
    )
    const lines = [
      ['hunt', 'list', '--tag', 'T1568', '--lang', 'en'],
      ['hunt', 'list', '--tag', 'T1071', '--json'],
      ['hunt', 'show', 'dns_milik_kami', '--lang', 'id'],
      ['hunt', 'show', 'dns_tunel'],
      ['hunt', 'run', 'dns_tunnel', '--param', 'nams=3'],
      ['hunt', 'run', 'dns_tunnel', '--since', 'kemarin'],
      ['hunt', 'run', 'same_tool_many_regions', '--region', '32'],
      ['hunt', 'run', 'dns_tunnel', '--keep'],
      ['hunt', 'schedule', '--lang', 'en'],
      ['check'],
    ].map((line) => ['--config', config, ...line])
    const [list, json, show, unknown, parameter, time, region, nobody, schedule, check] = await siagaMany(lines, {
      cwd: own,
    })
    expect(list?.stdout).toContain('dns_generated_names')
    expect(list?.stdout).not.toContain('dns_tunnel')
    expect(JSON.parse(json?.stdout ?? '').map(({ id }: { id: string }) => id)).toContain('dns_milik_kami')
    expect(show?.stdout).toContain('Salah duga yang lazim')
    for (const [run, text] of [
      [unknown, 'Mungkin dns_tunnel?'],
      [parameter, 'no parameter nams; names?'],
      [time, 'is not a time'],
      [region, 'cannot be limited to a region'],
      [nobody, '--keep --by sari'],
    ] as const) {
      expect(run?.code).toBe(2)
      expect(run?.stderr).toContain(text)
      expect(run?.stdout).toBe('')
    }
    expect(schedule?.stdout).toContain('dns_tunel ✗')
    expect(check?.code).toBe(1)
    expect(check?.stderr).toContain('there is no hunt `dns_tunel`; did you mean `dns_tunnel`?')
    expect(check?.stderr).toContain('has no parameter nams')
    expect(check?.stderr).toContain('rusak.sql is not used')
  })
})

describe('values of a run', () => {
  const now = Date.UTC(2024, 10, 27, 3, 0, 0)

  test('are the defaults, and the window ends now', () => {
    const { params, own, from, to } = huntValues(hunt(), {}, now)
    expect(params).toMatchObject({
      since: '2024-11-26 03:00:00',
      until: '2024-11-27 03:00:00',
      region: '',
      names: '50',
    })
    expect(to - from).toBe(86_400_000)
    expect(Object.keys(own)).toEqual(['region', 'names', 'label', 'known'])
  })

  test('are read as people write them: spans, and times of a zone', () => {
    const wish = { since: '2024-11-26 00:00 WIT', until: '2024-11-27 08:00', params: { names: 3 } }
    expect(huntValues(hunt(), wish, now).params).toMatchObject({
      since: '2024-11-25 15:00:00',
      until: '2024-11-27 01:00:00',
      names: '3',
    })
    expect(huntValues(hunt(), { since: '90m' }, now).params.since).toBe('2024-11-27 01:30:00')
    expect(['30m', '24h', '7d', '0h', '5w', ''].map(spanMs)).toEqual([
      1_800_000,
      86_400_000,
      604_800_000,
      undefined,
      undefined,
      undefined,
    ])
  })

  test.each([{ since: '2024-11-28' }, { since: '1969-01-01' }, { until: 'besok' }, { params: { lain: 1 } }])(
    '%j is refused',
    (wish) => {
      expect(() => huntValues(hunt(), wish, now)).toThrow()
    },
  )
})
