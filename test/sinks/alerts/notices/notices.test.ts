import { describe, expect, test } from 'vitest'
import { bandung, DAY, finding, HOUR, rig, room, sent, siaga, T0, tokens } from './rig.ts'

const reasons = (made: ReturnType<typeof rig>) => made.offers.filter(({ notice }) => notice !== undefined)

describe('made', () => {
  test('by a person: every contact gets a message with a link of its own, nothing of the evidence', () => {
    const made = sent()
    const told = reasons(made)
    expect(told.map(({ reason, channel, notice }) => [reason, channel, notice?.contact?.to])).toEqual([
      ['notice', 'pos', 'budi@pemda.example'],
      ['notice', 'tele', '12345'],
    ])
    expect(JSON.stringify(told)).not.toContain('RAHASIA-BUKTI')
    expect(made.notice()).toMatchObject({
      state: 'sent',
      by_probe: true,
      text: 'Mohon segera.',
      answer_by: T0 + 72 * HOUR,
    })
  })

  test('no token is kept or told: hashes only', () => {
    const made = sent()
    const { notice_id = '' } = made.notice() ?? {}
    const everything = made.kept() + JSON.stringify([made.offers, made.log])
    expect(made.kept()).toContain(tokens.hash(notice_id, 0))
    for (const contact of [0, 1]) expect(everything).not.toContain(tokens.token(notice_id, contact))
  })

  test('is refused without contacts, without a link, for rooms that may not, and while one is open', () => {
    const made = sent()
    expect(made.ask({ what: 'make' })).toBe('NOTICE_EXISTS')
    expect(made.ask({ what: 'make', actor: room('lampung', '18') })).toBe('ALERT_UNKNOWN')
    expect(made.ask({ what: 'make', alert_id: 'A-NONE' })).toBe('ALERT_UNKNOWN')
    const without = rig()
    without.findings([finding(T0, { asset_id: 'lain', dedup_key: 'x' })])
    expect(without.ask({ what: 'make' })).toBe('NOTICE_NO_CONTACT')
    const nowhere = rig({ more: { public_url: '' } })
    nowhere.findings([finding(T0)])
    expect(nowhere.ask({ what: 'make' })).toBe('NOTICE_NO_LINK')
    const keyless = rig({ withTokens: false })
    keyless.findings([finding(T0)])
    expect(keyless.ask({ what: 'make' })).toBe('NOTICE_NO_LINK')
  })

  test('of rooms about one system at most ten times a day, however often they withdraw it', () => {
    const made = sent()
    const codes = Array.from({ length: 12 }, (_, n) => {
      const [open] = made.notices().filter(({ state }) => state === 'sent')
      if (open !== undefined) made.ask({ what: 'withdraw', notice_id: open.notice_id, text: 'salah' })
      return made.ask({ what: 'make', notice_id: `P-again-${n}` })
    })
    expect(codes).toEqual([...Array.from({ length: 9 }, () => ''), 'NOTICE_OFTEN', 'NOTICE_OFTEN', 'NOTICE_OFTEN'])
    made.tick(DAY)
    expect(made.ask({ what: 'make', notice_id: 'P-next' })).toBe('')
  })

  test('by itself for rules of `automatic` alone, once, and not while another about the system is open', () => {
    const silent = rig()
    silent.findings([finding(T0)])
    silent.tick(HOUR)
    expect(silent.notices()).toEqual([])
    const made = rig({ notices: { automatic: [finding(T0).rule_id] } })
    made.findings([finding(T0)])
    made.findings([finding(T0 + 1), finding(T0, { dedup_key: 'another', title: 'x' })])
    made.restart()
    made.findings([finding(T0 + 2)])
    expect(made.notices()).toHaveLength(1)
    expect(made.notice()?.made_by.name).toBe('siaga')
    expect(reasons(made)).toHaveLength(2)
  })

  test('every step is a row of the log of its own', () => {
    const made = sent()
    made.press('received')
    made.press('answer', 'Kami periksa.')
    made.press('fixed')
    const rows = made.log.flatMap((entry) => (entry.kind === 'notice' ? [entry] : []))
    expect(rows.map(({ step, notice }) => [step.what, notice.version])).toEqual([
      ['sent', 1],
      ['received', 2],
      ['answered', 3],
      ['fixed', 4],
    ])
    expect(rows[2]?.step).toMatchObject({ by: { name: 'Budi', from: '192.0.2.7' }, text: 'Kami periksa.' })
  })
})

