// Does the page for citizens hold figures of the nation and advice, and nothing of addresses, assets, sources, users, rules or places?
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { dailyJob, dailyParts } from '../../../cli/start/daily.ts'
import { type ClickHouse, createClickHouse } from '../../../runtime/clickhouse.ts'
import { dayBounds, dayOf } from '../../../runtime/local-day.ts'
import { loadReference } from '../../../runtime/reference.ts'
import { Config } from '../../../schemas/config.ts'
import { coarse, PublicData } from '../../../schemas/public.ts'
import { makeDue } from '../../../sinks/daily/make.ts'
import { publicData } from '../../../sinks/public/data.ts'
import { type OwnServices, startOwnServices } from '../../services.ts'
import { DAY, eventOf, HOUR, insertRows, landPages, rooms } from './day.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 180_000 })

const { assets: _, ...plain } = Config.parse({ calendars: ['pilkada-2024'], rooms })
const reference = loadReference(plain, '.')
/** What must not be read there, in every column that could bring it. */
const planted = {
  source_id: 'planted-source',
  asset_id: 'planted-asset',
  user_name: 'planted-user',
  user_target_name: 'planted-target',
  source_ip: '203.0.113.77',
  destination_ip: '198.51.100.77',
  url_path: '/planted-path',
  url_domain: 'planted.example',
  host_name: 'planted-host',
  rule_ids: ['planted-rule'],
  rule_name: 'planted-signature',
  message: 'planted-message',
  owner: 'planted-owner',
}
const now = dayBounds(dayOf(Date.now(), 'WIB'), 'WIB').begins + 7 * HOUR
const EVENTS = 137

let services: OwnServices
let admin: ClickHouse
let pipeline: ClickHouse
let folder = ''
beforeAll(async () => {
  services = await startOwnServices({ kafka: false, migrated: true })
  const { url, users } = services.clickhouse
  admin = createClickHouse({ url, ...users.admin })
  pipeline = createClickHouse({ url, ...users.pipeline })
  folder = await mkdtemp(join(tmpdir(), 'siaga-public-'))
  const pages = Array.from({ length: 10 }, (_, n) => {
    const at = Math.floor((now - (10 - n) * DAY) / 1000) * 1000
    return Array.from({ length: EVENTS }, (_, row) => {
      const columns = {
        ...planted,
        timestamp: at - row,
        event_id: `p-${n}-${row}`,
        region_code: '32',
        event_category: 'authentication',
        event_outcome: 'failure',
      }
      return { event: eventOf(columns), ingestedAt: at }
    })
  })
  await landPages(pipeline, pages, 'public')
  const opened = ((now - 3 * DAY) / 1000).toFixed(3)
  await insertRows(
    pipeline,
    'alerts_rows',
    Array.from({ length: 7 }, (_, n) => ({
      alert_id: `planted-alert-${n}`,
      title: 'planted-title',
      severity: 'critical',
      region_code: '32',
      entity: 'source_ip:203.0.113.77',
      opened_at: opened,
      first_seen: opened,
      last_seen: opened,
      version: 1,
    })),
  )
})
afterAll(async () => {
  await Promise.all([admin, pipeline].map((client) => client?.close()))
  await services?.stop()
  await rm(folder, { recursive: true, force: true })
})

const run = (public_dir: string, at = now) =>
  dailyJob({
    config: { ...plain, web: { ...plain.web, public_dir } },
    baseDir: folder,
    reference,
    clickhouse: pipeline,
  }).run({
    at,
    signal: new AbortController().signal,
  })

test('nothing is written unless a folder is named, or before a whole week was reported on', async () => {
  expect(Config.parse({}).web.public_dir).toBe('')
  await makeDue(dailyParts({ config: plain, reference, clickhouse: pipeline }), now - 4 * DAY)
  await run('')
  expect(await readdir(folder)).toEqual([])
  expect(await publicData(pipeline, now - 4 * DAY, 2)).toBeUndefined()
})

test('it holds coarse sums of a week that ended days ago, and no word that came with the events', async () => {
  await makeDue(dailyParts({ config: plain, reference, clickhouse: pipeline }), now)
  await run('umum')
  expect((await readdir(join(folder, 'umum'))).sort()).toEqual(['data.json', 'index.html', 'style.css'])
  const read = (name: string) => readFile(join(folder, 'umum', name), 'utf8')
  const data = PublicData.parse(JSON.parse(await read('data.json')))
  expect(data).toEqual({
    version: 1,
    until: dayOf(now - 2 * DAY, 'WIB'),
    days: 7,
    figures: { events: coarse(7 * EVENTS), failed_logins: coarse(7 * EVENTS), alerts_opened: 0, alerts_closed: 0 },
  })
  expect(data.figures.events).toBe(900)
  const all = (await Promise.all(['data.json', 'index.html', 'style.css'].map(read))).join('\n')
  for (const word of ['planted', '203.0.113', '198.51.100', String(7 * EVENTS), String(EVENTS)])
    expect(all).not.toContain(word)
  // Provinces are never named with a weakness, because they are never named.
  for (const { name } of reference.regions.values()) expect(all.includes(name), name).toBe(false)
  expect(all).not.toMatch(/\b\d{1,3}(?:\.\d{1,3}){3}\b|https?:|<script|onclick|src=/)
  // What changes from day to day is dates and figures: without digits and months two pages are the same.
  const shape = (text: string) =>
    text.replaceAll(/[\d.,]+|lebih dari|kurang dari|more than|fewer than/g, '').replaceAll(/\p{Lu}\p{L}+/gu, '')
  const before = await read('index.html')
  await makeDue(dailyParts({ config: plain, reference, clickhouse: pipeline }), now + DAY)
  await run('umum', now + DAY)
  const after = await read('index.html')
  expect(after).not.toBe(before)
  expect(shape(after).replaceAll(/\s+/g, ' ')).toBe(shape(before).replaceAll(/\s+/g, ' '))
})

test('a figure is one digit and its size; a handful does not show', () => {
  expect([0, 1, 9, 10, 19, 99, 100, 1_234_567, Number.NaN].map(coarse)).toEqual([
    0, 0, 0, 10, 10, 90, 100, 1_000_000, 0,
  ])
  expect(
    PublicData.safeParse({
      version: 1,
      until: '2024-11-27',
      days: 7,
      figures: { events: 12, failed_logins: 0, alerts_opened: 0, alerts_closed: 0 },
    }).success,
  ).toBe(false)
})
