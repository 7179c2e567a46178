// Which findings become alerts, who is told, by which way? Settings `alerts:` of siaga.yaml.
import { z } from 'zod'
import { Severity } from './detection.ts'
import { Language } from './language.ts'
import { Phase, RegionCode } from './place.ts'
import { Id } from './room.ts'
import { Hours } from './roster.ts'

/** A secret: in the environment or in a file, never in siaga.yaml itself. */
export const Secret = z.union(
  [z.strictObject({ env: z.string().regex(/^[A-Z][A-Z0-9_]*$/) }), z.strictObject({ file: z.string().min(1) })],
  { error: 'where it stands: {env: NAME} or {file: path}' },
)
export type Secret = z.infer<typeof Secret>

const Url = z.url({ protocol: /^https?$/, error: 'an http or https address' })

/** What every channel has. */
const common = {
  id: Id.describe('Name of the channel'),
  concurrency: z.int().min(1).max(64).default(16).describe('Messages under way at one time'),
  timeout_seconds: z.number().positive().max(120).default(10).describe('Longest time of one attempt'),
  give_up_hours: z.number().positive().max(720).default(72).describe('A message that old is not tried again'),
}

/** Ways to people and machines. Where `outside` is true, messages leave government networks: region, severity, title and link only. */
export const Channel = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('email'),
    ...common,
    host: z.string().min(1),
    port: z.int().min(1).max(65535).default(587),
    /** TLS from the first byte (465). Otherwise STARTTLS, which is demanded unless `starttls` is `optional`. */
    tls: z.boolean().default(false),
    starttls: z.enum(['required', 'optional']).default('required'),
    ca: z.string().optional().describe('PEM file of the authority that signed the certificate of the server'),
    user: z.string().default(''),
    password: Secret.optional(),
    from: z.string().min(3).describe('Sender, such as Siaga <siaga@kpu.example>'),
    outside: z.boolean().default(false),
  }),
  z.strictObject({
    kind: z.literal('webhook'),
    ...common,
    url: Url,
    /** Key of the HMAC; without it messages are not signed. */
    secret: Secret.optional(),
    preset: z.enum(['siaga', 'slack', 'mattermost', 'teams', 'pagerduty', 'alertmanager']).default('siaga'),
    /** PagerDuty: routing key. Others: bearer token. */
    token: Secret.optional(),
    ca: z.string().optional(),
    outside: z.boolean().default(false),
  }),
  z.strictObject({
    kind: z.literal('telegram'),
    ...common,
    url: Url.default('https://api.telegram.org'),
    token: Secret,
    outside: z.boolean().default(true),
  }),
  z.strictObject({
    kind: z.literal('whatsapp'),
    ...common,
    url: Url.default('https://graph.facebook.com/v21.0'),
    phone_number_id: z.string().regex(/^\d{1,32}$/, 'digits'),
    token: Secret,
    template: z
      .string()
      .min(1)
      .describe('Name of the approved template with four parameters: severity, region, title, link'),
    outside: z.boolean().default(true),
  }),
  z.strictObject({
    kind: z.literal('sms'),
    ...common,
    url: Url,
    token: Secret.optional(),
    /** Body as JSON with these names, or as a form. */
    body: z.enum(['json', 'form']).default('json'),
    to_field: z.string().default('to'),
    text_field: z.string().default('text'),
    outside: z.boolean().default(true),
  }),
  z.strictObject({
    kind: z.literal('syslog'),
    ...common,
    host: z.string().min(1),
    port: z.int().min(1).max(65535).default(6514),
    transport: z.enum(['tcp', 'tls', 'udp']).default('tls'),
    ca: z.string().optional(),
    format: z.enum(['cef', 'json']).default('cef'),
    outside: z.boolean().default(false),
  }),
  z.strictObject({
    kind: z.literal('file'),
    ...common,
    path: z.string().min(1).describe('JSON lines are appended to it; relative to the data directory'),
    outside: z.boolean().default(false),
  }),
])
export type Channel = z.infer<typeof Channel>
export type ChannelOf<K extends Channel['kind']> = Extract<Channel, { kind: K }>

