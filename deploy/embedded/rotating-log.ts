// Where does a child's output go? To a file that never grows beyond its bounds, with the newest text kept at hand.
import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

const maxBytes = 5 * 1024 * 1024
const tailLength = 4_000

/** A log file that is renamed to `<file>.1` at 5 MiB, so that two files at most exist. */
export interface RotatingLog {
  readonly file: string
  write(text: string): void
  /** The newest text since this log was opened, at most 4,000 characters. */
  tail(): string
}

/** Opens (and makes, with its folder) the log; the output of earlier runs stays in the file. */
export function openRotatingLog(file: string): RotatingLog {
  mkdirSync(dirname(file), { recursive: true })
  appendFileSync(file, '')
  let size = statSync(file).size
  let newest = ''
  return {
    file,
    write(text) {
      newest = (newest + text).slice(-tailLength)
      try {
        if (size > maxBytes) {
          renameSync(file, `${file}.1`)
          size = 0
        }
        appendFileSync(file, text)
        size += Buffer.byteLength(text)
      } catch {
        // A full disk must not take the supervisor down with it; the tail still tells the story.
      }
    },
    tail: () => newest.trim(),
  }
}
