import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { createNoticeCheck } from '../../../cli/start/notices.ts'
import { migrate } from '../../../deploy/clickhouse/migrate.ts'
import { type ClickHouse, createClickHouse } from '../../../runtime/clickhouse.ts'
import type { AlertRequest } from '../../../schemas/alert.ts'
import { CHECK_AFTER_MS, type Notice } from '../../../schemas/notice.ts'
import { rowOf } from '../../../sinks/clickhouse/alert-rows.ts'
import { getServices } from '../../services.ts'
import { DEFACED, HOUR, sent, tokens } from '../alerts/notices/rig.ts'

let admin: ClickHouse
let pipeline: ClickHouse
beforeAll(async () => {
  const { clickhouse } = await getServices()
  admin = createClickHouse({ url: clickhouse.url, ...clickhouse.users.admin })
  pipeline = createClickHouse({ url: clickhouse.url, ...clickhouse.users.pipeline })
  await migrate(admin)
})
afterAll(async () => {
  await admin?.close()
  await pipeline?.close()
})

async function insert(table: string, rows: readonly object[]): Promise<void> {
  await pipeline.insert({
    statement: `INSERT INTO siaga.${table} FORMAT JSONEachRow`,
    body: [Buffer.from(rows.map((row) => JSON.stringify(row)).join('\n'))],
    queryId: `test-${randomBytes(8).toString('hex')}`,
    settings: { input_format_skip_unknown_fields: 0 },
    timeoutMs: 30_000,
  })
}

test('every step is a row, the view holds the last; no address, no token', async () => {
  const made = sent()
  made.tick(HOUR)
  made.press('received')
  made.press('answer', '"<b>\u0000\ud800 jawaban')
  made.press('fixed')
  const id = `P-${randomBytes(6).toString('hex')}`
  const rows = made.log.flatMap((entry) =>
    entry.kind === 'notice' ? [rowOf({ ...entry, notice: { ...entry.notice, notice_id: id } })] : [],
  )
  expect(new Set(rows.map(({ table }) => table))).toEqual(new Set(['notices_rows']))
  const encoded = rows.map(({ row }) =>
    JSON.parse(JSON.stringify(row, (_, value) => (typeof value === 'string' ? value.toWellFormed() : value))),
  )
  // Landed twice, as after a crash.
  await insert('notices_rows', encoded)
  await insert('notices_rows', encoded)
  const steps = await admin.rows(
    z.object({ step: z.string(), step_by: z.string(), step_from: z.string() }),
    `SELECT step, step_by, step_from FROM siaga.notice_steps WHERE notice_id = {id:String} ORDER BY version`,
    { id },
  )
  expect(steps.map(({ step, step_by }) => `${step} ${step_by}`)).toEqual([
    'sent orang bandung',
    'received Budi',
    'answered Budi',
    'fixed Budi',
  ])
  const [last, ...others] = await admin.rows(
    z.record(z.string(), z.unknown()),
    'SELECT * FROM siaga.notices WHERE notice_id = {id:String}',
    { id },
  )
  expect(others).toEqual([])
  expect(last).toMatchObject({ state: 'fixed', asset_id: 'situs', owner: 'pemda', by_probe: 1, checked_at: null })
  expect(String(last?.answers)).toContain('jawaban')
  const whole = JSON.stringify(last)
  expect(whole).not.toContain('budi@pemda.example')
  expect(whole).not.toContain(tokens.hash('P-1', 0))
})

describe('a claim', () => {
  const fixed_at = Math.floor(Date.now() / 1000) * 1000 - 30 * 60_000
  const seen = (minutes: number, changed: object = {}) => ({
    event_id: randomBytes(8).toString('hex'),
    timestamp: ((fixed_at + minutes * 60_000) / 1000).toFixed(3),
    dataset: 'siaga.probe',
    event_action: 'page_probe',
    ...changed,
  })
  /** What Siaga asks for after these were seen; and what was looked at. */
  async function check(events: readonly object[], changed: Partial<Notice> = {}, findings: readonly object[] = []) {
    const asset_id = `aset-${randomBytes(6).toString('hex')}`
    if (events.length > 0)
      await insert(
        'events',
        events.map((event) => ({ ...event, asset_id })),
      )
    if (findings.length > 0)
      await insert(
        'findings_rows',
        findings.map((one) => ({ ...one, asset_id })),
      )
    const made = sent()
    made.press('fixed')
    const base = made.notice()
    if (base === undefined) throw new Error('there is a notice')
    const notice: Notice = { ...base, notice_id: asset_id, asset_id, fixed_at, ...changed }
    const asked: AlertRequest[] = []
    const looked: string[] = []
    const run = createNoticeCheck({
      board: {
        ready: Promise.resolve(),
        notices: () => [notice],
        noticeOf: () => undefined,
        async ask(request) {
          asked.push(request)
          return undefined
        },
      },
      clickhouse: pipeline,
      look: async (asset) => looked.push(asset) > 0,
      now: () => fixed_at + 20 * 60_000,
    })
    await run()
    await run()
    return { asked: asked.length, looked: looked.length, last: asked.at(-1) }
  }

  test('is verified once everything that was probed before has been seen after it, without a finding', async () => {
    const names = { event_action: 'dns_probe' }
    const { asked, looked, last } = await check([seen(-5), seen(-5, names), seen(5), seen(5, names)])
    expect([asked, looked]).toEqual([2, 1])
    expect(last).toMatchObject({ kind: 'notice', what: 'verified', fixed_at, actor: { name: 'siaga', room: '' } })
    const missing = await check([seen(-5), seen(-5, names), seen(5)])
    expect([missing.asked, missing.looked]).toEqual([0, 1])
  })

  test.each<[string, readonly object[], Partial<Notice>, readonly object[]]>([
    ['nothing was probed', [], {}, []],
    ['the last probe was before it', [seen(-1)], {}, []],
    ['the probe may have begun before it', [seen(CHECK_AFTER_MS / 120_000)], {}, []],
    ['the site did not answer', [seen(5, { fields: { 'siaga.probe.failure': 'timeout' } })], {}, []],
    ['it was found again', [seen(5), seen(6, { rule_ids: [DEFACED] })], {}, []],
    ['no probe ever found it', [seen(5)], { by_probe: false }, []],
    ['nobody claims it', [seen(5)], { state: 'answered' }, []],
    ['it is a minute old', [seen(5)], { fixed_at: fixed_at + 20 * 60_000 - CHECK_AFTER_MS }, []],
    [
      'a correlation has found it again',
      [seen(5)],
      {},
      [
        {
          finding_id: randomBytes(8).toString('hex'),
          rule_id: DEFACED,
          window_end: ((fixed_at + 300_000) / 1000).toFixed(3),
          landed_at: (Date.now() / 1000).toFixed(3),
        },
      ],
    ],
  ])('is not verified when %s', async (_name, events, changed, findings) => {
    expect((await check(events, changed, findings)).asked).toBe(0)
  })

  test('is not held up by what was found before it, or by another rule', async () => {
    const { asked } = await check([seen(-1, { rule_ids: [DEFACED] }), seen(5, { rule_ids: ['another'] })])
    expect(asked).toBe(2)
  })
})
