import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isCentre, within } from '../../../../runtime/scope.ts'
import type { Suppression } from '../../../../schemas/alert.ts'
import {
  createSuppressions,
  heldReason,
  makeSuppression,
  mutedByBoth,
  suppressionProblems,
} from '../../../../sinks/alerts/policy/suppressions.ts'
import { agus, budi, dayOf, finding, reference, siti, suppression } from './made.ts'

const rooms = [
  { id: 'pusat', region: '00', owner: 'bssn', sees: [] },
  { id: 'jabar', region: '32', owner: 'pemda', sees: [] },
  { id: 'kpu-jabar', region: '32', owner: 'kpu', sees: [] },
  { id: 'jabar-2', region: '32', owner: 'pemda', sees: [] },
  { id: 'bogor', region: '32.01', owner: 'pemda', sees: [] },
  { id: 'bandung', region: '32.04', owner: '', sees: [] },
  { id: 'kpu-bandung', region: '32.04', owner: 'kpu', sees: ['bawaslu'] },
  { id: 'bali', region: '51', owner: 'pemda', sees: [] },
]
const twoPersons = ['masa_tenang', 'pemungutan', 'rekapitulasi'] as const
const compile = (...suppressions: Suppression[]) =>
  createSuppressions({ suppressions, rooms, twoPersons, reference }).heldFor
const centre = { room: 'pusat', region: '00', made_by: budi } as const

describe('the centre’s', () => {
  test.each(['32.04', '51', '00', ''])('acts everywhere, also in region "%s"', (region_code) => {
    const one = suppression(centre)
    const held = compile(one)(finding({ region_code, owner: 'kpu' }))
    expect(held).toEqual({ everywhere: one, rooms: [], muted: [] })
  })

  test('acts in the regions that it names, and beneath', () => {
    const heldFor = compile(suppression({ ...centre, match: { ...suppression().match, regions: ['32'] } }))
    const at = (region_code: string) => heldFor(finding({ region_code })).everywhere !== undefined
    expect([at('32'), at('32.04'), at('51'), at('00'), at('')]).toEqual([true, true, false, false, false])
  })
})

describe('a room’s', () => {
  test('keeps itself and the rooms beneath in its care from being told; the alert is there', () => {
    const one = suppression()
    const held = compile(one)(finding())
    expect(held.everywhere).toBeUndefined()
    expect(held.rooms).toEqual([one])
    // Not another room of the same region, and not the election office's rooms, in the region or beneath.
    expect(held.muted).toEqual(['bandung', 'bogor', 'jabar'])
  })

  test.each([
    ['33.01', ''],
    ['51', ''],
    ['00', ''],
    ['', ''],
    ['32.04', 'kpu'],
  ])('does not meet a finding of region "%s" and owner "%s"', (region_code, owner) => {
    expect(compile(suppression())(finding({ region_code, owner }))).toEqual({
      everywhere: undefined,
      rooms: [],
      muted: [],
    })
  })

  test('does not act upwards', () => {
    const held = compile(suppression({ room: 'bandung', region: '32.04' }))(finding())
    expect(held.muted).toEqual(['bandung'])
    expect(compile(suppression({ room: 'bandung', region: '32.04' }))(finding({ region_code: '32' })).rooms).toEqual([])
  })

  test('of a room that moved away speaks for no organisation', () => {
    const heldFor = compile(suppression({ room: 'kpu-bandung', region: '32' }))
    expect(heldFor(finding({ owner: 'kpu' })).rooms).toEqual([])
  })

  test('that names the centre’s region by trick stays where its room is', () => {
    const made = makeSuppression({ ...suppression(), ...{ room: 'pusat', region: '00' } }, agus, dayOf.none)
    expect([made.room, made.region]).toEqual(['bali', '51'])
  })
})

describe('what is held', () => {
  const held = (one: Partial<Suppression>, of: Parameters<typeof finding>[0] = {}) =>
    compile(suppression({ ...centre, ...one }))(finding(of)).everywhere !== undefined
  const { from, until } = suppression()

  test('lies in [from, until) by event time', () => {
    expect([from - 1, from, until - 1, until].map((window_end) => held({}, { window_end }))).toEqual([
      ...[false, true, true, false],
    ])
  })

  test('ends early where it was ended, for findings after that moment, whenever they come', () => {
    const ended_at = from + 1000
    expect([ended_at - 1, ended_at].map((window_end) => held({ ended_at }, { window_end }))).toEqual([true, false])
  })

  test('is not above the severity', () => {
    expect([held({ max_severity: 'medium' }), held({ max_severity: 'medium' }, { severity: 'high' })]).toEqual([
      true,
      false,
    ])
  })

  test.each([
    ['rules', { rule_id: 'rule' }, { rule_id: 'other' }],
    ['assets', { asset_id: 'sirekap' }, { asset_id: 'situs' }],
    ['entities', { entity: 'source_ip:203.0.113.9' }, { entity: 'source_ip:203.0.113.99' }],
    ['sources', { source_id: 'nginx-1' }, { source_id: 'nginx-11' }],
  ] as const)('matches all that is given: %s', (name, yes, no) => {
    const nothing = { rules: [], assets: [], entities: [], regions: [], sources: [] }
    const match = { ...nothing, [name]: Object.values(yes), ...(name === 'rules' ? {} : { rules: ['rule'] }) }
    expect([held({ match }, yes), held({ match }, no), held({ match }, { ...yes, rule_id: 'third' })]).toEqual([
      ...[true, false, false],
    ])
  })

  test('is counted as what holds it', () => {
    expect([heldReason({ kind: 'maintenance' }), heldReason({ kind: 'suppression' })]).toEqual([
      'maintenance',
      'suppressed',
    ])
  })

  test('that needs two persons is not held before both have signed', () => {
    const tense = { from: dayOf.pemungutan - 1000, until: dayOf.pemungutan + 1000 }
    const at = { window_end: dayOf.pemungutan }
    expect([held(tense, at), held({ ...tense, approved_by: siti }, at)]).toEqual([false, true])
    expect(held({ ...tense, max_severity: 'medium' }, at)).toBe(true)
  })
})

