import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadConfig } from '../../runtime/config.ts'
import { checkAlerts, contactProblems } from '../../runtime/config-alerts.ts'
import { pathText } from '../../runtime/config-problems.ts'
import { Config } from '../../schemas/config.ts'

const good = {
  alerts: {
    channels: [
      { id: 'surat', kind: 'email', host: 'mail.example', from: 'siaga@kpu.example' },
      { id: 'bot', kind: 'telegram', token: { env: 'BOT_TOKEN' } },
      { id: 'pesan', kind: 'sms', url: 'https://sms.example/send' },
      { id: 'siem', kind: 'file', path: 'siem.ndjson' },
    ],
    recipients: [
      { id: 'piket', channel: 'surat', to: 'piket@kpu.example' },
      { id: 'kepala', channel: 'bot', to: '-100123' },
      { id: 'telepon', channel: 'pesan', to: '+62 811-000-111' },
      { id: 'arsip', channel: 'siem' },
    ],
    fallback: ['kepala'],
    forward: [{ channel: 'siem', regions: ['32'] }],
  },
  rooms: [{ id: 'jabar', region: '32', roster: [{ recipients: ['piket', 'arsip'] }] }],
}

function problemsOf(input: unknown): string[] {
  const found: string[] = []
  const unknownRegion = (code: string) => (code === '32' ? undefined : `names region ${code}, which does not exist`)
  checkAlerts(Config.parse(input), unknownRegion, (path, message) => found.push(`${pathText(path)} ${message}`))
  return found
}

test('what fits together has no problems', () => {
  expect(problemsOf(good)).toEqual([])
  expect(problemsOf({})).toEqual([])
})

test.each([
  [
    'a recipient of the roster',
    {
      ...good,
      rooms: [{ id: 'jabar', region: '32', roster: [{ recipients: ['piket'] }, { recipients: ['arsip', 'pikte'] }] }],
    },
    'rooms[0].roster[1].recipients[1] names recipient "pikte", which does not exist; did you mean `piket`?',
  ],
  [
    'a fallback',
    { ...good, alerts: { ...good.alerts, fallback: ['kepala', 'xyz'] } },
    'alerts.fallback[1] names recipient "xyz", which does not exist',
  ],
  [
    'a channel that is forwarded to',
    { ...good, alerts: { ...good.alerts, forward: [{ channel: 'siam' }] } },
    'alerts.forward[0].channel names channel "siam", which does not exist; did you mean `siem`?',
  ],
  [
    'a region that is forwarded',
    { ...good, alerts: { ...good.alerts, forward: [{ channel: 'siem', regions: ['32', '39'] }] } },
    'alerts.forward[0].regions[1] names region 39, which does not exist',
  ],
  [
    'the channel of a recipient',
    {
      ...good,
      alerts: { ...good.alerts, recipients: [...good.alerts.recipients, { id: 'z', channel: 'bto', to: '1' }] },
    },
    'alerts.recipients[4].channel names channel "bto", which does not exist; did you mean `bot`?',
  ],
  [
    'an address that is none',
    {
      ...good,
      alerts: { ...good.alerts, recipients: [...good.alerts.recipients, { id: 'z', channel: 'surat', to: 'Ani' }] },
    },
    'alerts.recipients[4].to must be an e-mail address: `surat` is a channel of the kind email',
  ],
  [
    'a phone number that is missing',
    { ...good, alerts: { ...good.alerts, recipients: [...good.alerts.recipients, { id: 'z', channel: 'pesan' }] } },
    'alerts.recipients[4].to must be a phone number: `pesan` is a channel of the kind sms',
  ],
  [
    'one recipient twice',
    { ...good, alerts: { ...good.alerts, recipients: [...good.alerts.recipients, { id: 'piket', channel: 'siem' }] } },
    'alerts.recipients[4].id is the id of another recipient',
  ],
  [
    'one channel twice',
    {
      ...good,
      alerts: { ...good.alerts, channels: [...good.alerts.channels, { id: 'siem', kind: 'file', path: 'y' }] },
    },
    'alerts.channels[4].id is the id of another channel',
  ],
])('%s is reported where it stands', (_, input, problem) => {
  expect(problemsOf(input)).toEqual([problem])
})

test('the configuration is refused with line and column, and something wrong is no second mistake where it is named', () => {
  const folder = mkdtempSync(join(tmpdir(), 'siaga-config-'))
  const load = (text: string) => () => {
    writeFileSync(join(folder, 'siaga.yaml'), text)
    return loadConfig({ cwd: folder, env: {} })
  }
  try {
    expect(load('alerts:\n  fallback: [piket]\n')).toThrow(
      'siaga.yaml:2:14 alerts.fallback[0] names recipient "piket", which does not exist.',
    )
    const halfWrong = load('alerts:\n  recipients: [{id: piket, chanel: x}]\n  fallback: [piket]\n')
    expect(halfWrong).toThrow('recipients[0]')
    expect(halfWrong).not.toThrow('fallback')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('contacts of assets must be reachable: the channel exists, and the address is one of its kind', () => {
  const { channels } = Config.parse(good).alerts
  const problems = (contact: object) => {
    const { assets } = Config.parse({ assets: [{ id: 'situs', contacts: [contact] }] })
    return Array.isArray(assets) ? assets.flatMap((asset) => contactProblems(asset, channels)) : []
  }
  expect(problems({ channel: 'surat', to: 'budi@pemda.example' })).toEqual([])
  expect(problems({ channel: 'siem' })).toEqual([])
  expect(problems({ channel: 'surat', to: '0811' })).toEqual([
    'must have an e-mail address in `to`: `surat` is a channel of the kind email',
  ])
  expect(problems({ channel: 'kurir', to: 'x' })).toEqual(['names channel "kurir", which does not exist'])
})

test('a contact who cannot be reached is told with its line', () => {
  const folder = mkdtempSync(join(tmpdir(), 'siaga-contacts-'))
  try {
    writeFileSync(join(folder, 'siaga.yaml'), 'assets:\n  - id: situs\n    contacts: [{channel: kurir, to: x}]\n')
    expect(() => loadConfig({ env: {}, cwd: folder })).toThrow(/siaga\.yaml:3.*kurir/s)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
