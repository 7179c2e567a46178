// What do channels send in tests? An alert with its message, and servers that keep what they receive.
import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import type { Alert, Notification } from '../../../../schemas/alert.ts'
import { Channel, type ChannelOf } from '../../../../schemas/alerting.ts'
import type { ChannelParts, Message, Outgoing, SendOutcome } from '../../../../sinks/alerts/channels/channel.ts'
import { createChannel } from '../../../../sinks/alerts/channels/index.ts'
import { secretReader } from '../../../../sinks/alerts/channels/secrets.ts'
import { serve } from '../../../runtime/guard/serve.ts'

/** 2024-11-27 08:00 WIB, voting day. */
export const NOW = Date.UTC(2024, 10, 27, 1)
export const TOKEN = 'rahasia-Tok3n+/=&<x>'
export const SECRET = 'kunci-HMAC-9f8e7d6c'
export const LINK = 'https://siaga.kpu.example/alerts/a-1'

function anAlert(changes: Partial<Alert> = {}): Alert {
  return {
    alert_id: 'a-1',
    dedup_key: 'webshell|situs-kpu|source_ip:192.0.2.7',
    kind: 'findings',
    rule_id: 'webshell',
    title: 'Webshell dipanggil',
    severity: 'critical',
    score: 93,
    region_code: '31.71',
    owner: 'KPU',
    asset_id: 'situs-kpu',
    entity: 'source_ip:192.0.2.7',
    first_seen: NOW - 60_000,
    last_seen: NOW - 1_000,
    opened_at: NOW - 500,
    changed_at: NOW - 500,
    findings: 3,
    findings_exact: true,
    matters: 1,
    rules: [{ rule_id: 'webshell', title: 'Webshell dipanggil', severity: 'critical', score: 93, findings: 3 }],
    attack: ['T1505.003'],
    worst: [
      {
        finding_id: 'f-1',
        rule_id: 'webshell',
        title: 'Webshell dipanggil',
        severity: 'critical',
        score: 93,
        entity: 'source_ip:192.0.2.7',
        event_id: 'e-1',
        source_id: 'nginx-jakpus',
        at: NOW - 1_000,
        evidence: [{ field: 'url_path', value: '/uploads/x.php?cmd=id' }],
        factors: [{ name: 'rule', points: 40, detail: 'critical' }],
      },
    ],
    election: 'pilkada-2024',
    phase: 'pemungutan',
    status: 'open',
    merged_into: '',
    assignee: '',
    asks: [{ at: NOW - 500, reason: 'opened', severity: 'critical' }],
    acknowledged_at: 0,
    acknowledged_by: '',
    case_id: 'c-1',
    actions: [],
    version: 4,
    ...changes,
  }
}

export interface Changes {
  readonly alert?: Partial<Alert>
  readonly notification?: Partial<Notification>
  readonly message?: Partial<Message>
  /** Address of the recipient; undefined for what is forwarded to machines. */
  readonly to?: string
}

export function outgoing({ alert, notification, message, to }: Changes = {}): Outgoing {
  const text = `KRITIS 31.71 Jakarta Pusat: Webshell dipanggil\n/uploads/x.php?cmd=id\n${LINK}`
  return {
    notification: {
      notification_id: 'n-1',
      alert_id: 'a-1',
      channel: 'uji',
      recipient: to === undefined ? '' : 'sari',
      room: 'jakpus',
      level: 'kabupaten',
      reason: 'opened',
      created_at: NOW,
      due_at: NOW,
      attempts: 0,
      last_error: '',
      status: 'pending',
      alert: anAlert(alert),
      ...notification,
    },
    recipient: to === undefined ? undefined : { id: 'sari', name: 'Sari', channel: 'uji', to, language: 'id' },
    message: {
      language: 'id',
      title: 'KRITIS 31.71 Jakarta Pusat: Webshell dipanggil',
      severity: 'KRITIS',
      region: 'Jakarta Pusat (31.71)',
      link: LINK,
      parts: [
        { label: 'Kapan', lines: ['2024-11-27 07:59:00 WIB'] },
        { label: 'Bukti', lines: ['/uploads/x.php?cmd=id', 'source_ip 192.0.2.7'] },
      ],
      text,
      html: '',
      short: `KRITIS 31.71 Webshell dipanggil ${LINK}`,
      ...message,
    },
  }
}

/** Every text of a message and an alert that may hold what an attacker wrote. */
export function withEvidence(evidence: string, changes: Changes = {}): Outgoing {
  return outgoing({
    ...changes,
    alert: {
      title: evidence,
      entity: `user:${evidence}`,
      asset_id: evidence,
      worst: anAlert().worst.map((one) => ({
        ...one,
        title: evidence,
        evidence: [{ field: evidence, value: evidence }],
      })),
      ...changes.alert,
    },
    message: {
      title: `KRITIS: ${evidence}`,
      region: `Jakarta Pusat ${evidence}`,
      parts: [{ label: `Bukti ${evidence}`, lines: [evidence, `nilai ${evidence}`] }],
      text: `KRITIS: ${evidence}\n${evidence}\n${LINK}`,
      short: `KRITIS ${evidence} ${LINK}`,
      ...changes.message,
    },
  })
}

const env: Readonly<Record<string, string>> = { TOKEN, SECRET }
export const parts: ChannelParts = {
  secret: secretReader(env, '/'),
  dataDir: '/nonexistent',
  baseDir: '/nonexistent',
  now: () => NOW,
}

type Kind = 'webhook' | 'telegram' | 'whatsapp' | 'sms'

/** Settings as siaga.yaml gives them, defaults included. */
export function settingsOf<K extends Kind>(kind: K, given: Readonly<Record<string, unknown>>): ChannelOf<Kind> {
  const settings = Channel.parse({ id: 'uji', kind, ...given })
  switch (settings.kind) {
    case 'webhook':
    case 'telegram':
    case 'whatsapp':
    case 'sms':
      return settings
    default:
      throw new Error(`${settings.kind} is no channel by HTTP`)
  }
}

export interface Received {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface Receiver {
  readonly origin: string
  readonly received: Received[]
}

/** A server that keeps every request and answers as it is told; default: 200. */
export async function receiver(
  answer: (response: ServerResponse, request: Received) => void = (response) => response.end('{}'),
): Promise<Receiver> {
  const received: Received[] = []
  const { origin } = await serve((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const one = {
        method: request.method ?? '',
        url: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(chunks).toString(),
      }
      received.push(one)
      answer(response, one)
    })
  })
  return { origin, received }
}

export interface SendOptions {
  readonly outgoing?: Outgoing
  readonly signal?: AbortSignal
  readonly parts?: Partial<ChannelParts>
}

/** One message by a channel of these settings. */
export async function sendBy(
  kind: Kind,
  given: Readonly<Record<string, unknown>>,
  {
    outgoing: one = outgoing({ to: '628123456789' }),
    signal = AbortSignal.timeout(20_000),
    parts: more = {},
  }: SendOptions = {},
): Promise<SendOutcome> {
  const channel = createChannel(settingsOf(kind, given), { ...parts, ...more })
  try {
    return await channel.send(one, signal)
  } finally {
    await channel.close()
  }
}

/** The body that a channel sends, as JSON. */
export async function bodyBy(
  kind: Kind,
  given: Readonly<Record<string, unknown>>,
  options: SendOptions = {},
): Promise<unknown> {
  const server = await receiver()
  await sendBy(kind, { ...given, url: `${server.origin}${String(given.url ?? '')}` }, options)
  return JSON.parse(server.received[0]?.body ?? 'null')
}
