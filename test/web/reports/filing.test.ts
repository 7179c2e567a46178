// Is a report from the page filed once, for the room of whoever sends it, and seen by those who may and by nobody else?
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { ReportDeskInfo, ReportDetail, ReportList, RoomDuties } from '../../../schemas/reports-api.ts'
import { insertRows } from './day.ts'
import { startPage, type Who } from './page.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 180_000 })

let page: Awaited<ReturnType<typeof startPage>>
beforeAll(async () => {
  page = await startPage()
})
afterAll(async () => {
  await page?.stop()
})

const form = () => ({
  contact: { name: 'Rina', phone: '0812-3456-7890' },
  category: 'web_defacement',
  severity: 'high',
  asset: 'situs-jabar',
  discovered_at: new Date(page.clock.now + 6 * 3_600_000).toISOString().slice(0, 16),
  description: 'Halaman depan diganti. NIK 3273014508880007 tampil.',
  chronology: 'Pukul delapan terlihat, lalu situs diturunkan.',
  impact: 'Situs tidak dapat dipakai.',
  iiv: true,
  personal_data: false,
  attachments: [],
})
const id = (name: string) => ({ 'idempotency-key': name })

test('the answer is lost and the page sends again: one report, one receipt', async () => {
  const body = form()
  const first = await page.ask('petugas jabar', '/api/reports/incident', body, id('draft-0001'))
  expect(first.status).toBe(201)
  // Nobody read that answer. The same draft comes twice more at once, and once after the report desk could have forgotten.
  const [a, b] = await Promise.all(
    [1, 2].map(() => page.ask('petugas jabar', '/api/reports/incident', body, id('draft-0001'))),
  )
  page.clock.now += 3 * 86_400_000
  const late = await page.ask('daerah jabar', '/api/reports/incident', body, id('draft-0001'))
  page.clock.now -= 3 * 86_400_000
  expect([a, b, late].map((answer) => [answer?.status, answer?.json.receipt])).toEqual(
    Array.from({ length: 3 }, () => [200, first.json.receipt]),
  )
  expect(page.writer.events).toHaveLength(1)
  expect(page.audit.filter(({ action }) => action === 'report_filed')).toMatchObject([
    { outcome: 'success', user: 'petugas-jabar', message: expect.stringContaining(first.json.receipt) },
  ])
})

test('two at once are one, and Kafka away means come again with the same id', async () => {
  const before = page.writer.events.length
  const body = form()
  page.writer.failures = 1
  const refused = await page.ask('petugas jabar', '/api/reports/incident', body, id('draft-0002'))
  expect([refused.status, refused.json.error, Number(refused.headers['retry-after'])]).toEqual([
    503,
    'KAFKA_UNAVAILABLE',
    5,
  ])
  const both = await Promise.all(
    [1, 2].map(() => page.ask('petugas jabar', '/api/reports/incident', body, id('draft-0002'))),
  )
  expect(both.map(({ status }) => status).sort()).toEqual([200, 201])
  expect(page.writer.events.length).toBe(before + 1)
})

test('another report under an id that was used is refused, and so is a form with gaps, field by field', async () => {
  const used = await page.ask('petugas jabar', '/api/reports/incident', { ...form(), impact: 'lain' }, id('draft-0001'))
  expect([used.status, used.json.error]).toEqual([409, 'IDEMPOTENCY_KEY_REUSED'])
  const { impact: _, ...gap } = form()
  const wrong = await page.ask(
    'petugas jabar',
    '/api/reports/incident',
    { ...gap, contact: { name: 'R' } },
    id('draft-0003'),
  )
  expect(wrong.status).toBe(422)
  expect(wrong.json.fields).toEqual(
    expect.arrayContaining([expect.objectContaining({ field: 'impact', pesan: 'belum diisi' })]),
  )
  const elsewhere = await page.ask(
    'petugas jabar',
    '/api/reports/incident',
    { ...form(), region: '31' },
    id('draft-0004'),
  )
  expect([elsewhere.status, elsewhere.json.error]).toEqual([403, 'REGION_OF_ANOTHER'])
  const nameless = await page.ask('petugas jabar', '/api/reports/incident', form(), id('x'))
  expect(nameless.status).toBe(400)
  // Nothing was remembered of a refused one: put right, it is filed under the same id.
  const right = await page.ask('petugas jabar', '/api/reports/incident', form(), id('draft-0003'))
  expect(right.status).toBe(201)
})

