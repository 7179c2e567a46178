// What is in a package of evidence? Rows, the query that gave them, who took them and when, hashes of all of it, and a signature of the hashes.
import type { KeyObject } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import { z } from 'zod'
import type { ClickHouseOptions } from '../../runtime/clickhouse.ts'
import { chunksOf, withoutException } from '../../runtime/clickhouse-exception.ts'
import { type Advance, watchQuery } from '../../runtime/clickhouse-watched.ts'
import { CommandError } from '../frame.ts'
import { csvOf, rowSettings } from './csv.ts'
import { readme } from './readme.ts'
import { publicPem, signBytes } from './signature.ts'
import { createTar, type TarEntry, type TarWriter } from './tar.ts'

export const SUMS = 'SHA256SUMS'
export const SIGNATURE = 'SHA256SUMS.sig'
export const MANIFEST = 'manifest.json'

/** What the package says of itself. */
export const Manifest = z.object({
  version: z.literal(1),
  id: z.string(),
  case: z.string(),
  reason: z.string(),
  exported_by: z.string(),
  /** Account and machine that ran the command, whatever name was given. */
  account: z.string(),
  host: z.string(),
  exported_at: z.string(),
  exported_at_local: z.string(),
  query: z.string(),
  parameters: z.record(z.string(), z.string()),
  query_id: z.string(),
  clickhouse: z.object({ version: z.string(), user: z.string(), timezone: z.string() }),
  siaga: z.string(),
  columns: z.array(z.object({ name: z.string(), type: z.string() })),
  /** Null for Parquet, which holds the number itself. */
  rows: z.number().nullable(),
  files: z.array(z.object({ name: z.string(), bytes: z.number(), sha256: z.string() })),
})
export type Manifest = z.infer<typeof Manifest>

export interface PackageParts {
  readonly clickhouse: ClickHouseOptions
  readonly query: string
  readonly params: Readonly<Record<string, string>>
  readonly settings: Readonly<Record<string, string | number>>
  /** `csv`: rows.jsonl and rows.csv of the same answer; `parquet`: rows.parquet alone, since a second answer could hold other rows. */
  readonly as: 'csv' | 'parquet'
  readonly about: Omit<Manifest, 'rows' | 'files' | 'query_id'>
  /** Milliseconds since 1970 UTC. */
  readonly at: number
  readonly key: KeyObject
  readonly signal: AbortSignal
  readonly onAdvance: (advance: Advance) => void
  readonly onWritten: (bytes: number) => void
}

export interface Packed {
  readonly folder: string
  readonly rows: number | null
  /** SHA-256 of the list of hashes: it stands for the whole package. */
  readonly sums: string
}

/** Writes the package into an empty file; memory does not grow with the rows. Rejects with what the server refuses, the file half written. */
export async function writePackage(file: FileHandle, parts: PackageParts): Promise<Packed> {
  const { about, key } = parts
  const folder = `siaga-export-${about.id}`
  const tar = createTar(file, parts.at)
  const add = (name: string, source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<TarEntry> =>
    tar.add(`${folder}/${name}`, source)
  const entries: TarEntry[] = []
  const answer = await rowsInto(tar, add, parts, entries)
  const text = async (name: string, content: string): Promise<void> => {
    entries.push(await add(name, [Buffer.from(content)]))
  }
  await text('query.sql', `${parts.query}\n`)
  const files = entries.map(({ name, bytes, sha256 }) => ({ name: name.slice(folder.length + 1), bytes, sha256 }))
  const manifest = Manifest.parse({ ...about, query_id: answer.queryId, rows: answer.rows, files })
  await text(MANIFEST, `${JSON.stringify(manifest, null, 2)}\n`)
  await text('README.txt', readme(manifest))
  await text('public-key.pem', publicPem(key))
  const list = Buffer.from(entries.map(({ name, sha256 }) => `${sha256}  ${name.slice(folder.length + 1)}\n`).join(''))
  const sums = await add(SUMS, [list])
  await add(SIGNATURE, [signBytes(key, list)])
  await tar.end()
  await file.sync()
  return { folder, rows: answer.rows, sums: sums.sha256 }
}

async function rowsInto(
  tar: TarWriter,
  add: TarWriter['add'],
  { clickhouse, query, params, settings, as, about, signal, onAdvance, onWritten }: PackageParts,
  entries: TarEntry[],
): Promise<{ queryId: string; rows: number | null }> {
  const format = as === 'csv' ? 'JSONEachRow' : 'Parquet'
  const answer = await watchQuery(clickhouse, query, {
    params,
    settings: {
      default_format: format,
      // A limit that is met must be an error: half an answer is no evidence.
      result_overflow_mode: 'throw',
      ...(as === 'csv' ? rowSettings : {}),
      ...settings,
    },
    signal,
    onAdvance,
  })
  if (answer.format !== format) {
    answer.body.destroy()
    throw new CommandError(
      'The query names a format of its own.',
      'Leave FORMAT out: the package decides it (--as).',
      2,
    )
  }
  let rows = 0
  async function* counted(): AsyncGenerator<Buffer> {
    for await (const part of withoutException(chunksOf(answer.body))) {
      if (as === 'csv') for (let at = part.indexOf(10); at >= 0; at = part.indexOf(10, at + 1)) rows++
      onWritten(part.length)
      yield part
    }
  }
  const main = await add(as === 'csv' ? 'rows.jsonl' : 'rows.parquet', counted())
  entries.push(main)
  if (as === 'csv') {
    const names = about.columns.map(({ name }) => name)
    entries.push(await add('rows.csv', untilAborted(csvOf(names, tar.read(main)), signal)))
  }
  return { queryId: answer.queryId, rows: as === 'csv' ? rows : null }
}

async function* untilAborted<T>(source: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  for await (const part of source) {
    signal.throwIfAborted()
    yield part
  }
}
