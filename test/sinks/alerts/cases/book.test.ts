import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Alert, Case } from '../../../../schemas/alert.ts'
import { type CaseBook, createCaseBook } from '../../../../sinks/alerts/cases/book.ts'
import { caseIdOf, countRegions } from '../../../../sinks/alerts/cases/record.ts'
import { alert, HOUR, shared, T0 } from './made.ts'

const options = { caseMs: 72 * HOUR, campaignRegions: 3, shared }
/** An alert at so many hours, by address. */
const at = (alert_id: string, hours: number, ip: string, changed: Partial<Alert> = {}) =>
  alert({ alert_id, first_seen: T0 + hours * HOUR, entity: `source_ip:${ip}`, ...changed })
const A = '203.0.113.1'
const B = '203.0.113.2'

/** The cases that live, by what was told: id and alerts. */
function keeper(book: CaseBook) {
  const cases = new Map<string, Case>()
  const links = new Map<string, string>()
  return {
    take() {
      const changes = book.take()
      for (const one of changes.cases) cases.set(one.case_id, Case.parse(structuredClone(one)))
      for (const id of changes.removed) cases.delete(id)
      for (const { alert_id, case_id } of changes.links) links.set(alert_id, case_id)
      return changes
    },
    live: () => [...cases.values()].filter((one) => one.merged_into === ''),
    cases,
    links,
  }
}

describe('alerts are linked', () => {
  const casesOf = (...alerts: Alert[]) => {
    const book = createCaseBook(options)
    for (const one of alerts) book.put(one)
    return book.take().cases
  }

  test('by one entity within the window, counted from the last event of the one to the first of the other', () => {
    expect(casesOf(at('a', 0, A), at('b', 72, A)).map((one) => one.alerts)).toEqual([['a', 'b']])
    expect(casesOf(at('a', 0, A), at('b', 72.001, A))).toEqual([])
    expect(casesOf(at('a', 0, A, { last_seen: T0 + 50 * HOUR }), at('b', 120, A))).toHaveLength(1)
    expect(casesOf(at('a', 0, A), at('b', 0, B))).toEqual([])
  })

  test('through others: a to b by address, b to c by tool', () => {
    const evidence = [{ field: 'user_agent_original', value: 'r00t-was-here' }]
    const b = alert({ alert_id: 'b', entity: `source_ip:${A}`, evidence })
    const c = alert({ alert_id: 'c', entity: `source_ip:${B}`, evidence })
    const [one] = casesOf(c, at('a', 1, A), b)
    expect(one).toMatchObject({ alerts: ['b', 'c', 'a'], keys: ['tool:r00t-was-here', `ip:${A}`], kind: 'entity' })
  })

  test('not by a private address of two regions', () => {
    const inside = (alert_id: string, region_code: string) => at(alert_id, 0, '10.0.0.5', { region_code })
    expect(casesOf(inside('a', '32'), inside('b', '33'))).toEqual([])
    expect(casesOf(inside('a', '32'), inside('b', '32'))).toMatchObject([
      { title: expect.stringMatching(/: ip:10\.0\.0\.5$/) },
    ])
  })

  test('as a campaign from so many regions on; a province and its kabupaten are one', () => {
    const regions = (...codes: string[]) =>
      casesOf(...codes.map((region_code, n) => at(`a${n}`, n, A, { region_code })))[0]
    expect(regions('32', '32.04', '33')?.kind).toBe('entity')
    expect(regions('32', '33', '')?.kind).toBe('entity')
    expect(regions('32.04', '33', '00')).toMatchObject({ kind: 'campaign', regions: ['00', '32.04', '33'] })
    expect(countRegions(['32', '32.04', '32.05', '51'])).toBe(3)
  })

  test('under an id that people can read, that of the earliest alert', () => {
    const [one] = casesOf(at('late', 5, A), at('early', 0, A))
    expect(one?.case_id).toBe(caseIdOf('early'))
    expect(one?.case_id).toMatch(/^K-[0-9A-HJKMNP-TV-Z]{10}$/)
    expect(one).toMatchObject({
      severity: 'high',
      attack: ['T1190'],
      first_seen: T0,
      last_seen: T0 + 5 * HOUR,
      version: 1,
    })
  })
})

test('a late alert joins two cases: the earlier one survives, the other is merged into it', () => {
  const book = createCaseBook(options)
  const kept = keeper(book)
  for (const one of [at('a', 0, A), at('b', 10, A), at('c', 150, A), at('d', 160, A)]) book.put(one)
  kept.take()
  expect(kept.live().map((one) => one.alerts)).toEqual([
    ['a', 'b'],
    ['c', 'd'],
  ])
  book.warn(caseIdOf('c'), ['bali|T1190'])
  book.put(at('between', 80, A))
  const changes = kept.take()
  expect(kept.live()).toMatchObject([
    { case_id: caseIdOf('a'), alerts: ['a', 'b', 'between', 'c', 'd'], warned: ['bali|T1190'] },
  ])
  expect(kept.cases.get(caseIdOf('c'))?.merged_into).toBe(caseIdOf('a'))
  expect(changes.links.map((one) => one.alert_id).sort()).toEqual(['between', 'c', 'd'])
  expect(book.find(caseIdOf('c'))?.case_id).toBe(caseIdOf('a'))
  expect(kept.take()).toEqual({ cases: [], links: [], removed: [] })
})

