// A sealed event: tokens, keyed hash of the original, cut at a character, marked, with an id of its own.
import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { Unsealed } from '../../ingest/collector.ts'
import { createFastHmac, createSeal, idMaker, withoutDash } from '../../ingest/seal.ts'
import { MAX_PAYLOAD_BYTES } from '../../schemas/raw-event.ts'

const hashKey = Buffer.alloc(32, 1)
const seal = createSeal({ hashKey, tokenKey: Buffer.alloc(32, 2) })

function sealOne(payload: Buffer | string, more: Partial<Unsealed> = {}) {
  const [event] = seal([
    {
      source: 's',
      format: '',
      receivedAt: 5,
      peer: '10.0.0.1',
      id: '',
      key: 'k',
      payload: Buffer.from(payload),
      ...more,
    },
  ])
  if (event === undefined) throw new Error('no event')
  return event
}

describe('seal', () => {
  it('leaves an ordinary payload as it came', () => {
    const payload = Buffer.from('a line')
    const event = sealOne(payload, { payload })
    expect(event.value).toBe(payload)
    expect(event).toMatchObject({ source: 's', format: '', receivedAt: 5, peer: '10.0.0.1', key: 'k', marks: [] })
    expect(event.hash).toBe(createHmac('sha256', hashKey).update('a line').digest('base64url'))
  })

  it('hashes the payload before tokenisation and marks it', () => {
    const event = sealOne('hp 081234567890')
    expect(event.value.toString()).toMatch(/^hp tel-[0-9a-f]{16}$/)
    expect(event.marks).toEqual(['tokenised'])
    expect(event.hash).toBe(createHmac('sha256', hashKey).update('hp 081234567890').digest('base64url'))
  })

  it('keeps given ids and makes unique ones', () => {
    expect(sealOne('x', { id: 'mine' }).id).toBe('mine')
    const ids = new Set(Array.from({ length: 1000 }, () => sealOne('x').id))
    expect(ids.size).toBe(1000)
  })

  it('an id never begins as an option of a command does', () => {
    for (let i = 0; i < 500; i++) expect(idMaker()()).toMatch(/^[^-]/)
    expect(['-a-b', 'a-b', ''].map(withoutDash)).toEqual(['0a-b', 'a-b', ''])
  })

  it('keeps invalid UTF-8 and NUL as they are, and marks the first', () => {
    const event = sealOne(Buffer.from([0xff, 0xfe, 0x00, 0x41]))
    expect([...event.value]).toEqual([0xff, 0xfe, 0x00, 0x41])
    expect(event.marks).toEqual(['invalid_utf8'])
    expect(sealOne('a\0b').marks).toEqual([])
  })

  it('cuts what is too long at a character and hashes the whole', () => {
    const payload = Buffer.from(`a${'é'.repeat(MAX_PAYLOAD_BYTES)}`)
    const event = sealOne(payload)
    expect(event.value.length).toBe(MAX_PAYLOAD_BYTES - 1)
    expect(event.marks).toEqual(['truncated'])
    expect(event.hash).toBe(createHmac('sha256', hashKey).update(payload).digest('base64url'))
  })

  it('no half identifier remains at the cut, wherever it stands', () => {
    for (let back = 0; back <= 120; back += 1) {
      const payload = `${' '.repeat(MAX_PAYLOAD_BYTES - back)}3171014107900001 ${'x'.repeat(500)}`
      const value = sealOne(payload).value
      expect(value.length).toBeLessThanOrEqual(MAX_PAYLOAD_BYTES)
      expect(value.includes('3171')).toBe(false)
    }
    const escapes = '3171014107900001'.replace(/./g, (c) => `\\u003${c}`)
    for (let back = 0; back <= 120; back += 7) {
      expect(
        sealOne(`${'x'.repeat(MAX_PAYLOAD_BYTES - back)}${escapes} ${'x'.repeat(500)}`).value.includes('\\u0033'),
      ).toBe(false)
    }
  })

  it('stays within the limit when tokens are longer than what they replace', () => {
    const event = sealOne('0812345678,'.repeat(Math.floor(MAX_PAYLOAD_BYTES / 11)))
    expect(event.value.length).toBeLessThanOrEqual(MAX_PAYLOAD_BYTES)
    expect(event.marks).toEqual(['truncated', 'tokenised'])
  })

  it('keeps the marks of the collector, without repeats', () => {
    expect(sealOne('081234567890', { marks: ['unknown_peer', 'tokenised'] }).marks).toEqual([
      'unknown_peer',
      'tokenised',
    ])
  })
})

describe('fast HMAC', () => {
  it.each([0, 1, 55, 64, 300, 16 * 1024, 16 * 1024 + 1, 100_000])('equals HMAC-SHA-256 for %d bytes', (length) => {
    const key = Buffer.from('0123456789abcdef0123456789abcdef')
    const payload = Buffer.alloc(length, 'q')
    const hmac = createFastHmac(key)
    hmac(Buffer.alloc(400, 1))
    expect(hmac(payload)).toBe(createHmac('sha256', key).update(payload).digest('base64url'))
  })
})
