// Is every hunt whole, does it run on the real schema, and does it find the attack and leave what looks like one?
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { type Hunt, parseHunt, readHunts, SHIPPED_HUNTS } from '../../../cli/hunt/read.ts'
import { huntValues } from '../../../cli/hunt/values.ts'
import { SHIPPED_RULES } from '../../../cli/worker/rules.ts'
import { ruleFiles } from '../../../processors/detect/sigma/load.ts'
import { type ClickHouse, createClickHouse } from '../../../runtime/clickhouse.ts'
import { mayRead } from '../../../runtime/scope.ts'
import { blocksOf, readDocument } from '../../docs/markdown.ts'
import { cases } from './cases.ts'
import { beginOf, fill, type HuntCase, type HuntRig, places, rooms, startHuntRig } from './rig.ts'

const { hunts, problems } = readHunts([SHIPPED_HUNTS])
const all = [...hunts.values()]
const now = Math.floor(Date.now() / 1000) * 1000

/** Techniques that no rule of ours names, with their names. */
const furtherTechniques: Readonly<Record<string, string>> = {
  'T1021.001': 'Remote Services: Remote Desktop Protocol',
  'T1021.002': 'Remote Services: SMB/Windows Admin Shares',
  'T1021.006': 'Remote Services: Windows Remote Management',
  'T1053.005': 'Scheduled Task/Job: Scheduled Task',
  'T1070.001': 'Indicator Removal: Clear Windows Event Logs',
  'T1071.001': 'Application Layer Protocol: Web Protocols',
  'T1114.003': 'Email Collection: Email Forwarding Rule',
  T1573: 'Encrypted Channel',
  T1029: 'Scheduled Transfer',
  T1030: 'Data Transfer Size Limits',
}

let rig: HuntRig
let reader: ClickHouse
beforeAll(async () => {
  rig = await startHuntRig()
  reader = createClickHouse(rig.reader)
  await fill(rig.admin, cases, now)
}, 120_000)
afterAll(async () => {
  await reader?.close()
  await rig?.stop()
})

describe('the shipped hunts', () => {
  test('are many, and each of them can be used', () => {
    expect(problems).toEqual([])
    expect(all.length).toBeGreaterThanOrEqual(40)
  })

  test('name techniques that there are', () => {
    const known = new Set(Object.keys(furtherTechniques))
    for (const file of ruleFiles(SHIPPED_RULES)) {
      for (const [, technique = ''] of readFileSync(file, 'utf8').matchAll(/attack\.(t\d{4}(?:\.\d{3})?)/g))
        known.add(technique.toUpperCase())
    }
    expect(
      all.flatMap(({ id, attack }) => attack.filter((one) => !known.has(one)).map((one) => `${id} ${one}`)),
    ).toEqual([])
  })

  test('bound what they read by time, and those of regions by the sort key', () => {
    for (const { id, query, scope } of all) {
      expect(query, id).toMatch(/\{since:DateTime\('UTC'\)\}/)
      expect(query, id).toMatch(/\{until:DateTime\('UTC'\)\}/)
      if (scope === 'regional')
        expect(query, id).toMatch(/startsWith\((?:\w+\.)?region_code, concat\(\{region:String\}, '\.'\)\)/)
    }
  })
})

const Rows = z.record(z.string(), z.unknown())

test('regional hunts on events are pruned by the sort key: region and time', async () => {
  const explained = all.filter(({ scope, query }) => scope === 'regional' && query.includes('FROM siaga.events'))
  expect(explained.length).toBeGreaterThan(40)
  for (const hunt of explained) {
    const { params } = huntValues(hunt, { params: { region: '32.73' } }, now)
    const lines = await reader.rows(z.object({ explain: z.string() }), `EXPLAIN indexes = 1 ${hunt.query}`, params)
    const plan = lines.map(({ explain }) => explain.replace(/^[│├└─\s]+/, '')).join('\n')
    const [, read = ''] = /ReadFromMergeTree \(siaga\.events\)([\s\S]*?)(?=ReadFromMergeTree|$)/.exec(plan) ?? []
    const [, condition = ''] = /PrimaryKey\nKeys:[\s\S]*?Condition: (.*)/.exec(read) ?? []
    expect(condition, `${hunt.id}: ${plan}`).toContain('region_code')
    expect(condition, hunt.id).toContain('timestamp')
  }
})

