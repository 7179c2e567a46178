// Which groups of digits are a NIK or NKK: the numbers of a person and of a family?
import { type Group, type Identifier, isLabelled, latin1 } from './identifier.ts'

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

const nikLabel =
  /(?:(?:(?<![A-Za-z])|(?<![A-Za-z])(?:[Nn][Oo](?:[Mm][Oo][Rr])?|[Nn][Uu][Mm]|[Ii][Dd]|[Ee]))(?:(?:nik|nkk|ktp|kk|Nik|Nkk|Ktp|Kk)(?![a-z])|(?:NIK|NKK|KTP|KK)(?![A-Za-z]))|(?<=[a-z])(?:Nik|NIK|Nkk|NKK|Ktp|KTP|KK)(?![a-z])|[Kk]ependudukan|KEPENDUDUKAN|[Kk]artu.[Kk]eluarga)(?:%[0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}|\\x[0-9A-Fa-f]{2}|[^0-9,;&}\n]){0,32}$/

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

/** A NIK or NKK that begins with this group. */
export function nikAt(payload: Buffer, groups: Group[], from: number): Identifier | undefined {
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
