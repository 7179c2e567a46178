// Which groups of digits are a phone number of Indonesia?
import { isDigit, isHex } from '../bytes.ts'
import { byte, type Group, type Identifier, isLabelled, latin1, MIN_LENGTH } from './identifier.ts'

const phoneLabel =
  /(?:phone|tele?[pf]o?n?|tlp|ponsel|seluler|msisdn|whats ?app|kontak|(?:(?<![a-z])|(?<![a-z])no(?:mor)?)(?:hp|hape|wa|tel|sms|mobile|gsm|cell)(?![a-z]))(?:%[0-9a-f]{2}|\\u[0-9a-f]{4}|\\x[0-9a-f]{2}|[^0-9,;&}\n]){0,24}$/i
const camelPhoneLabel = /[a-z](?:Hp|HP|Wa|WA|Tel|Sms|Mobile)(?![a-z])[^0-9,;&}\n]{0,24}$/

/** A phone number that begins with this group. ITU-T E.164, Indonesian numbering plan (Permenkominfo 14/2018): mobile 8xx, 9 to 12 digits. */
export function phoneAt(payload: Buffer, groups: Group[], from: number): Identifier | undefined {
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
