// What is in a back-up, and is it whole and ours? manifest.json, written last, and a seal over it that only who has the master key can make.
import { createHmac, timingSafeEqual } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { deriveKey, keyName } from '../../runtime/secrets.ts'
import { writeWhole } from '../../runtime/whole-file.ts'
import { CommandError } from '../frame.ts'
import { printable } from '../terminal.ts'

const MANIFEST = 'manifest.json'
const SEAL = 'manifest.seal'

/** A path beneath the back-up: no part of it leads out, and none is hidden from people. */
const Inside = z
  .string()
  .min(1)
  .refine(
    (path) =>
      !/[\\\p{Cc}]/u.test(path) && path.split('/').every((part) => part !== '' && part !== '.' && part !== '..'),
    'leads out of the back-up',
  )
const Count = z.int().min(0)
const Name = z.string().regex(/^[A-Za-z0-9_]+$/)

const BackedFile = z.strictObject({
  path: Inside,
  bytes: Count,
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** Of a file that may change: when it last did, milliseconds since 1970 UTC. */
  modified: z.number().optional(),
})
export type BackedFile = z.infer<typeof BackedFile>

const Part = z.strictObject({
  name: z.string().regex(/^[A-Za-z0-9-]+(?:_\d+){3,4}$/),
  disk: Name,
  rows: Count,
  /** ClickHouse's own hash of everything in it; empty if it was not told. */
  content: z.string().regex(/^[0-9a-f]*$/),
  file: Inside,
})
export type Part = z.infer<typeof Part>

const Table = z.strictObject({ name: Name, rows: Count, parts: z.array(Part) })
export type Table = z.infer<typeof Table>

const Migrations = z.array(z.strictObject({ file: z.string(), checksum: z.string() }))

const ClickHousePart = z.discriminatedUnion('kind', [
  /** Parts of the embedded server, as files of this back-up. */
  z.strictObject({ kind: z.literal('parts'), migrations: Migrations, tables: z.array(Table) }),
  /** Where a server of one's own has put them: one place for each step. */
  z.strictObject({
    kind: z.literal('server'),
    migrations: Migrations,
    steps: z.array(z.strictObject({ place: z.string(), tables: z.array(Name) })),
    /** Place of the back-up that this one adds to. */
    base: z.string().optional(),
  }),
  z.strictObject({ kind: z.literal('none') }),
])
export type ClickHousePart = z.infer<typeof ClickHousePart>

const Committed = z.strictObject({
  partition: Count,
  offset: z.int(),
  /** Of raw events: the stream that the partition was. */
  stream: z.string(),
})
export type Committed = z.infer<typeof Committed>

export const KafkaPart = z.strictObject({
  cluster_id: z.string(),
  topics: z.array(z.strictObject({ topic: z.string(), file: Inside, records: Count })),
  /** Offsets behind what the alerts had taken, -1 nothing yet. */
  alerts: z.strictObject({ findings: z.int(), requests: z.int() }),
  /** What groups had committed, by group. */
  committed: z.record(z.string(), z.array(Committed)),
})
export type KafkaPart = z.infer<typeof KafkaPart>

export const Manifest = z.strictObject({
  format: z.literal('siaga-backup'),
  version: z.literal(1),
  id: z.string().regex(/^[0-9a-f]{32}$/),
  /** Version of Siaga that made it. */
  siaga: z.string(),
  created_at: z.iso.datetime(),
  finished_at: z.iso.datetime(),
  /** Tells one master key from another, and nothing about it. */
  key: z.string(),
  with_master_key: z.boolean(),
  clickhouse: ClickHousePart,
  kafka: KafkaPart,
  /** Version of the file of accounts; null if there was none. */
  accounts: Count.nullable(),
  /** Files of the configuration: where they lie in the back-up, and where they lay. */
  config: z.array(z.strictObject({ file: Inside, place: z.string() })),
  files: z.array(BackedFile),
})
export type Manifest = z.infer<typeof Manifest>

function sealOf(text: string, masterKey: Buffer): Buffer {
  return createHmac('sha256', deriveKey(masterKey, 'backup/seal')).update(text).digest()
}

/** Completes a back-up: a folder without the file is a cut-off one. */
export async function writeManifest(folder: string, manifest: Manifest, masterKey: Buffer): Promise<void> {
  const text = `${JSON.stringify(manifest, null, 1)}\n`
  await writeWhole(join(folder, SEAL), (handle) => handle.writeFile(`${sealOf(text, masterKey).toString('hex')}\n`))
  await writeWhole(join(folder, MANIFEST), (handle) => handle.writeFile(text))
}

/** Whether the back-up was finished. */
export async function isComplete(folder: string): Promise<boolean> {
  return (await textOf(folder, MANIFEST)) !== undefined
}

/** The manifest, not yet proven by a key. Rejects with a CommandError if the back-up was cut off or is none. */
export async function readManifest(folder: string): Promise<{ manifest: Manifest; text: string }> {
  const shown = printable(folder)
  const text = await textOf(folder, MANIFEST)
  if (text === undefined)
    throw new CommandError(
      `${shown} is no back-up, or one that was cut off: it has no ${MANIFEST}.`,
      'Name the folder of one back-up, such as /srv/backup/20261129T190000Z.',
    )
  const parsed = z.looseObject({ format: z.unknown(), version: z.unknown() }).safeParse(json(text))
  if (parsed.data?.format !== 'siaga-backup')
    throw new CommandError(`${shown} is no back-up of Siaga.`, 'Name the folder of one back-up.')
  if (parsed.data.version !== 1)
    throw new CommandError(
      `${shown} was made by a newer Siaga, in a form that this one does not know.`,
      'Restore it with the version of Siaga that made it, or a later one.',
    )
  const manifest = Manifest.safeParse(json(text))
  if (!manifest.success) throw damaged(shown, `${MANIFEST} cannot be read`)
  return { manifest: manifest.data, text }
}

/** Rejects with a CommandError if another master key made the back-up, or somebody has changed its manifest. */
export async function proveManifest(
  folder: string,
  { manifest, text }: { manifest: Manifest; text: string },
  masterKey: Buffer,
): Promise<void> {
  if (manifest.key !== keyName(masterKey))
    throw new CommandError(
      `The back-up was made under another master key (${printable(manifest.key)}) than the one here (${keyName(masterKey)}).`,
      'Put the master key of that installation into secrets/master.key of the data directory, or set SIAGA_MASTER_KEY. Without it tokens, second factors and passwords cannot be read.',
    )
  const seal = Buffer.from((await textOf(folder, SEAL))?.trim() ?? '', 'hex')
  const expected = sealOf(text, masterKey)
  if (seal.length !== expected.length || !timingSafeEqual(seal, expected))
    throw damaged(printable(folder), 'its manifest is not the one that was sealed')
}

/** What to say of a back-up that is not what it was. */
export function damaged(folder: string, detail: string): CommandError {
  return new CommandError(
    `The back-up ${folder} is damaged: ${detail}.`,
    'Nothing was restored. Take another back-up, or a copy of this one from another disk.',
  )
}

async function textOf(folder: string, name: string): Promise<string | undefined> {
  try {
    return await readFile(join(folder, name), 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return undefined
    throw error
  }
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
