// Which autonomous system announces an address? The CSV of @ip-location-db/asn as sorted arrays, kept ready in one binary file.
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { type Address, emptyAddress, parseAddress } from '../../runtime/address.ts'

/** An autonomous system; number 0 and an empty name where none is known. */
export interface AutonomousSystem {
  readonly number: number
  readonly name: string
}

export const noAutonomousSystem: AutonomousSystem = Object.freeze({ number: 0, name: '' })

const require = createRequire(import.meta.url)
/** Raised when the layout of the file changes. */
const LAYOUT = 1
const MAGIC = 0x53_41_53_4e

/** Arrays of the file in their order. Starts are breakpoints: a range ends where the next one starts; system 0 is a gap. */
interface Tables {
  readonly v4Starts: Uint32Array
  readonly v4Systems: Uint32Array
  /** High and low word of the first 64 bits; ranges finer than a /64 take the system of the /64's first range. */
  readonly v6High: Uint32Array
  readonly v6Low: Uint32Array
  readonly v6Systems: Uint32Array
  /** Index into `numbers` is what the systems arrays hold, plus one. */
  readonly numbers: Uint32Array
  /** Ends of names in `names`, in the order of `numbers`. */
  readonly nameEnds: Uint32Array
  readonly names: Buffer
}

/**
 * A look-up of autonomous systems by address. The first call for a version of the data takes about a second and leaves a file in
 * `cacheDir`; later ones read it. Several processes may do so at once.
 */
export function openAsn(cacheDir: string): (address: Address) => AutonomousSystem {
  const { starts, systemOf } = reader(loadTables(cacheDir))
  return (address) => systemOf(starts(address))
}

/** Makes the file that `openAsn` reads, so that workers started afterwards come up at once. */
export function prepareAsn(cacheDir: string): void {
  loadTables(cacheDir)
}

/** Is the file of this version there? Whoever reads it makes it anew if it is no good. */
export function hasAsn(cacheDir: string): boolean {
  return existsSync(fileOf(cacheDir))
}

const packageFile = (): string => require.resolve('@ip-location-db/asn/package.json')

function fileOf(cacheDir: string): string {
  const { version } = z.object({ version: z.string() }).parse(JSON.parse(readFileSync(packageFile(), 'utf8')))
  return join(cacheDir, `asn-${version}-${LAYOUT}.bin`)
}

function loadTables(cacheDir: string): Tables {
  const file = fileOf(cacheDir)
  const kept = readTables(file)
  if (kept !== undefined) return kept
  const tables = buildTables(dirname(packageFile()))
  writeTables(file, cacheDir, tables)
  return tables
}

function reader(tables: Tables) {
  const { v4Starts, v4Systems, v6High, v6Low, v6Systems, numbers, nameEnds, names } = tables
  const systems = new Map<number, AutonomousSystem>()
  const starts = ({ family, a, b }: Address): number => {
    if (family === 4) return v4Systems[lastAtMost(v4Starts, a)] ?? 0
    if (family !== 6) return 0
    let low = 0
    let high = v6High.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const word = v6High[middle] ?? 0
      if (word < a || (word === a && (v6Low[middle] ?? 0) <= b)) low = middle + 1
      else high = middle
    }
    return v6Systems[low - 1] ?? 0
  }
  /** At most one object for each of the systems in the data, made when first asked for. */
  const systemOf = (index: number): AutonomousSystem => {
    if (index === 0) return noAutonomousSystem
    const known = systems.get(index)
    if (known !== undefined) return known
    const name = names.toString('utf8', index > 1 ? nameEnds[index - 2] : 0, nameEnds[index - 1])
    const system = Object.freeze({ number: numbers[index - 1] ?? 0, name })
    systems.set(index, system)
    return system
  }
  return { starts, systemOf }
}

/** Index of the last value that is not above `value`, -1 if all are. */
function lastAtMost(sorted: Uint32Array, value: number): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle] ?? 0) <= value) low = middle + 1
    else high = middle
  }
  return low - 1
}

