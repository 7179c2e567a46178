// Which identifiers are in one run of digits and separators?
import { isDigit, isHex } from '../bytes.ts'
import { isEscape } from '../encodings.ts'
import { byte, type Group, type Identifier, latin1 } from './identifier.ts'
import { nikAt } from './nik.ts'
import { phoneAt } from './phone.ts'

const separators = new Set([
  ' ',
  '.',
  '-',
  '+',
  '%20',
  '\xc2\xa0',
  ' - ',
  ')',
  ') ',
  ')-',
  ')%20',
  ' (',
  '-(',
  '(',
  '%29',
  '%29%20',
  '%29-',
])
for (const c of ['\x90', '\x91', '\x92', '\x93', '\x94']) separators.add(`\xe2\x80${c}`)
const LONGEST_SEPARATOR = 6

/** Finds the identifiers in one run of digits and separators; true if it holds percent-encoded digits. */
export function examine(payload: Buffer, start: number, stop: number, found: Identifier[]): boolean {
  const groups: Group[] = []
  let escaped = false
  let i = start
  let lastEnd = -1
  while (i < stop) {
    if (!isDigit(byte(payload, i))) {
      i++
      continue
    }
    let end = i + 1
    while (end < stop && isDigit(byte(payload, end))) end++
    let begin = i
    if (byte(payload, i - 1) === 37 && isEscape(payload, i - 1)) escaped = true
    const glued = escapeOverlap(payload, i, end)
    begin = i + glued
    if (begin < end) {
      const between = lastEnd >= 0 && begin - lastEnd <= LONGEST_SEPARATOR ? latin1(payload, lastEnd, begin) : ''
      const digits = end - begin <= 20 ? latin1(payload, begin, end) : ''
      groups.push({
        start: begin,
        end,
        digits,
        join: digits !== '' && separators.has(between) ? between : '',
        ...(glued > 0 && mayBePlain(byte(payload, i - 1)) && end - i <= 20
          ? { whole: { start: i, end, digits: latin1(payload, i, end), join: '' } }
          : {}),
      })
      lastEnd = end
    }
    i = end
  }
  for (let g = 0; g < groups.length; g++) {
    const group = groups[g]
    if (group === undefined) continue
    const { whole } = group
    // The group is exchanged in place: a copy of all groups for each of them is what a text of escapes would wait for.
    const hitAt = (find: typeof nikAt): Identifier | undefined => {
      const hit = find(payload, groups, g)
      if (hit !== undefined || whole === undefined) return hit
      groups[g] = whole
      const other = find(payload, groups, g)
      groups[g] = group
      return other
    }
    const hit = hitAt(nikAt) ?? hitAt(phoneAt)
    if (hit === undefined) continue
    const previous = found.at(-1)
    if (previous !== undefined && previous.end > hit.start) continue
    found.push(hit)
    while (g + 1 < groups.length && (groups[g + 1]?.start ?? 0) < hit.end) g++
  }
  return escaped
}

/** Percent sign, backslash, number sign: they begin escapes of digits alone, or none. */
function mayBePlain(c: number): boolean {
  return c === 37 || c === 92 || c === 35
}

/**
 * How many digits at the head of a group belong to an escape in front of them: %20, %C3%A9, \x20, \u0020, \u00e9, and the octal
 * #012 and \012 that rsyslog and vis(3) write.
 */
function escapeOverlap(payload: Buffer, start: number, end: number): number {
  const one = byte(payload, start - 1)
  const length = end - start
  // A percent sign may also be one of LIKE '%0812%': %08, %62 and the digits themselves are not what people encode.
  if (one === 37) {
    if (length === 1) return isHex(byte(payload, end)) ? 1 : 0
    return /^(?:[24579]|0[^8]|6[^2])/.test(latin1(payload, start, start + 2)) ? 2 : 0
  }
  if (one === 35) return /^(?:0[0-3][0-7]|177)/.test(latin1(payload, start, start + 3)) ? 3 : 0
  if (one === 92) return /^[0-3][0-7][0-7]/.test(latin1(payload, start, start + 3)) ? 3 : 0
  const two = byte(payload, start - 2)
  if (two === 37 && isHex(one)) return 1
  if (two === 92 && one === 120) return Math.min(2, length)
  for (let hex = 0; hex < 4; hex++) {
    const at = start - hex - 2
    if (at >= 0 && byte(payload, at) === 92) {
      const letter = byte(payload, at + 1)
      if (letter === 117) return Math.min(4 - hex, length)
      if (letter === 120 && hex === 1) return 1
    }
    if (!isHex(byte(payload, start - hex - 1))) break
  }
  return 0
}
