// What do the Explore page and the server say to each other? A question in the small language of docs/explore.md, bounded by time, and what comes back.
import { z } from 'zod'

/** Characters of a question, rows of a page, rows of a file, bars of the histogram, values that completion offers. */
export const exploreLimits = { question: 4_000, page: 500, file: 100_000, bars: 120, values: 200 } as const

const Time = z.int().min(0).max(4_294_967_295_000)

/** Milliseconds since 1970 UTC; `from` is in the span, `to` is not. */
const Span = z.object({ q: z.string().max(exploreLimits.question).default(''), from: Time, to: Time })
const ExploreSpan = Span.refine(({ from, to }) => from < to, { error: 'from must be before to', path: ['to'] })
export type ExploreSpan = z.infer<typeof ExploreSpan>

export const Order = z.enum(['newest', 'oldest', 'score'])
export type Order = z.infer<typeof Order>

const ColumnName = z.string().max(64)

/** Where a page ended: what stood in its last row, by which rows are ordered. Made by the server, sent back as it is. */
export const Cursor = z.object({
  score: z.int().min(0).max(255),
  /** As the server writes it: `2024-11-27 01:02:03.456`. */
  timestamp: z.string().max(32),
  stream: z.string().max(128),
  partition: z.int().min(0),
  offset: z.string().regex(/^\d{1,20}$/),
})
export type Cursor = z.infer<typeof Cursor>

export const ExplorePage = Span.extend({
  columns: z.array(ColumnName).min(1).max(40),
  order: Order.default('newest'),
  size: z.int().min(1).max(exploreLimits.page).default(100),
  after: Cursor.optional(),
})

export const ExploreHistogram = Span.extend({ bars: z.int().min(10).max(exploreLimits.bars).default(60) })

export const ExploreExport = Span.extend({
  /** Nothing: every column. */
  columns: z.array(ColumnName).max(100).default([]),
  order: Order.default('newest'),
  format: z.enum(['csv', 'jsonl']),
})

/** An event by its place in the stream, with the time by which it is found. */
export const EventKey = Cursor.omit({ score: true })

export const ExploreField = z.object({
  /** As it is written in a question; ECS where there is such a name. */
  name: z.string(),
  /** Column of `siaga.events`; '' for what stands for several. */
  column: z.string(),
  kind: z.enum([
    'text',
    'words',
    'address',
    'number',
    'time',
    'list',
    'map',
    'region',
    'severity',
    'several',
    'factors',
  ]),
  id: z.string(),
  en: z.string(),
  /** Values can be asked for (`/api/explore/values`). */
  values: z.boolean(),
})
export type ExploreField = z.infer<typeof ExploreField>

export const ExploreFields = z.object({
  fields: z.array(ExploreField),
  /** Columns that a page may show, in order. */
  columns: z.array(z.string()),
  examples: z.array(z.object({ q: z.string(), id: z.string(), en: z.string() })),
})
export type ExploreFields = z.infer<typeof ExploreFields>

/** What is wrong with a question: where (characters from 0), and what to do, in both languages. */
export const QueryProblem = z.object({
  at: z.int(),
  to: z.int(),
  message: z.string(),
  action: z.string(),
  pesan: z.string(),
  tindakan: z.string(),
})
export type QueryProblem = z.infer<typeof QueryProblem>

const HistogramInfo = z.object({
  kind: z.literal('histogram'),
  /** Milliseconds of a bar. */
  step: z.number(),
  /** Beginning of the first bar, at or before `from`. */
  begin: z.number(),
  bars: z.number(),
})

/** A line of an answer that is no piece of `AnswerPiece` (schemas/sql-api.ts). */
export const ExplorePiece = z.discriminatedUnion('kind', [
  HistogramInfo,
  z.object({ kind: z.literal('wrong'), problem: QueryProblem }),
  /** Comes before `done`: where the next page begins; null if this is the last. */
  z.object({ kind: z.literal('next'), after: Cursor.nullable() }),
])
export type ExplorePiece = z.infer<typeof ExplorePiece>

export const ExploreValues = z.object({
  values: z.array(z.object({ value: z.string(), events: z.number() })),
  /** Counted in the newest of the viewer's events only. */
  sampled: z.boolean(),
})
export type ExploreValues = z.infer<typeof ExploreValues>

/** Kinds of entities that events can be gathered by, with their columns. */
export const EntityKind = z.enum(['address', 'user', 'asset', 'host', 'path', 'domain'])
export type EntityKind = z.infer<typeof EntityKind>

export const EntityQuestion = z.object({
  kind: EntityKind,
  value: z.string().min(1).max(2_000),
  from: Time,
  to: Time,
})

const Counted = z.array(z.object({ value: z.string(), events: z.number() }))
export const EntityAnswer = z.object({
  events: z.number(),
  score_max: z.number(),
  failures: z.number(),
  /** Milliseconds since 1970 UTC; null where there is nothing in the span. */
  first_seen: z.number().nullable(),
  last_seen: z.number().nullable(),
  /** Points now (docs/scoring.md), null where no risk is kept for such entities. */
  risk: z.number().nullable(),
  findings: z.number(),
  /** Severity of findings in the span, the most serious first. */
  severities: Counted,
  datasets: Counted,
  actions: Counted,
  regions: Counted,
  addresses: Counted,
  users: Counted,
  assets: Counted,
  paths: Counted,
})
export type EntityAnswer = z.infer<typeof EntityAnswer>

const Text = z.string().trim().min(1).max(800)
export const HuntWish = z.object({
  q: z.string().max(exploreLimits.question),
  id: z.string().regex(/^[a-z][a-z0-9_]{2,63}$/, 'a name of 3 to 64 small letters, digits and underscores'),
  category: z.enum(['login', 'host', 'web', 'election', 'network', 'intelligence', 'regions', 'siaga']),
  attack: z
    .array(z.string().regex(/^T\d{4}(?:\.\d{3})?$/, 'an ATT&CK technique such as T1110 or T1110.003'))
    .min(1)
    .max(8),
  entity: EntityKind,
  title: z.object({ id: Text, en: Text }),
  finds: z.object({ id: Text, en: Text }),
  matters: z.object({ id: Text, en: Text }),
  action: z.object({ id: Text, en: Text }),
  usual: z.object({ id: Text, en: Text }),
})
export type HuntWish = z.infer<typeof HuntWish>

export const HuntText = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('hunt'), file: z.string(), text: z.string() }),
  z.object({ kind: z.literal('wrong'), problem: QueryProblem }),
])
export type HuntText = z.infer<typeof HuntText>
