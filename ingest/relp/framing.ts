// Where does one RELP frame end and the next begin? `TXNR SP COMMAND SP DATALEN [SP DATA] LF`, as librelp speaks it.
import { cutAt } from '../syslog/framing.ts'
import { HeldBytes } from '../syslog/held.ts'

const LF = 0x0a
const SPACE = 0x20
const ZERO = 0x30

const MAX_DIGITS = 9
const MAX_COMMAND = 32

/** Frames that announce more are not believed. */
const MAX_DATALEN = 64 * 1024 * 1024

const SHORT_DATA = 1024

export interface RelpFrame {
  readonly txnr: number
  readonly command: string
  /** May be a view of the chunk. */
  readonly data: Buffer
  /** DATA was longer than the limit and is cut. */
  readonly truncated: boolean
}

interface Header {
  readonly txnr: number
  readonly command: string
  readonly length: number
  /** Where DATA begins, or the LF if there is none. */
  readonly end: number
}

/**
 * Cuts a stream into RELP frames; how it is cut into chunks makes no difference. DATA longer than `limit` is cut, the rest skipped without
 * being held. After a malformed frame the stream has no meaning: `push` answers what is wrong, and the connection must be closed.
 */
export class RelpFramer {
  readonly #limit: number
  readonly #emit: (frame: RelpFrame) => void
  readonly #held: HeldBytes
  #header: Header | undefined
  #missing = 0
  #overflowed = false
  #incomplete: Buffer | undefined

  constructor(limit: number, emit: (frame: RelpFrame) => void) {
    this.#limit = limit
    this.#emit = emit
    this.#held = new HeldBytes(limit + 1)
  }

  /** Memory that the unfinished frame uses. */
  get buffered(): number {
    return this.#held.capacity
  }

  /** Keeps only the beginning of the unfinished frame, to get memory back; it will come out truncated. */
  cutShort(): void {
    this.#held.shrink(SHORT_DATA)
    this.#overflowed = true
  }

  /** Takes bytes; answers `undefined`, or what is wrong with them. */
  push(bytes: Buffer): string | undefined {
    const chunk = this.#incomplete === undefined ? bytes : Buffer.concat([this.#incomplete, bytes])
    this.#incomplete = undefined
    let position = 0
    while (position < chunk.length) {
      if (this.#header === undefined) {
        const header = readHeader(chunk, position)
        if (typeof header === 'string') return header
        if (header === undefined) {
          this.#incomplete = Buffer.from(chunk.subarray(position))
          return undefined
        }
        this.#header = header
        this.#missing = header.length
        position = header.end
        if (position === chunk.length) return undefined
      }
      const { txnr, command, length } = this.#header
      if (this.#missing === length && length <= this.#limit && position + length < chunk.length) {
        if (chunk[position + length] !== LF) return 'no LF after DATA'
        this.#header = undefined
        this.#emit({ txnr, command, data: chunk.subarray(position, position + length), truncated: false })
        position += length + 1
        continue
      }
      const end = Math.min(chunk.length, position + this.#missing)
      if (!this.#overflowed) this.#overflowed = !this.#held.append(chunk, position, end)
      this.#missing -= end - position
      position = end
      if (this.#missing > 0 || position === chunk.length) return undefined
      if (chunk[position] !== LF) return 'no LF after DATA'
      position += 1
      this.#emitHeld(this.#header)
    }
    return undefined
  }

  #emitHeld({ txnr, command, length }: Header): void {
    const data = this.#held.take()
    const truncated = this.#overflowed || length > this.#limit
    this.#header = undefined
    this.#overflowed = false
    this.#emit({ txnr, command, data: data.length > this.#limit ? cutAt(data, this.#limit) : data, truncated })
  }
}

/** The header at `position`; `undefined` if it is not all there; a text that says what is wrong. */
function readHeader(chunk: Buffer, position: number): Header | string | undefined {
  const txnr = readNumber(chunk, position)
  if (txnr.end === position || txnr.end - position > MAX_DIGITS) return 'TXNR is not a number of 1 to 9 digits'
  if (txnr.end === chunk.length) return undefined
  if (chunk[txnr.end] !== SPACE) return 'no space after TXNR'

  const commandStart = txnr.end + 1
  let commandEnd = commandStart
  while (commandEnd < chunk.length && commandEnd - commandStart <= MAX_COMMAND && isLetter(chunk[commandEnd] ?? 0))
    commandEnd += 1
  if (commandEnd - commandStart > MAX_COMMAND) return 'COMMAND is longer than 32 letters'
  if (commandEnd === chunk.length) return undefined
  if (commandEnd === commandStart || chunk[commandEnd] !== SPACE) return 'COMMAND is not letters and a space'

  const lengthStart = commandEnd + 1
  const length = readNumber(chunk, lengthStart)
  if (length.end - lengthStart > MAX_DIGITS || length.value > MAX_DATALEN) return 'DATALEN is too large'
  if (length.end === chunk.length) return undefined
  if (length.end === lengthStart) return 'DATALEN is not a number'

  const command = chunk.toString('latin1', commandStart, commandEnd)
  const next = chunk[length.end]
  if (next === SPACE) return { txnr: txnr.value, command, length: length.value, end: length.end + 1 }
  if (next === LF && length.value === 0) return { txnr: txnr.value, command, length: 0, end: length.end }
  return 'no space after DATALEN'
}

/** Reads digits, one more than allowed at most. */
function readNumber(chunk: Buffer, position: number): { value: number; end: number } {
  let value = 0
  let end = position
  for (; end < chunk.length && end - position <= MAX_DIGITS; end++) {
    const digit = (chunk[end] ?? 0) - ZERO
    if (digit < 0 || digit > 9) break
    value = value * 10 + digit
  }
  return { value, end }
}

function isLetter(byte: number): boolean {
  return (byte >= 0x61 && byte <= 0x7a) || (byte >= 0x41 && byte <= 0x5a)
}
