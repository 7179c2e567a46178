// Are rows of scheduled hunts kept once, and does a room read its own alone?
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { runId } from '../../../cli/hunt/keep.ts'
import { readHunts, SHIPPED_HUNTS } from '../../../cli/hunt/read.ts'
import { huntValues } from '../../../cli/hunt/values.ts'
import { huntJobs } from '../../../cli/start/hunts.ts'
import { Hunts } from '../../../schemas/hunt.ts'
import { keepRows } from '../../../sinks/clickhouse/hunt-results.ts'
import { siagaMany } from '../run.ts'
import { every, fill, type HuntCase, type HuntRig, startHuntRig } from './rig.ts'

const guessing: HuntCase = {
  hunt: 'account_under_siege',
  recent: true,
  finds: ['user:ketua'],
  rows: every(25, 5, 600, (n) => ({
    event_category: 'authentication',
    event_outcome: 'failure',
    user_name: 'ketua',
    source_ip: `192.0.2.${n + 1}`,
  })),
}
const across: HuntCase = {
  hunt: 'campaign_across_regions',
  recent: true,
  finds: ['source_ip:203.0.113.5'],
  rows: ['32.73', '31.71', '35.78'].map((region_code) => ({
    table: 'findings_rows',
    region_code,
    entity: 'source_ip:203.0.113.5',
    score: 70,
    at: 700,
  })),
}
const now = Math.floor(Date.now() / 1000) * 1000
const Kept = z.object({
  hunt: z.string(),
  region_code: z.string(),
  owner: z.string(),
  entity: z.string(),
  number: z.number(),
  row: z.string(),
})
const kept =
  'SELECT hunt, region_code, owner, entity, number, row FROM siaga.hunt_results ORDER BY hunt, region_code, owner, number'
const Run = z.object({
  hunt: z.string(),
  rows: z.number(),
  error: z.string(),
  run_by: z.string(),
  read_rows: z.number(),
})
const runs = 'SELECT hunt, rows, error, run_by, read_rows FROM siaga.hunt_runs ORDER BY hunt, finished_at'

let rig: HuntRig
let dir = ''
beforeAll(async () => {
  rig = await startHuntRig()
  await fill(rig.admin, [guessing, across], now)
  dir = await mkdtemp(join(tmpdir(), 'siaga-hunts-'))
  await writeFile(join(dir, 'rusak.sql'), broken('rusak', 'kolom_yang_tidak_ada'))
  await writeFile(
    join(dir, 'menulis.sql'),
    broken('menulis', 'user_name').replace('SELECT', 'INSERT INTO siaga.events SELECT'),
  )
}, 120_000)
afterAll(async () => {
  await rig?.stop()
  if (dir !== '') await rm(dir, { recursive: true })
})

function broken(id: string, column: string): string {
  const text = { id: 'uji', en: 'test' }
  const head = {
    id,
    title: text,
    category: 'siaga',
    attack: ['T1078'],
    scope: 'central',
    window: '24h',
    finds: text,
    matters: text,
    action: text,
    usual: text,
    columns: [column],
  }
  const yaml = Object.entries(head).map(([name, value]) => `-- ${name}: ${JSON.stringify(value)}`)
  const span = "timestamp >= {since:DateTime('UTC')} AND timestamp < {until:DateTime('UTC')}"
  return ['-- ---', ...yaml, '-- ---', `SELECT ${column} FROM siaga.events WHERE ${span} ORDER BY 1 LIMIT 5`].join('\n')
}

function jobsOf(...ids: string[]) {
  const said: string[] = []
  const log = pino({ level: 'warn' }, { write: (line: string) => void said.push(line) })
  const hunts = Hunts.parse({ dir, schedule: ids.map((id) => ({ id, cron: '0 * * * *' })) })
  const jobs = huntJobs({ config: { hunts }, baseDir: '/', reader: rig.reader, clickhouse: rig.pipeline, log })
  return { jobs, said }
}

const occasion = () => ({ at: now + 1_000, signal: new AbortController().signal })

test('a hunt that runs twice for the same time keeps its rows once', async () => {
  const { jobs } = jobsOf('account_under_siege', 'campaign_across_regions')
  await Promise.all(jobs.map((job) => job.run(occasion())))
  const first = await rig.pipeline.rows(Kept, kept)
  expect(
    first.map(({ hunt, region_code, owner, entity, number }) => [hunt, region_code, owner, entity, number]),
  ).toEqual([
    ['account_under_siege', '31.71', 'kpu', 'user:ketua', 1],
    ['account_under_siege', '31.71', 'pemda', 'user:ketua', 1],
    ['account_under_siege', '32.73', 'kpu', 'user:ketua', 1],
    ['campaign_across_regions', '', '', 'source_ip:203.0.113.5', 1],
  ])
  expect(JSON.parse(first[0]?.row ?? '')).toMatchObject({ region_code: '31.71', addresses: 25, failures: 25 })
  await Promise.all(jobs.map((job) => job.run(occasion())))
  expect(await rig.pipeline.rows(Kept, kept)).toEqual(first)
  const told = await rig.pipeline.rows(Run, runs)
  expect(told.map(({ hunt, rows, error, run_by }) => [hunt, rows, error, run_by])).toEqual([
    ['account_under_siege', 3, '', 'schedule'],
    ['campaign_across_regions', 1, '', 'schedule'],
  ])
  expect(told.every(({ read_rows }) => read_rows > 0)).toBe(true)
})

