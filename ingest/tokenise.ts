// Which bytes of a payload identify a citizen (NIK, NKK, phone number), and what stands there instead?
// Pure byte scanning: no regular expression runs over a payload, so a hostile one costs no more than a friendly one.
import { createHmac } from 'node:crypto'
import { isDigit, isHex } from './bytes.ts'
import { asItCame, fromHex, hasHexOfDigits, isEscape, type Reading, unescaped } from './encodings.ts'

/**
 * Province codes of the Ministry of Home Affairs (Kemendagri): today's 38 and East Timor (54), whose former citizens keep
 * their numbers. NIK layout: Presidential Regulation 26/2009 art. 3: PP KK CC DDMMYY SSSS, day + 40 for women.
 */
const provinces = new Set([
  11, 12, 13, 14, 15, 16, 17, 18, 19, 21, 31, 32, 33, 34, 35, 36, 51, 52, 53, 54, 61, 62, 63, 64, 65, 71, 72, 73, 74,
  75, 76, 81, 82, 91, 92, 93, 94, 95, 96, 97,
])

/** Groupings in which people write a NIK; any other 16 digits need a label. */
const nikLayouts = new Set(['16', '4 4 4 4', '6 6 4', '2 2 2 6 4', '2 2 2 2 2 2 4', '12 4', '6 10', '8 8'])
/** With a dot between them these are decimal numbers. */
const notWithDots = new Set(['12 4', '6 10', '8 8'])

/** An identifier is at least this long: a regional landline number. The scan steps this far through other text. */
const MIN_LENGTH = 9
/** How far an identifier can reach, written with an escape for each digit and separators between: what a cut must look beyond. */
export const LONGEST_IDENTIFIER = 256
const LABEL_REACH = 64
/** Escapes inside escapes that are looked through: more than the rules' own reading of a request decodes. */
const LAYERS = 4

const DIGIT = 1
const SEPARATOR = 2
const ESCAPE = 3

/** What a byte may be inside an identifier. */
const kinds = new Uint8Array(256)
for (let c = 48; c < 58; c++) kinds[c] = DIGIT
for (const c of Buffer.from(' .-+%()')) kinds[c] = SEPARATOR
// UTF-8 of the no-break space and of the dashes U+2010 to U+2014.
for (const c of [0xc2, 0xa0, 0xe2, 0x80, 0x90, 0x91, 0x92, 0x93, 0x94]) kinds[c] = SEPARATOR
for (const c of Buffer.from('\\ux&#;DE')) kinds[c] = ESCAPE
// Fullwidth digits, U+FF10 to U+FF19.
for (const c of [0xef, 0xbc, 0x95, 0x96, 0x97, 0x98, 0x99]) kinds[c] = ESCAPE

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

const nikLabel =
  /(?:(?:(?<![A-Za-z])|(?<![A-Za-z])(?:[Nn][Oo](?:[Mm][Oo][Rr])?|[Nn][Uu][Mm]|[Ii][Dd]|[Ee]))(?:(?:nik|nkk|ktp|kk|Nik|Nkk|Ktp|Kk)(?![a-z])|(?:NIK|NKK|KTP|KK)(?![A-Za-z]))|(?<=[a-z])(?:Nik|NIK|Nkk|NKK|Ktp|KTP|KK)(?![a-z])|[Kk]ependudukan|KEPENDUDUKAN|[Kk]artu.[Kk]eluarga)(?:%[0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}|\\x[0-9A-Fa-f]{2}|[^0-9,;&}\n]){0,32}$/
const phoneLabel =
  /(?:phone|tele?[pf]o?n?|tlp|ponsel|seluler|msisdn|whats ?app|kontak|(?:(?<![a-z])|(?<![a-z])no(?:mor)?)(?:hp|hape|wa|tel|sms|mobile|gsm|cell)(?![a-z]))(?:%[0-9a-f]{2}|\\u[0-9a-f]{4}|\\x[0-9a-f]{2}|[^0-9,;&}\n]){0,24}$/i
