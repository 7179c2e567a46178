// Permutations asked of a DNS server: what is registered, changed and gone is told once; interrupted rounds go on; who answers everything is not believed.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { domainToASCII } from 'node:url'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Collector } from '../../../ingest/collector.ts'
import { answersOf } from '../../../ingest/lookalike/dns.ts'
import { startLookalikes } from '../../../ingest/lookalike/lookalike.ts'
import { permutations } from '../../../ingest/lookalike/names.ts'
import { protectedNames } from '../../../ingest/lookalike/protected.ts'
import { LookalikeRecord } from '../../../schemas/lookalike.ts'
import { Lookalikes } from '../../../schemas/watch.ts'
import { until } from '../certificate-log/rig.ts'
import { fakeDependencies } from '../http/fakes.ts'
import { type DnsServer, startDns, type Zone } from './dns-server.ts'

let dataDir: string
let dns: DnsServer
let zones: Map<string, Zone>
let running: Collector[]
let fakes: ReturnType<typeof fakeDependencies>
let logged: { msg: string }[]
let time: number

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'siaga-lookalike-'))
  zones = new Map()
  dns = await startDns((name) => zones.get(name))
  running = []
  fakes = fakeDependencies()
  logged = []
  time = Date.parse('2024-11-20T00:00:00Z')
})
afterEach(async () => {
  await Promise.all(running.map((collector) => collector.stop()))
  await dns.close()
  await rm(dataDir, { recursive: true, force: true })
})

const MAX = 150
// A clock that does not come by during a test: rounds are those of the start.
const settings = (change: Partial<Lookalikes> = {}): Lookalikes => ({
  ...Lookalikes.parse({ queries_per_second: 1000, when: '0 0 1 1 *', resolvers: [dns.address] }),
  max_per_name: MAX,
  ...change,
})

/** Starts and waits for the end of the first round. */
async function round(names = ['kpu.go.id'], change: Partial<Lookalikes> = {}): Promise<void> {
  // A state whose round has ended begins none at the start: one is asked for.
  const file = join(dataDir, 'lookalikes', 'state.json')
  const text = await readFile(file, 'utf8').catch(() => undefined)
  if (text !== undefined) await writeFile(file, JSON.stringify({ ...JSON.parse(text), ended: 0 }))
  time += 60_000
  let ended = false
  const collector = await start(names, change, () => {
    ended = true
  })
  await until(() => ended, 'the end of the round')
  await collector.stop()
}

async function start(names: string[], change: Partial<Lookalikes>, onRound: () => void): Promise<Collector> {
  let label = 0
  const log = pino({ level: 'warn' }, { write: (line: string) => void logged.push(JSON.parse(line)) })
  const collector = await startLookalikes(
    settings(change),
    names,
    { ...fakes.deps, log },
    {
      dataDir,
      now: () => time,
      randomLabel: () => `random${label++}`,
      dnsTimeoutMs: 200,
      retryMs: 50,
      onRound,
    },
  )
  running.push(collector)
  return collector
}

const records = (): LookalikeRecord[] => fakes.writer.texts.map((text) => LookalikeRecord.parse(JSON.parse(text)))
const brief = () => records().map(({ domain, state }) => `${domain} ${state}`)
const host = (address: string): Zone => ({ NS: ['ns1.parkir.example', 'ns2.parkir.example'], A: [address] })

