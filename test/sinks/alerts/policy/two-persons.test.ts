import { describe, expect, test } from 'vitest'
import type { Suppression } from '../../../../schemas/alert.ts'
import { areTwoPersons, mayApprove, mayEnd, needsTwoPersons } from '../../../../sinks/alerts/policy/two-persons.ts'
import { agus, budi, dayOf, reference, rina, siti, suppression } from './made.ts'

const phases = ['masa_tenang', 'pemungutan', 'rekapitulasi'] as const
const needs = (changed: Partial<Suppression>) => needsTwoPersons(suppression(changed), phases, reference)
const DAY = 86_400_000

describe('two persons are needed', () => {
  test.each([
    ['none', false],
    ['kampanye', false],
    ['masa_tenang', true],
    ['pemungutan', true],
    ['rekapitulasi', true],
    ['sengketa', false],
  ] as const)('in phase %s: %s', (phase, is) => {
    const [from, until] = [dayOf[phase], dayOf[phase] + 60_000]
    for (const max_severity of ['high', 'critical'] as const) expect(needs({ from, until, max_severity })).toBe(is)
    for (const max_severity of ['informational', 'low', 'medium'] as const)
      expect(needs({ from, until, max_severity })).toBe(false)
  })

  // The quiet days of Pilkada 2024 begin on 24 November at 00:00 local time, the count ends with 16 December.
  test.each([
    ['32', 7],
    ['51', 8],
    ['91', 9],
  ] as const)('in region %s if a moment of it lies in the phases by local time', (region, hours) => {
    const begin = Date.parse('2024-11-24T00:00:00Z') - hours * 3_600_000
    const end = Date.parse('2024-12-17T00:00:00Z') - hours * 3_600_000
    const at = (from: number, until: number) => needs({ from, until, room: 'room', region })
    expect(at(begin - DAY, begin)).toBe(false)
    expect(at(begin - DAY, begin + 1)).toBe(true)
    expect(at(end - 1, end + DAY)).toBe(true)
    expect(at(end, end + DAY)).toBe(false)
    // Over all of it, though neither end lies in it.
    expect(at(begin - DAY, end + DAY)).toBe(true)
  })

  test('if it acts in any region where it is so: the centre’s in the east, an hour before the west', () => {
    const east = Date.parse('2024-11-23T15:00:00Z')
    const centre = { room: 'pusat', region: '00', from: east - 1000, until: east + 1000 }
    expect(needs(centre)).toBe(true)
    const match = suppression().match
    expect(needs({ ...centre, match: { ...match, regions: ['32'] } })).toBe(false)
    expect(needs({ ...centre, match: { ...match, regions: ['32', '91'] } })).toBe(true)
    expect(needs({ ...centre, region: '32' })).toBe(false)
  })

  test('a new district is judged by its province', () => {
    const tense = { from: dayOf.pemungutan, until: dayOf.pemungutan + 1 }
    expect(needs({ ...tense, region: '32.99' })).toBe(true)
    expect(needs({ ...tense, region: '00', match: { ...suppression().match, regions: ['32.99'] } })).toBe(true)
  })

  test('never where no phase asks for it', () => {
    const one = suppression({ from: dayOf.pemungutan, until: dayOf.pemungutan + 1 })
    expect(needsTwoPersons(one, [], reference)).toBe(false)
  })
})

describe('the second person', () => {
  const made = (by: typeof siti, changed: Partial<Suppression> = {}) =>
    suppression({ room: by.room, region: by.region, made_by: by, ...changed })

  test.each([
    ['another at the centre', siti, budi, true],
    ['two at the centre', budi, rina, true],
    ['the same', siti, siti, false],
    ['the same name at the centre', siti, { ...budi, name: ' SITI ' }, false],
    ['the same key under another name', budi, { ...rina, key: budi.key }, false],
    ['two of the centre whose keys nobody knows', { ...budi, key: undefined }, { ...rina, key: undefined }, false],
    ['keys of two rooms, unknown', { ...siti, key: undefined }, { ...budi, key: undefined }, true],
    ['two of one room, none at the centre', siti, { ...siti, name: 'Agus', key: 'eeeeeeeeee' }, false],
    ['one of another province', siti, agus, false],
    ['a province for what the centre holds back everywhere', budi, agus, false],
    ['Siaga itself', siti, { ...budi, room: '' }, false],
    ['nobody', siti, { ...budi, name: '  ' }, false],
    ['a key of the centre without a name', siti, { ...budi, name: String(budi.key) }, false],
    ['whoever is at the machine of the centre', siti, { ...budi, name: 'Operator' }, false],
    ['one, where whoever is at the machine made it', { ...budi, name: 'operator' }, rina, false],
  ])('is %s: %s', (_who, by, other, may) => {
    expect(mayApprove(made(by), other)).toBe(may)
  })

  test('signs once, and not what has ended', () => {
    expect(mayApprove(made(siti, { approved_by: rina }), budi)).toBe(false)
    expect(mayApprove(made(siti, { ended_at: 1 }), budi)).toBe(false)
  })

  test('is another one whichever is asked first', () => {
    for (const a of [siti, budi, rina, agus])
      for (const b of [siti, budi, rina, agus]) expect(areTwoPersons(a, b)).toBe(areTwoPersons(b, a))
  })
})

test('one person of the room or of the centre ends it', () => {
  const one = suppression()
  expect([siti, budi, { ...siti, name: 'Agus' }].map((who) => mayEnd(one, who))).toEqual([true, true, true])
  expect([agus, { ...budi, room: '' }].map((who) => mayEnd(one, who))).toEqual([false, false])
  expect(mayEnd({ ...one, ended_at: 1 }, budi)).toBe(false)
})
