// What is this text as an IP address, and which of a set of networks holds it? Strict, and without BigInt.
import { SiagaError } from './errors.ts'

/** An address as four 32-bit words; IPv4 is in the first word. IPv4-mapped IPv6 (::ffff:192.0.2.1) is read as IPv4. */
export interface Address {
  family: 0 | 4 | 6
  a: number
  b: number
  c: number
  d: number
}

export function emptyAddress(): Address {
  return { family: 0, a: 0, b: 0, c: 0, d: 0 }
}

/** Longest text of an address, ::ffff: form included. */
export const MAX_ADDRESS_LENGTH = 45

const COLON = 58
const DOT = 46

/** Reads an address into `out`; false (family 0) if the text is not one. Zone ids (`%eth0`) and leading zeros in IPv4 are refused. */
export function parseAddress(text: string, out: Address): boolean {
  out.family = 0
  const { length } = text
  if (length < 2 || length > MAX_ADDRESS_LENGTH) return false
  for (let i = 0; i < 5 && i < length; i++) if (text.charCodeAt(i) === COLON) return parseV6(text, out)
  const v4 = parseV4(text, 0)
  if (v4 < 0) return false
  out.family = 4
  out.a = v4
  out.b = out.c = out.d = 0
  return true
}

/** IPv4 from `from` to the end as an unsigned number (RFC 6943 strict form), -1 if it is none. */
function parseV4(text: string, from: number): number {
  let value = 0
  let part = -1
  let parts = 0
  for (let i = from; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === DOT) {
      if (part < 0 || ++parts > 3) return -1
      value = value * 256 + part
      part = -1
    } else if (code >= 48 && code <= 57) {
      if (part === 0) return -1
      part = part < 0 ? code - 48 : part * 10 + code - 48
      if (part > 255) return -1
    } else return -1
  }
  return parts === 3 && part >= 0 ? value * 256 + part : -1
}

const groups = new Uint16Array(8)

/** IPv6 in any form of RFC 4291 section 2.2. */
function parseV6(text: string, out: Address): boolean {
  groups.fill(0)
  let count = 0
  let gap = -1
  let i = 0
  if (text.charCodeAt(0) === COLON) {
    if (text.charCodeAt(1) !== COLON) return false
    gap = 0
    i = 2
  }
  while (i < text.length) {
    if (count === 8) return false
    const start = i
    let value = 0
    for (; i < text.length; i++) {
      const digit = hexDigit(text.charCodeAt(i))
      if (digit < 0) break
      value = value * 16 + digit
      if (i - start >= 4) return false
    }
    if (i > start && text.charCodeAt(i) === DOT) {
      const v4 = count <= 6 ? parseV4(text, start) : -1
      if (v4 < 0) return false
      groups[count++] = v4 >>> 16
      groups[count++] = v4 & 0xffff
      i = text.length
      break
    }
    if (i === start) return false
    groups[count++] = value
    if (i === text.length) break
    if (text.charCodeAt(i) !== COLON) return false
    i++
    if (text.charCodeAt(i) === COLON) {
      if (gap >= 0) return false
      gap = count
      i++
    } else if (i === text.length) return false
  }
  if (gap < 0 ? count !== 8 : count > 7) return false
  if (gap >= 0) {
    groups.copyWithin(8 - (count - gap), gap, count)
    groups.fill(0, gap, 8 - (count - gap))
  }
  out.a = word(0)
  out.b = word(2)
  out.c = word(4)
  out.d = word(6)
  out.family = 6
  if (out.a === 0 && out.b === 0 && out.c === 0xffff) {
    out.family = 4
    out.a = out.d
    out.c = out.d = 0
  }
  return true
}

function word(at: number): number {
  return (groups[at] ?? 0) * 65536 + (groups[at + 1] ?? 0)
}

function hexDigit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48
  const lower = code | 32
  return lower >= 97 && lower <= 102 ? lower - 87 : -1
}