test('a mark that falls out of the worst findings still links', () => {
  const book = createCaseBook(options)
  book.put(alert({ alert_id: 'a', evidence: [{ field: 'user_agent_original', value: 'r00t-was-here' }] }))
  book.put(alert({ alert_id: 'a' }))
  book.put(alert({ alert_id: 'b', entity: `source_ip:${B}` }), ['tool:r00t-was-here'])
  expect(book.take().cases).toHaveLength(1)
})

test('alerts that lose what linked them, to stronger marks, part again', () => {
  const book = createCaseBook(options)
  const kept = keeper(book)
  for (const one of [at('a', 0, A), at('b', 1, A)]) book.put(one)
  kept.take()
  expect(kept.live()).toHaveLength(1)
  book.put(
    at('a', 0, A),
    Array.from({ length: 12 }, (_, n) => `indicator:evil-${n}.example`),
  )
  // It is kept without alerts: one that comes again goes on from there.
  expect(kept.take()).toMatchObject({ removed: [], cases: [{ alerts: [], version: 2, case_id: caseIdOf('a') }] })
  expect([...kept.links]).toEqual([
    ['a', ''],
    ['b', ''],
  ])
  book.put(at('c', 2, A))
  expect(kept.take().cases).toMatchObject([{ case_id: caseIdOf('b'), alerts: ['b', 'c'] }])
})

describe('after a restart', () => {
  const before = [at('a', 0, A), at('b', 10, A), at('c', 150, A), at('d', 160, A), at('between', 80, A)]
  const kept = (() => {
    const book = createCaseBook(options)
    const told = keeper(book)
    for (const one of before.slice(0, 4)) book.put(one)
    told.take()
    book.put(before[4] ?? at('between', 80, A))
    told.take()
    book.warn(caseIdOf('a'), ['bali|T1190'])
    told.take()
    return told
  })()
  const restored = (alerts: readonly Alert[]) => {
    const book = createCaseBook(options)
    for (const one of kept.cases.values()) book.restore(Case.parse(JSON.parse(JSON.stringify(one))))
    for (const one of alerts) book.put(one)
    return book
  }

  test('nothing has changed', () => {
    expect(restored(before).take()).toEqual({ cases: [], links: [], removed: [] })
  })

  test('a case keeps its id and what it was, though its first alerts are not there any more', () => {
    const book = restored([at('d', 160, A)])
    book.put(at('e', 170, A))
    const changes = book.take()
    expect(changes.cases).toMatchObject([{ case_id: caseIdOf('a'), first_seen: T0, warned: ['bali|T1190'] }])
    expect(new Set(changes.cases[0]?.alerts)).toEqual(new Set(['a', 'b', 'between', 'c', 'd', 'e']))
    expect(changes.links).toEqual([{ alert_id: 'e', case_id: caseIdOf('a') }])
  })

  test.each([T0, T0 + HOUR])('so it is where the first alert that is there is as old (%i)', (first_seen) => {
    // `a` founds it, being the first of two at the same time by its id.
    const whole = createCaseBook(options)
    for (const one of [at('a', 0, A), at('b', 0, A, { first_seen })]) whole.put(one)
    const [made] = whole.take().cases
    if (made === undefined) throw new Error('no case')
    for (const case_id of [made.case_id, 'K-0000000000', 'K-ZZZZZZZZZZ']) {
      const book = createCaseBook(options)
      book.restore({ ...made, case_id })
      book.put(at('b', 0, A, { first_seen, last_seen: T0 + 2 * HOUR }))
      expect(book.take().cases).toMatchObject([{ case_id, merged_into: '', last_seen: T0 + 2 * HOUR }])
    }
  })

  test('alerts that a person linked are one case, however many marks they have', () => {
    const book = createCaseBook(options)
    const marks = Array.from({ length: 12 }, (_, n) => `indicator:evil-${n}.example`)
    book.put(at('a', 0, A), [...marks, 'link:a+b'])
    book.put(at('b', 0, B), ['link:a+b'])
    expect(book.take().cases).toMatchObject([{ alerts: ['a', 'b'], keys: ['link:a+b'] }])
  })

  test('what only an alert that is gone linked stays linked', () => {
    const book = restored([at('a', 0, A), at('d', 160, A)])
    book.put(at('d', 160, A))
    expect(book.take()).toEqual({ cases: [], links: [], removed: [] })
  })

  test('is forgotten as a whole, with those merged into it, when its last event is old', () => {
    const book = restored(before)
    book.take()
    book.forget(T0 + 160 * HOUR)
    expect(book.take().removed).toEqual([])
    book.forget(T0 + 160 * HOUR + 1)
    expect(new Set(book.take().removed)).toEqual(new Set([caseIdOf('a'), caseIdOf('c')]))
    book.put(at('e', 161, A))
    expect(book.take()).toEqual({ cases: [], links: [], removed: [] })
  })

  test('a case whose alert has just come again is not forgotten', () => {
    const book = restored(before)
    book.take()
    book.put(at('d', 160, A, { last_seen: T0 + 300 * HOUR }))
    book.forget(T0 + 200 * HOUR)
    expect(book.take()).toMatchObject({ removed: [], cases: [{ case_id: caseIdOf('a'), last_seen: T0 + 300 * HOUR }] })
  })
})

