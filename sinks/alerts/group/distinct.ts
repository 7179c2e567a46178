// How many different ones were there? Exact up to some hundred, an estimate above; whatever comes twice or in another order changes nothing.
// Above: HyperLogLog with 4096 registers, standard error 1.04/√4096 = 1.6 % (Flajolet et al. 2007), read by the estimator of O. Ertl,
// "New cardinality estimation algorithms for HyperLogLog sketches" (2017), which is good for small and large counts alike.

const MAX_EXACT = 512
const INDEX_BITS = 12
const REGISTERS = 1 << INDEX_BITS
/** Of the 53 bits of a hash those that tell how rare it is. */
const RANK_BITS = 53 - INDEX_BITS
const TWO_32 = 0x1_0000_0000

/** What has been counted: hashes, or beyond `MAX_EXACT` of them the registers. */
export interface Distinct {
  exact: Set<number>
  registers: Uint8Array | undefined
}

export function createDistinct(): Distinct {
  return { exact: new Set(), registers: undefined }
}

/** Counts a hash of 53 bits; true if that changed anything. */
export function addDistinct(distinct: Distinct, hash: number): boolean {
  if (distinct.registers !== undefined) return register(distinct.registers, hash)
  const before = distinct.exact.size
  distinct.exact.add(hash)
  if (distinct.exact.size === before) return false
  if (distinct.exact.size > MAX_EXACT) registersOf(distinct)
  return true
}

/** Adds to `into` what `other` has counted. */
export function mergeDistinct(into: Distinct, other: Distinct): void {
  if (other.registers === undefined) {
    for (const hash of other.exact) addDistinct(into, hash)
    return
  }
  const registers = into.registers ?? registersOf(into)
  for (let at = 0; at < REGISTERS; at++) {
    const rank = other.registers[at] ?? 0
    if (rank > (registers[at] ?? 0)) registers[at] = rank
  }
}

export function isExact(distinct: Distinct): boolean {
  return distinct.registers === undefined
}

/** The number of different ones. */
export function countDistinct({ exact, registers }: Distinct): number {
  // Never less than what made it give up counting.
  return registers === undefined ? exact.size : Math.max(MAX_EXACT + 1, Math.round(estimate(registers)))
}

function registersOf(distinct: Distinct): Uint8Array {
  const registers = new Uint8Array(REGISTERS)
  for (const hash of distinct.exact) register(registers, hash)
  distinct.registers = registers
  distinct.exact = new Set()
  return registers
}

function register(registers: Uint8Array, hash: number): boolean {
  const high = Math.floor(hash / TWO_32)
  const index = high >>> (21 - INDEX_BITS)
  const rest = high & ((1 << (21 - INDEX_BITS)) - 1)
  // Position of the first bit that is set among the last 41.
  const rank = (rest > 0 ? Math.clz32(rest) - 23 : 9 + Math.clz32(hash >>> 0)) + 1
  if (rank <= (registers[index] ?? 0)) return false
  registers[index] = rank
  return true
}

function estimate(registers: Uint8Array): number {
  const counts = new Array<number>(RANK_BITS + 2).fill(0)
  for (const rank of registers) counts[rank] = (counts[rank] ?? 0) + 1
  const share = (rank: number): number => (counts[rank] ?? 0) / REGISTERS
  let z = REGISTERS * tau(1 - share(RANK_BITS + 1))
  for (let rank = RANK_BITS; rank >= 1; rank--) z = 0.5 * (z + (counts[rank] ?? 0))
  z += REGISTERS * sigma(share(0))
  return (REGISTERS * REGISTERS) / (2 * Math.LN2 * z)
}

/** Ertl's σ: corrects for registers that are still empty. */
function sigma(share: number): number {
  if (share === 1) return Number.POSITIVE_INFINITY
  let [x, y, z, before] = [share, 1, share, Number.NaN]
  while (z !== before) {
    x *= x
    before = z
    z += x * y
    y += y
  }
  return z
}

/** Ertl's τ: corrects for registers that are full. */
function tau(share: number): number {
  if (share === 0 || share === 1) return 0
  let [x, y, z, before] = [share, 1, 1 - share, Number.NaN]
  while (z !== before) {
    x = Math.sqrt(x)
    before = z
    y *= 0.5
    z -= (1 - x) ** 2 * y
  }
  return z / 3
}

const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const digitValues = new Map([...digits].map((digit, value) => [digit, value]))
const digitCodes = Uint8Array.from(digits, (digit) => digit.charCodeAt(0))
const HASH_DIGITS = 9

/** What `encodeDistinct` writes: `e` and nine digits a hash, or `h` and a digit a register. */
export const encodedDistinct = /^(?:e(?:[\w-]{9}){0,512}|h[\w-]{4096})$/

/** As text of base64url digits, at most 4.6 KB. */
export function encodeDistinct({ exact, registers }: Distinct): string {
  if (registers !== undefined) {
    const bytes = Buffer.allocUnsafe(REGISTERS)
    for (let at = 0; at < REGISTERS; at++) bytes[at] = digitCodes[registers[at] ?? 0] ?? 0
    return `h${bytes.toString('latin1')}`
  }
  const bytes = Buffer.allocUnsafe(exact.size * HASH_DIGITS)
  let end = 0
  for (const hash of exact) {
    end += HASH_DIGITS
    for (let rest = hash, back = 1; back <= HASH_DIGITS; back++) {
      bytes[end - back] = digitCodes[rest % 64] ?? 0
      rest = Math.floor(rest / 64)
    }
  }
  return `e${bytes.toString('latin1')}`
}

/** Reads what `encodeDistinct` wrote; the text has been checked with `encodedDistinct`. */
export function decodeDistinct(text: string): Distinct {
  if (text.startsWith('h')) {
    const registers = Uint8Array.from(text.slice(1), (digit) => Math.min(digitValues.get(digit) ?? 0, RANK_BITS + 1))
    return { exact: new Set(), registers }
  }
  const distinct = createDistinct()
  for (let at = 1; at < text.length; at += HASH_DIGITS) {
    let hash = 0
    for (const digit of text.slice(at, at + HASH_DIGITS)) hash = hash * 64 + (digitValues.get(digit) ?? 0)
    distinct.exact.add(hash)
  }
  return distinct
}