/** A network in CIDR form or a single address, with what it stands for. */
export interface Network<T> {
  readonly cidr: string
  readonly value: T
}

/** Finds the value of the longest network that holds an address; of equal networks the first wins. */
export type NetworkLookup<T> = (address: Address) => T | undefined

/** Compiles networks once. Throws CONFIG_INVALID for a text that is not a network. */
export function compileNetworks<T>(networks: Iterable<Network<T>>): NetworkLookup<T> {
  const v4 = new Map<number, Map<number, T>>()
  const v6Short = new Map<number, Map<number, T>>()
  const v6Long = new Map<number, LongNetwork<T>[]>()
  for (const { cidr, value } of networks) {
    const { address, length } = parseNetwork(cidr)
    if (address.family === 4) put(v4, length, maskWord(address.a, length), value)
    else if (length <= 32) put(v6Short, length, maskWord(address.a, length), value)
    else {
      const list = v6Long.get(address.a) ?? []
      if (!list.some((other) => other.length === length && holds(other, address)))
        list.push({ ...masked(address, length), length, value })
      v6Long.set(
        address.a,
        list.sort((one, other) => other.length - one.length),
      )
    }
  }
  const v4Tables = longestFirst(v4)
  const v6Tables = longestFirst(v6Short)
  return (address) => {
    if (address.family === 6) {
      const long = v6Long.get(address.a)?.find((network) => holds(network, address))
      return long === undefined ? lookUp(v6Tables, address.a) : long.value
    }
    return address.family === 4 ? lookUp(v4Tables, address.a) : undefined
  }
}

/** An IPv6 network longer than 32 bits: the masked second, third and fourth word. */
interface LongNetwork<T> {
  readonly b: number
  readonly c: number
  readonly d: number
  readonly length: number
  readonly value: T
}

function masked({ b, c, d }: Address, length: number): { b: number; c: number; d: number } {
  return { b: maskWord(b, length - 32), c: maskWord(c, length - 64), d: maskWord(d, length - 96) }
}

function holds({ b, c, d, length }: Omit<LongNetwork<unknown>, 'value'>, address: Address): boolean {
  return (
    maskWord(address.b, length - 32) === b &&
    maskWord(address.c, length - 64) === c &&
    maskWord(address.d, length - 96) === d
  )
}

function lookUp<T>(tables: readonly (readonly [number, Map<number, T>])[], word: number): T | undefined {
  for (const [length, table] of tables) {
    const value = table.get(maskWord(word, length))
    if (value !== undefined) return value
  }
  return undefined
}

function parseNetwork(cidr: string): { address: Address; length: number } {
  const address = emptyAddress()
  const slash = cidr.indexOf('/')
  const text = slash < 0 ? cidr : cidr.slice(0, slash)
  const valid = parseAddress(text, address)
  const full = address.family === 4 ? 32 : 128
  const mapped = address.family === 4 && text.includes(':') ? 96 : 0
  const length = slash < 0 ? full : Number(cidr.slice(slash + 1)) - mapped
  if (!valid || !Number.isInteger(length) || length < 0 || length > full || cidr.endsWith('/')) {
    throw new SiagaError('CONFIG_INVALID', { detail: `"${cidr}" is not an address or a network such as 10.1.0.0/16` })
  }
  return { address, length }
}

function put<K, T>(tables: Map<number, Map<K, T>>, length: number, key: K, value: T): void {
  const table = tables.get(length) ?? new Map<K, T>()
  tables.set(length, table)
  if (!table.has(key)) table.set(key, value)
}

function longestFirst<K, T>(tables: Map<number, Map<K, T>>): [number, Map<K, T>][] {
  return [...tables].sort(([a], [b]) => b - a)
}

/** The first `length` bits of a 32-bit word. */
export function maskWord(word: number, length: number): number {
  if (length >= 32) return word
  return length <= 0 ? 0 : ((word >>> (32 - length)) << (32 - length)) >>> 0
}