describe('order of arrival', () => {
  const tools = ['r00t-was-here', 'another-one', 'a-third-one']
  const anyAlert = fc
    .record({
      hours: fc.integer({ min: 0, max: 400 }),
      length: fc.integer({ min: 0, max: 30 }),
      ip: fc.integer({ min: 1, max: 7 }),
      region_code: fc.constantFrom('32', '32.04', '33', '51', '00', ''),
      tool: fc.option(fc.constantFrom(...tools)),
      severity: fc.constantFrom('medium' as const, 'high' as const, 'critical' as const),
    })
    .map(({ hours, length, ip, region_code, tool, severity }) => ({
      ...at('', hours, `203.0.113.${ip}`, { region_code, severity, last_seen: T0 + (hours + length) * HOUR }),
      worst: alert({ evidence: tool === null ? [] : [{ field: 'user_agent_original', value: tool }] }).worst,
    }))
  const alerts = fc
    .array(anyAlert, { maxLength: 25 })
    .map((all) => all.map((one, n): Alert => ({ ...one, alert_id: `A-${n}` })))

  /** What lives in the end, and to what each alert was told to belong. */
  const outcome = (all: readonly Alert[], takeAt: (n: number) => boolean) => {
    const book = createCaseBook(options)
    const kept = keeper(book)
    for (const [n, one] of all.entries()) {
      // First what was known early on: a shorter one, as an alert grows.
      if (n % 3 === 0) book.put({ ...one, last_seen: one.first_seen, severity: 'medium' })
      book.put(one)
      if (takeAt(n)) kept.take()
    }
    kept.take()
    const live = kept.live().map((one) => ({ ...one, version: 0 }))
    return { live: live.sort((a, b) => (a.case_id < b.case_id ? -1 : 1)), links: kept.links, cases: kept.cases }
  }

  test('never changes the cases', () => {
    fc.assert(
      fc.property(alerts, fc.infiniteStream(fc.nat(1000)), fc.integer({ min: 1, max: 5 }), (all, random, every) => {
        const shuffled = all.map((one) => ({ one, place: random.next().value })).sort((a, b) => a.place - b.place)
        const [straight, other] = [
          outcome(all, () => false),
          outcome(
            shuffled.map(({ one }) => one),
            (n) => n % every === 0,
          ),
        ]
        expect(other.live).toEqual(straight.live)
        // Every alert was told the case that names it, and a merged case leads to one that lives.
        for (const { case_id, alerts: members } of other.live)
          for (const id of members) expect(other.links.get(id)).toBe(case_id)
        const ids = new Set(other.live.map((one) => one.case_id))
        for (const one of other.cases.values()) {
          let end: Case | undefined = one
          while (end !== undefined && end.merged_into !== '') end = other.cases.get(end.merged_into)
          expect(ids.has(end?.case_id ?? '')).toBe(true)
        }
      }),
      { numRuns: 150 },
    )
  })

  test('cases are the alerts that can be reached from each other', () => {
    fc.assert(
      fc.property(alerts, (all) => {
        const keyOf = (one: Alert) => [one.entity, ...one.worst.flatMap((f) => f.evidence.map((e) => e.value))]
        const near = (a: Alert, b: Alert) =>
          keyOf(a).some((key) => keyOf(b).includes(key)) &&
          Math.max(a.first_seen, b.first_seen) - Math.min(a.last_seen, b.last_seen) <= options.caseMs
        const groups: Alert[][] = []
        for (const one of all) {
          const touching = groups.filter((group) => group.some((other) => near(one, other)))
          for (const group of touching) groups.splice(groups.indexOf(group), 1)
          groups.push([one, ...touching.flat()])
        }
        const expected = groups
          .filter((group) => group.length > 1)
          .map((group) => group.map((one) => one.alert_id).sort())
        const found = outcome(all, () => false).live.map((one) => [...one.alerts].sort())
        expect(found.sort()).toEqual(expected.sort())
      }),
      { numRuns: 150 },
    )
  })
})

test('a flood of alerts of one actor makes one case of bounded size', () => {
  const book = createCaseBook(options)
  for (let n = 0; n < 3_000; n += 1) book.put(at(`a${n}`, n / 100, A, { region_code: `${11 + (n % 60)}.01` }))
  const { cases, links } = book.take()
  expect(cases).toHaveLength(1)
  expect(links).toHaveLength(3_000)
  expect(JSON.stringify(cases).length).toBeLessThan(20_000)
})
