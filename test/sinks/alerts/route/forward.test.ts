import { expect, test } from 'vitest'
import type { Severity } from '../../../../schemas/detection.ts'
import { closings, forwards } from '../../../../sinks/alerts/route/forward.ts'
import { sampleAlert } from '../lifecycle/sample.ts'
import { settingsOf } from './watch.ts'

const file = (id: string) => ({ id, kind: 'file', path: 'x' })
const settings = settingsOf([], {
  channels: [
    file('arsip'),
    file('siem'),
    file('pd'),
    { id: 'telegram', kind: 'telegram', token: { env: 'TELEGRAM_TOKEN' } },
    { id: 'sms', kind: 'sms', url: 'https://sms.example' },
    { id: 'surat', kind: 'email', host: 'mail.example', from: 'siaga@kpu.example' },
  ],
  forward: [
    { channel: 'arsip', severity: 'informational' },
    { channel: 'siem', regions: ['32', '91.71'], severity: 'high', closed: false },
    // Twice the same channel is one message.
    { channel: 'siem', regions: ['32.73'], severity: 'critical' },
    { channel: 'pd', severity: 'critical' },
  ],
})

test.each([
  ['32.73', 'low', 'arsip', 'arsip'],
  ['32.73', 'high', 'arsip siem', 'arsip'],
  ['32', 'high', 'arsip siem', 'arsip'],
  ['33.73', 'high', 'arsip', 'arsip'],
  ['91', 'high', 'arsip', 'arsip'],
  ['91.71', 'high', 'arsip siem', 'arsip'],
  ['', 'critical', 'arsip pd', 'arsip pd'],
  ['32.73', 'critical', 'arsip siem pd', 'arsip siem pd'],
] as [string, Severity, string, string][])('region %j, %s: %s; closed: %s', (region_code, severity, opened, closed) => {
  const alert = sampleAlert({ region_code, severity, version: 7, changed_at: 9_000 })
  const channels = (change: 'opened' | 'closed') =>
    forwards(settings, alert, change)
      .map(({ channel }) => channel)
      .join(' ')
  expect([channels('opened'), channels('closed')]).toEqual([opened, closed])
})

test('a forwarded page says why, and is another one with each version of the alert', () => {
  const asks = [...sampleAlert().asks, { at: 8_000, reason: 'stage', severity: 'high' } as const]
  const alert = sampleAlert({ asks, version: 3, changed_at: 8_000 })
  const [page] = forwards(settings, alert, 'changed')
  expect(page).toEqual({
    key: 'changed-3|forward||arsip',
    room: '',
    level: '',
    recipient: '',
    channel: 'arsip',
    reason: 'stage',
    due_at: 8_000,
  })
  expect(forwards(settings, { ...alert, version: 4 }, 'changed')[0]?.key).toBe('changed-4|forward||arsip')
})

test('who was told hears once that it is closed, and nobody’s phone rings for it', () => {
  const told = [
    { room: 'kota', level: 'kabupaten', recipient: 'ani', channel: 'surat' },
    { room: 'provinsi', level: 'provinsi', recipient: 'ani', channel: 'surat' },
    { room: 'kota', level: 'kabupaten', recipient: 'budi', channel: 'telegram' },
    { room: 'kota', level: 'kabupaten', recipient: 'citra', channel: 'sms' },
    { room: '', level: '', recipient: '', channel: 'arsip' },
  ] as const
  const pages = (status: 'resolved' | 'open' | 'merged') =>
    closings(settings, sampleAlert({ status, version: 5, changed_at: 9_000 }), told)
  expect(pages('resolved')).toEqual([
    {
      key: 'closed-5|closed|kota|ani',
      room: 'kota',
      level: 'kabupaten',
      recipient: 'ani',
      channel: 'surat',
      reason: 'closed',
      due_at: 9_000,
    },
  ])
  expect([...pages('open'), ...pages('merged')]).toEqual([])
})
