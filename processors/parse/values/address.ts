// Is this an address, and how is it written canonically?

/** Whether text[from, to) is an IPv4 address in dotted decimal without leading zeros. */
function isV4(text: string, from: number, to: number): boolean {
  const length = to - from
  if (length < 7 || length > 15) return false
  let value = -1
  let dots = 0
  for (let i = from; i < to; i++) {
    const c = text.charCodeAt(i)
    if (c === 46) {
      if (value < 0) return false
      dots++
      value = -1
    } else {
      const d = c - 48
      if (d < 0 || d > 9 || value === 0) return false
      value = value < 0 ? d : value * 10 + d
      if (value > 255) return false
    }
  }
  return dots === 3 && value >= 0
}

const groups = new Uint16Array(8)

/** Read an IPv6 address into `groups`. */
function readV6(text: string): boolean {
  let at = 0
  let count = 0
  let gap = -1
  const length = text.length
  if (length < 2 || length > 45) return false
  if (text.charCodeAt(0) === 58) {
    if (text.charCodeAt(1) !== 58) return false
    gap = 0
    at = 2
  }
  while (at < length) {
    if (count === 8) return false
    let value = 0
    const start = at
    while (at < length) {
      const c = text.charCodeAt(at)
      const d = c >= 48 && c <= 57 ? c - 48 : c >= 97 && c <= 102 ? c - 87 : c >= 65 && c <= 70 ? c - 55 : -1
      if (d < 0) break
      value = value * 16 + d
      at++
    }
    if (at < length && text.charCodeAt(at) === 46) {
      if (count > 6 || !isV4(text, start, length)) return false
      const [a = 0, b = 0, c = 0, d = 0] = text.slice(start).split('.').map(Number)
      groups[count++] = a * 256 + b
      groups[count++] = c * 256 + d
      at = length
      break
    }
    if (at === start || at - start > 4) return false
    groups[count++] = value
    if (at === length) break
    if (text.charCodeAt(at) !== 58) return false
    at++
    if (at === length) return false
    if (text.charCodeAt(at) === 58) {
      if (gap >= 0) return false
      gap = count
      at++
    }
  }
  if (gap < 0) return count === 8
  if (count === 8) return false
  const tail = count - gap
  for (let i = 0; i < tail; i++) groups[7 - i] = groups[count - 1 - i] ?? 0
  for (let i = gap; i < 8 - tail; i++) groups[i] = 0
  return true
}

/** RFC 5952 form of `groups`; addresses mapped from IPv4 become IPv4. */
function formatV6(): string {
  let zeros = 0
  while (zeros < 8 && groups[zeros] === 0) zeros++
  if (zeros === 5 && groups[5] === 0xffff) {
    const [high = 0, low = 0] = [groups[6], groups[7]]
    return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`
  }
  let best = -1
  let bestLength = 1
  for (let i = 0; i < 8; i++) {
    let j = i
    while (j < 8 && groups[j] === 0) j++
    if (j - i > bestLength) {
      best = i
      bestLength = j - i
    }
    if (j > i) i = j
  }
  let out = ''
  for (let i = 0; i < 8; i++) {
    if (i === best) {
      out += '::'
      i += bestLength - 1
      continue
    }
    if (out !== '' && !out.endsWith(':')) out += ':'
    out += (groups[i] ?? 0).toString(16)
  }
  return out
}

/**
 * Canonical form of an IPv4 or IPv6 address (RFC 5952, lower case, no brackets, no zone id, IPv4-mapped as IPv4), or '' if the text
 * is not an address.
 */
export function toAddress(text: string): string {
  if (isV4(text, 0, text.length)) return text
  let inner = text
  if (inner.length < 2 || inner.length > 64) return ''
  if (inner.charCodeAt(0) === 91 && inner.endsWith(']')) inner = inner.slice(1, -1)
  if (inner.indexOf(':') < 0) return isV4(inner, 0, inner.length) ? inner : ''
  const percent = inner.indexOf('%')
  if (percent > 0) inner = inner.slice(0, percent)
  return readV6(inner) ? formatV6() : ''
}

/** Port number of a text, 0 if it is none. */
export function toPort(text: string): number {
  if (text.length === 0 || text.length > 5) return 0
  let port = 0
  for (let i = 0; i < text.length; i++) {
    const d = text.charCodeAt(i) - 48
    if (d < 0 || d > 9) return 0
    port = port * 10 + d
  }
  return port <= 65_535 ? port : 0
}
