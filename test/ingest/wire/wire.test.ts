// Do the small readers of foreign encodings agree with those of others, and survive any bytes?
import fc from 'fast-check'
import { compressSync } from 'snappy'
import { describe, expect, it } from 'vitest'
import { createBudget } from '../../../ingest/http/body.ts'
import { HttpError } from '../../../ingest/http/errors.ts'
import { ProtobufReader, protobufField } from '../../../ingest/wire/protobuf.ts'
import { unpackSnappy } from '../../../ingest/wire/snappy.ts'
import { JsonWalker } from '../../../ingest/wire/walk.ts'

const MB = 1024 * 1024
const unpack = (packed: Uint8Array, max = MB) => unpackSnappy(Buffer.from(packed), max, createBudget(2 * MB).lease())

/** What a function answers, undefined if it refuses; anything but a refusal fails the test. */
function unlessRefused<T>(run: () => T): T | undefined {
  try {
    return run()
  } catch (error) {
    if (error instanceof HttpError) return undefined
    throw error
  }
}

describe('snappy', () => {
  it('unpacks what the real one packed', () => {
    const words = fc.array(fc.constantFrom('siaga ', 'pemilu ', 'x'.repeat(70), '\0', 'GET /'), { maxLength: 3000 })
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 5000 }).map((b) => Buffer.from(b)),
          words.map((w) => Buffer.from(w.join(''))),
        ),
        (bytes) => {
          expect(unpack(compressSync(bytes)).equals(bytes)).toBe(true)
        },
      ),
      { numRuns: 300 },
    )
    const large = Buffer.from(Array.from({ length: 100_000 }, (_, n) => `${n % 977}`).join(' '))
    expect(unpack(compressSync(large)).equals(large)).toBe(true)
  })

  it('refuses or unpacks any bytes, and never more than it said', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(unlessRefused(() => unpack(bytes))?.length ?? 0).toBeLessThanOrEqual(MB)
      }),
      { numRuns: 3000 },
    )
  })

  it('a packed block with one byte changed is refused or unpacked, whatever comes out', () => {
    const packed = compressSync(Buffer.from('siaga pemilu '.repeat(50)))
    for (let at = 0; at < packed.length; at++)
      for (const change of [1, 0x80, 0xff]) {
        const changed = Buffer.from(packed)
        changed[at] = (changed[at] ?? 0) ^ change
        unlessRefused(() => unpack(changed))
      }
  })

  it('gives back the memory that a refused block took', () => {
    const budget = createBudget(100)
    const lease = budget.lease()
    expect(() => unpackSnappy(compressSync(Buffer.alloc(200)), MB, lease)).toThrow(HttpError)
    lease.release()
    expect(budget.used).toBe(0)
  })
})

describe('protobuf', () => {
  it('numbers of every size', () => {
    for (const value of [0, 1, 127, 128, 300, 2 ** 31, 2 ** 48, 2 ** 49, 2 ** 52]) {
      const reader = new ProtobufReader(protobufField(3, value))
      expect([reader.next(), reader.field, reader.integer(), reader.next()]).toEqual([true, 3, BigInt(value), false])
    }
    const minusOne = new ProtobufReader(Buffer.from([0x08, ...Array(9).fill(0xff), 0x01]))
    expect([minusOne.next(), minusOne.integer()]).toEqual([true, -1n])
  })

  it('fields that nobody asks for are passed over, others that are not what they should be are refused', () => {
    const bytes = Buffer.concat([
      Buffer.from([0x09, 1, 2, 3, 4, 5, 6, 7, 8, 0x15, 1, 0, 0, 0]),
      protobufField(3, 'halo'),
    ])
    const reader = new ProtobufReader(bytes)
    reader.next()
    expect(() => reader.text()).toThrow(HttpError)
    reader.next()
    expect(reader.fixed32()).toBe(1)
    reader.next()
    expect(reader.text()).toBe('halo')
    for (const broken of [[0x08], [0x0a, 5], [0x09, 1], [0x0b], [0x00, 1], Array(11).fill(0xff)])
      expect(() => new ProtobufReader(Buffer.from(broken)).next()).toThrow(HttpError)
  })
})

describe('walking JSON', () => {
  const collect = (walker: JsonWalker): unknown => {
    const all: unknown[] = []
    for (const name of walker.members())
      all.push([name, walker.ahead('b'), name === 'a' ? [...walker.elements()].length : walker.parse()])
    walker.finish()
    return all
  }

  it('stops at each value, passes over what nobody reads, and looks ahead', () => {
    expect(collect(new JsonWalker(Buffer.from('{"a":[1,{"x":[]},"]"], "c\\u0041":{"d":null} ,"b":7}')))).toEqual([
      ['a', 7, 3],
      ['cA', 7, { d: null }],
      ['b', undefined, 7],
    ])
    expect(collect(new JsonWalker(Buffer.from('\ufeff { } ')))).toEqual([])
  })

  it('refuses what is no JSON', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 3 }), fc.nat(), fc.constantFrom('', '}', '"', 'x', ','), (text, at, put) => {
        const place = at % (text.length + 1)
        const changed = `{"k":${text.slice(0, place)}${put}${text.slice(place + 1)}}`
        let valid = true
        try {
          JSON.parse(changed)
        } catch {
          valid = false
        }
        const read = unlessRefused(() => {
          const walker = new JsonWalker(Buffer.from(changed))
          for (const _ of walker.members());
          walker.finish()
          return true
        })
        expect(read ?? false).toBe(valid)
      }),
      { numRuns: 1000 },
    )
  })
})
