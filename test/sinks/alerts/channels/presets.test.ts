import { afterEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { closeAll } from '../../../runtime/guard/serve.ts'
import { bodyBy, type Changes, LINK, NOW, outgoing, receiver, sendBy, TOKEN } from './outgoing.ts'

afterEach(closeAll)

const long = 'x&<>😀'.repeat(20_000)
const large: Changes = {
  message: {
    title: long,
    region: long,
    text: long,
    parts: Array.from({ length: 100 }, (_, n) => ({
      label: `${n} ${long}`,
      lines: Array.from({ length: 50 }, () => long),
    })),
  },
}
const outside = { outside: true }

/** Words of the message that may not leave government networks. */
const inner = ['x.php', '192.0.2.7', 'situs-kpu', 'webshell', 'T1505', 'Bukti', 'Kapan', 'KPU', 'c-1', '93']
const expectBrief = (body: unknown): void => {
  const text = JSON.stringify(body)
  for (const word of inner) expect(text).not.toContain(word)
  for (const word of ['Jakarta Pusat', 'Webshell dipanggil']) expect(text).toContain(word)
}

describe('slack', () => {
  // docs.slack.dev: text objects, header, section; 50 blocks.
  const Plain = (most: number) =>
    z.strictObject({ type: z.literal('plain_text'), emoji: z.literal(false), text: z.string().min(1).max(most) })
  const Block = z.union([
    z.strictObject({ type: z.literal('header'), text: Plain(150) }),
    z.strictObject({ type: z.literal('section'), fields: z.array(Plain(2000)).min(1).max(10) }),
    z.strictObject({ type: z.literal('section'), text: Plain(3000) }),
    z.strictObject({
      type: z.literal('section'),
      text: z.strictObject({ type: z.literal('mrkdwn'), verbatim: z.literal(true), text: z.string().min(1).max(3000) }),
    }),
  ])
  const Body = z.strictObject({
    text: z.string().min(1),
    mrkdwn: z.literal(false),
    link_names: z.literal(false),
    unfurl_links: z.literal(false),
    unfurl_media: z.literal(false),
    blocks: z.array(Block).min(1).max(50),
  })
  const of = async (changes: Changes = {}, given = {}) =>
    Body.parse(await bodyBy('webhook', { preset: 'slack', ...given }, { outgoing: outgoing(changes) }))

  test('gets blocks of plain text and one link', async () => {
    const { blocks } = await of()
    expect(blocks[0]).toMatchObject({ text: { text: 'KRITIS 31.71 Jakarta Pusat: Webshell dipanggil' } })
    expect(blocks.at(-1)).toMatchObject({ text: { text: `<${LINK}|Buka di Siaga>` } })
    expect(JSON.stringify(blocks)).toContain('/uploads/x[.]php?cmd=id')
  })

  test('stays within its limits, and takes a message without anything', async () => {
    await of(large)
    const empty = { title: '', severity: '', region: '', link: '', parts: [], text: '', short: '' }
    const { blocks } = Body.omit({ text: true }).parse(
      await bodyBy('webhook', { preset: 'slack' }, { outgoing: outgoing({ message: empty }) }).then((body) =>
        Object.fromEntries(
          Object.entries(z.record(z.string(), z.unknown()).parse(body)).filter(([key]) => key !== 'text'),
        ),
      ),
    )
    expect(blocks).toHaveLength(1)
  })

  test('outside: region, severity, title and link', async () => {
    expectBrief(await of({}, outside))
  })

  test.each([
    [200, 'ok', 'delivered'],
    [400, 'invalid_payload', 'refused'],
    [403, 'action_prohibited', 'retry'],
    [404, 'no_service', 'retry'],
    [410, 'channel_is_archived', 'retry'],
    [429, '', 'retry'],
    [500, 'rollup_error', 'retry'],
  ])('answers %i %s', async (status, text, kind) => {
    const { origin } = await receiver((response) => response.writeHead(status).end(text))
    expect(await sendBy('webhook', { preset: 'slack', url: origin })).toMatchObject({ kind })
  })
})

describe('mattermost', () => {
  // developers.mattermost.com: message attachments.
  const Body = z.strictObject({
    text: z.literal(''),
    attachments: z.tuple([
      z.strictObject({
        fallback: z.string().min(1).max(300),
        color: z.string().regex(/^#[0-9a-f]{6}$/),
        text: z.string().min(1).max(16_383),
      }),
    ]),
  })
  const of = async (changes: Changes = {}, given = {}) =>
    Body.parse(await bodyBy('webhook', { preset: 'mattermost', ...given }, { outgoing: outgoing(changes) }))

  test('gets words that are escaped, evidence in blocks of code, and one link', async () => {
    const { text } = (await of()).attachments[0]
    expect(text).toContain('**KRITIS 31\\.71 Jakarta Pusat\\: Webshell dipanggil**')
    expect(text).toContain('```\n/uploads/x[.]php?cmd=id\nsource_ip 192.0.2.7\n```')
    expect(text.endsWith(`[Buka di Siaga](${LINK})`)).toBe(true)
  })

  test('stays within its limits', async () => {
    await of(large)
  })

  test('outside: region, severity, title and link', async () => {
    expectBrief(await of({}, outside))
  })
})

describe('teams', () => {
  // adaptivecards.io: RichTextBlock, TextRun, Action.OpenUrl; learn.microsoft.com: the message of a workflow's webhook, 28 KB.
  const Rich = z.strictObject({
    type: z.literal('RichTextBlock'),
    spacing: z.enum(['Default', 'None']),
    inlines: z.tuple([
      z.strictObject({
        type: z.literal('TextRun'),
        text: z.string().min(1),
        weight: z.literal('Bolder').optional(),
        size: z.literal('Large').optional(),
        fontType: z.literal('Monospace').optional(),
        color: z.enum(['Attention', 'Warning', 'Accent', 'Default']).optional(),
      }),
    ]),
  })
  const Body = z.strictObject({
    type: z.literal('message'),
    attachments: z.tuple([
      z.strictObject({
        contentType: z.literal('application/vnd.microsoft.card.adaptive'),
        contentUrl: z.null(),
        content: z.strictObject({
          $schema: z.literal('http://adaptivecards.io/schemas/adaptive-card.json'),
          type: z.literal('AdaptiveCard'),
          version: z.literal('1.4'),
          msteams: z.strictObject({ width: z.literal('Full') }),
          body: z.array(Rich).min(1),
          actions: z
            .array(z.strictObject({ type: z.literal('Action.OpenUrl'), title: z.string(), url: z.url() }))
            .max(1),
        }),
      }),
    ]),
  })
  const of = async (changes: Changes = {}, given = {}) =>
    Body.parse(await bodyBy('webhook', { preset: 'teams', ...given }, { outgoing: outgoing(changes) }))

  test('gets a card of runs of text', async () => {
    const { body, actions } = (await of()).attachments[0].content
    expect(body[0]?.inlines[0]).toMatchObject({
      text: 'KRITIS 31.71 Jakarta Pusat: Webshell dipanggil',
      color: 'Attention',
    })
    expect(body.flatMap(({ inlines }) => inlines.map(({ text }) => text))).toContain('/uploads/x[.]php?cmd=id')
    expect(actions).toEqual([{ type: 'Action.OpenUrl', title: 'Buka di Siaga', url: LINK }])
  })

  test('stays within 28 KB', async () => {
    for (const text of [long, 'ﷺ'.repeat(50_000), '"\\'.repeat(50_000)]) {
      const parts = Array.from({ length: 100 }, () => ({
        label: text,
        lines: Array.from({ length: 50 }, () => text.slice(0, 90)),
      }))
      expect(JSON.stringify(await of({ message: { title: text, region: text, parts } })).length).toBeLessThan(28_000)
      expect(
        Buffer.byteLength(JSON.stringify(await of({ message: { title: text, region: text, parts } }))),
      ).toBeLessThan(28_000)
    }
  })

  test('outside: region, severity, title and link', async () => {
    expectBrief(await of({}, outside))
  })

  test.each([
    [202, '', 'delivered'],
    [200, '1', 'delivered'],
    [200, 'Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429', 'retry'],
    [400, '{"error":{"code":"WorkflowTriggerIsNotEnabled"}}', 'retry'],
    [400, '{"error":{"code":"InvalidRequestContent"}}', 'refused'],
    [404, '{"error":{"code":"WorkflowNotFound"}}', 'retry'],
  ])('answers %i %s', async (status, text, kind) => {
    const { origin } = await receiver((response) => response.writeHead(status).end(text))
    expect(await sendBy('webhook', { preset: 'teams', url: origin })).toMatchObject({ kind })
  })
})

describe('pagerduty', () => {
  // developer.pagerduty.com, Events API v2.
  const Trigger = z.strictObject({
    routing_key: z.literal(TOKEN),
    event_action: z.literal('trigger'),
    dedup_key: z.string().min(1).max(255),
    payload: z.strictObject({
      summary: z.string().min(1).max(1024),
      source: z.string().min(1),
      severity: z.enum(['critical', 'error', 'warning', 'info']),
      timestamp: z.iso.datetime(),
      group: z.string(),
      class: z.string().optional(),
      custom_details: z.record(z.string(), z.string()),
    }),
    client: z.literal('Siaga'),
    client_url: z.url().optional(),
    links: z.array(z.strictObject({ href: z.url(), text: z.string() })).optional(),
  })
  const Update = Trigger.pick({ routing_key: true, dedup_key: true })
    .extend({ event_action: z.enum(['acknowledge', 'resolve']) })
    .strict()
  const of = (changes: Changes = {}, given = {}) =>
    bodyBy('webhook', { preset: 'pagerduty', token: { env: 'TOKEN' }, ...given }, { outgoing: outgoing(changes) })

  test('gets an event whose key is the alert', async () => {
    const event = Trigger.parse(await of())
    expect(event).toMatchObject({
      dedup_key: 'a-1',
      payload: {
        severity: 'critical',
        source: 'situs-kpu',
        group: '31.71',
        class: 'webshell',
        timestamp: '2024-11-27T00:59:00.000Z',
      },
      client_url: LINK,
    })
    expect(event.payload.custom_details.Bukti).toContain('/uploads/x[.]php')
  })

  test.each([
    ['critical', 'critical'],
    ['high', 'error'],
    ['medium', 'warning'],
    ['low', 'info'],
    ['informational', 'info'],
  ] as const)('%s is %s there', async (severity, theirs) => {
    expect(Trigger.parse(await of({ alert: { severity } })).payload.severity).toBe(theirs)
  })

  test('follows the alert: acknowledged, asked anew, closed', async () => {
    const taken = { status: 'acknowledged', acknowledged_at: NOW } as const
    expect(Update.parse(await of({ alert: taken }))).toMatchObject({ event_action: 'acknowledge', dedup_key: 'a-1' })
    expect(Update.parse(await of({ alert: { ...taken, status: 'in_work' } })).event_action).toBe('acknowledge')
    const asks = [{ at: NOW + 1, reason: 'severity', severity: 'critical' } as const]
    Trigger.parse(await of({ alert: { ...taken, asks } }))
    for (const status of ['resolved', 'false_positive', 'accepted', 'merged'] as const) {
      expect(Update.parse(await of({ alert: { status } })).event_action).toBe('resolve')
    }
    expect(Update.parse(await of({ notification: { reason: 'closed' } })).event_action).toBe('resolve')
  })

  test.each([
    ['warning', 'warning'],
    ['summary', 'info'],
    ['test', 'info'],
  ] as const)('a %s touches no incident of an alert', async (reason, severity) => {
    const event = Trigger.parse(await of({ notification: { reason }, alert: { status: 'resolved' } }))
    expect(event).toMatchObject({ dedup_key: 'n-1', payload: { severity } })
  })

  test('stays within its limits', async () => {
    Trigger.parse(await of(large))
    expect(JSON.stringify(await of(large)).length).toBeLessThan(512_000)
  })

  test('outside: region, severity, title and link', async () => {
    const body = Trigger.parse(await of({}, outside))
    expectBrief(body)
    expect(Object.keys(body.payload.custom_details)).toEqual(['severity', 'region'])
  })

  test('is reached at /v2/enqueue, its key in the body and not in a header', async () => {
    for (const [path, expected] of [
      ['', '/v2/enqueue'],
      ['/v2/enqueue', '/v2/enqueue'],
      ['/own', '/own'],
    ]) {
      const server = await receiver((response) => response.writeHead(202).end())
      await sendBy('webhook', { preset: 'pagerduty', token: { env: 'TOKEN' }, url: server.origin + path })
      expect(server.received[0]?.url).toBe(expected)
      expect(server.received[0]?.headers).not.toHaveProperty('authorization')
    }
  })

  test('a wrong or missing routing key is repaired, a wrong event is not', async () => {
    const answer = async (text: string, given = {}) => {
      const { origin } = await receiver((response) => response.writeHead(400).end(text))
      return sendBy('webhook', { preset: 'pagerduty', token: { env: 'TOKEN' }, url: origin, ...given })
    }
    const wrong = `{"status":"invalid event","errors":["Length of 'routing_key' is incorrect (should be 32 characters)"]}`
    expect(await answer(wrong)).toMatchObject({ kind: 'retry' })
    expect(await answer('{"status":"invalid event","errors":["bad"]}')).toMatchObject({ kind: 'refused' })
    const { origin } = await receiver()
    expect(await sendBy('webhook', { preset: 'pagerduty', url: origin })).toMatchObject({ kind: 'retry' })
  })
})

describe('alertmanager', () => {
  // postableAlerts of its OpenAPI document (prometheus/alertmanager, api/v2/openapi.yaml).
  const Labels = z.record(z.string().regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/), z.string().min(1))
  const Body = z.array(
    z.strictObject({
      labels: Labels,
      annotations: z.record(z.string().regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/), z.string()),
      startsAt: z.iso.datetime(),
      endsAt: z.iso.datetime(),
      generatorURL: z.url().optional(),
    }),
  )
  const of = async (changes: Changes = {}, given = {}) => {
    const alerts = Body.parse(
      await bodyBy('webhook', { preset: 'alertmanager', ...given }, { outgoing: outgoing(changes) }),
    )
    for (const { startsAt, endsAt } of alerts) expect(Date.parse(startsAt)).toBeLessThanOrEqual(Date.parse(endsAt))
    return alerts
  }
  const labels = { alertname: 'SiagaAlert', alert_id: 'a-1', severity: 'critical', region: '31.71', province: '31' }

  test('gets an alert that lives until it is closed', async () => {
    const [alert, ...others] = await of()
    expect(others).toEqual([])
    expect(alert).toMatchObject({ labels, startsAt: '2024-11-27T00:59:00.000Z', generatorURL: LINK })
    expect(Date.parse(alert?.endsAt ?? '')).toBeGreaterThan(NOW + 86_400_000)
    expect(alert?.annotations.description).toContain('/uploads/x[.]php')
  })

  test('ends what it raised, with the labels that it was raised with', async () => {
    const [closed] = await of({
      notification: { reason: 'closed' },
      alert: { status: 'resolved', title: 'lain', score: 1 },
    })
    expect(closed).toMatchObject({ labels, endsAt: new Date(NOW).toISOString() })
  })

  test('a higher severity ends the alert of the lower one', async () => {
    const asks = [
      { at: NOW - 2, reason: 'opened', severity: 'medium' },
      { at: NOW - 1, reason: 'severity', severity: 'critical' },
    ] as const
    const alerts = await of({ alert: { asks: [...asks] } })
    expect(alerts.map(({ labels: { severity }, endsAt }) => [severity, Date.parse(endsAt) > NOW])).toEqual([
      ['critical', true],
      ['medium', false],
    ])
  })

  test.each(['warning', 'summary', 'test'] as const)('a %s is an alert of its own that passes', async (reason) => {
    const [note] = await of({ notification: { reason }, alert: { region_code: '' } })
    expect(note?.labels).toMatchObject({
      notification_id: 'n-1',
      alertname: expect.stringMatching(/^Siaga(Warning|Summary|Test)$/),
    })
    expect(Date.parse(note?.endsAt ?? '') - NOW).toBe(3_600_000)
  })

  test('outside: region, severity, title and link', async () => {
    expectBrief(await of({}, outside))
  })

  test('is reached by its base or its whole address, with a bearer token', async () => {
    for (const path of ['', '/', '/api/v2/alerts', '/am', '/am/']) {
      const server = await receiver()
      await sendBy('webhook', { preset: 'alertmanager', token: { env: 'TOKEN' }, url: server.origin + path })
      expect(server.received[0]?.url).toBe(`${path.startsWith('/am') ? '/am' : ''}/api/v2/alerts`)
      expect(server.received[0]?.headers.authorization).toBe(`Bearer ${TOKEN}`)
    }
  })
})
