// Do feeds keep what they brought, whatever servers and people do?
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { readMeta } from '../../../ingest/feeds/copy.ts'
import { feedFiles } from '../../../ingest/feeds/folders.ts'
import { decide, isWaiting, listHeld } from '../../../ingest/feeds/held.ts'
import { readState } from '../../../ingest/feeds/state.ts'
import { DAY, eventually, feed, folder, NOW, Port, serve, start, text } from './rig.ts'

const list = (...values: string[]): string => `# daftar\n${values.join('\n')}\n`

describe('fetching', () => {
  test('a list is fetched at the start, handed over, audited and counted', async () => {
    const server = await serve(text(list('45.9.148.3', 'jahat.example.com')))
    const dataDir = folder()
    const { feeds, port, audit, metrics } = await start([feed({ url: `${server.url}/a.txt` })], dataDir, {
      apart: true,
    })
    await eventually(() => expect(port.values()).toEqual(['domain jahat.example.com', 'ip 45.9.148.3']))
    const state = await feeds.run('uji')
    expect(state).toMatchObject({ failures: 0, indicators: 2 })
    expect(audit[0]).toMatchObject({ action: 'feed_updated', message: 'Feed uji: 2 indicators, 2 of them new, 0 gone' })
    const shown = await metrics.registry.metrics()
    expect(shown).toContain('siaga_feed_indicators{feed="uji"} 2')
    expect(shown).toContain(`siaga_feed_last_success_timestamp_seconds{feed="uji"} ${NOW / 1000}`)
    expect(port.held.get('uji')?.[0]).toMatchObject({ source: 'uji', confidence: 70, tlp: 'green', last_seen: NOW })
  })

  test('an ETag is sent back; 304 leaves everything as it is, but not for more than a day', async () => {
    const server = await serve((request, response) => {
      if (request.headers['if-none-match'] === '"v1"') response.writeHead(304).end()
      else response.writeHead(200, { etag: '"v1"' }).end(list('45.9.148.3'))
    })
    let at = NOW
    const { feeds, port } = await start([feed({ url: `${server.url}/a` })], folder(), { now: () => at })
    await feeds.restored
    await feeds.run('uji')
    const replaced = port.replaced
    at += DAY / 2
    expect(await feeds.run('uji')).toMatchObject({ outcome: 'same', succeeded: at })
    expect(port.replaced).toBe(replaced)
    expect(server.asked.at(-1)).toBe('/a "v1"')
    // The list vouches for its values each day, or they would expire under it.
    at += DAY
    expect(await feeds.run('uji')).toMatchObject({ outcome: 'updated' })
    expect(server.asked.at(-1)).toBe('/a')
    expect(port.held.get('uji')?.[0]).toMatchObject({ first_seen: NOW, last_seen: NOW + DAY })
  })

  test.each([
    ['500', (_: unknown, r: import('node:http').ServerResponse) => r.writeHead(500).end(), 'http_500', 'answers 500'],
    [
      'a redirect, which is not followed and named',
      (_: unknown, r: import('node:http').ServerResponse) =>
        r.writeHead(302, { location: 'https://lain.example.com/x?token=rahasia' }).end(),
      'redirect',
      'redirects to https://lain.example.com/x; redirects are not followed',
    ],
    [
      'a body that never ends',
      (_: unknown, r: import('node:http').ServerResponse) => r.writeHead(200).write('45.9.148.3\n'),
      'too_slow',
      'not done',
    ],
    [
      'a huge body',
      (_: unknown, r: import('node:http').ServerResponse) => r.writeHead(200).end(Buffer.alloc(3_000_000, 'x')),
      'too_large',
      'more than 1000000 bytes',
    ],
    [
      'a small gzip of a huge body',
      (_: unknown, r: import('node:http').ServerResponse) =>
        r.writeHead(200).end(gzipSync(Buffer.alloc(3_000_000, 'x'))),
      'too_large',
      'when it is unpacked',
    ],
    [
      'a page of HTML',
      (_: unknown, r: import('node:http').ServerResponse) =>
        r.writeHead(200).end('<!DOCTYPE html>\n<p>Masuk dulu</p>\n'),
      'unreadable',
      'nothing in it can be read',
    ],
  ])('%s: the last good copy stays, the failure is told', async (_, answer, reason, message) => {
    const server = await serve(text(list('45.9.148.3')))
    const dataDir = folder()
    const one = feed({ url: `${server.url}/a?key=rahasia`, max_bytes: 1_000_000 })
    const { feeds, port, audit, metrics } = await start([one], dataDir, { timeoutMs: 500 })
    await eventually(() => expect(port.values()).toEqual(['ip 45.9.148.3']))
    server.answer = answer
    const state = await feeds.run('uji')
    expect(state).toMatchObject({ outcome: 'failed', failures: 1, failure: { reason } })
    expect(state.failure?.message).toContain(message)
    expect(JSON.stringify([state, audit])).not.toContain('rahasia')
    expect((await feeds.run('uji')).failures).toBe(2)
    expect(port.values()).toEqual(['ip 45.9.148.3'])
    expect(audit.at(-1)).toMatchObject({ action: 'feed_failed', outcome: 'failure' })
    expect(await metrics.registry.metrics()).toContain(`siaga_feed_failures_total{feed="uji",reason="${reason}"} 2`)
    server.answer = text(list('45.9.148.4'))
    expect(await feeds.run('uji')).toMatchObject({ outcome: 'updated', failures: 0 })
    expect(port.values()).toEqual(['ip 45.9.148.4'])
  })

  test('a private address is refused unless the feed may go there', async () => {
    const server = await serve(text(list('45.9.148.3')))
    const { feeds } = await start([feed({ url: server.url, allow_private: [] })], folder())
    expect((await feeds.run('uji')).failure).toMatchObject({ reason: 'blocked' })
    expect(server.asked).toEqual([])
  })

  test('headers take variables of the environment; one that is missing fails before anything is sent', async () => {
    let key: unknown
    const server = await serve((request, response) => {
      key = request.headers['x-api-key']
      response.end(list('45.9.148.3'))
    })
    const one = feed({ url: server.url, headers: { 'X-Api-Key': `k $KUNCI-$\{LAIN}` } })
    const { feeds } = await start([one], folder(), { env: { KUNCI: 'abc', LAIN: 'def' } })
    await feeds.run('uji')
    expect(key).toBe('k abc-def')
    const other = await start([one], folder(), { env: { KUNCI: 'abc' } })
    const state = await other.feeds.run('uji')
    expect(state.failure).toEqual({
      reason: 'variable',
      message: 'header X-Api-Key: the variable LAIN of the environment is not set',
    })
  })

  test('a gzip file and a file beside siaga.yaml', async () => {
    const server = await serve(text(gzipSync(list('45.9.148.3'))))
    const { feeds, port } = await start([feed({ url: `${server.url}/a.gz` })], folder())
    await feeds.run('uji')
    expect(port.values()).toEqual(['ip 45.9.148.3'])
  })
})

