// How is a large JSON body read without building it whole? Down to the values that are wanted, in one pass over the bytes.
import { HttpError } from '../http/errors.ts'
import { JsonScanner, MAX_JSON_DEPTH } from '../http/json.ts'

const QUOTE = 34
const COMMA = 44
const COLON = 58
const OPEN_BRACKET = 91
const CLOSE_BRACKET = 93
const OPEN_BRACE = 123
const CLOSE_BRACE = 125

/**
 * Goes through objects and arrays. `members` and `elements` stop at each value: whoever wants it reads it there (`parse`, or again
 * `members` or `elements`), else it is passed over. Throws JSON_INVALID and JSON_TOO_DEEP with line and column.
 */
export class JsonWalker {
  private readonly bytes: Buffer
  private readonly scanner: JsonScanner
  private at: number

  constructor(bytes: Buffer) {
    this.bytes = bytes
    this.scanner = new JsonScanner(bytes)
    this.at = this.scanner.skipSpace(bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0)
  }

  /** The names of the object that stands here. */
  *members(): Generator<string> {
    yield* this.inside(OPEN_BRACE, CLOSE_BRACE, 'an object')
  }

  /** Stops at each element of the array that stands here. */
  *elements(): Generator<string> {
    yield* this.inside(OPEN_BRACKET, CLOSE_BRACKET, 'an array')
  }

  /** Whether an object stands here. */
  get isObject(): boolean {
    return this.bytes[this.at] === OPEN_BRACE
  }

  /** Passes over the value that stands here and answers its bytes. */
  skip(): Buffer {
    const end = this.scanner.value(this.at)
    if (end < 0) this.fail()
    const value = this.bytes.subarray(this.at, end)
    this.at = end
    return value
  }

  /** The value that stands here. */
  parse(): unknown {
    return JSON.parse(this.skip().toString())
  }

  /**
   * The value of a member that stands behind the value here, in the same object; undefined if there is none. The order of members
   * means nothing in JSON.
   */
  ahead(wanted: string): unknown {
    const { bytes, scanner } = this
    const here = this.at
    let found: unknown
    for (;;) {
      this.skip()
      this.at = scanner.skipSpace(this.at)
      if (bytes[this.at] === CLOSE_BRACE) break
      if (bytes[this.at] !== COMMA) this.unexpected('a comma or }')
      this.at = scanner.skipSpace(this.at + 1)
      if (this.name() !== wanted) continue
      found = this.parse()
      break
    }
    this.at = here
    return found
  }

  /** True if nothing but space is left. */
  get done(): boolean {
    this.at = this.scanner.skipSpace(this.at)
    return this.at >= this.bytes.length
  }

  /** Throws unless nothing but space is left. */
  finish(): void {
    if (!this.done) this.unexpected('the end')
  }

  /** The name that stands here; moves on to its value. */
  private name(): string {
    if (this.bytes[this.at] !== QUOTE) this.unexpected('a name in double quotes')
    const name = String(this.parse())
    this.at = this.scanner.skipSpace(this.at)
    if (this.bytes[this.at] !== COLON) this.unexpected('a colon')
    this.at = this.scanner.skipSpace(this.at + 1)
    return name
  }

  private *inside(open: number, close: number, what: string): Generator<string> {
    const { bytes, scanner } = this
    if (bytes[this.at] !== open) this.unexpected(what)
    this.at = scanner.skipSpace(this.at + 1)
    if (bytes[this.at] === close) {
      this.at++
      return
    }
    for (;;) {
      const name = open === OPEN_BRACE ? this.name() : ''
      const before = this.at
      yield name
      if (this.at === before) this.skip()
      this.at = scanner.skipSpace(this.at)
      if (bytes[this.at] === close) {
        this.at++
        return
      }
      if (bytes[this.at] !== COMMA) this.unexpected(open === OPEN_BRACE ? 'a comma or }' : 'a comma or ]')
      this.at = scanner.skipSpace(this.at + 1)
    }
  }

  private unexpected(wanted: string): never {
    this.scanner.unexpected(this.at, wanted)
    return this.fail()
  }

  private fail(): never {
    const { at, why, tooDeep } = this.scanner.fault ?? { at: this.at, why: 'no JSON', tooDeep: false }
    let line = 1
    let start = 0
    for (let feed = this.bytes.indexOf(10); feed >= 0 && feed < at; feed = this.bytes.indexOf(10, feed + 1)) {
      line++
      start = feed + 1
    }
    const column = at - start + 1
    if (tooDeep === true) throw new HttpError('JSON_TOO_DEEP', { line, column, limit: MAX_JSON_DEPTH })
    throw new HttpError('JSON_INVALID', { line, column, detail: why })
  }
}