async function run(client: ClickHouse, hunt: Hunt, one: HuntCase | undefined, more: Record<string, string> = {}) {
  const index = one === undefined ? -1 : cases.indexOf(one)
  const begin = one === undefined ? now - 86_400_000 : beginOf(one, index, now)
  const { params } = huntValues(hunt, { params: { ...one?.params, ...more } }, begin + (one?.hours ?? 24) * 3_600_000)
  const since = new Date(begin).toISOString().slice(0, 19).replace('T', ' ')
  return await client.rows(Rows, hunt.query, { ...params, since })
}

test.each(all.map((hunt) => ({ id: hunt.id, hunt })))(
  '$id runs with its defaults and answers the columns it says',
  async ({ hunt }) => {
    const { params } = huntValues(hunt, {}, now)
    const described = await reader.rows(z.object({ name: z.string() }), `DESCRIBE (${hunt.query})`, params)
    expect(described.map(({ name }) => name)).toEqual(hunt.columns)
    expect(Array.isArray(await run(reader, hunt, undefined))).toBe(true)
  },
)

const tried = cases.map((one) => ({ ...one, one, found: hunts.get(one.hunt) }))

test('at least half of the hunts are tried on an attack', () => {
  expect(tried.filter(({ found }) => found === undefined)).toEqual([])
  expect(new Set(tried.map(({ hunt }) => hunt)).size).toBeGreaterThanOrEqual(25)
  expect(cases.filter(({ finds }) => finds.length === 0)).toEqual([])
})

test.each(tried)('$hunt finds $finds and nothing that only looks like it', async ({ one, found, finds }) => {
  if (found === undefined) throw new Error('no such hunt')
  const here = found.scope === 'regional' && found.types.has('region') && !one.rows.some((row) => 'region_code' in row)
  const rows = await run(reader, found, one, here ? { region: places[0].region_code } : {})
  expect([...new Set(rows.map(({ entity }) => String(entity)))].sort()).toEqual([...finds].sort())
})

describe('rows of regional hunts', () => {
  const regional = tried.filter(({ found }) => found?.scope === 'regional')

  test.each(regional)('$hunt: a room finds what it may read of what the centre finds', async ({ one, found }) => {
    if (found === undefined) throw new Error('no such hunt')
    const centre = await run(reader, found, one)
    expect(centre.length).toBeGreaterThan(0)
    for (const room of rooms) {
      const allowed = centre.filter(({ region_code, owner }) =>
        mayRead(room, { region_code: String(region_code), owner: String(owner) }),
      )
      expect(stable(await run(rig.as(room.id), found, one)), room.id).toEqual(stable(allowed))
    }
  })
})

/** Whose, who, and every number: which examples of many are shown is chance. */
function stable(rows: readonly Record<string, unknown>[]): string[] {
  return rows
    .map((row) =>
      JSON.stringify(
        Object.entries(row).filter(
          ([name, value]) => typeof value === 'number' || ['region_code', 'owner', 'entity'].includes(name),
        ),
      ),
    )
    .sort()
}

describe('docs/hunts.md', () => {
  const page = readDocument('docs/hunts.md')

  test('lists every hunt', () => {
    const row = ({ id, title, attack }: Hunt): string =>
      `| \`${id}\` | ${title.id} | ${title.en} | ${attack.join(' ')} |`
    expect(all.filter((hunt) => !page.includes(row(hunt))).map(({ id }) => id)).toEqual([])
    const listed = [...page.matchAll(/^\| `([a-z][a-z0-9_]*)` \|/gm)].map(([, id = '']) => id)
    expect(listed.filter((id) => !hunts.has(id))).toEqual([])
  })

  test('shows a hunt that can be used, and queries that run', async () => {
    const blocks = blocksOf(page)
    const shown = blocks.find(({ language }) => language === 'text')?.text ?? ''
    const hunt = parseHunt(shown, 'failed_vpn_at_night.sql')
    if (typeof hunt === 'string') throw new Error(hunt)
    expect(await run(reader, hunt, undefined)).toEqual([])
    const queries = blocks.filter(({ language }) => language === 'sql')
    expect(queries.length).toBeGreaterThan(1)
    for (const { text } of queries) expect(await reader.rows(Rows, text)).toEqual([])
  })
})
