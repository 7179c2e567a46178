// What does a query's refusal say to a person? In both languages what happened and what to do, the server's own words in short, and where.
import { nameOfRefusal, placeOfRefusal, refusalText, shortRefusal } from '../runtime/clickhouse-problem.ts'
import { SiagaError } from '../runtime/errors.ts'
import type { WebRefusal } from '../schemas/account.ts'
import type { AnswerPiece } from '../schemas/sql-api.ts'
import { WebError } from './errors.ts'

type Texts = Omit<WebRefusal, 'error'>

const tooMuch: Texts = {
  message: 'The question needs more than a query may take.',
  action: 'Give a shorter span of time, a region or another condition.',
  pesan: 'Pertanyaan ini melebihi batas satu kueri.',
  tindakan: 'Persempit waktu, wilayah, atau syaratnya.',
}
const tooSlow: Texts = {
  message: 'The question took longer than a query may.',
  action: 'Give a shorter span of time, a region or another condition.',
  pesan: 'Pertanyaan ini melebihi batas waktu satu kueri.',
  tindakan: 'Persempit waktu, wilayah, atau syaratnya.',
}
const crowded: Texts = {
  message: 'Too many queries run at the moment.',
  action: 'Try again in a moment.',
  pesan: 'Terlalu banyak kueri sedang berjalan.',
  tindakan: 'Coba lagi sebentar lagi.',
}
const ended: Texts = {
  message: 'The query was ended.',
  action: 'Ask again.',
  pesan: 'Kueri dihentikan.',
  tindakan: 'Jalankan lagi.',
}

/** By ClickHouse's names of errors. */
const known: Readonly<Record<string, Texts>> = {
  TIMEOUT_EXCEEDED: tooSlow,
  TOO_SLOW: tooSlow,
  MEMORY_LIMIT_EXCEEDED: tooMuch,
  TOO_MANY_ROWS: tooMuch,
  TOO_MANY_BYTES: tooMuch,
  TOO_MANY_ROWS_OR_BYTES: tooMuch,
  TOO_MANY_SIMULTANEOUS_QUERIES: crowded,
  SERVER_OVERLOADED: crowded,
  QUERY_WAS_CANCELLED: ended,
  QUOTA_EXCEEDED: {
    message: 'Your room has used up its hour of queries.',
    action: 'Wait until the hour is over, or ask for less at once.',
    pesan: 'Jatah kueri ruang Anda untuk jam ini habis.',
    tindakan: 'Tunggu jam berikutnya, atau tanyakan lebih sedikit.',
  },
  ACCESS_DENIED: {
    message: 'Your room may not read this, or do this.',
    action: 'Use the tables and columns that completion offers; the console reads only.',
    pesan: 'Ruang Anda tidak boleh membaca atau melakukan ini.',
    tindakan: 'Pakai tabel dan kolom yang ditawarkan; konsol hanya untuk membaca.',
  },
  READONLY: {
    message: 'The console reads only.',
    action: 'Leave out what writes or changes a setting.',
    pesan: 'Konsol ini hanya untuk membaca.',
    tindakan: 'Hapus bagian yang menulis atau mengubah setelan.',
  },
  SYNTAX_ERROR: {
    message: 'The statement cannot be read.',
    action: 'Correct it where the mark stands.',
    pesan: 'Pernyataan tidak terbaca.',
    tindakan: 'Perbaiki di tempat yang ditandai.',
  },
}

const refused: Texts = {
  message: 'ClickHouse refused the query.',
  action: 'Correct what it names.',
  pesan: 'ClickHouse menolak kueri ini.',
  tindakan: 'Perbaiki yang disebutnya.',
}

const away: Texts = {
  message: 'The store does not answer.',
  action: 'Try again in a moment; tell the centre if it lasts.',
  pesan: 'Penyimpanan tidak menjawab.',
  tindakan: 'Coba lagi sebentar lagi; beri tahu pusat bila berlanjut.',
}

/** How an answer ends that failed. What is no error of ClickHouse is thrown on. */
export function failedPiece(error: unknown, statement: string): AnswerPiece {
  if (
    !(error instanceof SiagaError) ||
    (error.code !== 'CLICKHOUSE_REFUSED' && error.code !== 'CLICKHOUSE_UNAVAILABLE')
  )
    throw error
  if (error.code === 'CLICKHOUSE_UNAVAILABLE')
    return { kind: 'failed', refusal: { error: 'STORE_UNAVAILABLE', ...away }, detail: '', at: null }
  const text = refusalText(error)
  const name = nameOfRefusal(text)
  const texts = Object.hasOwn(known, name) ? (known[name] ?? refused) : refused
  return {
    kind: 'failed',
    refusal: { error: name === '' ? 'QUERY_REFUSED' : name, ...texts },
    detail: shortRefusal(text),
    at: placeOfRefusal(text, statement) ?? null,
  }
}

/**
 * The refusal of a route that answers whole, for a question that ClickHouse refused or ended: limits and quotas are no failure of ours. Anything else is
 * answered as it is.
 */
export function refusalOfQuery(error: unknown): unknown {
  if (!(error instanceof SiagaError)) return error
  const { cause } = error
  const typed = cause instanceof Error && 'type' in cause ? String(cause.type) : nameOfRefusal(refusalText(error))
  const texts = Object.hasOwn(known, typed) ? known[typed] : undefined
  if (texts !== undefined) return new WebError('QUERY_REFUSED', { what: texts.message, apa: texts.pesan })
  if (error.code !== 'CLICKHOUSE_REFUSED') return error
  const detail = shortRefusal(refusalText(error))
  return new WebError('QUERY_REFUSED', {
    what: `${refused.message} ${detail}`,
    apa: `${refused.pesan} ${detail}`,
  })
}

/** Waits for the store, and says a refusal as a person reads it. */
export async function orRefusal<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    throw refusalOfQuery(error)
  }
}
