// Can Siaga be made quieter on voting day by one person? All of it with real processes: siaga.yaml changed, restarted, agreed to, gone round.
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { HeldPage, PolicyItem } from '../../schemas/alert-api.ts'
import type { Run } from '../cli/run.ts'
import { type Home, makeHome, type Siaga, startSiaga, until, writeInto } from './siaga.ts'

/** Rules that one request trips: UNION SELECT, and the name of a tool. */
const union = '801832ab-f0f1-427c-823f-5a5118c96ca8'
const tool = '2eb93f3a-c103-47a2-b597-275743c9dcd5'

interface Wanted {
  readonly phase?: string
  readonly disabled?: readonly string[]
  readonly thresholds?: string
}

/** What machines were told: `reason entity`. */
const told: string[] = []
const keys = new Map<string, string>()
let hook: Server
let home: Home
let siaga: Siaga

beforeAll(async () => {
  hook = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const { reason, alert } = JSON.parse(Buffer.concat(parts).toString())
      told.push(`${reason} ${alert.entity}`)
      response.end()
    })
  })
  await new Promise<void>((resolve) => hook.listen(0, '127.0.0.1', resolve))
  home = await makeHome('')
})
afterAll(async () => {
  await siaga?.stop()
  await home?.remove()
  hook?.close()
})

/** Writes siaga.yaml, and the calendar of an election that is in this phase from yesterday to tomorrow. */
async function write({ phase, disabled = [], thresholds = '' }: Wanted): Promise<void> {
  const day = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)
  await writeInto(
    home,
    'hari-ini.yaml',
    `election: hari-ini\nname: Hari ini\nregions: all\nphases: [{phase: ${phase}, from: ${day(-1)}, to: ${day(1)}}]\n`,
  )
  await writeInto(
    home,
    'siaga.yaml',
    `
sources:
  - {id: web, format: nginx, region: "32.04", owner: pemda, asset: situs}
  - {id: bali, format: nginx, region: "51", owner: pemda, asset: situs-bali}
assets:
  - {id: situs, name: Situs Kabupaten Bandung, criticality: high, region: "32.04", owner: pemda, kind: web}
  - {id: situs-bali, name: Situs Bali, criticality: high, region: "51", owner: pemda, kind: web}
rooms:
  - {id: pusat, region: "00"}
  - {id: 00-jabar, name: Pusat 00, region: "32", owner: pemda}
calendars: [${phase === undefined ? '' : 'hari-ini.yaml'}]
probes: {enabled: false}
lookalikes: {enabled: false}
correlations: {enabled: false}
rules: {disabled: [${disabled.join(', ')}]}
alerts:
  silence: {enabled: false}
  channels: [{id: kait, kind: webhook, url: "http://127.0.0.1:${(hook.address() as AddressInfo).port}/"}]
  forward: [{channel: kait, severity: low}]
  thresholds: [${thresholds}]
`,
  )
}

/** Stops what runs and starts again with what siaga.yaml says now. */
async function restart(): Promise<void> {
  await siaga?.stop()
  siaga = await startSiaga({ home })
}

/** A key by who holds it, made when it is first asked for. */
async function keyOf(who: string, ...create: string[]): Promise<string> {
  const known = keys.get(who)
  if (known !== undefined) return known
  const { stdout, stderr } = await siaga.run('keys', 'create', ...create)
  const made = /siaga_\w{10}_[\w-]{43}/.exec(stdout)?.[0]
  if (made === undefined) throw new Error(stderr)
  keys.set(who, made)
  return made
}

/** A person of a room, by the name that stands on the key. */
const personOf = (room: string, label: string) => keyOf(label, '--room', room, '--label', label)

/** Sends an attack from this address to a source. */
async function attack(address: string, source: 'web' | 'bali'): Promise<void> {
  const [, day, month, year, time] = /^\w+, (\d+) (\w+) (\d+) ([\d:]+) GMT$/.exec(new Date().toUTCString()) ?? []
  const line = `${address} - - [${day}/${month}/${year}:${time} +0000] "GET /cari?q=1%27%20UNION%20SELECT%20username,password%20FROM%20users-- HTTP/1.1" 200 512 "-" "sqlmap/1.8"`
  const key = await keyOf(source, source)
  // A running server knows a new key within a second.
  await until(async () => (await siaga.post(line, { source, key })).status === 202, 'the new key')
}

/** Rules that spoke of an address, once the last of them (of `count`) has landed. */
async function rulesOn(address: string, count: number): Promise<unknown[]> {
  const query = `SELECT DISTINCT rule_id FROM siaga.findings WHERE entity = 'source_ip:${address}' ORDER BY rule_id`
  await until(async () => (await siaga.sql(query)).length >= count, `${count} rules on ${address}`)
  return (await siaga.sql(query)).map((row) => row.rule_id)
}

const isTold = (address: string): boolean => told.includes(`opened source_ip:${address}`)
const becomesAlert = (address: string) => until(() => isTold(address), `an alert on ${address}`)

