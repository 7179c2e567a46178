// What do tests of notices begin with? The real engine with an asset that has contacts, an alert about it, and a clock that is moved by hand.
import { createNoticeTokens } from '../../../../runtime/notice-token.ts'
import { loadReference } from '../../../../runtime/reference.ts'
import type { Actor, AlertRequest, Notification } from '../../../../schemas/alert.ts'
import type { AlertLogEntry } from '../../../../schemas/alert-log.ts'
import { Config } from '../../../../schemas/config.ts'
import type { Finding } from '../../../../schemas/detection.ts'
import type { Notice, NoticeRequest } from '../../../../schemas/notice.ts'
import { createEngine, type Engine } from '../../../../sinks/alerts/engine.ts'
import type { StateRecord } from '../../../../sinks/alerts/records.ts'

export const HOUR = 3_600_000
export const DAY = 24 * HOUR
/** Noon of a Monday in WIB, outside of every quiet hour. */
export const T0 = Date.UTC(2026, 10, 23, 5)
export const DEFACED = 'af568a50-b6f6-41b7-89fd-c6e6883ffd28'
export const tokens = createNoticeTokens(Buffer.alloc(32, 7))
const reference = loadReference({ calendars: [] }, '.')

/** `staffed`: rooms with somebody on duty. */
function configOf(notices: object, more: object, staffed: readonly string[]) {
  const roster = (id: string, recipient: string) => (staffed.includes(id) ? [{ recipients: [recipient] }] : [])
  return Config.parse({
    assets: [
      {
        id: 'situs',
        name: 'Situs Kabupaten',
        region: '32.04',
        owner: 'pemda',
        url: 'https://situs.example/',
        contacts: [
          { name: 'Budi', channel: 'pos', to: 'budi@pemda.example' },
          { name: 'Sari', channel: 'tele', to: '12345', language: 'en' },
        ],
      },
      { id: 'lain', region: '32.04', owner: 'pemda' },
    ],
    rooms: [
      { id: 'bandung', region: '32.04', owner: 'pemda', roster: roster('bandung', 'piket') },
      { id: 'jabar', region: '32', owner: 'pemda', roster: roster('jabar', 'provinsi') },
      { id: 'lampung', region: '18', roster: [] },
      { id: 'pusat', region: '00', roster: roster('pusat', 'pusat') },
    ],
    alerts: {
      public_url: 'https://siaga.example',
      quiet_hours: '',
      deadlines: { critical: 10_000, high: 10_000, medium: 10_000, low: 10_000, informational: 10_000 },
      phase_deadlines: {},
      repeats: 0,
      channels: [
        { id: 'pos', kind: 'email', host: 'mail.example', from: 'siaga@siaga.example' },
        { id: 'tele', kind: 'telegram', token: { env: 'TOKEN' } },
        { id: 'berkas', kind: 'file', path: 'x.jsonl' },
      ],
      recipients: [
        { id: 'piket', channel: 'berkas' },
        { id: 'provinsi', channel: 'berkas' },
        { id: 'pusat', channel: 'berkas' },
      ],
      notices,
      ...more,
    },
  })
}

export function finding(at: number, changed: Partial<Finding> = {}): Finding {
  return {
    finding_id: `f-${at}-${JSON.stringify(changed)}`,
    rule_id: DEFACED,
    title: 'Protected site was defaced',
    severity: 'high',
    attack: ['T1491.002'],
    event_id: `e-${at}`,
    source_id: 'siaga-probe',
    region_code: '32.04',
    owner: 'pemda',
    asset_id: 'situs',
    entity: 'asset:situs',
    evidence: [{ field: 'siaga.probe.title', value: 'hacked by RAHASIA-BUKTI' }],
    window_start: at,
    window_end: at,
    score: 90,
    dedup_key: `${DEFACED}|situs`,
    ...changed,
  }
}

export const room = (id: string, region: string): Actor => ({
  name: `orang ${id}`,
  room: id,
  region,
  from: '10.0.0.1',
  key: id,
})
export const bandung = room('bandung', '32.04')
export const siaga: Actor = { name: 'siaga', room: '', region: '00', from: '' }