const camelPhoneLabel = /[a-z](?:Hp|HP|Wa|WA|Tel|Sms|Mobile)(?![a-z])[^0-9,;&}\n]{0,24}$/

function byte(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0
}

/** Bytes as characters; the places may lie outside. */
function latin1(bytes: Buffer, from: number, to: number): string {
  return bytes.toString('latin1', Math.max(0, from), to)
}

/** True if 16 digits are built like a NIK or NKK. In provinces 14 to 19 few regency codes are taken, so that epochs in microseconds stay. */
export function fitsNik(digits: string): boolean {
  if (digits.length !== 16) return false
  const province = Number(digits.slice(0, 2))
  if (!provinces.has(province)) return false
  const regency = Number(digits.slice(2, 4))
  if (!((regency >= 1 && regency <= 39) || (regency >= 71 && regency <= 79))) return false
  if (province >= 14 && province <= 19 && regency > 15 && regency < 71) return false
  if (digits.slice(4, 6) === '00') return false
  const day = Number(digits.slice(6, 8))
  if (!((day >= 1 && day <= 31) || (day >= 41 && day <= 71))) return false
  const month = Number(digits.slice(8, 10))
  return month >= 1 && month <= 12 && digits.slice(12) !== '0000'
}

/** An identifier found: bytes [start, end) of the payload, and the digits that every way of writing it shares. */
interface Identifier {
  start: number
  end: number
  kind: 'nik' | 'tel'
  normal: string
  /** It was written as the hexadecimal form of its bytes, and so must the token be. */
  hex?: boolean
}

interface Group {
  start: number
  end: number
  digits: string
  /** Text between the group before and this one if they may belong together, else ''. */
  join: string
  /**
   * The same group with the digits that an escape seems to own: `%31` may also be the percent sign of a LIKE '%31…', `\317` and `#317` the
   * backslash between a domain and its user and the number sign of a form.
   */
  whole?: Group
}

/** Makes a tokeniser. `tokenKey` never changes in the life of an installation: the same person keeps the same token. */
export function createTokeniser(tokenKey: Uint8Array): (payload: Buffer, keep?: number) => Buffer {
  const known = new Map<string, string>()

  function token(kind: Identifier['kind'], normal: string): string {
    const key = kind + normal
    const before = known.get(key)
    if (before !== undefined) return before
    const made = `${kind}-${createHmac('sha256', tokenKey).update(key).digest('hex').slice(0, 16)}`
    if (known.size >= 10_000) known.clear()
    known.set(key, made)
    return made
  }

  /**
   * The payload with every identifier replaced; the same buffer if there is none. `keep`: only so many bytes of the payload are
   * wanted, an identifier that begins before that point is replaced whole.
   */
  return (payload, keep = payload.length) => {
    const scanned = keep < payload.length ? payload.subarray(0, keep + LONGEST_IDENTIFIER) : payload
    const found = findIdentifiers(scanned)
    if (found.length === 0) return keep < payload.length ? payload.subarray(0, keep) : payload
    const position = new JsonPosition(payload)
    const parts: Buffer[] = []
    let done = 0
    for (const { start, end, kind, normal, hex } of found) {
      if (start >= keep) break
      parts.push(payload.subarray(done, start))
      const place = position.ofNumber(start, end)
      parts[parts.length - 1] = payload.subarray(done, place.start)
      const made = token(kind, normal)
      parts.push(Buffer.from(hex ? hexOf(made) : place.quote + made + place.quote, 'latin1'))
      done = place.end
    }
    if (done < keep) parts.push(payload.subarray(done, keep))
    return Buffer.concat(parts)
  }
}

/** A token as the audit system writes it; its readers decode it again. */
function hexOf(text: string): string {
  return Buffer.from(text, 'latin1').toString('hex').toUpperCase()
}