async function ask(key: string, path: string, body?: object, headers: Record<string, string> = {}) {
  const answer = await fetch(`${siaga.web}${path}`, {
    headers: { authorization: `Bearer ${key}`, ...(body && { 'content-type': 'application/json' }), ...headers },
    ...(body && { method: 'POST', body: JSON.stringify(body) }),
  })
  return { status: answer.status, json: (await answer.json()) as unknown }
}

const approve = (key: string, id: string, headers?: Record<string, string>) =>
  ask(key, '/v1/alert-policy/approve', { id }, headers)

async function policy(): Promise<PolicyItem> {
  const key = await personOf('pusat', 'Ani')
  await until(async () => (await ask(key, '/v1/alert-policy')).status === 200, 'the policy')
  return PolicyItem.parse((await ask(key, '/v1/alert-policy')).json)
}

type Waiting = NonNullable<PolicyItem['waiting']>

/** The policy that waits, once something that begins with `detail` is among what it would make quieter. */
async function waiting(detail: string): Promise<Waiting> {
  // After a start the policy of before is shown until somebody holds the alerts again.
  return untilSome(async () => {
    const found = (await policy()).waiting
    return found?.relaxations.some((one) => one.detail.startsWith(detail)) ? found : undefined
  }, `a policy that waits: ${detail}`)
}

async function untilSome<T>(look: () => Promise<T | undefined>, what: string): Promise<T> {
  let found: T | undefined
  await until(async () => {
    found = await look()
    return found !== undefined
  }, what)
  if (found === undefined) throw new Error(what)
  return found
}

const approveByCommand = (key: string, id: string): Promise<Run> =>
  siaga.runWith({ env: { SIAGA_KEY: key } }, 'alerts', 'approve', id, '--lang', 'en')

let others = 0

test('outside of the phases a rule is off as soon as it is written', async () => {
  await write({ phase: 'kampanye', disabled: [tool] })
  await restart()
  expect(await policy()).toMatchObject({ in_force: { disabled: [tool] } })
  expect((await policy()).waiting).toBeUndefined()
  await attack('203.0.113.1', 'web')
  await becomesAlert('203.0.113.1')
  const rules = await rulesOn('203.0.113.1', 1)
  expect(rules).toContain(union)
  expect(rules).not.toContain(tool)
  others = rules.length - 1
})

let first = ''

test('on voting day a raised threshold and a rule that is switched off wait, are told of, and hold nothing back', async () => {
  await write({
    ...{ phase: 'pemungutan', disabled: [tool, union] },
    thresholds: '{regions: ["32.04"], score: 101, severity: none}',
  })
  await restart()
  // What was off before stays off; the shown relaxations are those of this change.
  const { id, approvals, relaxations } = await waiting(union)
  first = id
  expect((await policy()).in_force.disabled).toEqual([tool])
  expect(approvals).toEqual([])
  expect(relaxations.filter(({ what }) => what !== 'thresholds')).toEqual([{ what: 'disabled', detail: union }])
  expect(relaxations.find(({ what }) => what === 'thresholds')?.detail).toContain('region 32.04')
  expect(`${siaga.stdout()}${siaga.stderr()}`).toMatch(
    new RegExp(`waits for two persons.*siaga alerts approve ${first}`),
  )
  expect(siaga.stderr()).toContain('a laxer policy waits for two persons; the stricter one holds')
  const shown = await siaga.run('alerts', 'policy', '--lang', 'en')
  expect(shown.stdout).toContain(`siaga alerts approve ${first}`)
  expect(shown.stdout).toContain(`disabled: ${union}`)

  await attack('203.0.113.2', 'web')
  await becomesAlert('203.0.113.2')
  expect(await rulesOn('203.0.113.2', others + 1)).toContain(union)
})

test('one person, the same one in other ways, rooms, strangers and another policy do not put it in force', async () => {
  const ani = await personOf('pusat', 'Ani')
  const again = await keyOf('Ani again', '--room', 'pusat', '--label', ' ANI ')
  const nameless = await keyOf('nameless', '--room', 'pusat')
  const [citra, dewi] = [await personOf('00-jabar', 'Citra'), await personOf('00-jabar', 'Dewi')]
  await until(async () => (await ask(dewi, '/v1/alerts')).status === 200, 'the new keys')

  for (const room of [citra, dewi]) {
    expect((await ask(room, '/v1/alert-policy')).status).toBe(403)
    expect(await approve(room, first)).toMatchObject({ status: 403, json: { error: 'CENTRE_ONLY' } })
  }
  const stranger = `siaga_${'a'.repeat(10)}_${'b'.repeat(43)}`
  expect((await approve(stranger, first)).status).toBe(401)
  expect((await approve(await keyOf('web'), first)).status).toBe(403)
  expect((await approve(ani, '0'.repeat(16))).status).toBe(409)
  expect((await waiting(union)).approvals).toEqual([])

  const once = { 'idempotency-key': 'satu' }
  expect((await approve(ani, first, once)).status).toBe(200)
  expect((await approve(ani, first, once)).status).toBe(200)
  expect((await waiting(union)).approvals).toEqual([{ name: 'Ani', room: 'pusat' }])
  for (const same of [ani, again, nameless]) {
    expect(await approve(same, first)).toMatchObject({ status: 409, json: { error: 'SECOND_PERSON_NEEDED' } })
  }
  // The key of the machine is nobody's: whoever has it may be the one who has agreed already.
  const operator = await siaga.run('alerts', 'approve', first, '--lang', 'en')
  expect(operator.code).not.toBe(0)
  expect(operator.stderr).toContain('another name and another key')
  expect((await waiting(union)).approvals).toEqual([{ name: 'Ani', room: 'pusat' }])
  expect((await policy()).in_force.disabled).toEqual([tool])
  await attack('203.0.113.3', 'web')
  await becomesAlert('203.0.113.3')
})