describe('silence', () => {
  test('reminds the owner, then tells room, province and centre, each once', () => {
    const made = sent()
    const seen: string[] = []
    for (let hour = 1; hour <= 8 * 24; hour += 1) {
      const before = made.offers.length
      made.tick(HOUR)
      for (const { reason, recipient, notice } of made.offers.slice(before))
        if (notice !== undefined && notice.contact?.index !== 1)
          seen.push(`${hour} ${reason} ${notice.contact === undefined ? recipient : notice.reminder}`)
    }
    expect(seen).toEqual([
      '24 notice 1',
      '48 notice 2',
      '48 notice_silent piket',
      '72 notice 3',
      '96 notice_silent provinsi',
      '144 notice_silent pusat',
    ])
  })

  test('after a standstill of days one reminder stands for all, and each level is told', () => {
    const made = sent()
    made.restart()
    made.tick(5 * DAY)
    const after = reasons(made).slice(2)
    expect(after.map(({ reason, recipient }) => [reason, recipient.replace(/^P-.*\./, 'contact ')])).toEqual([
      ['notice', 'contact 0'],
      ['notice', 'contact 1'],
      ['notice_silent', 'piket'],
      ['notice_silent', 'provinsi'],
    ])
  })

  test('reminders stop once it was received; rooms hear of it when the deadline for an answer has passed long ago', () => {
    const made = sent()
    made.tick(HOUR)
    made.press('received')
    const before = made.offers.length
    made.tick(72 * HOUR)
    expect(made.offers.slice(before).filter(({ notice }) => notice !== undefined)).toEqual([])
    made.tick(50 * HOUR)
    expect(made.offers.slice(before).map(({ reason }) => reason)).toContain('notice_silent')
  })

  test('of an owner who has answered nothing is counted', () => {
    const made = sent()
    made.press('answer', 'Sedang kami tangani.')
    made.tick(30 * DAY)
    expect(reasons(made)).toHaveLength(2)
  })

  test('nobody is reminded at night unless it is critical', () => {
    const night = sent({ notices: { remind_hours: 12 }, more: { quiet_hours: '22:00-06:00' } })
    night.tick(12 * HOUR)
    expect(reasons(night)).toHaveLength(2)
    night.tick(6 * HOUR)
    expect(reasons(night)).toHaveLength(4)
  })

  test('a level where nobody is on duty is passed over; while nobody is there at all, it is tried again', () => {
    const empty = sent({ notices: { climb_hours: 10, reminders: 0 }, staffed: ['pusat'] })
    empty.tick(10 * HOUR)
    expect(
      reasons(empty)
        .map(({ reason, recipient }) => [reason, recipient])
        .slice(2),
    ).toEqual([['notice_silent', 'pusat']])
    expect(empty.notice()?.climbed).toEqual(['kabupaten', 'provinsi', 'pusat'])
    const alone = sent({ notices: { climb_hours: 10, reminders: 0 }, staffed: [] })
    alone.tick(10 * HOUR)
    expect(alone.notice()?.climbed).toEqual([])
    expect(alone.engine().nextAt()).toBe(alone.now() + 300_000)
  })

  test('a notice that nothing happens to lapses, and is forgotten a month later', () => {
    const made = sent()
    made.tick(8 * DAY)
    made.tick(91 * DAY)
    expect(made.notice()).toMatchObject({ state: 'withdrawn' })
    made.tick(29 * DAY)
    expect(made.notices()).toHaveLength(1)
    made.tick(2 * DAY)
    expect(made.notices()).toEqual([])
  })
})

