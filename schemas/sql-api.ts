// What do the SQL page and the server say to each other? A question goes in; its answer comes in pieces, a line of JSON each.
import { z } from 'zod'
import { WebRefusal } from './account.ts'
import { HuntHead } from './hunt.ts'

/** Limits of the console: characters of a statement, rows and bytes of an answer on the page. */
export const consoleLimits = { statement: 60_000, rows: 10_000, bytes: 16 * 1024 * 1024 } as const

const ParameterName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,63}$/, 'a name of letters, digits and underscores')

export const SqlQuestion = z.object({
  query: z.string().min(1).max(consoleLimits.statement),
  /** Values of `{name:Type}` in it. */
  params: z.record(ParameterName, z.string().max(4_000)).default({}),
})

/** One piece of an answer: a line of `application/x-ndjson`. Progress first, then columns and rows (or text), at last `done` or `failed`. */
export const AnswerPiece = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('progress'),
    read_rows: z.number(),
    read_bytes: z.number(),
    /** 0 while it is not known. */
    total_rows: z.number(),
    seconds: z.number(),
  }),
  z.object({ kind: z.literal('columns'), names: z.array(z.string()), types: z.array(z.string()) }),
  z.object({ kind: z.literal('rows'), rows: z.array(z.array(z.unknown())) }),
  /** The statement names a format of its own: its text as it is. */
  z.object({ kind: z.literal('text'), text: z.string(), format: z.string() }),
  z.object({
    kind: z.literal('done'),
    rows: z.number(),
    /** Why there is more than was sent; '' if there is not. */
    cut: z.enum(['', 'rows', 'bytes']),
    read_rows: z.number(),
    read_bytes: z.number(),
    seconds: z.number(),
    query_id: z.string(),
  }),
  z.object({
    kind: z.literal('failed'),
    refusal: WebRefusal,
    /** In the server's own words, in short. */
    detail: z.string(),
    /** Character of the statement at which it was refused, from 0; null if the server names none. */
    at: z.number().nullable(),
  }),
])
export type AnswerPiece = z.infer<typeof AnswerPiece>

const Both = z.object({ id: z.string(), en: z.string() })

export const ListedHunt = HuntHead.pick({
  id: true,
  title: true,
  category: true,
  attack: true,
  scope: true,
  window: true,
  finds: true,
  matters: true,
  action: true,
  usual: true,
}).extend({
  query: z.string(),
  parameters: z.array(Both.extend({ name: z.string(), type: z.string(), default: z.string() })),
})
export type ListedHunt = z.infer<typeof ListedHunt>

const CatalogColumn = z.object({ name: z.string(), type: z.string(), comment: z.string() })
export type CatalogColumn = z.infer<typeof CatalogColumn>

/** What completion knows: what the viewer's own user may see. */
export const SqlCatalog = z.object({
  tables: z.array(z.object({ name: z.string(), comment: z.string(), columns: z.array(CatalogColumn) })),
  functions: z.array(z.string()),
  keywords: z.array(z.string()),
})
export type SqlCatalog = z.infer<typeof SqlCatalog>
