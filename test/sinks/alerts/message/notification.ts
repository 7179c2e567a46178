// A notification as the engine makes it, for tests of messages and channels; each test changes what it is about.

import { loadReference } from '../../../../runtime/reference.ts'
import type { Alert, AlertFinding, Notification } from '../../../../schemas/alert.ts'
import type { MessageOptions, RuleText } from '../../../../sinks/alerts/message/options.ts'

const reference = loadReference({ calendars: [] }, '.')

export const GUESSING = '4ce4d36e-0b7b-42f0-8453-acb221bef7b3'

const rules: ReadonlyMap<string, RuleText> = new Map([
  [
    GUESSING,
    {
      title: 'SSH guessing that worked',
      judul: 'Tebak sandi SSH yang berhasil',
      response: { id: 'Telepon pemilik akun.', en: 'Phone the owner.' },
    },
  ],
])

/** 2024-11-27 08:00 in Jayapura (WIT). */
export const VOTE = Date.UTC(2024, 10, 26, 23, 0)

export function finding(changed: Partial<AlertFinding> = {}): AlertFinding {
  return {
    finding_id: 's-0-1-r',
    rule_id: GUESSING,
    title: 'SSH guessing that worked',
    severity: 'critical',
    score: 96,
    entity: 'source_ip:203.0.113.9',
    event_id: 'e1',
    source_id: 'sshd-1',
    at: VOTE,
    evidence: [
      { field: 'source_ip', value: '203.0.113.9' },
      { field: 'user_name', value: 'root' },
    ],
    factors: [
      { name: `rule:${GUESSING}`, points: 65, detail: 'source_ip: 203.0.113.9 (critical)' },
      { name: 'prior', points: -46, detail: '' },
      { name: 'asset', points: 12, detail: 'sirekap (critical)' },
    ],
    ...changed,
  }
}

export function alert(changed: Partial<Alert> = {}): Alert {
  return {
    alert_id: 'a1b2c3',
    dedup_key: `${GUESSING}|source_ip:203.0.113.9|sirekap`,
    kind: 'findings',
    rule_id: GUESSING,
    title: 'SSH guessing that worked',
    severity: 'critical',
    score: 96,
    region_code: '91.03',
    owner: 'kpu',
    asset_id: 'sirekap',
    entity: 'source_ip:203.0.113.9',
    first_seen: VOTE,
    last_seen: VOTE + 600_000,
    opened_at: VOTE + 1000,
    changed_at: VOTE + 1000,
    findings: 14,
    findings_exact: true,
    matters: 1,
    rules: [{ rule_id: GUESSING, title: 'SSH guessing that worked', severity: 'critical', score: 96, findings: 14 }],
    attack: ['T1078', 'T1110.001'],
    worst: [finding()],
    election: 'pilkada-2024',
    phase: 'pemungutan',
    status: 'open',
    merged_into: '',
    assignee: '',
    asks: [{ at: VOTE, reason: 'opened', severity: 'critical' }],
    acknowledged_at: 0,
    acknowledged_by: '',
    case_id: 'k-77',
    actions: [],
    version: 1,
    ...changed,
  }
}

export function notification(changed: Partial<Notification> = {}, ofAlert: Partial<Alert> = {}): Notification {
  const about = alert(ofAlert)
  return {
    notification_id: 'n-0001',
    alert_id: about.alert_id,
    channel: 'surel',
    recipient: 'budi',
    room: 'ruang-jayapura',
    level: 'kabupaten',
    reason: 'opened',
    created_at: VOTE + 2000,
    due_at: VOTE + 2000,
    attempts: 0,
    last_error: '',
    status: 'pending',
    alert: about,
    ...changed,
  }
}

export function options(changed: Partial<MessageOptions> = {}): MessageOptions {
  return {
    language: 'id',
    outside: false,
    publicUrl: 'https://siaga.example',
    reference,
    rules,
    rooms: new Map([['ruang-jayapura', { name: 'Ruang Operasi Jayapura', region: '91.03' }]]),
    assets: new Map([['sirekap', { name: 'Sirekap', kind: 'web', criticality: 'critical' }]]),
    ...changed,
  }
}

/** Attacks on whoever reads a message: each must come out visible, cut, and dead. */
export const hostile = {
  link: 'https://evil.example/a?b=c',
  domain: 'www.evil.example',
  mail: 'budi@evil.example',
  mention: '@channel <!here>',
  script: '<script src="https://evil.example/x.js">alert(1)</script><img src=x onerror=alert(1)>',
  lines: 'a\r\nBcc: korban@evil.example\r\n\r\nisi palsu',
  bidi: 'gpj.\u202eexe.laporan\u202c\u200b\u2066x\u2069',
  control: 'x\u0000\u0007\u001b[31mmerah\u009b0m\u2028y',
  attribute: '"><a href="javascript:alert(1)">klik</a>',
  unc: '\\\\evil\\share\\a.exe',
  long: 'A'.repeat(100_000),
  lone: '\ud800x\udfff',
  marks: `z${'\u0301'.repeat(500)}`,
} as const
