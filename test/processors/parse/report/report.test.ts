import { describe, expect, test } from 'vitest'
import { createParse } from '../../../../processors/parse/index.ts'
import { emptyEvent } from '../../../../schemas/event.ts'
import { REPORT_FORMAT } from '../../../../schemas/raw-event.ts'
import type { ReportRecord } from '../../../../schemas/report.ts'

const parse = createParse()
const context = { receivedAt: Date.parse('2024-11-20T09:00:00Z'), zoneMinutes: 420, columns: [] }
const head = {
  receipt: 'LAP-32-K2M9Q-T7XW4-R',
  room: 'ruang-jabar',
  region: '32',
  zone: 'WIB',
  reported_at: '2024-11-20T08:00:00.123Z',
}
const incident: ReportRecord = {
  kind: 'incident',
  ...head,
  contact: { name: 'Rina', email: 'rina@jabar.example', phone: 'tel-0123456789abcdef' },
  description: 'sqlmap, UNION SELECT, <?php system($_GET["c"]); ?>',
  chronology: 'a\nb',
  impact: 'c',
  category: 'web_shell',
  asset: 'situs-jabar',
  severity: 'medium',
  discovered_at: '2024-11-20T06:15:00.000Z',
  iiv: true,
  iiv_due: '2024-11-21T06:15:00.000Z',
  personal_data: false,
  attachments: [{ name: 'shell.php', hash: 'kbcd'.repeat(16), bytes: 25 }],
}

function read(record: object, format: typeof REPORT_FORMAT | '' | 'json' = REPORT_FORMAT) {
  const event = emptyEvent()
  return { outcome: parse(JSON.stringify(record), format, event, context), event }
}

describe('a report', () => {
  test('in columns and fields', () => {
    const { outcome, event } = read(incident)
    expect(outcome).toEqual({ kind: 'ok' })
    expect(event).toMatchObject({
      timestamp: Date.parse(head.reported_at),
      dataset: 'siaga.report',
      event_category: 'threat',
      event_action: 'incident_report',
      event_outcome: 'unknown',
      event_code: head.receipt,
      // Vital infrastructure: high at least, though the room says medium.
      event_severity: 75,
      rule_name: 'Incident report: web_shell',
      asset_id: 'situs-jabar',
      file_name: 'shell.php',
      file_hash: 'a123'.repeat(16),
      user_name: '',
      source_ip: '',
      url_original: '',
    })
    expect(Object.fromEntries(event.fields)).toMatchObject({
      'siaga.report.receipt': head.receipt,
      'siaga.report.region': '32',
      'siaga.report.iiv': 'true',
      'siaga.report.iiv_due': '2024-11-21T06:15:00.000Z',
      'siaga.report.personal_data': 'false',
      'siaga.report.contact.phone': 'tel-0123456789abcdef',
    })
    expect(event.fields.has('siaga.report.personal_data_due')).toBe(false)
    expect(event.tags).toEqual([])
  })

  test('of nothing', () => {
    const { outcome, event } = read({ kind: 'nihil', ...head, due: '2024-11-20T13:00:00.000Z', late: false })
    expect(outcome).toEqual({ kind: 'ok' })
    expect(event).toMatchObject({
      dataset: 'siaga.report',
      event_action: 'nihil_report',
      event_category: '',
      event_severity: 0,
      rule_name: '',
    })
    expect(event.fields.get('siaga.report.due')).toBe('2024-11-20T13:00:00.000Z')
  })

  test('is believed only where the report collector named the format: anybody may write the same text', () => {
    expect(read(incident, '').event.dataset).toBe('json')
    expect(read(incident, 'json').event.dataset).toBe('json')
    expect(read({ 'event.dataset': 'siaga.report', '@timestamp': head.reported_at }, '').event.dataset).toBe('ecs')
  })

  test('that is none is poison', () => {
    expect(read({ ...incident, kind: 'other' }).outcome).toMatchObject({ kind: 'dlq', reason: 'format_mismatch' })
    expect(read({ ...incident, severity: 'worst' }).outcome).toMatchObject({ kind: 'dlq' })
  })
})
