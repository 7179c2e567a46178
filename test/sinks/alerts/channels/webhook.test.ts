import { createHmac, timingSafeEqual } from 'node:crypto'
import { afterEach, describe, expect, test } from 'vitest'
import { WebhookBody, WebhookInside, WebhookOutside } from '../../../../schemas/webhook.ts'
import { closeAll } from '../../../runtime/guard/serve.ts'
import { bodyBy, LINK, NOW, outgoing, receiver, SECRET, sendBy, TOKEN, withEvidence } from './outgoing.ts'

afterEach(closeAll)

describe('the preset siaga', () => {
  test('says everything about the alert, as the schema has it', async () => {
    const body = WebhookInside.strict().parse(await bodyBy('webhook', {}))
    expect(body).toMatchObject({
      version: 1,
      notification_id: 'n-1',
      reason: 'opened',
      outside: false,
      link: LINK,
      alert: {
        alert_id: 'a-1',
        status: 'open',
        severity: 'critical',
        score: 93,
        region: { code: '31.71', name: 'Jakarta Pusat (31.71)' },
        first_seen: '2024-11-27T00:59:00.000Z',
        last_seen: '2024-11-27T00:59:59.000Z',
        case_id: 'c-1',
        attack: ['T1505.003'],
        worst: [{ evidence: [{ field: 'url_path', value: '/uploads/x.php?cmd=id' }] }],
      },
    })
    expect(body.text).toContain('Webshell')
  })

  test('to outside says region, severity, title and link, and nothing else', async () => {
    const body = await bodyBy('webhook', { outside: true })
    expect(WebhookOutside.strict().parse(body)).toEqual({
      version: 1,
      notification_id: 'n-1',
      outside: true,
      severity: 'critical',
      region: { code: '31.71', name: 'Jakarta Pusat (31.71)' },
      title: 'KRITIS 31.71 Jakarta Pusat: Webshell dipanggil',
      link: LINK,
    })
  })

  test('says what a warning and a summary hold', async () => {
    const warning = {
      case_id: 'c-1',
      regions: 3,
      attack: ['T1190'],
      indicators: [{ type: 'ip', value: '192.0.2.7', tlp: 'amber' }],
      asset_kind: 'website',
    }
    const summary = { from: NOW - 86_400_000, to: NOW, counts: [{ reason: 'suppressed', detail: 's-1', findings: 12 }] }
    const of = (notification: object) => bodyBy('webhook', {}, { outgoing: outgoing({ notification }) })
    expect(WebhookBody.parse(await of({ reason: 'warning', warning }))).toMatchObject({ reason: 'warning', warning })
    expect(WebhookBody.parse(await of({ reason: 'summary', summary }))).toMatchObject({
      summary: { from: '2024-11-26T01:00:00.000Z', to: '2024-11-27T01:00:00.000Z', counts: summary.counts },
    })
  })

  test('is bounded, whatever the alert holds, and has no lone surrogates', async () => {
    const evidence = `\ud800${'ﷺ'.repeat(100_000)}`
    const many = withEvidence(evidence)
    const [worst] = many.notification.alert.worst
    if (worst === undefined) throw new Error('no finding')
    const alert = {
      ...many.notification.alert,
      worst: Array.from({ length: 1000 }, () => ({
        ...worst,
        evidence: Array.from({ length: 50 }, () => ({ field: 'f', value: evidence })),
      })),
      attack: Array.from({ length: 5000 }, (_, n) => `T${n}`),
    }
    const server = await receiver()
    await sendBy(
      'webhook',
      { url: server.origin },
      { outgoing: { ...many, notification: { ...many.notification, alert } } },
    )
    const { body = '' } = server.received[0] ?? {}
    expect(body.length).toBeLessThan(300_000)
    expect(body).not.toMatch(/\\ud[89a-f]/i)
    expect(WebhookBody.parse(JSON.parse(body)).outside).toBe(false)
  })
})

describe('a signature', () => {
  const signed = async (given: object, now = NOW) => {
    const server = await receiver()
    await sendBy('webhook', { url: server.origin, ...given }, { parts: { now: () => now } })
    return server.received[0]
  }

  test('can be checked by whoever has the secret', async () => {
    for (const preset of ['siaga', 'slack', 'mattermost', 'teams', 'alertmanager']) {
      const one = await signed({ preset, secret: { env: 'SECRET' } })
      const stamp = one?.headers['x-siaga-timestamp']
      expect(stamp).toBe(String(NOW / 1000))
      const expected = `v1=${createHmac('sha256', SECRET)
        .update(`${String(stamp)}.`)
        .update(one?.body ?? '')
        .digest('hex')}`
      expect(timingSafeEqual(Buffer.from(String(one?.headers['x-siaga-signature'])), Buffer.from(expected))).toBe(true)
    }
  })

  test('is made anew with the time of the attempt', async () => {
    const [first, second] = [
      await signed({ secret: { env: 'SECRET' } }),
      await signed({ secret: { env: 'SECRET' } }, NOW + 1000),
    ]
    expect(first?.body).toBe(second?.body)
    expect(first?.headers['x-siaga-signature']).not.toBe(second?.headers['x-siaga-signature'])
  })

  test('and a bearer token are only there where they are set', async () => {
    const bare = await signed({})
    expect(bare?.headers).not.toHaveProperty('x-siaga-signature')
    expect(bare?.headers).not.toHaveProperty('x-siaga-timestamp')
    expect(bare?.headers).not.toHaveProperty('authorization')
    expect((await signed({ token: { env: 'TOKEN' } }))?.headers.authorization).toBe(`Bearer ${TOKEN}`)
  })
})
