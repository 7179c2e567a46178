// Is a data directory half restored? A note says so from the first thing that is written to the last, and which topics were lost when it began.
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { writeJson } from '../../runtime/whole-file.ts'
import { CommandError } from '../frame.ts'
import { printable } from '../terminal.ts'

export const restoreParts = ['files', 'clickhouse', 'kafka'] as const
export type RestorePart = (typeof restoreParts)[number]

const Note = z.object({
  /** Of the back-up. */
  id: z.string(),
  folder: z.string(),
  /** What is being restored; a run after it that asks for less goes on with all of it. */
  parts: z.array(z.enum(restoreParts)).default([...restoreParts]),
  /** True once tables are being filled: until then what they hold is somebody's, after it what this restore has put there. */
  tables: z.boolean().default(false),
  /** Topics of Kafka that were empty when it began to fill them; undefined before. */
  lost: z.array(z.string()).optional(),
})
export type Note = z.infer<typeof Note>

const noteFile = (dataDir: string): string => join(dataDir, 'restore.json')

/** The note of a restore that has begun and not ended; undefined if there is none. */
export function readNote(dataDir: string): Note | undefined {
  try {
    return Note.parse(JSON.parse(readFileSync(noteFile(dataDir), 'utf8')))
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return undefined
    return { id: '', folder: '', parts: [...restoreParts], tables: false }
  }
}

export function writeNote(dataDir: string, note: Note): Promise<void> {
  return writeJson(noteFile(dataDir), note)
}

export function removeNote(dataDir: string): void {
  rmSync(noteFile(dataDir), { force: true })
}

/** Throws a CommandError where a restore was cut off: what is there looks whole and is not. */
export function refuseHalfRestored(dataDir: string): void {
  const note = readNote(dataDir)
  if (note === undefined) return
  throw new CommandError(
    `A restore into ${dataDir} was cut off.`,
    `Run it again, it goes on: siaga restore ${note.folder === '' ? '<folder>' : printable(note.folder)}`,
  )
}
