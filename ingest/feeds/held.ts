// Which updates wait for a person, and what did people decide? Each is kept whole with its reasons; decisions may come from another process.
import { randomBytes } from 'node:crypto'
import { link, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { writeJson } from '../../runtime/whole-file.ts'
import { type CopyMeta, isMissing } from './copy.ts'
import { feedFiles } from './folders.ts'

/** `protected`: names of ours. `carrier`: addresses that many people share. `traffic`: too many events. `shrunk`: nearly nothing is left. */
export const HoldReason = z.object({
  kind: z.enum(['protected', 'carrier', 'traffic', 'shrunk']),
  count: z.int(),
  examples: z.array(z.string()),
})
export type HoldReason = z.infer<typeof HoldReason>

const Verdict = z.enum(['approved', 'rejected'])
export type Verdict = z.infer<typeof Verdict>

export const Decision = z.object({
  verdict: Verdict,
  /** Who decided, and why. */
  by: z.string(),
  reason: z.string(),
  at: z.number(),
  /** Of a rejection: what is protected or a carrier's is left out from now on, so that the rest may come. */
  leave_out: z.boolean().default(false),
})
export type Decision = z.infer<typeof Decision>

const Record = z.object({
  version: z.literal(1),
  id: z.string(),
  feed: z.string(),
  at: z.number(),
  reasons: z.array(HoldReason),
  indicators: z.int(),
  added: z.int(),
  removed: z.int(),
  fingerprint: z.string(),
  /** When the decision was carried out, or when another update took its place; 0 not. */
  settled: z.number(),
  superseded: z.number(),
})

export type HeldUpdate = z.infer<typeof Record> & { readonly decision: Decision | undefined }

/** Most updates that are kept of a feed once they have been decided. */
const KEPT = 20

const recordFile = (folder: string, id: string): string => join(folder, `${id}.json`)
const decisionFile = (folder: string, id: string): string => join(folder, `${id}.decision.json`)
/** The whole update. */
export function heldCopy(dataDir: string, feed: string, id: string): string {
  return join(feedFiles(dataDir, feed).held, `${id}.ndjson.zst`)
}

/** True while a person's word is awaited. */
export function isWaiting(update: HeldUpdate): boolean {
  return update.decision === undefined && isOpen(update)
}

/** True while something is still to be done about it: by a person, or by the collector after one. */
export function isOpen({ superseded, settled }: HeldUpdate): boolean {
  return superseded === 0 && settled === 0
}

/** The updates of a feed that were held, newest first. What cannot be read is left out. */
export async function listHeld(dataDir: string, feed: string): Promise<HeldUpdate[]> {
  const { held } = feedFiles(dataDir, feed)
  const names = await readdir(held).catch((error: unknown) => {
    if (isMissing(error)) return []
    throw error
  })
  const found: HeldUpdate[] = []
  for (const name of names) {
    if (!/^[0-9a-z-]+\.json$/.test(name)) continue
    const record = Record.safeParse(await readJson(join(held, name))).data
    if (record === undefined) continue
    const decision = Decision.safeParse(await readJson(decisionFile(held, record.id))).data
    found.push({ ...record, decision })
  }
  return found.sort((a, b) => b.at - a.at || b.id.localeCompare(a.id))
}

/** Keeps a draft as an update that waits; one that waited before it is superseded. */
export async function holdUpdate(
  dataDir: string,
  meta: CopyMeta,
  reasons: readonly HoldReason[],
  now: number,
): Promise<HeldUpdate> {
  const { held, draft } = feedFiles(dataDir, meta.feed)
  await mkdir(held, { recursive: true, mode: 0o700 })
  await supersede(dataDir, meta.feed, now)
  const stamp = new Date(now)
    .toISOString()
    .replace(/[-:]|\.\d+/g, '')
    .toLowerCase()
  const id = `${stamp}-${meta.fingerprint.slice(0, 8)}${randomBytes(2).toString('hex')}`
  const { feed, indicators, added, removed, fingerprint } = meta
  const record: z.infer<typeof Record> = {
    version: 1,
    id,
    feed,
    at: now,
    reasons: [...reasons],
    indicators,
    added,
    removed,
    fingerprint,
    settled: 0,
    superseded: 0,
  }
  await rename(draft, heldCopy(dataDir, feed, id))
  await writeJson(recordFile(held, id), record)
  await prune(dataDir, feed)
  return { ...record, decision: undefined }
}

/** Marks what waits, or was approved and not carried out yet, as overtaken by a later update. */
export async function supersede(dataDir: string, feed: string, now: number): Promise<void> {
  for (const update of await listHeld(dataDir, feed)) {
    if (isOpen(update) && update.decision?.verdict !== 'rejected') await mark(dataDir, update, { superseded: now })
  }
}

/** Marks a decision as carried out. */
export async function markSettled(dataDir: string, update: HeldUpdate, now: number): Promise<void> {
  await mark(dataDir, update, { settled: now })
}

async function mark(
  dataDir: string,
  { decision: _, ...record }: HeldUpdate,
  change: { settled?: number; superseded?: number },
): Promise<void> {
  await writeJson(recordFile(feedFiles(dataDir, record.feed).held, record.id), { ...record, ...change })
}

/**
 * Writes what a person decided about the update of a feed that waits; the running collector finds it within seconds, one that does not run
 * at its start. Answers the update, or why nothing was decided: nothing waits, or somebody decided a moment before.
 */
export async function decide(
  dataDir: string,
  feed: string,
  decision: Decision,
): Promise<{ kind: 'decided'; update: HeldUpdate } | { kind: 'none' } | { kind: 'taken' }> {
  const update = (await listHeld(dataDir, feed)).find(isWaiting)
  if (update === undefined) return { kind: 'none' }
  const { held } = feedFiles(dataDir, feed)
  const draft = `${decisionFile(held, update.id)}.${randomBytes(4).toString('hex')}`
  await writeNew(draft, JSON.stringify(decision))
  try {
    // A link fails where there is one: of two people at one moment the first decides.
    await link(draft, decisionFile(held, update.id))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return { kind: 'taken' }
    throw error
  } finally {
    await rm(draft, { force: true })
  }
  return { kind: 'decided', update: { ...update, decision } }
}

async function prune(dataDir: string, feed: string): Promise<void> {
  const { held } = feedFiles(dataDir, feed)
  const old = (await listHeld(dataDir, feed)).filter((update) => !isWaiting(update)).slice(KEPT)
  for (const { id } of old) {
    await rm(heldCopy(dataDir, feed, id), { force: true })
    await rm(decisionFile(held, id), { force: true })
    await rm(recordFile(held, id), { force: true })
  }
}

/** A small JSON file; undefined for one that is not there or no JSON. */
export async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'))
  } catch (error) {
    if (isMissing(error) || error instanceof SyntaxError) return undefined
    throw error
  }
}

async function writeNew(file: string, text: string): Promise<void> {
  const handle = await open(file, 'wx', 0o600)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
}
