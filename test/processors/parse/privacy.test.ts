// Can a reader bring back what the collector took out? Citizens' numbers are planted in every place of every format, in every writing, and
// taken the whole way: no column, field, finding or dead letter may hold them. Every writing in every place: privacy.long.test.ts.
import { expect, test } from 'vitest'
import { pass, plantEverywhere } from './privacy.ts'

test('nothing planted in any place of any format comes out', () => {
  const { count, found } = plantEverywhere(8)
  expect(count).toBeGreaterThan(10_000)
  expect(found.slice(0, 40)).toEqual([])
}, 120_000)

test('a command that the audit system wrote as hex holds the token when it has been decoded', () => {
  const hex = Buffer.from('php cek.php\0--nik\x003174066107600001\0--hp\x00081234567890').toString('hex').toUpperCase()
  const { event, sealed } = pass(
    Buffer.from(`type=PROCTITLE msg=audit(1732670163.123:456): proctitle=${hex}`),
    'auditd',
  )
  expect(event.process_command_line).toMatch(/^php cek\.php --nik nik-[0-9a-f]{16} --hp tel-[0-9a-f]{16}$/)
  expect(sealed.toString()).toMatch(/proctitle=[0-9A-F]+$/)
})

test('the user behind a domain of Windows is no escape', () => {
  const { event } = pass(
    Buffer.from('2024-11-27 01:16:03 192.0.2.1 GET / - 443 KPU\\3174066107600001 203.0.113.7 u - 200 0 0 15'),
    'iis',
  )
  expect(event.user_name).toMatch(/nik-[0-9a-f]{16}$/)
})
