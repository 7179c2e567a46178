import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { makeReceipt, readReceipt } from '../../runtime/receipt.ts'

const some = Array.from({ length: 300 }, () => makeReceipt('LAP', '32.73', randomBytes(32)))

test('the same hash gives the same number, others give others', () => {
  const hash = randomBytes(32)
  expect(makeReceipt('NIL', '00', hash)).toBe(makeReceipt('NIL', '00', hash))
  expect(new Set(some).size).toBe(some.length)
  for (const receipt of some)
    expect(receipt).toMatch(
      /^LAP-3273-[A-HJKMNP-TV-Z][0-9A-HJKMNP-TV-Z]{4}-[A-HJKMNP-TV-Z][0-9A-HJKMNP-TV-Z]{4}-[0-9A-Z]$/,
    )
})

test('is read as people type it', () => {
  for (const receipt of some) {
    expect(readReceipt(receipt)).toBe(receipt)
    expect(readReceipt(` ${receipt.toLowerCase().replaceAll('-', ' ')} `)).toBe(receipt)
    // O for 0 and I or l for 1 in the two groups.
    const groups = receipt.slice(9, 20)
    expect(readReceipt(receipt.replace(groups, groups.replaceAll('0', 'o').replaceAll('1', 'l')))).toBe(receipt)
  }
})

test('every wrong character is found, and of the swaps of neighbours all but one in thousands', () => {
  let swaps = 0
  let missed = 0
  for (const receipt of some) {
    for (let at = 0; at < receipt.length; at += 1) {
      const here = receipt[at] ?? ''
      if (here === '-') continue
      for (const other of '0123456789ABCDEFGHJKMNPQRSTVWXYZ') {
        if (other === here) continue
        expect(readReceipt(receipt.slice(0, at) + other + receipt.slice(at + 1)), `${receipt} at ${at}`).toBeUndefined()
      }
      const next = receipt[at + 1] ?? '-'
      if (next === '-' || next === here) continue
      swaps += 1
      if (readReceipt(receipt.slice(0, at) + next + here + receipt.slice(at + 2)) !== undefined) missed += 1
    }
  }
  expect(swaps).toBeGreaterThan(3_000)
  // About one in a thousand: the receipts are made up anew in each run.
  expect(missed).toBeLessThan(swaps / 200)
  for (const none of ['', 'LAP', 'LAP-32', `${some[0]}X`, '3273014508880007']) expect(readReceipt(none)).toBeUndefined()
})
