// In which form are texts compared? In lower case, unit by unit; and as bytes where one is looked at many times.

/** The form in which texts are compared: each UTF-16 unit in lower case, so that lengths stay. */
export function fold(text: string): string {
  const lower = text.toLowerCase()
  if (lower.length === text.length && !lower.includes('ſ')) return lower
  let folded = ''
  for (let i = 0; i < text.length; i += 1) folded += String.fromCharCode(foldUnit(text.charCodeAt(i)))
  return folded
}

const LONG_S = 0x017f
const KELVIN = 0x212a

/** A unit in lower case, if that is one unit. */
export function foldUnit(unit: number): number {
  if (unit < 0x80) return unit >= 65 && unit <= 90 ? unit + 32 : unit
  // Long s and the Kelvin sign are s and k to a regex that ignores case.
  if (unit === LONG_S) return 0x73
  const lower = String.fromCharCode(unit).toLowerCase()
  return lower.length === 1 ? lower.charCodeAt(0) : unit
}

/** Longest text, in UTF-16 units, whose bytes are kept in a buffer of their own beyond a call. */
const KEPT_LENGTH = 65_536
/** Room for what a character that does not fit leaves free: a text that is all ASCII is known by its bytes being as many as its units. */
const SPARE = 8
/** Stands for a unit that no ASCII literal holds. */
const FOREIGN = 0x80

let units = Buffer.allocUnsafeSlow(4_096)

/**
 * A text as one byte for each unit, ASCII as it is, valid until the next call. Texts are often parts of a line, and asking those for a unit
 * costs several times as much as asking a buffer.
 */
export function bytesOf(text: string): Buffer {
  const { length } = text
  if (units.length < length + SPARE) {
    const room = Buffer.allocUnsafeSlow(length * 2 + SPARE)
    if (length > KEPT_LENGTH) return fill(room, text)
    units = room
  }
  return fill(units, text)
}

function fill(bytes: Buffer, text: string): Buffer {
  const { length } = text
  if (bytes.write(text, 0, 'utf8') === length) return bytes
  for (let i = 0; i < length; i += 1) {
    const unit = text.charCodeAt(i)
    // Beyond ASCII only the two that are ASCII letters in lower case can be in an ASCII literal.
    bytes[i] = unit < 0x80 ? unit : unit === KELVIN || unit === LONG_S ? foldUnit(unit) : FOREIGN
  }
  return bytes
}