describe('a claim that it is fixed', () => {
  test('fails when it is found again: owner and room are told; the owner may claim it once more', () => {
    const made = sent()
    made.tick(HOUR)
    made.press('fixed', 'Plugin dihapus.')
    const before = made.offers.length
    made.tick(10 * 60_000)
    made.findings([finding(made.now())])
    expect(made.notice()).toMatchObject({ state: 'failed_check', checked_at: made.now() })
    const told = made.offers.slice(before).filter(({ notice }) => notice !== undefined)
    expect(told.map(({ reason, recipient }) => [reason, recipient.replace(/^P-.*\./, '')])).toEqual([
      ['notice', '0'],
      ['notice', '1'],
      ['notice_failed', 'piket'],
    ])
    expect(made.press('fixed')).toBe('')
    expect(made.notice()?.state).toBe('fixed')
  })

  test('does not fail by what was seen before it, by another rule or about another system', () => {
    const made = sent()
    made.tick(HOUR)
    made.press('fixed')
    made.tick(10 * 60_000)
    const claimed = made.notice()?.fixed_at ?? 0
    made.findings([
      finding(claimed - 1),
      finding(claimed + 30_000),
      finding(made.now(), { rule_id: 'other', dedup_key: 'o' }),
      finding(made.now(), { asset_id: 'lain', dedup_key: 'l' }),
    ])
    expect(made.notice()?.state).toBe('fixed')
  })

  test('is verified by Siaga for that claim alone, or by a person who says why', () => {
    const made = sent()
    expect(made.ask({ what: 'verified', actor: siaga, fixed_at: 0 })).toBe('NOTICE_STATE')
    made.press('fixed')
    const first = made.notice()?.fixed_at ?? 0
    made.tick(10 * 60_000)
    made.findings([finding(made.now())])
    made.press('fixed')
    expect(made.ask({ what: 'verified', actor: siaga, fixed_at: first })).toBe('NOTICE_STATE')
    expect(made.ask({ what: 'verified', actor: bandung })).toBe('ALERT_REASON_MISSING')
    expect(made.ask({ what: 'verified', actor: room('lampung', '18'), text: 'x' })).toBe('NOTICE_UNKNOWN')
    expect(made.ask({ what: 'verified', actor: siaga, fixed_at: made.notice()?.fixed_at ?? 0 })).toBe('')
    expect(made.notice()).toMatchObject({ state: 'verified', ended_at: made.now() })
    made.tick(10 * 60_000)
    made.findings([finding(made.now())])
    expect(made.notice()?.state).toBe('verified')
  })

  test('nobody but the owner can press, with the right token of that notice', () => {
    const made = sent()
    const hash = tokens.hash(made.notice()?.notice_id ?? '', 0)
    expect(made.ask({ what: 'received', actor: siaga })).toBe('NOTICE_UNKNOWN')
    expect(made.ask({ what: 'received', token_hash: tokens.hash('P-other', 0) })).toBe('NOTICE_UNKNOWN')
    expect(made.ask({ what: 'received', token_hash: hash, notice_id: 'P-none' })).toBe('NOTICE_UNKNOWN')
    expect(made.notice()?.state).toBe('sent')
  })
})

test('an alert that is no threat withdraws its notice', () => {
  const made = sent()
  made.asked({
    kind: 'act',
    request_id: 'act-1',
    at: made.now(),
    actor: bandung,
    verb: 'false_positive',
    alert_id: made.alertId(),
    dedup_key: '',
    reason: 'pembaruan resmi',
    assignee: '',
    other: '',
  })
  expect(made.notice()?.state).toBe('withdrawn')
})

test('an answer that comes twice is one; answers are bounded', () => {
  const made = sent()
  for (let n = 0; n < 3; n += 1) made.press('answer', 'sama')
  expect(made.notice()?.answers).toHaveLength(1)
  for (let n = 0; n < 30; n += 1) made.press('answer', `jawaban ${n}`)
  expect(made.notice()?.answers).toHaveLength(20)
  expect(made.press('answer', 'satu lagi')).toBe('NOTICE_FULL')
  expect(made.press('fixed', 'masih bisa')).toBe('')
})