export interface Rig {
  readonly engine: () => Engine
  /** Moves the clock on and lets the engine do what is due. */
  tick(ms: number): void
  now(): number
  findings(findings: readonly Finding[]): void
  /** The code of a refusal, '' if it was carried out. */
  ask(request: Partial<NoticeRequest> & Pick<NoticeRequest, 'what'>): string
  asked(request: AlertRequest): string
  notice(id?: string): Notice | undefined
  notices(): Notice[]
  alertId(): string
  readonly offers: Notification[]
  readonly log: AlertLogEntry[]
  /** Stops and begins anew from what was kept. */
  restart(): void
  /** What is kept, in the order of keys. */
  kept(): string
}

export function rig({
  notices = {},
  more = {},
  withTokens = true,
  staffed = ['bandung', 'jabar', 'pusat'],
}: {
  notices?: object
  more?: object
  withTokens?: boolean
  staffed?: readonly string[]
} = {}): Rig {
  const parsed = configOf(notices, more, staffed)
  if (!Array.isArray(parsed.assets)) throw new Error('assets are a list here')
  const config = { ...parsed, assets: parsed.assets }
  const fresh = () =>
    createEngine({
      config,
      assets: config.assets,
      reference,
      shared: { address: () => false, domain: () => false, agent: () => false },
      tokens: withTokens ? tokens : undefined,
    })
  const kept = new Map<string, StateRecord>()
  const offers: Notification[] = []
  const log: AlertLogEntry[] = []
  let now = T0
  let engine = fresh()
  let offset = 0
  let asks = 0
  engine.restore(new Map(), now)
  const take = (): void => {
    const changes = engine.take()
    for (const [key, record] of changes.records) {
      if (record === null) kept.delete(key)
      else kept.set(key, JSON.parse(JSON.stringify(record)))
    }
    offers.push(...changes.offers)
    log.push(...changes.log)
  }
  const noticesOf = (): Notice[] =>
    [...kept.values()].flatMap((record) => (record.kind === 'notice' ? [record.notice] : []))
  const asked = (request: AlertRequest): string => {
    offset += 1
    engine.requests([request], offset, now)
    take()
    const answer = kept.get(`answer/${request.request_id}`)
    return answer?.kind === 'answer' ? answer.answer.code : 'no answer'
  }
  const alertId = (): string => {
    for (const { alert_id } of engine.alerts()) return alert_id
    return ''
  }
  return {
    engine: () => engine,
    now: () => now,
    tick(ms) {
      now += ms
      engine.tick(now)
      take()
    },
    findings(findings) {
      offset += 1
      engine.findings(findings, offset, now)
      take()
    },
    ask(request) {
      asks += 1
      const notice = noticesOf().at(-1)
      return asked({
        kind: 'notice',
        request_id: `r-${asks}`,
        at: now,
        actor: bandung,
        alert_id: request.what === 'make' ? alertId() : '',
        notice_id: request.what === 'make' ? `P-${asks}` : (notice?.notice_id ?? ''),
        token_hash: '',
        text: '',
        fixed_at: 0,
        ...request,
      })
    },
    asked,
    notice: (id) => noticesOf().findLast(({ notice_id }) => id === undefined || notice_id === id),
    notices: noticesOf,
    alertId,
    offers,
    log,
    restart() {
      engine = fresh()
      engine.restore(new Map(JSON.parse(JSON.stringify([...kept]))), now)
    },
    kept: () => JSON.stringify([...kept].sort(([a], [b]) => (a < b ? -1 : 1))),
  }
}

/** A rig with a notice that was just sent. */
export function sent(
  options: Parameters<typeof rig>[0] = {},
): Rig & { readonly press: (what: 'received' | 'answer' | 'fixed', text?: string, contact?: number) => string } {
  const made = rig(options)
  made.findings([finding(T0)])
  const code = made.ask({ what: 'make', text: 'Mohon segera.' })
  if (code !== '') throw new Error(code)
  return {
    ...made,
    press: (what, text = '', contact = 0) =>
      made.ask({
        what,
        text,
        actor: { name: '', room: '', region: '', from: '192.0.2.7' },
        token_hash: tokens.hash(made.notice()?.notice_id ?? '', contact),
      }),
  }
}