describe('a wish is refused', () => {
  const now = dayOf.none
  const day = 86_400_000
  const problems = (changed: Partial<Suppression>, actor = siti) =>
    suppressionProblems({ ...suppression(), ...changed }, actor, now)
  const none = { rules: [], assets: [], entities: [], regions: [], sources: [] }

  test('not if it is in order', () => {
    expect(problems({})).toEqual([])
    expect(problems({ from: now, until: now + 90 * day })).toEqual([])
    expect(problems({ match: { ...none, regions: ['51', '00'] } }, budi)).toEqual([])
  })

  test.each<[string, Partial<Suppression>]>([
    ['no end', { until: Number.NaN }],
    ['an end that never comes', { until: Infinity }],
    ['more than 90 days', { from: now, until: now + 90 * day + 1 }],
    ['an end before its beginning', { until: suppression().from }],
    ['an end that is over', { from: now - 2 * day, until: now }],
    ['nothing to match', { match: none }],
    ['an empty entry', { match: { ...none, entities: [''] } }],
    ['too many entries', { match: { ...none, rules: Array.from({ length: 101 }, (_, n) => `r${n}`) } }],
    ['a region that is not its own', { match: { ...none, regions: ['33'] } }],
    ['no region at all', { match: { ...none, regions: ['Jabar'] } }],
    ['no owner', { owner: ' ' }],
    ['no reason', { reason: '' }],
    ['a reason that is a book', { reason: 'x'.repeat(2001) }],
  ])('%s', (_why, changed) => {
    expect(problems(changed)).toHaveLength(1)
  })

  test('from nobody', () => {
    expect(problems({}, { ...siti, room: '' })).toEqual(['only a room can make one'])
  })
})

describe('held against everything', () => {
  const word = (...values: string[]) => fc.constantFrom(...values)
  const region = word('32', '32.01', '32.04', '51', '00', '')
  const anyFinding = fc
    .record({
      ...{ region_code: region, owner: word('', 'kpu', 'pemda', 'bawaslu'), rule_id: word('rule', 'other') },
      ...{ severity: word('medium', 'high', 'critical'), at: fc.integer({ min: -5, max: 5 }) },
    })
    .map(({ at, ...rest }) =>
      finding({ ...rest, window_end: dayOf.none + at * 3_600_000 } as Parameters<typeof finding>[0]),
    )
  const anySuppression = fc
    .record({
      room: fc.constantFrom(...rooms),
      from: fc.integer({ min: -5, max: 0 }),
      length: fc.integer({ min: 1, max: 6 }),
      rules: fc.subarray(['rule', 'other']),
      regions: fc.subarray(['32', '32.04', '51']),
      id: fc.integer({ min: 0, max: 1e9 }),
    })
    .map(({ room, from, length, rules, regions, id }) =>
      suppression({
        ...{ suppression_id: `S-${id}`, room: room.id, region: room.region, made_by: { ...siti, region: room.region } },
        ...{ from: dayOf.none + from * 3_600_000, until: dayOf.none + (from + length) * 3_600_000 },
        match: {
          rules,
          regions,
          assets: [],
          entities: [],
          sources: rules.length + regions.length === 0 ? ['nginx-1'] : [],
        },
      }),
    )

  test('a room’s suppression never changes what the centre is told, nor rooms outside of its region', () => {
    fc.assert(
      fc.property(anyFinding, fc.array(anySuppression, { maxLength: 8 }), (one, all) => {
        const centres = all.filter(isCentre)
        const held = compile(...all)(one)
        expect(held.everywhere).toEqual(compile(...centres)(one).everywhere)
        for (const id of held.muted) {
          const room = rooms.find((other) => other.id === id)
          expect(room?.region).not.toBe('00')
          expect(held.rooms.some((by) => by.room === id || within(room?.region ?? '', by.region))).toBe(true)
        }
      }),
    )
  })

  test('rooms muted for an alert are the same in whatever order its findings come', () => {
    const lists = fc.array(fc.subarray(rooms.map(({ id }) => id).sort()), { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(lists, fc.infiniteStream(fc.nat()), (all, random) => {
        const shuffled = all.map((list) => ({ list, at: random.next().value })).sort((a, b) => a.at - b.at)
        const fold = (some: readonly (readonly string[])[]) => some.reduce((sum, list) => mutedByBoth(sum, list))
        expect(fold(shuffled.map(({ list }) => list))).toEqual(fold(all))
      }),
    )
    expect(mutedByBoth(['bandung', 'jabar'], [])).toEqual([])
  })
})
