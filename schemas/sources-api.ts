// What do page and server say to each other about sources: how they stand, dead letters, and a device that is being added?
import { z } from 'zod'
import { RegionCode } from './place.ts'
import { Id } from './room.ts'

/** As the judge of silence says: `quiet` is silence that is usual at this hour, `unjudged` one whose collector is away. */
export const SourceState = z.enum(['live', 'quiet', 'silent', 'unjudged', 'never'])
export type SourceState = z.infer<typeof SourceState>

/** Milliseconds since 1970 UTC; null: never, or not known. */
const Time = z.number().nullable()

export const SourceView = z.object({
  id: Id,
  name: z.string(),
  format: z.string(),
  region: z.string(),
  region_name: z.string(),
  zone: z.enum(['WIB', 'WITA', 'WIT']),
  owner: z.string(),
  asset: z.string(),
  /** How its events come in: `syslog 10.1.0.0/16`, `TLS name`, a file, `HTTP`. */
  ways: z.array(z.string()),
  state: SourceState,
  /** What the judge of silence says about it, in words. */
  reason: z.string(),
  /** Of a quiet one: when it is usually heard again. */
  expected_at: Time,
  per_minute: z.number(),
  /** Events of the last full hour in steps of three minutes, oldest first. */
  spark: z.array(z.number()),
  /** By the clock of the device, and when it landed. */
  last_event: Time,
  last_landed: Time,
  /** Half and 95 % of the events of the last hour landed within so many milliseconds (powers of two); null without events. */
  lag_p50_ms: z.number().nullable(),
  lag_p95_ms: z.number().nullable(),
  /** Mean milliseconds by which the clock of the device is behind, over the last hour. */
  skew_ms: z.number().nullable(),
  /** Events of the last hour whose device clock ran ahead. */
  clock_future: z.number(),
  /** Not replayed; null while dead letters cannot be read. */
  dead_letters: z.number().nullable(),
})
export type SourceView = z.infer<typeof SourceView>

export const RegionView = z.object({
  region: z.string(),
  name: z.string(),
  state: z.enum(['terpantau', 'sebagian', 'tidak terpantau']),
  sources: z.number(),
  heard: z.number(),
  quiet: z.number(),
  silent: z.number(),
  unjudged: z.number(),
  silent_sources: z.array(z.string()),
})
export type RegionView = z.infer<typeof RegionView>

/** `trouble`: silent or never heard. */
export const SourceFilter = z.enum(['all', 'trouble', ...SourceState.options])
export type SourceFilter = z.infer<typeof SourceFilter>

export const SourcesQuery = z.object({
  state: SourceFilter.default('all'),
  /** Part of an id, a name, an owner or a region's name. */
  q: z.string().max(100).default(''),
  region: RegionCode.or(z.literal('')).default(''),
  from: z.coerce.number().int().min(0).max(100_000).default(0),
})

export const SourcesAnswer = z.object({
  at: z.number(),
  /** False while the judge of silence does not keep up: states then go by whether anything came in the last hour. */
  judged: z.boolean(),
  judged_until: Time,
  counts: z.record(z.string(), z.number()),
  dead_letters: z.number().nullable(),
  /** Sources that the filter fits; `sources` holds a page of them. */
  matching: z.number(),
  sources: z.array(SourceView),
})
export type SourcesAnswer = z.infer<typeof SourcesAnswer>

export const RegionsAnswer = z.object({
  at: z.number(),
  judged: z.boolean(),
  judged_until: Time,
  regions: z.array(RegionView),
  /** Provinces of the viewer without any source, neither of their own nor of a kabupaten or kota beneath. */
  empty_provinces: z.array(z.object({ region: z.string(), name: z.string() })),
})
export type RegionsAnswer = z.infer<typeof RegionsAnswer>

export const KeyView = z.object({
  id: z.string(),
  label: z.string(),
  tail: z.string(),
  created: z.string(),
  revoked: z.string().nullable(),
})
export type KeyView = z.infer<typeof KeyView>

export const SourceDetail = z.object({
  at: z.number(),
  source: SourceView,
  /** Events of each of the last 24 hours, oldest first. */
  hours: z.array(z.object({ at: z.number(), events: z.number() })),
  /** Formats of the events of the last hour. */
  datasets: z.array(z.object({ dataset: z.string(), events: z.number() })),
  history: z.array(z.object({ at: z.number(), state: z.string(), reason: z.string() })),
  /** Empty for those who may not change anything. */
  keys: z.array(KeyView),
})
export type SourceDetail = z.infer<typeof SourceDetail>

/** What became of a dead letter that was replayed; `sent`: it is no event, so nobody can tell. */
const LetterOutcome = z.enum(['landed', 'dead_again', 'waiting', 'sent'])

export const LetterView = z.object({
  id: z.string(),
  at: z.number(),
  received_at: Time,
  source: z.string(),
  topic: z.string(),
  reason: z.string(),
  cause: z.string(),
  format: z.string(),
  bytes: z.number(),
  /** The beginning as text; control characters are left as they are, for whoever shows it. */
  head: z.string(),
  replayed: z.boolean(),
})
export type LetterView = z.infer<typeof LetterView>

export const LettersQuery = z.object({
  source: z.string().max(100).default(''),
  reason: z.string().max(60).default(''),
  all: z.enum(['0', '1']).default('0'),
  from: z.coerce.number().int().min(0).max(1_000_000).default(0),
})
export const LettersAnswer = z.object({
  at: z.number(),
  letters: z.array(LetterView),
  matching: z.number(),
  /** Not replayed, by reason, whatever the filter. */
  reasons: z.array(z.object({ reason: z.string(), letters: z.number() })),
  /** More letters are kept than are looked at: the oldest are left out here. */
  cut: z.boolean(),
})
export type LettersAnswer = z.infer<typeof LettersAnswer>