/** Every identifier in the payload, in order, none overlapping. */
function findIdentifiers(payload: Buffer): Identifier[] {
  const found: Identifier[] = []
  const escaped = scan(payload, found)
  if (!escaped) return found
  // Look at the text that the escapes stand for, layer by layer, and map what is found back to the bytes as they came.
  const came = asItCame(payload)
  const hex = fromHex(payload)
  if (hex !== undefined) addFrom(hex, payload, found)
  for (const base of hex === undefined ? [came] : [came, hex]) {
    for (const percent of base.text.includes(37) ? [false, true] : [false]) {
      let reading = unescaped(base, percent)
      for (let layer = 0; layer < LAYERS && reading !== undefined; layer++) {
        reading = addFrom(reading, payload, found) ? unescaped(reading, true) : undefined
      }
    }
  }
  return found
}

/** Adds what a reading shows, with the places that it came from; true if it has escapes of its own. */
function addFrom({ text, origin }: Reading, payload: Buffer, found: Identifier[]): boolean {
  const hidden: Identifier[] = []
  const escaped = scan(text, hidden)
  mergeInto(
    found,
    hidden.map((one) => {
      const start = origin[one.start] ?? 0
      const end = origin[one.end] ?? payload.length
      const hex = end - start === 2 * (one.end - one.start) && isHexWord(payload, start, end)
      return { ...one, start, end, hex }
    }),
  )
  return escaped
}

function isHexWord(payload: Buffer, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (!isHex(byte(payload, i))) return false
  return true
}

/**
 * Takes over what another reading of the same text shows. Where readings overlap only one can be right: a NIK before the phone number that
 * its digits hold, and the whole of a number before a part of it. Both lists are in order without overlaps and stay so.
 */
function mergeInto(found: Identifier[], more: Identifier[]): void {
  const before = found.splice(0)
  let next = 0
  for (const one of more) {
    for (let other = before[next]; other !== undefined && other.end <= one.start; other = before[++next])
      found.push(other)
    let to = next
    let wins = true
    for (let other = before[to]; other !== undefined && other.start < one.end; other = before[++to])
      wins &&= outweighs(one, other)
    if (!wins) continue
    found.push(one)
    next = to
  }
  for (; next < before.length; next++) {
    const other = before[next]
    if (other !== undefined) found.push(other)
  }
}

function outweighs(one: Identifier, other: Identifier): boolean {
  if (one.kind !== other.kind) return one.kind === 'nik'
  return one.normal.length > other.normal.length
}

/** Finds the identifiers; true if some digits are written as escapes. */
function scan(payload: Buffer, found: Identifier[]): boolean {
  const length = payload.length
  let escaped = false
  let floor = 0
  let i = MIN_LENGTH - 1
  while (i < length) {
    const kind = kinds[byte(payload, i)]
    if (kind === 0) {
      i += MIN_LENGTH
      continue
    }
    if (kind === ESCAPE) {
      escaped ||= isEscapeAround(payload, i)
      i += MIN_LENGTH
      continue
    }
    let start = i
    while (start > floor && isRun(byte(payload, start - 1))) start--
    let stop = i + 1
    while (stop < length && isRun(byte(payload, stop))) stop++
    escaped ||= isHiddenBeside(payload, start, stop)
    if (stop - start >= MIN_LENGTH && isPromising(payload, start, stop)) {
      escaped = examine(payload, start, stop, found) || escaped
    }
    floor = stop
    // The byte at `stop` ends the run: the next identifier begins after it.
    i = stop + MIN_LENGTH
  }
  return escaped
}

/** Does an escape of a digit stand here, this byte being one of its first? */
function isEscapeAround(payload: Buffer, at: number): boolean {
  for (let i = at; i > at - 3; i--) if (isEscape(payload, i)) return true
  return false
}

/** Do the digits of a run go on as escapes, or are they the hexadecimal form of digits? */
function isHiddenBeside(payload: Buffer, start: number, stop: number): boolean {
  return (
    isEscape(payload, stop) ||
    isEscape(payload, stop - 1) ||
    isEscape(payload, stop - 2) ||
    isEscape(payload, start - 2) ||
    isEscape(payload, start - 1) ||
    // The letter of %252B stands right before the run.
    isEscape(payload, start - 5) ||
    hasHexOfDigits(payload, start, stop)
  )
}

