// Does `siaga check` say what keeps people from being told, without a word of a secret?
import { expect, test } from 'vitest'
import { checkChannels } from '../../cli/check-alerts.ts'
import { Alerts } from '../../schemas/alerting.ts'
import { Room } from '../../schemas/room.ts'

const chat = {
  id: 'obrolan',
  kind: 'webhook',
  preset: 'slack',
  url: 'https://hooks.example/x',
  secret: { env: 'KUNCI' },
}
const room = (roster: object[]) => Room.parse({ id: 'pusat', region: '00', roster })
const parts = (alerts: object, rooms: Room[] = []) => ({ alerts: Alerts.parse(alerts), rooms })

test('a secret that is not set is a problem, by the name of its setting', () => {
  const { problems } = checkChannels(parts({ channels: [chat] }), {}, '/')
  expect(problems).toHaveLength(1)
  expect(problems[0]).toContain('KUNCI')
  const set = checkChannels(parts({ channels: [chat] }), { KUNCI: 'rahasia-benar' }, '/')
  expect(set.problems).toEqual([])
  expect(JSON.stringify(set)).not.toContain('rahasia-benar')
})

test('evidence that goes to a service of others is told, and nothing that stays', () => {
  const env = { KUNCI: 'x' }
  const about = (channel: object) =>
    checkChannels(parts({ channels: [channel], fallback: ['a'] }), env, '/').warnings.filter((text) =>
      /outside/.test(text),
    )
  expect(about(chat)).toHaveLength(1)
  expect(about({ ...chat, outside: true })).toEqual([])
  expect(about({ ...chat, preset: 'siaga' })).toEqual([])
})

test('channels with nobody to tell are told', () => {
  const nobody = (rooms: Room[], fallback: string[] = []) =>
    checkChannels(parts({ channels: [chat], fallback }, rooms), { KUNCI: 'x' }, '/').warnings.some((text) =>
      /no person is told/.test(text),
    )
  expect(nobody([])).toBe(true)
  expect(nobody([room([])])).toBe(true)
  expect(nobody([room([{ recipients: ['a'] }])])).toBe(false)
  expect(nobody([], ['a'])).toBe(false)
})