test('nihil counts for its due time, and the page is told that it is there', async () => {
  const before = ReportDeskInfo.parse((await page.ask('petugas bandung', '/api/reports/desk')).json)
  expect(before).toMatchObject({ files: true, region: '32.73', zone: 'WIB', due: { reported: false } })
  const key = id(`nihil-${before.due?.at}`)
  // A due time that is over cannot be met any more, one that comes can.
  page.clock.now = (before.due?.at ?? 0) - 3_600_000
  expect((await page.ask('petugas bandung', '/api/reports/nihil', {}, key)).status).toBe(201)
  expect((await page.ask('daerah bandung', '/api/reports/nihil', {}, key)).status).toBe(200)
  await page.land()
  const after = ReportDeskInfo.parse((await page.ask('petugas bandung', '/api/reports/desk')).json)
  expect(after.due).toMatchObject({ at: before.due?.at, reported: true })
  const duties = RoomDuties.parse((await page.ask('daerah jabar', '/api/reports/duties')).json)
  expect(duties.rooms.map(({ room }) => room).sort()).toEqual(['bandung', 'jabar'])
  expect(duties.rooms.find(({ room }) => room === 'bandung')?.last_report).not.toBeNull()
})

test('who sees it: the room, those above it, nobody beside or beneath; no session nothing', async () => {
  await page.land()
  const seenBy = async (who: Who) =>
    ReportList.parse((await page.ask(who, '/api/reports')).json).reports.map(({ room }) => room)
  expect(new Set(await seenBy('petugas jabar'))).toEqual(new Set(['jabar', 'bandung']))
  expect(new Set(await seenBy('pusat pusat'))).toEqual(new Set(['jabar', 'bandung']))
  expect(new Set(await seenBy('petugas bandung'))).toEqual(new Set(['bandung']))
  expect(await seenBy('petugas papua')).toEqual([])
  expect(await seenBy('petugas kpu-jabar')).toEqual([])
  const [own] = ReportList.parse((await page.ask('petugas jabar', '/api/reports?kind=incident')).json).reports
  const path = `/api/reports/item/${own?.receipt}`
  expect((await page.ask('petugas jabar', path)).status).toBe(200)
  expect((await page.ask('petugas bandung', path)).status).toBe(404)
  expect((await page.ask('analis jabar', path)).status).toBe(403)
  expect((await page.ask('analis jabar', '/api/reports/incident', form(), id('draft-0009'))).status).toBe(403)
  expect(
    (await page.ask('petugas jabar', '/api/reports/incident', form(), { ...id('draft-0010'), 'x-siaga-csrf': 'no' }))
      .status,
  ).toBe(403)
})

test('the detail says all of it, numbers as tokens, and how its alert stands', async () => {
  await page.land()
  const { reports } = ReportList.parse((await page.ask('petugas jabar', '/api/reports?kind=incident')).json)
  const one = reports.at(-1)
  if (one === undefined) throw new Error('no report')
  const seconds = (one.reported_at / 1000).toFixed(3)
  expect(one).toMatchObject({
    state: 'filed',
    severity: 'high',
    overdue: false,
    summary: expect.not.stringContaining('3273014508880007'),
  })
  const place = { region_code: '32', owner: 'pemda', severity: 'high', dedup_key: 'k-1' }
  await insertRows(page.pipeline, 'findings_rows', [
    {
      ...place,
      finding_id: 'f-1',
      rule_id: 'r',
      event_id: one.receipt,
      window_start: seconds,
      window_end: seconds,
      landed_at: seconds,
    },
  ])
  await insertRows(page.pipeline, 'alerts_rows', [
    {
      ...place,
      alert_id: 'a-1',
      status: 'in_work',
      title: 'Incident report',
      opened_at: seconds,
      first_seen: seconds,
      last_seen: seconds,
      assignee: 'Ani',
      case_id: 'c-1',
      version: 1,
    },
  ])
  const detail = ReportDetail.parse(
    (await page.ask('petugas jabar', `/api/reports/item/${one.receipt.toLowerCase()}`)).json,
  )
  expect(detail).toMatchObject({
    receipt: one.receipt,
    state: 'in_work',
    description: expect.stringMatching(/^Halaman depan diganti\. NIK nik-/),
    chronology: 'Pukul delapan terlihat, lalu situs diturunkan.',
    contact: { name: 'Rina', phone: expect.stringMatching(/^tel-/) },
    iiv: true,
    alerts: [{ id: 'a-1', status: 'in_work', assignee: 'Ani', case_id: 'c-1' }],
  })
  expect((detail.iiv_due ?? 0) - (detail.discovered_at ?? 0)).toBe(24 * 3_600_000)
  const open = ReportList.parse((await page.ask('petugas jabar', '/api/reports?open=1')).json)
  expect(open.reports.map(({ receipt }) => receipt)).toContain(one.receipt)
  await insertRows(page.pipeline, 'alerts_rows', [
    {
      ...place,
      alert_id: 'a-1',
      status: 'resolved',
      title: 'Incident report',
      opened_at: seconds,
      first_seen: seconds,
      last_seen: seconds,
      version: 2,
    },
  ])
  const rest = ReportList.parse((await page.ask('petugas jabar', '/api/reports?open=1')).json)
  expect(rest.reports.map(({ receipt }) => receipt)).not.toContain(one.receipt)
})