function buildTables(packageDir: string): Tables {
  const numbers: number[] = []
  const nameEnds: number[] = []
  const names: Buffer[] = []
  const indexes = new Map<number, number>()
  let namesLength = 0
  const indexOf = (number: number, name: string): number => {
    const known = indexes.get(number)
    if (known !== undefined) return known
    const bytes = Buffer.from(name)
    namesLength += bytes.length
    names.push(bytes)
    numbers.push(number)
    nameEnds.push(namesLength)
    indexes.set(number, numbers.length)
    return numbers.length
  }

  const v4Starts: number[] = []
  const v4Systems: number[] = []
  const addV4 = (start: number, system: number): void => {
    if (v4Starts.at(-1) === start) {
      v4Starts.pop()
      v4Systems.pop()
    }
    if (v4Systems.at(-1) === system) return
    v4Starts.push(start)
    v4Systems.push(system)
  }
  forEachRange(join(packageDir, 'asn-ipv4-num.csv'), (first, last, number, name) => {
    addV4(Number(first), indexOf(number, name))
    if (Number(last) < 0xffff_ffff) addV4(Number(last) + 1, 0)
  })

  const v6High: number[] = []
  const v6Low: number[] = []
  const v6Systems: number[] = []
  const addV6 = (high: number, low: number, system: number): void => {
    if (v6High.at(-1) === high && v6Low.at(-1) === low) {
      if (v6Systems.at(-1) !== 0) return
      v6High.pop()
      v6Low.pop()
      v6Systems.pop()
    }
    if (v6Systems.at(-1) === system) return
    v6High.push(high)
    v6Low.push(low)
    v6Systems.push(system)
  }
  const first = emptyAddress()
  const last = emptyAddress()
  forEachRange(join(packageDir, 'asn-ipv6.csv'), (firstText, lastText, number, name) => {
    if (!parseAddress(firstText, first) || !parseAddress(lastText, last) || first.family !== 6) return
    const previousHigh = v6High.at(-1) ?? 0
    if (first.a < previousHigh || (first.a === previousHigh && first.b < (v6Low.at(-1) ?? 0))) return
    addV6(first.a, first.b, indexOf(number, name))
    const carry = last.b === 0xffff_ffff
    if (carry && last.a === 0xffff_ffff) return
    addV6(carry ? last.a + 1 : last.a, carry ? 0 : last.b + 1, 0)
  })

  return {
    v4Starts: Uint32Array.from(v4Starts),
    v4Systems: Uint32Array.from(v4Systems),
    v6High: Uint32Array.from(v6High),
    v6Low: Uint32Array.from(v6Low),
    v6Systems: Uint32Array.from(v6Systems),
    numbers: Uint32Array.from(numbers),
    nameEnds: Uint32Array.from(nameEnds),
    names: Buffer.concat(names),
  }
}

/** Calls back for each line `first,last,number,name`; a name in quotation marks has them doubled inside. */
function forEachRange(file: string, each: (first: string, last: string, number: number, name: string) => void): void {
  const text = readFileSync(file, 'utf8')
  let at = 0
  while (at < text.length) {
    let end = text.indexOf('\n', at)
    if (end < 0) end = text.length
    const one = text.indexOf(',', at)
    const two = text.indexOf(',', one + 1)
    const three = text.indexOf(',', two + 1)
    if (three > two && three < end) {
      const name = text.slice(three + 1, text.charCodeAt(end - 1) === 13 ? end - 1 : end)
      const plain = name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name
      each(text.slice(at, one), text.slice(one + 1, two), Number(text.slice(two + 1, three)), plain)
    }
    at = end + 1
  }
}

function writeTables(file: string, cacheDir: string, tables: Tables): void {
  const arrays = [
    tables.v4Starts,
    tables.v4Systems,
    tables.v6High,
    tables.v6Low,
    tables.v6Systems,
    tables.numbers,
    tables.nameEnds,
  ]
  const header = Uint32Array.from([MAGIC, ...arrays.map((array) => array.length), tables.names.length])
  const parts = [header, ...arrays].map((array) => Buffer.from(array.buffer, array.byteOffset, array.byteLength))
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`
  mkdirSync(cacheDir, { recursive: true })
  try {
    writeFileSync(draft, Buffer.concat([...parts, tables.names]), { flush: true })
    renameSync(draft, file)
  } finally {
    rmSync(draft, { force: true })
  }
}

/** The tables of a file; undefined if there is none or it is not whole. */
function readTables(file: string): Tables | undefined {
  let bytes: Buffer
  try {
    bytes = readFileSync(file)
  } catch {
    return undefined
  }
  const headerWords = 9
  if (bytes.length < headerWords * 4 || bytes.byteOffset % 4 !== 0) return undefined
  const [magic, ...lengths] = new Uint32Array(bytes.buffer, bytes.byteOffset, headerWords)
  const namesLength = lengths.pop() ?? 0
  const words = lengths.reduce((sum, length) => sum + length, headerWords)
  if (magic !== MAGIC || bytes.length !== words * 4 + namesLength) return undefined
  let at = bytes.byteOffset + headerWords * 4
  const next = (index: number): Uint32Array => {
    const array = new Uint32Array(bytes.buffer, at, lengths[index] ?? 0)
    at += array.byteLength
    return array
  }
  return {
    v4Starts: next(0),
    v4Systems: next(1),
    v6High: next(2),
    v6Low: next(3),
    v6Systems: next(4),
    numbers: next(5),
    nameEnds: next(6),
    names: bytes.subarray(words * 4),
  }
}