function isRun(c: number): boolean {
  const kind = kinds[c]
  return kind === DIGIT || kind === SEPARATOR
}

/** Cheap refusal of runs such as addresses and times: true if an identifier may begin in it. */
function isPromising(payload: Buffer, start: number, stop: number): boolean {
  let digits = 0
  let group = 0
  let first = 0
  let second = 0
  /** Digits before the first place where a phone number may begin. */
  let hint = isEscapeTail(byte(payload, start - 1)) ? 0 : Number.POSITIVE_INFINITY
  for (let i = start; i <= stop; i++) {
    const c = i < stop ? byte(payload, i) : 0
    if (isDigit(c)) {
      if (group === 0) first = c
      else if (group === 1) second = c
      group++
      digits++
      continue
    }
    // 48 is 0, 54 is 6, 50 is 2, 56 is 8, 37 the percent sign.
    if (
      group >= 3
        ? first === 48 || first === 56 || (first === 54 && second === 50)
        : group === 2 && first === 54 && second === 50
    ) {
      if (digits - group < hint) hint = digits - group
    }
    if (c === 37 && digits < hint) hint = digits
    group = 0
  }
  return digits >= 16 || digits - hint >= MIN_LENGTH
}

/** May this byte in front of digits be part of an escape, so that some of the digits are too? */
function isEscapeTail(c: number): boolean {
  return c === 35 || c === 92 || c === 120 || c === 117 || isHex(c)
}

