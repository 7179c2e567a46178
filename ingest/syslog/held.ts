// Where does the beginning of a frame wait for its end? In one buffer that grows with what really came, never with what was announced.

const FIRST_CAPACITY = 1024

/** Bytes of one unfinished frame, at most `limit`. */
export class HeldBytes {
  length = 0
  readonly #limit: number
  #bytes: Buffer | undefined

  constructor(limit: number) {
    this.#limit = limit
  }

  /** Memory in use. */
  get capacity(): number {
    return this.#bytes?.length ?? 0
  }

  /** Copies `chunk[from, to)`; false if that goes over the limit, in which case as much as fits was taken. */
  append(chunk: Buffer, from: number, to: number): boolean {
    const end = Math.min(to, from + this.#limit - this.length)
    const needed = this.length + end - from
    if (needed > this.capacity) {
      const grown = Buffer.allocUnsafe(Math.min(this.#limit, Math.max(needed, this.capacity * 2, FIRST_CAPACITY)))
      this.#bytes?.copy(grown, 0, 0, this.length)
      this.#bytes = grown
    }
    if (this.#bytes !== undefined && end > from) chunk.copy(this.#bytes, this.length, from, end)
    this.length = needed
    return end === to
  }

  /** Forgets all but the first `length` bytes. */
  shrink(length: number): void {
    if (this.#bytes === undefined || this.length <= length) return
    this.#bytes = Buffer.from(this.#bytes.subarray(0, length))
    this.length = length
  }

  /** Hands over what is held and starts anew. */
  take(): Buffer {
    const bytes = this.#bytes?.subarray(0, this.length) ?? Buffer.alloc(0)
    this.#bytes = undefined
    this.length = 0
    return bytes
  }
}
