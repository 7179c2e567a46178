// What must every rollup withstand while rows land? The tests, in a small and a large size.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { quote } from '../../runtime/clickhouse.ts'
import type { Event } from '../../schemas/event.ts'
import { openRollupLab, plan, type RollupLab, type RollupSize, streamsOf } from './rollups-compared.ts'
import { land, landAll, type Page, pagesOf } from './rollups-landing.ts'

/** Every rollup says what the raw rows say, whatever happens while rows land. */
export function landingTests({ questions, streams, pages: each, rows }: RollupSize): void {
  let lab: RollupLab
  beforeAll(async () => {
    lab = await openRollupLab(questions)
  })
  afterAll(() => lab?.close())

  test('those that this project has are found, each behind the one that it reads', () => {
    const names = lab.rollups.map(({ target }) => target)
    for (const known of [
      'source_minutes',
      'ingest_lag',
      'entity_risk_hours',
      'activity_minutes',
      'activity_hours',
      'top_hours',
    ])
      expect(names).toContain(known)
    expect(names.indexOf('activity_hours')).toBeGreaterThan(names.indexOf('activity_minutes'))
    for (const { columns, slot } of lab.rollups)
      expect(columns.map(({ name }) => name)).toEqual(expect.arrayContaining(['events', '_stream', '_partition', slot]))
  })

  test('late events, several streams and partitions at once, and every page twice', async () => {
    const pages = pagesOf(plan(11, { streams, pages: each }))
    await landAll(lab.pipeline, pages)
    await lab.expectEqual(pages)
    await Promise.all([landAll(lab.pipeline, pages), landAll(lab.pipeline, pages, true)])
    expect(await lab.landed(pages)).toBe(pages.length * 60)
    await lab.expectEqual(pages)
  })

  test('a view that refuses its rows while the others take theirs', async () => {
    const pages: Page[] = []
    for (const [at, { target }] of lab.rollups.entries()) {
      await lab.admin.command(`ALTER TABLE siaga.${target} ADD CONSTRAINT refused CHECK _stream NOT LIKE '%-stream-0'`)
      const mended: Promise<void>[] = []
      const mend = () => {
        if (mended.length === 0) mended.push(lab.admin.command(`ALTER TABLE siaga.${target} DROP CONSTRAINT refused`))
      }
      const own = pagesOf(plan(100 + at, { streams: 1, pages: 2 }))
      for (const page of own) await land(lab.pipeline, page, false, mend)
      await Promise.all(mended)
      expect(mended, `${target} refused nothing`).toHaveLength(1)
      pages.push(...own)
    }
    await lab.expectEqual(pages)
  })

  test('rows that a rollup lost or has twice are made good when their range is in doubt', async () => {
    const pages: Page[] = []
    for (const [at, { target, columns }] of lab.rollups.entries()) {
      const own = pagesOf(plan(200 + at, { streams: 1, pages: 2 }))
      await landAll(lab.pipeline, own)
      const mine = `_stream = ${quote(streamsOf(own)[0] ?? '')}`
      const names = columns.map(({ name }) => name).join(', ')
      if (at % 2 === 0)
        await lab.admin.command(`ALTER TABLE siaga.${target} DELETE WHERE ${mine}`, {}, { mutations_sync: 2 })
      else
        await lab.admin.command(
          `INSERT INTO siaga.${target} (${names}) SELECT ${names} FROM siaga.${target} WHERE ${mine}`,
        )
      await landAll(lab.pipeline, own, true)
      pages.push(...own)
    }
    await lab.expectEqual(pages)
  })

  test('a landing process that is killed, and the owner after it', async () => {
    // Enough of them that it has not ended before it is killed.
    const killed = plan(31, { streams, pages: each + 4, rows })
    const pages = pagesOf(killed)
    const access = JSON.stringify({ url: lab.services.clickhouse.url, ...lab.services.clickhouse.users.pipeline })
    const child = fork(join(import.meta.dirname, 'rollups-process.ts'), [access, JSON.stringify(killed)], {
      stdio: 'inherit',
    })
    let told = 0
    child.on('message', () => {
      told += 1
      if (told === 7) child.kill('SIGKILL')
    })
    const [, signal] = await once(child, 'exit')
    expect(signal).toBe('SIGKILL')
    // The next owner begins with the page that was on its way; here all are said again.
    await landAll(lab.pipeline, pages, true)
    expect(await lab.landed(pages)).toBe(pages.length * rows)
    await lab.expectEqual(pages)
  })

  test('a server that is killed while rows land', async () => {
    const pages = pagesOf(plan(41, { streams, pages: each + 4, rows }))
    let told = 0
    await landAll(lab.pipeline, pages, false, () => {
      told += 1
      if (told === 5 || told === 15) lab.services.embedded.clickhouse?.kill('SIGKILL')
    })
    expect(await lab.landed(pages)).toBe(pages.length * rows)
    await lab.expectEqual(pages)
  })

  test('severities, errors and what the busiest values leave out, by another way than the views', async () => {
    const pages = pagesOf(plan(61, { streams: 1 }))
    await landAll(lab.pipeline, pages)
    const events = pages.flatMap(({ events: rows }) => rows)
    const mine = `_stream = ${quote(streamsOf(pages)[0] ?? '')}`
    const [activity] = await lab.admin.rows(
      z.record(z.string(), z.coerce.number()),
      `SELECT sum(events) AS total, sumIf(events, severity = 'medium') AS medium, sumIf(events, severity = 'none') AS none, sum(http_errors) AS http_errors,
         sum(failures) AS failures, sum(alerts_score) AS alerts, max(score_max) AS highest FROM siaga.activity_hours WHERE ${mine}`,
    )
    const count = (is: (event: Event) => boolean): number => events.filter(is).length
    expect(activity).toEqual({
      total: events.length,
      medium: count(({ score }) => score >= 40 && score < 70),
      none: count(({ score }) => score < 20),
      http_errors: count(({ http_status_code }) => http_status_code >= 500),
      failures: count(({ event_outcome }) => event_outcome === 'failure'),
      alerts: count(({ score }) => score >= 70),
      highest: Math.max(...events.map(({ score }) => score)),
    })
    const tops = await lab.admin.rows(
      z.object({ kind: z.string(), value: z.string(), n: z.coerce.number(), points: z.coerce.number() }),
      `SELECT kind, value, sum(events) AS n, sum(points) AS points FROM siaga.top_hours WHERE ${mine} GROUP BY kind, value`,
    )
    const expectTop = (kind: string, value: string, is: (event: Event) => boolean): void => {
      const points = events.filter(is).reduce((sum, { score }) => sum + (score >= 20 ? score : 0), 0)
      const n = count(is)
      expect(tops.filter((top) => top.kind === kind && top.value === value)).toEqual(
        n === 0 ? [] : [{ kind, value, n, points }],
      )
    }
    const proven = (event: Event): boolean =>
      (event.score >= 20 || event.event_category === 'authentication') &&
      event.event_category !== 'network' &&
      !['udp', 'icmp'].includes(event.network_transport) &&
      !['loopback', 'link_local'].includes(event.source_scope)
    expectTop('source_ip', '203.0.113.9', (event) => event.source_ip === '203.0.113.9' && proven(event))
    expectTop(
      'source_ip',
      '2400:9800:1:2::/64',
      (event) => event.source_ip.startsWith('2400:9800:1:2::') && proven(event),
    )
    for (const name of ['root', 'u'.repeat(64)]) expectTop('user_name', name, (event) => event.user_name === name)
    for (const path of ['/hasil', `/${'p'.repeat(127)}`])
      expectTop('url_path', path, (event) => event.url_path === path && [200, 500].includes(event.http_status_code))
    expectTop('source_asn', '7713', ({ source_asn }) => source_asn === 7713)
    for (const { kind, value } of tops) {
      expect(value).not.toBe('')
      expect(value.length).toBeLessThanOrEqual({ source_ip: 45, user_name: 64, url_path: 128 }[kind] ?? 10)
    }
  })
}
