// Which lines are one entry of a log whose entries have more than one line? Each format says where an entry begins.
import { isDigit } from '../bytes.ts'
import { addLine, type Ended, type Group, type Joiner, newGroup, type Payload } from './joiner.ts'

/** Where entries of a format begin and end. Pure, and without a copy of the line: it is asked for each. */
export interface EntryRule {
  /** `first`: the first of the `lines` of the entry that is open. */
  begins(line: Buffer, first: Buffer | undefined, lines: number): boolean
  /** The line is the last of the entry that begins with `first`. Absent: an entry ends where the next begins. */
  ends?(line: Buffer, first: Buffer): boolean
  /** The line is no part of any entry, whatever stands before it. Absent: lines that follow no entry are the rest of one, and are joined, too. */
  stands?(line: Buffer): boolean
}

/** Joins entries, of which one is open at a time. */
export function createEntryJoiner<L extends Payload>(rule: EntryRule, ended: Ended<L>): Joiner<L> {
  let entry: Group<L> | undefined
  /** Also of an entry that was cut in parts. */
  let first: Buffer | undefined
  /** Whoever reads on from the first line of what is open joins the same: there is no part of it before. */
  let fresh = false

  function finish(): void {
    if (entry === undefined) return
    const { lines, partial } = entry
    entry = undefined
    first = undefined
    ended(lines, partial)
  }

  function begin(line: L, partial: boolean): void {
    finish()
    first = line.payload
    entry = newGroup(line, partial)
    fresh = true
  }

  function take(line: L): boolean {
    const { payload } = line
    if (rule.begins(payload, first, entry?.lines.length ?? 0)) {
      begin(line, false)
      return true
    }
    if (rule.stands !== undefined && (entry === undefined || rule.stands(payload))) {
      finish()
      return false
    }
    if (entry === undefined || first === undefined) {
      begin(line, true)
      return true
    }
    if (!addLine(entry, line)) {
      ended(entry.lines, true)
      entry = newGroup(line, true)
      fresh = rule.stands === undefined
    }
    if (rule.ends?.(payload, first) === true) finish()
    return true
  }

  return {
    take,
    // An entry may go on behind any line.
    passed() {},
    pause() {},
    endOld() {
      if (entry?.old === true) finish()
      else if (entry !== undefined) entry.old = true
    },
    end: finish,
    get open() {
      return entry === undefined ? 0 : 1
    },
    get bytes() {
      return entry?.bytes ?? 0
    },
    get justBegun() {
      return fresh && entry?.lines.length === 1
    },
  }
}

function startsWith(line: Buffer, start: Buffer): boolean {
  if (line.length < start.length) return false
  for (let i = 0; i < start.length; i++) if (line[i] !== start[i]) return false
  return true
}

/** `2024-` at `at`. */
function isYear(line: Buffer, at: number): boolean {
  for (let i = 0; i < 4; i++) if (!isDigit(line[at + i])) return false
  return line[at + 4] === 45
}

const objectStart = Buffer.from('{"')

/** `[2024-11-27 08:16:03] production.ERROR: …`, or Monolog's JSON; stack traces go on behind it. */
const laravel: EntryRule = {
  begins: (line) => (line[0] === 91 && isYear(line, 1)) || startsWith(line, objectStart),
}

const phpStart = Buffer.from('<?php')

/** `ERROR - 2024-11-27 08:16:03 --> …`; version 2 and 3 write two spaces behind INFO. */
const codeigniter: EntryRule = {
  begins(line) {
    let at = 0
    for (let c = line[0] ?? 0; c >= 65 && c <= 90 && at < 10; c = line[at] ?? 0) at++
    if (at < 3) return startsWith(line, phpStart)
    if (line[at] === 32 && line[at + 1] === 32) at++
    return line[at] === 32 && line[at + 1] === 45 && line[at + 2] === 32 && isYear(line, at + 3)
  },
}

/** The server begins what follows the first line of a message with a tab. */
const postgresql: EntryRule = { begins: (line) => line[0] !== 9 }

const slowTime = Buffer.from('# Time: ')
const slowUser = Buffer.from('# User@Host: ')
const slowPort = Buffer.from('Tcp port: ')
const slowTitles = Buffer.from('Time      ')
const slowVersion = Buffer.from('started with:')

/**
 * The slow query log: `# Time: …` (not before each entry), `# User@Host: …`, then the statement. What the server writes when it opens the file, and
 * lines of the other logs, begin with a path, a time or the titles of columns.
 */
const mysql: EntryRule = {
  begins(line, first, lines) {
    if (line[0] !== 35) return false
    if (startsWith(line, slowTime)) return true
    return startsWith(line, slowUser) && !(lines === 1 && first !== undefined && startsWith(first, slowTime))
  },
  stands: (line) =>
    isYear(line, 0) ||
    startsWith(line, slowPort) ||
    startsWith(line, slowTitles) ||
    (line[0] === 47 && line.includes(slowVersion)),
}

/** Longest boundary of ModSecurity that is believed, with its dashes. */
const MAX_BOUNDARY = 72

/** Length of the line without a CR. */
function endOf(line: Buffer): number {
  return line[line.length - 1] === 13 ? line.length - 1 : line.length
}

/** Whether a line is `--BOUNDARY-X--` for the letter of a part. */
function isPart(line: Buffer, letter: number): boolean {
  const end = endOf(line)
  return (
    line[0] === 45 &&
    line[1] === 45 &&
    end > 7 &&
    end <= MAX_BOUNDARY &&
    line[end - 1] === 45 &&
    line[end - 2] === 45 &&
    line[end - 3] === letter &&
    line[end - 4] === 45
  )
}

/**
 * A transaction of the serial audit log, from part A to part Z. Its boundary is drawn by lot, so that no body of a request can end it; what looks
 * like another part A inside of it is such a body.
 */
const modsecurity: EntryRule = {
  begins: (line, first) => first === undefined && isPart(line, 65),
  stands: () => false,
  ends: (line, first) =>
    isPart(line, 90) && line.subarray(0, endOf(line) - 3).equals(first.subarray(0, endOf(first) - 3)),
}

/** By the format that a source is set to. Entries have no ids: they are joined only where people say what the lines are. */
export const entryRules: ReadonlyMap<string, EntryRule> = new Map([
  ['laravel', laravel],
  ['codeigniter', codeigniter],
  ['postgresql', postgresql],
  ['mysql', mysql],
  ['modsecurity', modsecurity],
])