describe('what was good stays', () => {
  test('a restart without network hands over everything, and what is expired not', async () => {
    const server = await serve(text('value,expires\n45.9.148.3,2026-11-28\n45.9.148.4,2026-12-28\n'))
    const dataDir = folder()
    const one = feed({ format: 'csv', url: server.url, columns: { value: 'value', expires: 'expires' } })
    const first = await start([one], dataDir)
    await eventually(() => expect(first.port.values()).toHaveLength(2))
    await first.feeds.stop()
    server.answer = (_, response) => response.destroy()
    const again = await start([one], dataDir, { now: () => NOW + 2 * DAY })
    await again.feeds.restored
    expect(again.port.values()).toEqual(['ip 45.9.148.4'])
    await again.feeds.run('uji')
    expect(again.port.values()).toEqual(['ip 45.9.148.4'])
  })

  test('a store that is away gets everything when it is back', async () => {
    const server = await serve(text(list('45.9.148.3')))
    const dataDir = folder()
    const first = await start([feed({ url: server.url })], dataDir)
    await eventually(() => expect(first.port.values()).toHaveLength(1))
    await first.feeds.stop()
    const port = new Port()
    port.broken = true
    const again = await start([feed({ url: server.url })], dataDir, { port })
    await sleep(60)
    expect(port.replaced).toBe(0)
    port.broken = false
    await again.feeds.restored
    expect(port.values()).toEqual(['ip 45.9.148.3'])
    // Away in the middle of an update: what would match cannot be told, so that nothing changes.
    port.broken = true
    server.answer = text(list('45.9.148.3', '45.9.148.4'))
    expect((await again.feeds.run('uji')).failure?.reason).toBe('traffic')
    port.broken = false
    expect(await again.feeds.run('uji')).toMatchObject({ outcome: 'updated', indicators: 2 })
  })

  test('a damaged copy takes nothing from the store and is fetched again', async () => {
    const server = await serve(text(list('45.9.148.3'), { etag: '"v1"' }))
    const dataDir = folder()
    const first = await start([feed({ url: server.url })], dataDir)
    await eventually(() => expect(first.port.values()).toHaveLength(1))
    await first.feeds.stop()
    const { good } = feedFiles(dataDir, 'uji')
    const bytes = readFileSync(good)
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 8) ^ 0xff, bytes.length - 8)
    writeFileSync(good, bytes)
    // What a process that was killed was writing.
    writeFileSync(`${good}.4711.0a1b2c3d`, 'x')
    const again = await start([feed({ url: server.url })], dataDir, { port: first.port })
    await again.feeds.restored
    expect(first.port.values()).toEqual(['ip 45.9.148.3'])
    expect(existsSync(`${good}.4711.0a1b2c3d`)).toBe(false)
    expect(await again.feeds.run('uji')).toMatchObject({ outcome: 'updated', indicators: 1 })
    expect(server.asked.at(-1)).toBe('/')
  })

  test('a feed that left the settings has no indicators', async () => {
    const server = await serve(text(list('45.9.148.3')))
    const dataDir = folder()
    const first = await start([feed({ url: server.url })], dataDir)
    await eventually(() => expect(first.port.values()).toHaveLength(1))
    await first.feeds.stop()
    const again = await start([], dataDir, { port: first.port })
    await again.feeds.restored
    expect(first.port.values()).toEqual([])
  })

  test('nearly nothing left is not believed until a person says so', async () => {
    const many = Array.from({ length: 40 }, (_, n) => `45.9.148.${n}`)
    const server = await serve(text(list(...many)))
    const dataDir = folder()
    const { feeds, port } = await start([feed({ url: server.url, hold: false })], dataDir)
    await eventually(() => expect(port.values()).toHaveLength(40))
    server.answer = text('# kosong\n')
    expect(await feeds.run('uji')).toMatchObject({ outcome: 'held' })
    expect(port.values()).toHaveLength(40)
    expect((await listHeld(dataDir, 'uji'))[0]?.reasons).toEqual([
      { kind: 'shrunk', count: 40, examples: ['0 of 40 are left'] },
    ])
    await decide(dataDir, 'uji', { verdict: 'approved', by: 'sari', reason: 'feed ditutup', at: NOW, leave_out: false })
    await eventually(() => expect(port.values()).toEqual([]))
  })
})

