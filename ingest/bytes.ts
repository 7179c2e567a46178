// What is a byte of ASCII text? Asked of payloads as they came, before anything is decoded; beyond the end of a payload there is nothing.

export function isDigit(c: number | undefined): boolean {
  return c !== undefined && c >= 48 && c <= 57
}

/** Value of a hexadecimal digit in either case, -1 if it is none. */
export function hexDigit(c: number): number {
  if (c >= 48 && c <= 57) return c - 48
  const lower = c | 32
  return lower >= 97 && lower <= 102 ? lower - 87 : -1
}

export function isHex(c: number): boolean {
  return hexDigit(c) >= 0
}