/** Somebody who can be told. */
export const Recipient = z.strictObject({
  id: Id,
  name: z.string().default(''),
  channel: z.string().min(1).describe('Id of the channel'),
  to: z.string().default('').describe('E-mail address, chat id, phone number; empty for a webhook'),
  language: Language.default('id'),
})
export type Recipient = z.infer<typeof Recipient>

/** Somebody who is told on behalf of the owner when a notice is sent. */
export const AssetContact = z.strictObject({
  name: z.string().max(100).default('').describe('Name that stands in the message'),
  channel: z.string().min(1).describe('Id of a channel of `alerts.channels`'),
  to: z.string().max(320).default('').describe('E-mail address, chat id, phone number'),
  language: Language.default('id'),
})

/** Thresholds, first that fits wins: all that is given must fit. */
export const Threshold = z.strictObject({
  phases: z
    .array(z.union([Phase, z.literal('none')]))
    .default([])
    .describe('Phases of the region; none: outside of every election'),
  regions: z.array(RegionCode).default([]).describe('Regions, with those beneath them'),
  criticality: z
    .array(z.enum(['low', 'medium', 'high', 'critical']))
    .default([])
    .describe('Criticality of the asset'),
  kinds: z.array(z.string()).default([]).describe('Kinds of asset'),
  rules: z.array(z.string()).default([]).describe('Ids of rules'),
  attack: z
    .array(z.string().regex(/^T\d{4}(?:\.\d{3})?$/, 'a technique such as T1190 or T1059.007'))
    .default([])
    .describe('ATT&CK techniques, one of which the finding has; a technique stands for its sub-techniques too'),
  patterns: z
    .boolean()
    .optional()
    .describe('true: only what was made of several events (correlations, history); false: only of single events'),
  score: z.int().min(0).max(101).describe('A finding of this score or more becomes an alert; 101: none by its score'),
  severity: Severity.or(z.literal('none'))
    .default('critical')
    .describe('So does one of this severity or more; none: none by its severity'),
})
export type Threshold = z.infer<typeof Threshold>

const Minutes = z.number().min(0).max(10_080)
/** Minutes within which somebody must acknowledge, by severity. */
const Deadlines = z.strictObject({
  critical: Minutes.default(5),
  high: Minutes.default(15),
  medium: Minutes.default(60),
  low: Minutes.default(480),
  informational: Minutes.default(1440),
})
export type Deadlines = z.infer<typeof Deadlines>

const NoticeHours = z.number().positive().max(2160)