export const LetterDetail = z.object({
  letter: LetterView,
  payload: z.string(),
  /** The payload is longer than what is shown. */
  payload_cut: z.boolean(),
  /** Null while it was not replayed. */
  outcome: LetterOutcome.nullable(),
  /** Why it is dead again. */
  again: z.object({ id: z.string(), reason: z.string(), cause: z.string() }).nullable(),
})
export type LetterDetail = z.infer<typeof LetterDetail>

export const ReplayBody = z.object({ ids: z.array(z.string().min(1).max(200)).min(1).max(500) })
export const ReplayAnswer = z.object({
  replayed: z.number(),
  /** Asked for and not sent: replayed before, or not there for this viewer. */
  left_out: z.number(),
})
export type ReplayAnswer = z.infer<typeof ReplayAnswer>

/** What somebody has in hand. */
export const Device = z.enum([
  'rsyslog',
  'syslog-ng',
  'nginx',
  'apache',
  'fluent-bit',
  'vector',
  'filebeat',
  'otlp',
  'curl',
  'winlogbeat',
  'nxlog',
  'mikrotik',
  'fortigate',
])
export type Device = z.infer<typeof Device>

/** `address`: Siaga knows the sender by its network or certificate. `key`: by a key that it sends along. */
export const Way = z.enum(['address', 'key'])
export type Way = z.infer<typeof Way>

const DeviceView = z.object({
  device: Device,
  name: z.string(),
  ways: z.array(Way),
  /** Formats of sources that fit it; empty: any. */
  formats: z.array(z.string()),
  note: z.object({ id: z.string(), en: z.string() }),
})
export type DeviceView = z.infer<typeof DeviceView>

export const Candidate = z.object({
  id: Id,
  name: z.string(),
  region: z.string(),
  region_name: z.string(),
  owner: z.string(),
  format: z.string(),
  ways: z.array(Way),
  /** Networks and certificates by which its senders are known. */
  known_by: z.array(z.string()),
  state: SourceState,
})
export type Candidate = z.infer<typeof Candidate>

export const AddAnswer = z.object({
  at: z.number(),
  devices: z.array(DeviceView),
  /** Sources of the viewer, those that were never heard first. */
  candidates: z.array(Candidate),
  more: z.boolean(),
  region: z.string(),
  owner: z.string(),
  /** Ports that are listened on; null: switched off. */
  ports: z.object({
    http: z.number(),
    syslog: z.number().nullable(),
    syslog_tls: z.number().nullable(),
    relp: z.number().nullable(),
  }),
  /** Ways in that take nothing from other machines as they are configured. */
  local_only: z.array(z.enum(['http', 'syslog', 'relp'])),
})
export type AddAnswer = z.infer<typeof AddAnswer>

const Host = z
  .string()
  .regex(
    /^(?=.{1,253}$)(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.|$))+$|^\[[0-9A-Fa-f:.]+\]$/,
    'a host name or an address',
  )
const BaseUrl = z
  .string()
  .max(300)
  .regex(/^https?:\/\/(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/, 'an address such as https://siaga.example')

export const RecipeQuery = z.object({ device: Device, way: Way, host: Host, url: BaseUrl })
export const RecipeFile = z.object({
  /** Where it goes, such as `/etc/rsyslog.d/60-siaga.conf`; empty: a command to be run. */
  path: z.string(),
  text: z.string(),
})
export type RecipeFile = z.infer<typeof RecipeFile>
export const RecipeAnswer = z.object({
  /** Texts hold the word SIAGA_KEY where the key goes. */
  files: z.array(RecipeFile),
  steps: z.array(z.object({ id: z.string(), en: z.string() })),
  needs_key: z.boolean(),
  /** How far the text was tried: run by our tests, or written by the manual of its maker. */
  tried: z.enum(['tested', 'by_manual']),
})
export type RecipeAnswer = z.infer<typeof RecipeAnswer>

export const KeyBody = z.object({ label: z.string().trim().max(100).default('') })
export const KeyAnswer = z.object({ key: KeyView, text: z.string() })
export type KeyAnswer = z.infer<typeof KeyAnswer>

/** Lines for siaga.yaml, for the centre to add. */
export const ProposalQuery = z.object({
  id: Id,
  name: z.string().max(100).default(''),
  format: z.string().max(40).default('auto'),
  region: RegionCode,
  owner: z.string().max(60).default(''),
  address: z.string().max(60).default(''),
})
export const ProposalAnswer = z.object({ yaml: z.string(), taken: z.boolean() })
export type ProposalAnswer = z.infer<typeof ProposalAnswer>

export const ArrivalQuery = z.object({ since: z.coerce.number().int().min(0) })
export const Arrival = z.object({
  at: z.number(),
  events: z.number(),
  /** The first event, with the columns that its parser has set. */
  first: z
    .object({
      event_id: z.string(),
      at: z.number(),
      landed: z.number(),
      dataset: z.string(),
      message: z.string(),
      tags: z.array(z.string()),
      columns: z.array(z.object({ name: z.string(), value: z.string() })),
    })
    .nullable(),
  /** A dead letter since then. */
  letter: LetterView.nullable(),
})
export type Arrival = z.infer<typeof Arrival>
