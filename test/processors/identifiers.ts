// How are citizens' numbers written, and is one still there? Writings for tests to plant, and a search that sees through every encoding.

/** A number of a citizen: its digits, and the ways in which programs and people write it. */
export interface Planted {
  readonly name: string
  /** What must not be found: NIK whole, phone without country code or zero. */
  readonly digits: string
  readonly text: string
}

const group = (digits: string, separator: string, ...lengths: number[]): string => {
  let at = 0
  return lengths
    .map((length) => {
      at += length
      return digits.slice(at - length, at)
    })
    .join(separator)
}
const each = (text: string, write: (code: string) => string): string =>
  text.replace(/./gsu, (character) => write(character.charCodeAt(0).toString(16).padStart(2, '0')))

const percent = (text: string): string => each(text, (code) => `%${code}`)

const nikWritings: Readonly<Record<string, (nik: string) => string>> = {
  plain: (nik) => nik,
  dashes: (nik) => group(nik, '-', 4, 4, 4, 4),
  official: (nik) => group(nik, '.', 2, 2, 2, 6, 4),
  percent,
  'percent twice': (nik) => percent(nik).replaceAll('%', '%25'),
  'percent three times': (nik) => percent(nik).replaceAll('%', '%2525'),
  '%u': (nik) => each(nik, (code) => `%u00${code}`),
  '\\u': (nik) => each(nik, (code) => `\\u00${code}`),
  '\\\\u': (nik) => each(nik, (code) => `\\\\u00${code}`),
  '\\x': (nik) => each(nik, (code) => `\\x${code}`),
  'one escape': (nik) => `${nik.slice(0, 7)}${each(nik.slice(7, 8), (code) => `\\u00${code}`)}${nik.slice(8)}`,
  'XML references': (nik) => each(nik, (code) => `&#x${code};`),
  'XML references, decimal': (nik) => each(nik, (code) => `&#${Number.parseInt(code, 16)};`),
  'no-break spaces as \\u': (nik) => group(nik, '\\u00a0', 4, 4, 4, 4),
  'no-break spaces as percent': (nik) => group(nik, '%C2%A0', 4, 4, 4, 4),
  'dashes as percent': (nik) => group(nik, '%2D', 6, 6, 4),
  fullwidth: (nik) => nik.replace(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit))),
  hex: (nik) => each(`cek ${nik} ya`, (code) => code.toUpperCase()),
  'hex, nothing else': (nik) => each(nik, (code) => code.toUpperCase()),
  'hex between zeros': (nik) => each(`cek\0--nik\0${nik}`, (code) => code.toUpperCase()),
}

const phoneWritings: Readonly<Record<string, (national: string) => string>> = {
  '08': (n) => `0${n}`,
  '+62': (n) => `+62${n}`,
  '62': (n) => `62${n}`,
  '08 with dashes': (n) => `0${group(n, '-', 3, 4, 4)}`,
  '+62 with dashes': (n) => `+62 ${group(n, '-', 3, 4, 4)}`,
  '%2B62': (n) => `%2B62${n}`,
  '%252B62': (n) => `%252B62${n}`,
  '\\u002B62': (n) => `\\u002B62${n}`,
  '&#43;62': (n) => `&#43;62${n}`,
  'en dashes as \\u': (n) => `0${group(n, '\\u2013', 3, 4, 4)}`,
  'en dashes as percent': (n) => `0${group(n, '%E2%80%93', 3, 4, 4)}`,
  'percent twice': (n) => percent(`0${n}`).replaceAll('%', '%25'),
  hex: (n) => each(`wa +62${n}`, (code) => code.toUpperCase()),
}

/** Every writing, each with a number of its own. `from` makes them differ between texts. */
export function planted(from: number): Planted[] {
  const niks = Object.entries(nikWritings).map(([name, write], n) => {
    const digits = `3174066107${String(60 + (n % 40))}${String(1 + ((from + n) % 9_999)).padStart(4, '0')}`
    return { name: `NIK, ${name}`, digits, text: write(digits) }
  })
  const phones = Object.entries(phoneWritings).map(([name, write], n) => {
    const digits = `812${String(1000 + n)}${String(1 + ((from + n) % 9_999)).padStart(4, '0')}`
    return { name: `phone, ${name}`, digits, text: write(digits) }
  })
  return [...niks, ...phones]
}

/** The text with everything decoded that programs encode. */
function decoded(text: string): string {
  const character = (_: string, hex: string) => String.fromCodePoint(Math.min(0x10ffff, Number.parseInt(hex, 16)))
  return text
    .replace(/%[Ee][Ff]%[Bb][Cc]%9(\d)|[\uff10-\uff19]|\xef\xbc[\x90-\x99]/g, (all, digit) =>
      digit === undefined ? String((all.charCodeAt(all.length - 1) & 0xf) % 10) : digit,
    )
    .replace(/%([0-9a-f]{2})/gi, character)
    .replace(/%u([0-9a-f]{4})/gi, character)
    .replace(/\\+u([0-9a-f]{4})/gi, character)
    .replace(/\\+x([0-9a-f]{2})/gi, character)
    .replace(/&#x([0-9a-f]{1,6});/gi, character)
    .replace(/&#(\d{1,7});/g, (_, code) => String.fromCodePoint(Math.min(0x10ffff, Number(code))))
}

/** True if the digits stand in the text, whatever stands between them and however it is encoded: percent, escapes, references, hex, Base64. */
export function holds(text: string, digits: string): boolean {
  // No encoding is shorter than what it stands for; most columns of an event are empty.
  if (text.length < digits.length) return false
  const isIn = (one: string) => one.replace(/\D/g, '').includes(digits)
  for (let round = 0, view = text; round < 4; round++) {
    if (isIn(view)) return true
    for (const [hex] of view.matchAll(/(?:[0-9a-f]{2}){10,}/gi)) {
      if (isIn(Buffer.from(hex, 'hex').toString('latin1'))) return true
      if (isIn(Buffer.from(hex.slice(1), 'hex').toString('latin1'))) return true
    }
    for (const [base64] of view.matchAll(/[A-Za-z0-9+/_-]{14,}/g))
      if (/[A-Za-z]/.test(base64) && isIn(Buffer.from(base64, 'base64').toString('latin1'))) return true
    const next = decoded(view)
    if (next === view) return false
    view = next
  }
  return false
}