export const Alerts = z.strictObject({
  enabled: z.boolean().default(true).describe('Make alerts of findings in `siaga start`'),
  public_url: z.string().default('').describe('Where people reach Siaga: links in messages begin with it'),
  window_hours: z
    .number()
    .positive()
    .max(720)
    .default(24)
    .describe(
      'Findings of one matter belong to one alert while no more than so many hours of event time lie between two',
    ),
  storm: z
    .strictObject({
      matters: z
        .int()
        .min(2)
        .default(10)
        .describe('More matters of one rule about one asset, or of one rule by one source, within an hour are a storm'),
      region_matters: z.int().min(2).default(30).describe('More matters of one rule in one region'),
    })
    .prefault({})
    .describe('When many alerts become one'),
  case_hours: z
    .number()
    .positive()
    .max(2160)
    .default(72)
    .describe('Alerts with something in common within so many hours are one case'),
  campaign_regions: z
    .int()
    .min(2)
    .default(3)
    .describe('From so many regions on, others with the same kind of asset are warned'),
  thresholds: z
    .array(Threshold)
    .default([])
    .describe('Which findings become alerts; before the shipped ones, the first that fits wins'),
  deadlines: Deadlines.prefault({}).describe('Minutes until an alert that nobody acknowledges climbs a level'),
  phase_deadlines: z
    .partialRecord(Phase, Deadlines.partial())
    .default({
      pemungutan: { critical: 3, high: 5, medium: 30 },
      masa_tenang: { high: 10 },
      rekapitulasi: { high: 10 },
    })
    .describe('Others in phases of an election'),
  repeat_minutes: Minutes.default(60).describe('The last level is told again while nobody acknowledges'),
  repeats: z.int().min(0).max(100).default(12).describe('How often'),
  quiet_hours: Hours.or(z.literal(''))
    .default('22:00-06:00')
    .describe('Local time in which low and informational alerts wait'),
  channels: z.array(Channel).default([]).describe('Ways to people and machines'),
  recipients: z.array(Recipient).default([]).describe('Who can be told'),
  fallback: z.array(z.string()).default([]).describe('Recipients who are told when no room has anybody on duty'),
  forward: z
    .array(
      z.strictObject({
        channel: z.string().min(1),
        regions: z.array(RegionCode).default([]),
        severity: Severity.default('low').describe('Least severity'),
        closed: z.boolean().default(true).describe('Tell also that an alert was closed'),
      }),
    )
    .default([])
    .describe('Channels of machines that are told of every alert that fits'),
  summary_time: z
    .string()
    .regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'a time of day such as 07:00')
    .default('07:00')
    .describe('When the centre is told each day what was held back and why, WIB; once after a standstill'),
  two_persons: z
    .array(Phase)
    .default(['masa_tenang', 'pemungutan', 'rekapitulasi'])
    .describe(
      'Phases in which holding back high severity, disabling rules or raising thresholds needs two persons, one of them at the centre',
    ),
  notices: z
    .strictObject({
      automatic: z
        .array(z.string())
        .default([])
        .describe('Rules whose alerts send a notice to the contacts of the asset without anybody asking for it'),
      public_url: z.string().default('').describe('Where owners of systems reach `/n/`; empty: alerts.public_url'),
      answer_hours: NoticeHours.default(72).describe('Until when an answer is asked for'),
      remind_hours: NoticeHours.default(24).describe('The owner is reminded so often while nobody has received it'),
      reminders: z.int().min(0).max(20).default(3).describe('At most so many times'),
      climb_hours: NoticeHours.default(48).describe(
        'While the owner is silent, one level more is told each so many hours: room of the region, province, centre',
      ),
    })
    .prefault({})
    .describe('Notices to owners of systems'),
  watchdog: z
    .strictObject({ url: Url, interval_seconds: z.int().min(5).max(3600).default(60), token: Secret.optional() })
    .optional()
    .describe('An outside service that is called while Siaga works; it raises the alarm when the calls stop'),
  silence: z
    .strictObject({
      enabled: z.boolean().default(true).describe('Tell when sources, probes or regions go silent'),
      learn_days: z.int().min(1).max(90).default(28).describe('How many days of a source its rhythm is learnt from'),
      busy_seconds: z.int().min(10).max(3600).default(90).describe('Least silence of a busy source that is told'),
      quiet_hours_max: z
        .number()
        .positive()
        .max(720)
        .default(26)
        .describe('Silence that is told whatever the hour, unless the source has been silent longer more than once'),
      interval_seconds: z.int().min(1).max(30).default(5).describe('Time between two looks'),
      heartbeat_seconds: z
        .int()
        .min(1)
        .max(60)
        .default(10)
        .describe('Time between two heartbeats of a collector process'),
      stopped_seconds: z
        .int()
        .min(3)
        .max(3600)
        .default(60)
        .describe('A collector process without a heartbeat for so long has stopped'),
      pipeline_seconds: z
        .int()
        .min(5)
        .max(86_400)
        .default(120)
        .describe('When nothing has landed for so long, Siaga itself stands still'),
      reconnect_seconds: z
        .int()
        .min(0)
        .max(86_400)
        .default(300)
        .describe('How long senders may take to come back after Siaga or a collector was away'),
      holidays: z
        .array(z.iso.date())
        .default([])
        .describe('Local dates that are as quiet as Sundays; voting days of the calendars are so by themselves'),
    })
    .prefault({})
    .describe('Blind is not green'),
  web_flood: z
    .strictObject({
      enabled: z.boolean().default(true).describe('Judge floods of web requests: crowd or attack'),
      min_rate: z
        .number()
        .positive()
        .default(20)
        .describe('Requests a second of one site from which a flood is judged'),
    })
    .prefault({})
    .describe('Crowd or attack'),
})
export type Alerts = z.infer<typeof Alerts>