test('two persons of the centre put in force what they were shown, not what stands in the file by now', async () => {
  // Behind their backs, between the one and the other.
  await write({
    ...{ phase: 'pemungutan', disabled: [tool, union, 'all-the-rest'] },
    thresholds: '{score: 101, severity: none}',
  })
  const budi = await personOf('pusat', 'Budi')
  await until(async () => (await ask(budi, '/v1/alerts')).status === 200, 'the new key')
  const agreed = await approveByCommand(budi, first)
  expect(agreed).toMatchObject({ code: 0, stderr: '' })
  const { in_force, waiting: waits } = await policy()
  expect(waits).toBeUndefined()
  expect(in_force).toMatchObject({ disabled: [tool, union].sort(), thresholds: [[{ regions: ['32.04'], score: 101 }]] })
  expect((await approve(budi, first)).status).toBe(409)

  // Thresholds hold at once: here nothing is said, and what is held is counted; elsewhere it is an alert.
  await attack('203.0.113.4', 'web')
  await attack('203.0.113.5', 'bali')
  await becomesAlert('203.0.113.5')
  await rulesOn('203.0.113.4', others + 1)
  const held = async () => {
    const page = HeldPage.parse((await ask(budi, '/v1/alerts/held?hours=2')).json)
    return page.held.filter((row) => row.detail === 'alerts.thresholds[0]' && row.region === '32.04')
  }
  await until(async () => (await held()).reduce((sum, row) => sum + row.findings, 0) === others + 1, 'the held count')
  expect((await held()).map((row) => row.rule_id)).toContain(union)
  expect(isTold('203.0.113.4')).toBe(false)
  const open = await ask(budi, '/v1/alerts?entity=source_ip:203.0.113.4')
  expect(open.json).toMatchObject({ total: 0 })

  // Who agreed, from where, is in the audit trail.
  const trail = `SELECT message FROM siaga.events WHERE source_id = 'siaga-audit' AND message LIKE '%${first}%'`
  await until(async () => (await siaga.sql(trail)).length >= 2, 'the audit trail')
  const said = JSON.stringify(await siaga.sql(trail))
  expect(said).toContain('Ani (pusat)')
  expect(said).toContain('Budi (pusat)')
})

test('after a restart what was agreed holds, and what was written behind their backs waits with no agreement', async () => {
  await restart()
  const { approvals, relaxations } = await waiting('all-the-rest')
  expect((await policy()).in_force.disabled).toEqual([tool, union].sort())
  expect(approvals).toEqual([])
  expect(relaxations.filter(({ what }) => what === 'disabled')).toEqual([{ what: 'disabled', detail: 'all-the-rest' }])
  const [ani, budi] = [await personOf('pusat', 'Ani'), await personOf('pusat', 'Budi')]
  // Agreements of before are spent, also those that are sent again as they were.
  expect((await approve(budi, first)).status).toBe(409)
  expect((await approve(ani, first, { 'idempotency-key': 'satu' })).status).toBe(200)
  expect((await waiting('all-the-rest')).approvals).toEqual([])

  await attack('203.0.113.6', 'bali')
  await becomesAlert('203.0.113.6')
  const rules = others > 0 ? await rulesOn('203.0.113.6', others) : []
  expect(rules).not.toContain(union)
})

test('a calendar that is taken away does not end the phase: what waits goes on waiting', async () => {
  await write({ disabled: [tool, union, 'all-the-rest'], thresholds: '{score: 101, severity: none}' })
  await restart()
  const { relaxations, approvals } = await waiting('no calendar names')
  expect(approvals).toEqual([])
  expect(relaxations[0]).toMatchObject({ what: 'two_persons' })
  expect(relaxations).toContainEqual({ what: 'disabled', detail: 'all-the-rest' })
  await attack('203.0.113.7', 'bali')
  await becomesAlert('203.0.113.7')
})
