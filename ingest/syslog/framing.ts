// Where does one syslog message end and the next begin on a stream? Both framings of RFC 6587, told apart frame by frame.
import { HeldBytes } from './held.ts'

const LF = 0x0a
const CR = 0x0d
const NUL = 0x00
const SPACE = 0x20
const LESS_THAN = 0x3c
const ZERO = 0x30

/** A larger MSG-LEN is not believed: the frame is read as a line. */
const MAX_MSG_LEN = 64 * 1024 * 1024
const MAX_MSG_LEN_DIGITS = 8

/** Takes one frame. `truncated`: bytes of it are missing. The payload may be a view of the chunk. */
export type EmitFrame = (payload: Buffer, truncated: boolean) => void

/**
 * Cuts a stream into frames; how the stream is cut into chunks makes no difference.
 *
 * - Octet counting (RFC 6587 §3.4.1, RFC 5425 §4.3): `MSG-LEN SP MSG`, MSG-LEN without leading zeros. The bytes counted are the
 *   payload, whatever they are.
 * - Non-transparent framing (§3.4.2): the frame ends with LF, CR LF or NUL; the trailer is not payload. Once a line has ended with LF,
 *   later NULs of that connection are payload.
 *
 * `12 <…` is always octet counting. A number that is not followed by `<` is octet counting too, except on a connection whose last
 * frame was a line. Empty frames are no frames. A frame longer than `limit` is cut there, emitted at once, and its rest skipped
 * without being held.
 */
export class SyslogFramer {
  readonly #limit: number
  readonly #emit: EmitFrame
  readonly #held: HeldBytes
  #state: 'start' | 'line' | 'counted' = 'start'
  /** The frame was already emitted, cut; its rest goes nowhere. */
  #skipping = false
  /** Bytes that the counted frame still lacks. */
  #missing = 0
  #lastKind: 'none' | 'line' | 'counted' = 'none'
  #nulEndsLine = true
  #lineHasEnded = false
  /** Beginning of a frame that is too short to tell the framing. */
  #undecided: Buffer | undefined

  constructor(limit: number, emit: EmitFrame) {
    this.#limit = limit
    this.#emit = emit
    // One more than the limit, for the CR of a CR LF.
    this.#held = new HeldBytes(limit + 1)
  }

  /** Memory that the unfinished frame uses. */
  get buffered(): number {
    return this.#held.capacity
  }

  push(bytes: Buffer): void {
    const chunk = this.#undecided === undefined ? bytes : Buffer.concat([this.#undecided, bytes])
    this.#undecided = undefined
    let position = 0
    let nul = this.#nulEndsLine ? chunk.indexOf(NUL) : -1
    while (position < chunk.length) {
      if (this.#state === 'start') {
        const begin = this.#readStart(chunk, position)
        if (begin === -1) {
          this.#undecided = Buffer.from(chunk.subarray(position))
          return
        }
        position = begin
      }
      if (this.#state === 'counted') {
        const end = Math.min(chunk.length, position + this.#missing)
        this.#missing -= end - position
        this.#take(chunk, position, end, this.#missing === 0)
        position = end
      } else {
        if (nul !== -1 && nul < position) nul = chunk.indexOf(NUL, position)
        let end = chunk.indexOf(LF, position)
        if (nul !== -1 && (end === -1 || nul < end) && this.#nulEndsLine) end = nul
        if (end !== -1 && !this.#lineHasEnded) {
          this.#lineHasEnded = true
          if (chunk[end] === LF) {
            this.#nulEndsLine = false
            nul = -1
          }
        }
        this.#take(chunk, position, end === -1 ? chunk.length : end, end !== -1)
        position = end === -1 ? chunk.length : end + 1
      }
    }
  }

  /** The stream has ended: what is held is the last frame; a counted one that lacks bytes counts as truncated. */
  end(): void {
    if (this.#undecided !== undefined) {
      this.#emit(this.#undecided, false)
      this.#undecided = undefined
    }
    if (!this.#skipping && this.#held.length > 0) this.#emitHeld(this.#state === 'counted')
    this.#reset()
  }

  /** Emits what is held as a truncated frame and skips the rest of it, to get the memory back. */
  cutShort(): void {
    if (this.#skipping || this.#held.length === 0) return
    this.#emitHeld(true)
    this.#skipping = true
  }

  /** Decides the framing at `position` and answers where the payload begins; -1 if more bytes are needed. */
  #readStart(chunk: Buffer, position: number): number {
    let count = 0
    let at = position
    const lastDigit = Math.min(chunk.length, position + MAX_MSG_LEN_DIGITS)
    for (; at < lastDigit; at++) {
      const digit = (chunk[at] ?? 0) - ZERO
      if (digit < 0 || digit > 9 || (digit === 0 && at === position)) break
      count = count * 10 + digit
    }
    if (at > position) {
      // Undecided only while digits, or digits and a space, are all there is.
      if (at === chunk.length) return -1
      if (chunk[at] === SPACE && count <= MAX_MSG_LEN) {
        if (at + 1 === chunk.length) return -1
        if (chunk[at + 1] === LESS_THAN || this.#lastKind !== 'line') {
          this.#state = 'counted'
          this.#missing = count
          return at + 1
        }
      }
    }
    this.#state = 'line'
    return position
  }

  /** Takes `chunk[from, to)` as part of the current frame, the last part if `complete`. */
  #take(chunk: Buffer, from: number, to: number, complete: boolean): void {
    if (this.#skipping) {
      if (complete) this.#reset()
      return
    }
    if (complete && this.#held.length === 0 && to - from <= this.#limit) {
      const end = this.#state === 'line' && to > from && chunk[to - 1] === CR ? to - 1 : to
      if (end > from) {
        this.#lastKind = this.#state === 'line' ? 'line' : 'counted'
        this.#emit(chunk.subarray(from, end), false)
      }
      this.#state = 'start'
      return
    }
    if (!this.#held.append(chunk, from, to)) {
      this.#emitHeld(true)
      this.#skipping = true
    } else if (complete) {
      this.#emitHeld(false)
    }
    if (complete) this.#reset()
  }

  #emitHeld(truncated: boolean): void {
    let payload = this.#held.take()
    if (this.#state === 'line' && !truncated && payload[payload.length - 1] === CR) payload = payload.subarray(0, -1)
    if (payload.length === 0) return
    this.#lastKind = this.#state === 'line' ? 'line' : 'counted'
    const whole = payload.length <= this.#limit
    this.#emit(whole ? payload : cutAt(payload, this.#limit), truncated || !whole)
  }

  #reset(): void {
    this.#held.take()
    this.#state = 'start'
    this.#skipping = false
    this.#missing = 0
  }
}

/** The first `limit` bytes, or up to three fewer so that no UTF-8 character is split. */
export function cutAt(payload: Buffer, limit: number): Buffer {
  let end = limit
  while (end > limit - 4 && end > 0 && ((payload[end] ?? 0) & 0xc0) === 0x80) end -= 1
  return payload.subarray(0, ((payload[end] ?? 0) & 0xc0) === 0x80 ? limit : end)
}
