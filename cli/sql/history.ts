// What did this person ask before? A file of theirs alone, bounded, that keeps no citizen's number and nothing that begins with a space.
import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { createTokeniser } from '../../ingest/tokenise.ts'
import { makeFolder } from '../../runtime/folders.ts'
import { writeWhole } from '../../runtime/whole-file.ts'
import { onOneLine } from './lexer.ts'

/** Entries that are kept; the file is cut back to them when it holds half as many again. */
export const HISTORY_ENTRIES = 1_000
const MAX_ENTRY = 8_000
const MAX_FILE = 16 * 1024 * 1024

export interface History {
  /** The newest first, as readline wants it. */
  readonly entries: readonly string[]
  /** What becomes of a finished statement in the list: itself on one line, or undefined if it is not to be kept. Appends it to the file. */
  add(statement: string): Promise<string | undefined>
}

/** The file of the history: SIAGA_SQL_HISTORY, else in the folder for states of programs; undefined if the history is off. */
export function historyFile(env: NodeJS.ProcessEnv): string | undefined {
  const named = env.SIAGA_SQL_HISTORY?.trim()
  if (named === 'off') return undefined
  if (named !== undefined && named !== '') return named
  const state = env.XDG_STATE_HOME?.trim()
  return join(state === undefined || state === '' ? join(homedir(), '.local', 'state') : state, 'siaga', 'sql_history')
}

// The same scan as of events; its tokens are thrown away, so the key is anybody's.
const tokenise = createTokeniser(randomBytes(32))

/** True for text with a number of a citizen: the history must not become a list of whom somebody looked for. */
function namesCitizen(text: string): boolean {
  const bytes = Buffer.from(text)
  return tokenise(bytes) !== bytes
}

/** Opens the history. Without a file, and where the file cannot be used, statements are remembered for this session only. */
export async function openHistory(file: string | undefined, onProblem: (error: unknown) => void): Promise<History> {
  let usable = file
  const entries = file === undefined ? [] : await read(file)
  return { entries: entries.toReversed(), add }

  async function read(path: string): Promise<string[]> {
    try {
      makeFolder(dirname(path), 0o700)
      const handle = await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600)
      try {
        const info = await handle.stat()
        if (!info.isFile()) throw new Error(`${path} is not a file`)
        if ((info.mode & 0o077) !== 0) await handle.chmod(0o600)
        if (info.size > MAX_FILE) throw new Error(`${path} is larger than ${MAX_FILE} bytes`)
        const lines = (await handle.readFile('utf8')).split('\n').filter((line) => line !== '')
        const kept = lines.slice(-HISTORY_ENTRIES)
        if (lines.length > HISTORY_ENTRIES * 1.5) {
          await writeWhole(path, (draft) => draft.writeFile(kept.map((line) => `${line}\n`).join('')))
        }
        return kept
      } finally {
        await handle.close()
      }
    } catch (error) {
      usable = undefined
      onProblem(error)
      return []
    }
  }

  async function add(statement: string): Promise<string | undefined> {
    if (/^\s/.test(statement)) return undefined
    const line = onOneLine(statement)
    if (line === undefined || line === '' || line.length > MAX_ENTRY) return undefined
    if (usable === undefined || namesCitizen(line)) return line
    try {
      const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW
      const handle = await open(usable, flags, 0o600)
      await handle.writeFile(`${line}\n`).finally(() => handle.close())
    } catch (error) {
      usable = undefined
      onProblem(error)
    }
    return line
  }
}