describe('a round', () => {
  test('tells what is registered, with where it leads', async () => {
    zones.set('kpugo.id', {
      NS: ['NS1.Parkir.Example'],
      A: ['1.1.1.1'],
      AAAA: ['2606:4700::1111'],
      MX: ['mx.parkir.example'],
    })
    await round()
    expect(records()).toEqual([
      {
        protected: 'kpu.go.id',
        kind: 'dot',
        likeness: 95,
        at: '2024-11-20T00:01:00.000Z',
        domain: 'kpugo.id',
        unicode: 'kpugo.id',
        state: 'registered',
        addresses: ['1.1.1.1', '2606:4700::1111'],
        name_servers: ['ns1.parkir.example'],
        mail_servers: ['mx.parkir.example'],
        answers: 'public',
        first_seen: '2024-11-20T00:01:00.000Z',
      },
    ])
    expect(fakes.writer.events[0]).toMatchObject({
      source: 'siaga-lookalike',
      format: 'siaga.lookalike',
      key: 'lookalike-kpugo.id',
    })
    expect(fakes.metrics.counts).toEqual({ received: 1, accepted: 1, refused: 0, lost: 0 })
    expect(logged).toEqual([])
  })

  test('asks for name servers of every permutation, and for more only where there are some', async () => {
    zones.set('kpugo.id', host('1.1.1.1'))
    await round()
    const all = [...permutations('kpu.go.id', { max: MAX })].map(({ domain }) => domain)
    expect(all).toHaveLength(MAX)
    const asked = new Set(dns.asked)
    expect(all.filter((domain) => !asked.has(`NS ${domain}`))).toEqual([])
    const more = dns.asked.filter((question) => !question.startsWith('NS '))
    expect(new Set(more)).toEqual(
      new Set(['A kpugo.id', 'AAAA kpugo.id', 'MX kpugo.id', 'A random0.id', 'AAAA random0.id']),
    )
  })

  test('shows names as people see them', async () => {
    const cyrillic = domainToASCII('kрu.id')
    zones.set(cyrillic, host('1.1.1.1'))
    await round()
    expect(records()[0]).toMatchObject({ domain: cyrillic, unicode: 'kрu.id', kind: 'homoglyph' })
  })

  test('says nothing twice, and what changed and is gone once, with what was before', async () => {
    zones.set('kpugo.id', host('1.1.1.1'))
    zones.set('kpu-go-id.com', host('9.9.9.9'))
    await round()
    await round()
    expect(brief().sort()).toEqual(['kpu-go-id.com registered', 'kpugo.id registered'])
    zones.set('kpugo.id', { NS: ['ns.lain.example'], A: ['8.8.8.8'], MX: ['mail.lain.example'] })
    zones.delete('kpu-go-id.com')
    await round()
    expect(brief().slice(2)).toEqual(['kpugo.id changed'])
    expect(records()[2]).toMatchObject({
      addresses: ['8.8.8.8'],
      mail_servers: ['mail.lain.example'],
      first_seen: '2024-11-20T00:01:00.000Z',
      at: '2024-11-20T00:03:00.000Z',
      before: { addresses: ['1.1.1.1'], name_servers: ['ns1.parkir.example', 'ns2.parkir.example'], mail_servers: [] },
    })
    // Not there once more: gone.
    await round()
    expect(brief().slice(3)).toEqual(['kpu-go-id.com gone'])
    expect(records()[3]).toMatchObject({ addresses: [], before: { addresses: ['9.9.9.9'] } })
    zones.set('kpu-go-id.com', host('9.9.9.9'))
    await round()
    expect(brief().slice(4)).toEqual(['kpu-go-id.com registered'])
  })

  test('takes other addresses of the same farm for no change', async () => {
    zones.set('kpugo.id', { NS: ['ns1.cdn.example'], A: ['1.1.1.1', '1.0.0.1'] })
    await round()
    zones.set('kpugo.id', { NS: ['ns1.cdn.example'], A: ['1.1.1.9'] })
    await round()
    expect(brief()).toEqual(['kpugo.id registered'])
  })

  test('an answer that says nothing changes nothing', async () => {
    zones.set('kpugo.id', { ...(host('1.1.1.1') as object), MX: ['mx.parkir.example'] })
    await round()
    for (const zone of [
      'broken',
      'silent',
      { NS: ['ns1.parkir.example', 'ns2.parkir.example'], A: ['1.1.1.1'], broken: ['MX', 'AAAA'] },
      { NS: ['ns1.parkir.example', 'ns2.parkir.example'], broken: ['A', 'AAAA'] },
    ] satisfies Zone[]) {
      zones.set('kpugo.id', zone)
      await round()
    }
    expect(brief()).toEqual(['kpugo.id registered'])
  })

  test('a parent that answers everything has registered nothing, but what has name servers of its own is there', async () => {
    dns.answer = (name) =>
      name === 'kpu.gov.id'
        ? { NS: ['ns.own.example'], A: ['1.1.1.1'] }
        : (zones.get(name) ?? (/\.(?:gov\.id|go-id\.com)$/.test(name) ? { A: ['5.5.5.5'] } : undefined))
    zones.set('go-id.com', host('5.5.5.5'))
    zones.set('kpu.goid.com', { A: ['7.7.7.7'] })
    await round(['kpu.go.id'], { max_per_name: 800 })
    expect(brief().sort()).toEqual(['kpu.goid.com registered', 'kpu.gov.id registered'])
  })

  test('says what private and sinkholed answers are', async () => {
    zones.set('kpugo.id', { NS: ['ns1.x.example'], A: ['10.1.2.3'] })
    zones.set('kpu-go-id.com', { NS: ['ns1.x.example'], A: ['36.86.63.185'] })
    zones.set('kpu-go.id', { NS: ['ns1.x.example'] })
    await round()
    expect(Object.fromEntries(records().map(({ domain, answers }) => [domain, answers]))).toEqual({
      'kpugo.id': 'private',
      'kpu-go-id.com': 'sinkhole',
      'kpu-go.id': 'none',
    })
    expect(answersOf(['10.0.0.1', '1.1.1.1'])).toBe('public')
  })

  test('ours and what is protected is not asked for', async () => {
    zones.set('kpugo.id', host('1.1.1.1'))
    zones.set('kpu-go-id.com', host('1.1.1.1'))
    await round(['kpu.go.id', 'kpu-go.id'], { ours: ['kpugo.id'] })
    expect(dns.asked.filter((question) => / (?:.*\.)?(?:kpugo\.id|kpu-go\.id)$/.test(question))).toEqual([])
    expect(brief()).toEqual(['kpu-go-id.com registered'])
  })

  test('that is interrupted goes on where it was', async () => {
    zones.set('kpugo.id', host('1.1.1.1'))
    const names = ['kpu.go.id', 'bawaslu.go.id', 'dkpp.go.id']
    const first = await start(names, { queries_per_second: 400 }, () => undefined)
    await until(() => dns.asked.some((question) => question.includes('bawaslu')), 'the second name')
    await first.stop()
    const before = dns.asked.length
    let ended = false
    await start(names, {}, () => {
      ended = true
    })
    await until(() => ended, 'the end of the round')
    const again = dns.asked.slice(before)
    // Known ones are asked for again; of the first name nothing else.
    const ofFirst = new Set([...permutations('kpu.go.id', { max: MAX })].map(({ domain }) => domain))
    expect(again.filter((question) => ofFirst.has(question.slice(3)) && !question.includes('kpugo.id'))).toEqual([])
    for (const name of ['bawaslu.go.id', 'dkpp.go.id']) {
      for (const { domain } of permutations(name, { max: MAX })) expect(again).toContain(`NS ${domain}`)
    }
    expect(brief()).toEqual(['kpugo.id registered'])
  })

  test('waits for Kafka, and for DNS', async () => {
    zones.set('kpugo.id', host('1.1.1.1'))
    fakes.writer.failures = 2
    await round()
    expect(brief()).toEqual(['kpugo.id registered'])
    expect(fakes.metrics.counts).toEqual({ received: 3, accepted: 1, refused: 2, lost: 0 })
    dns.answer = () => 'broken'
    let ended = false
    const file = join(dataDir, 'lookalikes', 'state.json')
    await writeFile(file, JSON.stringify({ ...JSON.parse(await readFile(file, 'utf8')), ended: 0 }))
    await start(['kpu.go.id'], {}, () => {
      ended = true
    })
    await until(() => logged.some(({ msg }) => msg.startsWith('DNS does not answer')), 'a warning')
    expect(ended).toBe(false)
    dns.answer = (name) => zones.get(name)
    await until(() => ended, 'the end of the round')
    expect(brief()).toEqual(['kpugo.id registered'])
  })

  test('a damaged state is set aside', async () => {
    zones.set('kpugo.id', host('1.1.1.1'))
    await round()
    await writeFile(join(dataDir, 'lookalikes', 'state.json'), '{"version":1,"known":{}')
    let ended = false
    await start(['kpu.go.id'], {}, () => {
      ended = true
    })
    await until(() => ended, 'the end of the round')
    expect(brief()).toEqual(['kpugo.id registered', 'kpugo.id registered'])
    expect(logged).toHaveLength(1)
  })
})

test('protected are the names of the settings, or those of assets and election bodies', () => {
  const assets = [
    'https://www.jakarta.go.id/berita',
    'https://kpu.go.id',
    '',
    'http://10.0.0.1/',
    'https://localhost/',
  ].map((url) => ({ url }))
  expect(protectedNames({ protected: [] }, assets)).toEqual(['kpu.go.id', 'bawaslu.go.id', 'jakarta.go.id'])
  expect(protectedNames({ protected: ['dkpp.go.id', 'dkpp.go.id'] }, assets)).toEqual(['dkpp.go.id'])
})