/** Finds the identifiers in one run of digits and separators; true if it holds percent-encoded digits. */
function examine(payload: Buffer, start: number, stop: number, found: Identifier[]): boolean {
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

/** A NIK or NKK that begins with this group. */
function nikAt(payload: Buffer, groups: Group[], from: number): Identifier | undefined {
  const first = groups[from]
  if (first === undefined || first.digits === '') return undefined
  let digits = first.digits
  let layout = String(digits.length)
  let smallest = digits.length
  let dots = false
  let to = from
  while (digits.length < 16) {
    const next = groups[to + 1]
    if (next === undefined || next.join === '' || next.digits === '') break
    to++
    digits += next.digits
    layout += ` ${next.digits.length}`
    smallest = Math.min(smallest, next.digits.length)
    dots ||= next.join === '.'
  }
  const last = groups[to]
  if (last === undefined) return undefined
  let end = last.end
  if (first.digits.length === 1) return scientificNik(payload, groups, from)
  if (digits.length !== 16) return undefined
  const next = groups[to + 1]
  if (next?.join === '.' && /^0{1,6}$/.test(next.digits)) end = next.end
  const fraction = to === from && first.join === '.' && (groups[from - 1]?.digits.length ?? 16) <= 4
  const fits = fitsNik(digits) && nikLayouts.has(layout) && !(dots && notWithDots.has(layout)) && !fraction
  if (!fits && !(smallest >= 2 && isLabelled(payload, first.start, nikLabel))) return undefined
  return { start: first.start, end, kind: 'nik', normal: digits }
}

/** Java and spreadsheets write long numbers as 3.171010101900001E15. */
function scientificNik(payload: Buffer, groups: Group[], from: number): Identifier | undefined {
  const whole = groups[from]
  const fraction = groups[from + 1]
  if (whole?.digits.length !== 1 || fraction?.join !== '.' || fraction.digits.length > 15 || fraction.digits.length < 9)
    return undefined
  const exponent = /^[eE]\+?15(?!\d)/.exec(latin1(payload, fraction.end, fraction.end + 5))
  const digits = (whole.digits + fraction.digits).padEnd(16, '0')
  if (exponent === null || !fitsNik(digits)) return undefined
  return { start: whole.start, end: fraction.end + exponent[0].length, kind: 'nik', normal: digits }
}

/** A phone number that begins with this group. ITU-T E.164, Indonesian numbering plan (Permenkominfo 14/2018): mobile 8xx, 9 to 12 digits. */
function phoneAt(payload: Buffer, groups: Group[], from: number): Identifier | undefined {
  const first = groups[from]
  if (first === undefined || !/^(?:0\d|62|8\d)/.test(first.digits)) return undefined
  const plus = plusBefore(payload, first.start)
  const head = plus > 0 && first.digits.startsWith('62') ? first.start - plus : first.start
  const certain = head < first.start
  let labelled: boolean | undefined
  const isPhone = (): boolean => {
    labelled ??= isLabelled(payload, head, phoneLabel) || isLabelled(payload, head, camelPhoneLabel)
    return labelled
  }
  // What follows a decimal point is a fraction.
  if (!certain && first.join === '.' && !isPhone()) return undefined

  let digits = ''
  let best: { to: number; normal: string } | undefined
  for (let to = from; to < groups.length && to < from + 7; to++) {
    const group = groups[to]
    if (group === undefined || group.digits === '' || (to > from && group.join === '')) break
    digits += group.digits
    if (digits.length > 17) break
    const national = nationalDigits(digits)
    if (national === '') continue
    const lengths = groups.slice(from, to + 1)
    const written = isWrittenAsPhone(lengths, certain)
    const mobile = /^8[1-9]/.test(national)
    const most = to === from ? 13 : 12
    const short = national.length < 9 && !(certain && mobile && national.length === 8)
    const whole = mobile
      ? !short && national.length <= most && ((written && (!digits.startsWith('8') || isPhone())) || isPhone())
      : /^[2-79]/.test(national) && national.length >= 8 && national.length <= 11 && (certain || isPhone())
    if (!whole) continue
    if (to > from && byte(payload, group.end) === 58 && isDigit(byte(payload, group.end + 1))) continue
    best = { to, normal: `+62${national}` }
    // A number complete in one piece ends there: what comes after a space is another field.
    if (group.digits.length >= MIN_LENGTH) break
  }
  if (best === undefined) return undefined
  const last = groups[best.to]
  if (last === undefined) return undefined
  let end = last.end
  const next = groups[best.to + 1]
  if (next?.join === '.' && byte(payload, end) === 46) {
    if (/^0{1,2}$/.test(next.digits)) end = next.end
    else if (best.to === from && !certain && !first.digits.startsWith('0') && !isPhone()) return undefined
  }
  if (!certain && isInsideHex(payload, first.start, last.end) && !isPhone()) return undefined
  let start = head
  if (byte(payload, start - 1) === 40 && /^[^(]*\)/.test(latin1(payload, start, end))) start--
  return { start, end, kind: 'tel', normal: best.normal }
}

/** Digits after the country code or the trunk zero; '' if it is neither. */
function nationalDigits(digits: string): string {
  if (digits.startsWith('0062')) return digits.slice(digits[4] === '0' ? 5 : 4)
  if (digits.startsWith('62')) return digits.slice(digits[2] === '0' ? 3 : 2)
  if (digits.startsWith('00')) return ''
  return digits.startsWith('0') ? digits.slice(1) : digits
}

/** Are these groups how a mobile number is written, without a label to say so? */
function isWrittenAsPhone(groups: Group[], certain: boolean): boolean {
  const first = groups[0]
  if (first === undefined) return false
  if (groups.length === 1) return true
  // The country code alone may stand in front; what follows it is the number.
  const alone = /^(?:62|0062)$/.test(first.digits)
  const rest = alone ? groups.slice(groups[1]?.digits === '0' ? 2 : 1) : groups
  const head = rest[0]
  if (head === undefined) return false
  if (alone ? !/^0?8/.test(head.digits) || head.digits.length < 3 : head.digits.length < 4) return false
  const tails = rest.slice(1)
  const joins = tails.map((group) => group.join)
  if (joins[0]?.includes(')')) joins.shift()
  if (joins.some((join) => join !== joins[0])) return false
  const pairs = tails.length >= 3 && tails.every((group) => group.digits.length === 2)
  if (!pairs && !tails.every((group) => group.digits.length >= 3)) return false
  if (certain || first.digits.startsWith('0')) return true
  // 62 8xx without a plus could be a row of figures: no further figure may stand before it.
  return first.join !== ' ' || joins[0] !== ' '
}

/** Length of a plus sign, plain or percent-encoded, in front of this place. */
function plusBefore(payload: Buffer, at: number): number {
  if (byte(payload, at - 1) === 43) return 1
  return /^%2[bB]$/.test(latin1(payload, at - 3, at)) ? 3 : 0
}

/** Digits inside a longer hexadecimal word (a hash, a UUID) are not a phone number. */
function isInsideHex(payload: Buffer, start: number, end: number): boolean {
  const uuid = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/i.exec(latin1(payload, start - 35, end + 35))
  if (uuid !== null && Math.max(0, start - 35) + uuid.index < end) return true
  let from = start
  // A digit right before the group belongs to an escape, as do hexadecimal letters after %, \x and \u.
  const glued =
    isDigit(byte(payload, start - 1)) || /(?:%|\\x|\\u[0-9a-f]{2})[0-9a-f]{2}$/i.test(latin1(payload, start - 6, start))
  while (!glued && from > 0 && start - from < 64 && isHex(byte(payload, from - 1))) from--
  let to = end
  while (to < payload.length && to - end < 64 && isHex(byte(payload, to))) to++
  return to - from >= 16 && to - from > end - start
}

function isLabelled(payload: Buffer, at: number, label: RegExp): boolean {
  let from = at
  while (from > 0 && at - from < LABEL_REACH && !isFieldEnd(byte(payload, from - 1))) from--
  return label.test(latin1(payload, from, at))
}

/** Newline, ampersand, comma, semicolon, closing brace: a label does not reach across. */
function isFieldEnd(c: number): boolean {
  return c === 10 || c === 38 || c === 44 || c === 59 || c === 125
}

/** Follows the quotes of a payload that holds JSON, so that a number replaced by a token becomes a string. */
class JsonPosition {
  private readonly payload: Buffer
  private at: number
  private inString = false

  constructor(payload: Buffer) {
    this.payload = payload
    const brace = payload.indexOf(123)
    const bracket = /^\s*\[/.test(latin1(payload, 0, 16)) ? payload.indexOf(91) : -1
    this.at = bracket >= 0 && (brace < 0 || bracket < brace) ? bracket : brace
  }

  /** Which quote must stand around a token in place of the bytes [start, end), and which bytes does it replace then? */
  ofNumber(start: number, end: number): { quote: string; start: number; end: number } {
    const none = { quote: '', start, end }
    if (this.at < 0 || start < this.at) return none
    for (; this.at < start; this.at++) {
      const c = byte(this.payload, this.at)
      if (this.inString && c === 92) this.at++
      else if (c === 34) this.inString = !this.inString
    }
    // A fraction goes with the number: half a number is not JSON.
    const after = /^((?:\.\d{1,20})?)\s*(?:[,}\]]|$)/.exec(latin1(this.payload, end, end + 64))
    if (after === null) return none
    const before = latin1(this.payload, start - 64, start)
    // JSON inside a JSON string: its quotes are escaped, as deep as those of the name before the number.
    const match = this.inString ? /(\\+")\s*:\s*(-?)$/.exec(before) : /[:[,]\s*(-?)$/.exec(before)
    if (match === null) return none
    const quote = this.inString ? nestedQuote((match[1] ?? '').length - 1) : '"'
    const sign = (this.inString ? match[2] : match[1]) ?? ''
    return { quote, start: start - sign.length, end: end + (after[1] ?? '').length }
  }
}

/**
 * The quote of JSON that is nested in strings, from the backslashes seen before one: 1, 3, 7 … by depth, and a name that ends in
 * backslashes of its own adds a multiple of twice the next power of two.
 */
function nestedQuote(backslashes: number): string {
  let depth = 1
  while (depth < 5 && backslashes % 2 ** (depth + 1) !== 2 ** depth - 1) depth++
  return `${'\\'.repeat(2 ** depth - 1)}"`
}
