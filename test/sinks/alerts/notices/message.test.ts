import { expect, test } from 'vitest'
import { loadReference } from '../../../../runtime/reference.ts'
import type { Notification } from '../../../../schemas/alert.ts'
import { Alerts } from '../../../../schemas/alerting.ts'
import { createRenderer } from '../../../../sinks/alerts/render.ts'
import { finding, HOUR, sent, tokens } from './rig.ts'

const reference = loadReference({ calendars: [] }, '.')
const alerts = Alerts.parse({
  public_url: 'https://dalam.example',
  channels: [
    { id: 'pos', kind: 'email', host: 'mail.example', from: 'siaga@siaga.example' },
    { id: 'tele', kind: 'telegram', token: { env: 'TOKEN' } },
    { id: 'berkas', kind: 'file', path: 'x' },
  ],
  recipients: [{ id: 'piket', channel: 'berkas' }],
})
const render = createRenderer(
  { alerts, rooms: [], assets: [] },
  reference,
  () => new Map(),
  (id, contact) => `https://tanggap.example/n/${tokens.token(id, contact)}`,
)

function toldAfter(do_: (made: ReturnType<typeof sent>) => void): Notification[] {
  const made = sent()
  const before = made.offers.length
  do_(made)
  return made.offers.slice(before).filter(({ notice }) => notice !== undefined)
}

test('a contact reads what was found, where, since when, what to do, until when, and where to answer; in their language', () => {
  const made = sent()
  const [budi, sari] = made.offers.filter(({ notice }) => notice !== undefined)
  if (budi === undefined || sari === undefined) throw new Error('two are told')
  const { message, recipient } = render(budi)
  const link = `https://tanggap.example/n/${tokens.token(made.notice()?.notice_id ?? '', 0)}`
  expect(recipient).toMatchObject({ name: 'Budi', to: 'budi@pemda.example', language: 'id' })
  expect(message.link).toBe(link)
  for (const word of [
    'Pemberitahuan kepada pemilik: Isi situs diubah',
    'Kabupaten Bandung (32.04)',
    'Situs Kabupaten (situs), pemda',
    'Sejak 2026-11-23 12:00:00 WIB',
    '2026-11-26 12:00:00 WIB',
    'Mohon segera.',
    link,
  ])
    expect(message.text).toContain(word)
  expect(message.html).toContain(`href="${link}"`)
  expect(JSON.stringify(message)).not.toMatch(/RAHASIA-BUKTI|dalam\.example/)
  expect(message.short.endsWith(link)).toBe(true)
  // By a channel that leaves government networks: four facts in English, and a link of her own.
  const other = render(sari).message
  expect(other.parts).toEqual([])
  expect(other.text).toContain('Kabupaten Bandung (32.04)')
  expect(other.link).toBe(`https://tanggap.example/n/${tokens.token(made.notice()?.notice_id ?? '', 1)}`)
  expect(other.text).not.toMatch(/Mohon segera|Situs Kabupaten|Protected site/)
})

test('a reminder says that it is one; a failed check says what was found again', () => {
  const [reminder] = toldAfter((made) => made.tick(24 * HOUR))
  expect(reminder && render(reminder).message.text).toContain('pengingat ke-1')
  const [failed, , room] = toldAfter((made) => {
    made.press('fixed')
    made.tick(HOUR)
    made.findings([finding(made.now())])
  })
  expect(failed && render(failed).message.text).toContain('pemeriksaan sesudahnya menemukan hal yang sama')
  const told = room && render(room)
  expect(told?.recipient?.id).toBe('piket')
  expect(told?.message.title).toContain('Belum pulih')
  // A room gets the link of the alert, never that of the owner.
  expect(told?.message.link).toMatch(/^https:\/\/dalam\.example\/alerts\/A-/)
  expect(told?.message.text).toContain('Telepon pemilik sistem')
})

test('a room that hears of silence is told whom to phone, and never gets the key of the owner', () => {
  const told = toldAfter((made) => made.tick(48 * HOUR)).filter(({ reason }) => reason === 'notice_silent')
  const messages = told.map((one) => render(one).message)
  expect(messages).toHaveLength(1)
  expect(messages[0]?.text).toContain('Telepon pemilik sistem sekarang')
  expect(JSON.stringify(messages)).not.toContain('/n/')
})