test('broken off behind its rows, it comes again: those of the first time stay, once', async () => {
  const { jobs } = jobsOf('account_under_siege')
  const at = now + 121_000
  const hunt = readHunts([SHIPPED_HUNTS]).hunts.get('account_under_siege')
  if (hunt === undefined) throw new Error('no such hunt')
  const { from, to, own, params } = huntValues(hunt, {}, at)
  const run = { id: runId(hunt.id, at, params), hunt: hunt.id, at, from, to, by: 'schedule', params: own }
  const row = { region_code: '32.73', owner: 'kpu', entity: 'user:pertama' }
  expect(await keepRows(rig.pipeline, run, [row], true)).toBe(1)
  for (const job of jobs) await job.run({ ...occasion(), at })
  const rows = (await rig.pipeline.rows(Kept, kept)).filter(({ entity }) => entity === 'user:pertama')
  expect(rows).toHaveLength(1)
  const told = (await rig.pipeline.rows(Run, runs)).filter(({ hunt }) => hunt === 'account_under_siege')
  expect(told.map(({ rows, error }) => [rows, error])).toEqual([
    [3, ''],
    [1, ''],
  ])
  await rig.admin.command(
    "ALTER TABLE siaga.hunt_results DELETE WHERE entity = 'user:pertama' SETTINGS mutations_sync = 1",
  )
})

test('another time is another run', async () => {
  const { jobs } = jobsOf('campaign_across_regions')
  for (const job of jobs) await job.run({ ...occasion(), at: now + 61_000 })
  const rows = (await rig.pipeline.rows(Kept, kept)).filter(({ hunt }) => hunt === 'campaign_across_regions')
  expect(rows).toHaveLength(2)
  expect(runId('a', now, { since: '1' })).not.toBe(runId('a', now, { since: '2' }))
})

test('a room reads rows of its region and of the owners that it may see, and nothing across regions', async () => {
  const places = async (room: string) =>
    (await rig.as(room).rows(Kept, kept)).map(({ region_code, owner }) => `${region_code} ${owner}`)
  expect(await places('jabar')).toEqual(['32.73 kpu'])
  expect(await places('dki')).toEqual(['31.71 pemda'])
  expect(new Set(await places('pusat'))).toEqual(new Set(['31.71 kpu', '31.71 pemda', '32.73 kpu', ' ']))
  await expect(rig.as('jabar').rows(Run, runs)).rejects.toThrow('Not enough privileges')
  expect(await rig.as('pusat').rows(Run, runs)).not.toEqual([])
})

test('a hunt that fails is kept with the reason, the job says so, and nothing can be written by one', async () => {
  const { jobs, said } = jobsOf('rusak', 'menulis', 'tidak_ada')
  expect(jobs.map(({ name }) => name.split(' ')[1])).toEqual(['rusak'])
  expect(said.filter((line) => line.includes('a scheduled hunt is not run'))).toHaveLength(2)
  await expect(jobs[0]?.run(occasion())).rejects.toThrow('kolom_yang_tidak_ada')
  const [told] = (await rig.pipeline.rows(Run, runs)).filter(({ hunt }) => hunt === 'rusak')
  expect(told?.error).toContain('kolom_yang_tidak_ada')
  expect(told?.rows).toBe(0)
})

test('the command line runs hunts, counts what all of them find, and keeps rows under a name', async () => {
  const url = new URL(rig.services.clickhouse.url)
  const { username, password } = rig.services.clickhouse.users.pipeline
  url.username = username
  url.password = encodeURIComponent(password)
  const env = { CLICKHOUSE_URL: url.href, SIAGA_LANG: 'en' }
  const lines = [
    ['hunt', 'run', 'account_under_siege', '--region', '32'],
    ['hunt', 'run', 'account_under_siege', '--param', 'addresses=26', '--format', 'JSONEachRow'],
    ['hunt', 'run', 'campaign_across_regions', '--format', 'json'],
    ['hunt', 'run-all', '--tag', 'login'],
    ['hunt', 'run', 'account_under_siege', '--keep', '--by', 'sari'],
    ['hunt', 'history', 'account_under_siege', '--format', 'JSON'],
  ]
  const [one, none, json, all, kept, history] = await siagaMany(lines, { cwd: dir, env })
  expect([one, none, json, all, kept, history].map((run) => [run?.code, run?.stderr])).toEqual(
    lines.map((_, at) => [0, at === 3 ? expect.any(String) : '']),
  )
  const [header = '', ...rows] = one?.stdout.trim().split('\n') ?? []
  expect(header.split('\t').slice(0, 3)).toEqual(['region_code', 'owner', 'entity'])
  expect(rows.map((row) => row.split('\t').slice(0, 3))).toEqual([['32.73', 'kpu', 'user:ketua']])
  expect(none?.stdout).toBe('')
  expect(JSON.parse(json?.stdout ?? '').data).toMatchObject([{ entity: 'source_ip:203.0.113.5', provinces: 3 }])
  expect(all?.stdout).toMatch(/account_under_siege +3 /)
  expect(all?.stdout).toMatch(/impossible_travel +0 /)
  expect(kept?.stdout).toMatch(/^account_under_siege-\d{8}T\d{6}Z-[0-9a-f]{12}\t3\n$/)
  const runs: { run_by: string }[] = JSON.parse(history?.stdout ?? '').data
  expect(runs.map(({ run_by }) => run_by)).toContain('sari')
})