describe('holding', () => {
  const names = { domains: ['kpu.go.id'], networks: ['103.10.5.0/24'] }

  test('waits whole, is approved by another process, comes into force', async () => {
    const server = await serve(text(list('45.9.148.3')))
    const dataDir = folder()
    const { feeds, port, audit, metrics } = await start([feed({ url: server.url })], dataDir, { names })
    await eventually(() => expect(port.values()).toHaveLength(1))
    server.answer = text(list('45.9.148.3', '45.9.148.4', 'kpu.go.id', '103.10.0.0/16'))
    expect(await feeds.run('uji')).toMatchObject({ outcome: 'held', indicators: 1 })
    expect(port.values()).toEqual(['ip 45.9.148.3'])
    expect(audit.at(-1)).toMatchObject({ action: 'feed_held' })
    expect(audit.at(-1)?.message).toContain('protected 2 (')
    // Asked once for the same content.
    await feeds.run('uji')
    const [held, ...others] = await listHeld(dataDir, 'uji')
    expect(others).toEqual([])
    expect(held?.reasons[0]).toMatchObject({ kind: 'protected', count: 2 })
    expect(held?.reasons[0]?.examples.toSorted()).toEqual(['103.10.0.0/16 (103.10.5.0/24)', 'kpu.go.id (kpu.go.id)'])
    expect(audit.filter(({ action }) => action === 'feed_held')).toHaveLength(1)
    expect(await metrics.registry.metrics()).toContain('siaga_feed_waiting{feed="uji"} 1')

    const decision = { verdict: 'approved', by: 'sari', reason: 'memang disusupi', at: NOW, leave_out: false } as const
    expect((await decide(dataDir, 'uji', decision)).kind).toBe('decided')
    await eventually(() => expect(port.values()).toHaveLength(4))
    expect(audit.at(-1)).toMatchObject({ action: 'feed_approved', user: 'sari' })
    expect((await decide(dataDir, 'uji', decision)).kind).toBe('none')
    expect(await feeds.run('uji')).toMatchObject({ outcome: 'updated' })
    expect(await metrics.registry.metrics()).toContain('siaga_feed_waiting{feed="uji"} 0')
    expect((await listHeld(dataDir, 'uji'))[0]?.decision).toEqual(decision)
  })

  test('a rejected content is not asked again; a mended feed goes on; another one is asked', async () => {
    const server = await serve(text(list('kpu.go.id', '45.9.148.3')))
    const dataDir = folder()
    const { feeds, port, audit } = await start([feed({ url: server.url })], dataDir, { names })
    await eventually(async () => expect((await listHeld(dataDir, 'uji')).some(isWaiting)).toBe(true))
    await decide(dataDir, 'uji', { verdict: 'rejected', by: 'budi', reason: 'salah', at: NOW, leave_out: false })
    await eventually(async () => expect((await readState(dataDir, 'uji')).outcome).toBe('rejected'))
    expect(await feeds.run('uji')).toMatchObject({ outcome: 'rejected' })
    expect(port.values()).toEqual([])
    server.answer = text(list('45.9.148.3'))
    expect(await feeds.run('uji')).toMatchObject({ outcome: 'updated' })
    server.answer = text(list('45.9.148.3', 'www.kpu.go.id'))
    expect(await feeds.run('uji')).toMatchObject({ outcome: 'held' })
    await sleep(80)
    // The old rejection says nothing about it.
    expect((await readState(dataDir, 'uji')).outcome).toBe('held')
    expect(port.values()).toEqual(['ip 45.9.148.3'])
    expect(audit.filter(({ action }) => action === 'feed_rejected')).toHaveLength(1)
    // A later update that need not wait takes the place of the one that does.
    server.answer = text(list('45.9.148.3', '45.9.148.9'))
    expect(await feeds.run('uji')).toMatchObject({ outcome: 'updated' })
    expect((await listHeld(dataDir, 'uji')).some(isWaiting)).toBe(false)
  })

  test('what would do harm can be left out for good, so that the rest comes', async () => {
    const server = await serve(text(list('kpu.go.id', '45.9.148.3', '100.64.1.1')))
    const dataDir = folder()
    const { port, audit, feeds } = await start([feed({ url: server.url })], dataDir, { names })
    await eventually(async () => expect((await listHeld(dataDir, 'uji')).some(isWaiting)).toBe(true))
    await decide(dataDir, 'uji', { verdict: 'rejected', by: 'budi', reason: 'milik kita', at: NOW, leave_out: true })
    await eventually(() => expect(port.values()).toEqual(['ip 45.9.148.3']))
    expect(audit.find(({ action }) => action === 'feed_rejected')?.message).toContain('left out from now on: 2')
    server.answer = text(list('kpu.go.id', '45.9.148.3', '45.9.148.4', '100.64.1.1'))
    expect(await feeds.run('uji')).toMatchObject({ outcome: 'updated', indicators: 2 })
    expect((await readMeta(feedFiles(dataDir, 'uji').good))?.warned).toEqual({ 'left-out': 2 })
    // Another one of ours waits again.
    server.answer = text(list('kpu.go.id', 'sirekap.kpu.go.id', '45.9.148.3'))
    expect(await feeds.run('uji')).toMatchObject({ outcome: 'held' })
  })

  test('an approval that comes while the feed is being fetched counts, and what was fetched does not undo it', async () => {
    const server = await serve(text(list('kpu.go.id', '45.9.148.3')))
    const dataDir = folder()
    const { port, feeds, audit } = await start([feed({ url: server.url })], dataDir, { names, pollMs: 600_000 })
    await eventually(async () => expect((await listHeld(dataDir, 'uji')).some(isWaiting)).toBe(true))
    server.answer = (_, response) => {
      const decision = { verdict: 'approved', by: 'sari', reason: 'ya', at: NOW, leave_out: false } as const
      void decide(dataDir, 'uji', decision).then(() => response.end(list('kpu.go.id', '45.9.148.3', '45.9.148.4')))
    }
    expect(await feeds.run('uji')).toMatchObject({ outcome: 'updated', indicators: 3 })
    expect(port.values()).toEqual(['domain kpu.go.id', 'ip 45.9.148.3', 'ip 45.9.148.4'])
    expect(audit.map(({ action }) => action)).toEqual(['feed_held', 'feed_approved', 'feed_updated'])
  })

  test('too much of the last hour, carriers and CGNAT; a decision is found at the next start', async () => {
    const server = await serve(text(list('45.9.148.3')))
    const dataDir = folder()
    const port = new Port()
    port.events = 10_000
    port.matched = 10
    const first = await start([feed({ url: server.url })], dataDir, { port })
    await eventually(() => expect(port.values()).toHaveLength(1))
    expect(port.asked).toEqual([['ip 45.9.148.3']])
    port.matched = 11
    server.answer = text(list('45.9.148.3', '45.9.148.4', '100.64.7.7', '114.120.1.2'))
    await first.feeds.stop()
    const systemOf = ({ a }: { a: number }) => (a >>> 16 === 114 * 256 + 120 ? 23693 : 0)
    const again = await start([feed({ url: server.url })], dataDir, { port, systemOf, now: () => NOW + DAY })
    await eventually(async () => expect((await listHeld(dataDir, 'uji')).some(isWaiting)).toBe(true))
    const [held] = await listHeld(dataDir, 'uji')
    expect(held?.reasons).toEqual([
      { kind: 'carrier', count: 2, examples: ['100.64.7.7 (CGNAT 100.64.0.0/10)', '114.120.1.2 (Telkomsel)'] },
      { kind: 'traffic', count: 11, examples: ['11 of 10000 events of the last hour'] },
    ])
    await again.feeds.stop()
    await decide(dataDir, 'uji', { verdict: 'approved', by: 'sari', reason: 'botnet', at: NOW, leave_out: false })
    await start([feed({ url: server.url })], dataDir, { port, systemOf, now: () => NOW + DAY })
    await eventually(() => expect(port.values()).toHaveLength(4))
  })
})
