// What do the short and the long test of bad input share? Everything hostile or broken that can be sent to a running Siaga, in two sizes.
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { brotliCompressSync, createGzip, zstdCompressSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MAX_PAYLOAD_BYTES } from '../../schemas/raw-event.ts'
import { commandOf, descendants, peakMb, residentMb } from './processes.ts'
import { report, type Siaga, startSiaga, until } from './siaga.ts'
import { closing, dial, dialTls, rawHttp, sendAndClose, sendRelp, sendUdp } from './wire.ts'

const MB = 1024 * 1024
const MAIN_LIMIT_MB = 700
const WORKER_LIMIT_MB = 450

const yaml = 'sources:\n  - id: kpu\n    networks: [127.0.0.1]\n  - id: json-only\n    format: json\n'

export interface Size {
  /** Connections that send a byte at a time. */
  readonly slowConnections: number
  /** How long they are kept. */
  readonly slowMs: number
  /** Zeros in a compressed body, in MB. */
  readonly bombMb: number
}

/** Declares the tests. */
export function testBadInput({ slowConnections, slowMs, bombMb }: Size): void {
  describe('bad input to a running Siaga', () => {
    let siaga: Siaga
    let firstWorkers: number[] = []
    let slowestHealth = 0
    let watching = true
    let watch: Promise<void>
    const peaks = { main: 0, worker: 0 }

    beforeAll(async () => {
      siaga = await startSiaga({ yaml })
      firstWorkers = workers()
      watch = (async () => {
        while (watching) {
          const began = performance.now()
          const status = await fetch(`${siaga.web}/healthz`, { signal: AbortSignal.timeout(10_000) }).then(
            (answer) => answer.status,
            () => 0,
          )
          slowestHealth = Math.max(slowestHealth, status === 200 ? performance.now() - began : Number.POSITIVE_INFINITY)
          peaks.main = Math.max(peaks.main, residentMb(siaga.pid))
          for (const pid of workers()) peaks.worker = Math.max(peaks.worker, residentMb(pid))
          await sleep(100)
        }
      })()
    })

    afterAll(async () => {
      watching = false
      await watch
      await siaga?.stop()
      await siaga?.remove()
    })

    function workers(): number[] {
      return descendants(siaga.pid).filter((pid) => commandOf(pid).includes('worker/main.ts'))
    }

    /** An ordinary event lands. */
    async function stillWorks(): Promise<void> {
      const mark = `biasa-${Math.random().toString(36).slice(2)}`
      expect(await siaga.post(mark)).toMatchObject({ status: 202 })
      await siaga.landed(1, `message = '${mark}'`)
    }

    describe('over HTTP', () => {
      test('a line of 10 MB: 413', async () => {
        const { status, body } = await siaga.post(`awal\n${'x'.repeat(10 * MB - 100)}`)
        expect(status).toBe(413)
        expect(JSON.parse(body)).toMatchObject({ line: 2 })
        const over = await siaga.post('x'.repeat(11 * MB))
        expect(over.status).toBe(413)
        await stillWorks()
      })

      test('invalid UTF-8 and NUL bytes: a row, marked', async () => {
        const body = Buffer.concat([
          Buffer.from('rusak '),
          Buffer.from([0xff, 0xc3, 0x28, 0x80]),
          Buffer.from(' a\0b\n'),
        ])
        expect(await siaga.post(body)).toMatchObject({ status: 202 })
        await siaga.landed(1, "startsWith(message, 'rusak ') AND has(tags, 'invalid_utf8')")
        expect(await siaga.post('nul \0\0\0 selesai')).toMatchObject({ status: 202 })
        await siaga.landed(1, "startsWith(message, 'nul ') AND position(message, '\\0') > 0")
      })

      test.each(['gzip', 'zstd', 'br'] as const)('a bomb in %s: 413, soon', async (encoding) => {
        const body = await bomb(encoding, bombMb)
        const began = performance.now()
        const { status } = await siaga.post(body, { headers: { 'content-encoding': encoding } })
        report(
          `bad input: ${bombMb} MB of zeros in ${body.length} bytes of ${encoding}: ${status} in ${Math.round(performance.now() - began)} ms`,
        )
        expect(status).toBe(413)
        await stillWorks()
      })

      test('a bomb of lines: under the limits of size, over that of events', async () => {
        const body = zstdCompressSync(Buffer.alloc(60 * MB, 'a\n'))
        const { status, body: answer } = await siaga.post(body, { headers: { 'content-encoding': 'zstd' } })
        expect([413, 429], answer).toContain(status)
        await stillWorks()
      })

      test('deep nesting and many keys in JSON: refused or landed, never a hang', async () => {
        const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
        const json = { type: 'application/json' }
        expect(await siaga.post(`{"a":${deep}}`, json)).toMatchObject({ status: 400 })
        expect(await siaga.post(`{"a":`.repeat(100_000), json)).toMatchObject({ status: 400 })
        expect(await siaga.post(`{"a":${deep}}`, { type: 'application/x-ndjson' })).toMatchObject({ status: 400 })
        // As text nobody reads it as JSON at the door; the parser must bear it.
        expect(await siaga.post(`{"dalam":${deep}}`)).toMatchObject({ status: 202 })
        expect(await siaga.post(`{"dalam":${deep}}`, { query: '?format=json' })).toMatchObject({ status: 202 })
        const keys = Array.from({ length: 1_000_000 }, (_, index) => `"k${index}":${index}`).join(',')
        expect(await siaga.post(`{${keys}}`, json)).toMatchObject({ status: 413 })
        const fewer = `{"banyak":1,${keys.slice(0, keys.lastIndexOf(',', 500_000))}}`
        expect(await siaga.post(fewer, json)).toMatchObject({ status: 202 })
        // Beyond what a parser is to read: dead letters with their reason, kept whole.
        expect((await accounted()).dead).toBe(3)
        const { stdout } = await siaga.run('dlq', 'list', '--json')
        for (const text of stdout.split('\n').filter(Boolean)) {
          const { reason, cause, bytes }: Record<string, unknown> = { ...JSON.parse(text), bytes: text.length }
          report(`bad input: dead letter of ${bytes} bytes, ${reason}: ${cause}`)
          expect(cause).not.toBe('')
        }
        await stillWorks()
      })

      test('a wrong line in NDJSON: 400 names the line; nothing of the request lands', async () => {
        const { status, body } = await siaga.post('{"salah":1}\n{"salah":2}\n{"salah":}\n', {
          type: 'application/x-ndjson',
        })
        expect(status).toBe(400)
        expect(JSON.parse(body)).toMatchObject({ line: 3 })
        await stillWorks()
        await siaga.landed(0, 'startsWith(message, \'{"salah"\')')
      })

      test('a body that is cut: nothing of it lands', async () => {
        const head = (rest: string) =>
          `POST /v1/events/demo HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${siaga.key}\r\nContent-Type: text/plain\r\n${rest}\r\n\r\n`
        const port = siaga.ports.http
        for (let i = 0; i < 20; i += 1) {
          const socket = await dial(port)
          socket.write(`${head('Content-Length: 10000')}terpotong ${i}\n`)
          await sleep(5)
          socket.destroy()
        }
        await rawHttp(port, `${head('Transfer-Encoding: chunked')}b\r\nterpotong c\r\n`)
        await rawHttp(port, `${head('Transfer-Encoding: chunked')}zzz\r\nterpotong d\r\n0\r\n\r\n`)
        await rawHttp(port, `${head('Content-Length: 10000')}terpotong e`)
        await stillWorks()
        await siaga.landed(0, "startsWith(message, 'terpotong')")
      })

      test('garbage instead of HTTP: 400 and the connection closes', async () => {
        const port = siaga.ports.http
        expect(await rawHttp(port, '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03')).toMatch(/^(HTTP\/1\.1 400|$)/)
        expect(await rawHttp(port, 'omong kosong\r\n\r\n')).toMatch(/^HTTP\/1\.1 400/)
        expect(await rawHttp(port, `GET / HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(100_000)}\r\n\r\n`)).toMatch(
          /^(HTTP\/1\.1 431|$)/,
        )
        expect(
          await rawHttp(
            port,
            'POST /v1/events/demo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
          ),
        ).toMatch(/^HTTP\/1\.1 400/)
        for (const path of [
          '/v1/events/',
          '/v1/events/%',
          '/v1/events/%00',
          '/v1/events/../../etc/passwd',
          `/v1/events/${'a'.repeat(5_000)}`,
          '//',
          '/%2e%2e/',
        ])
          expect(
            await rawHttp(port, `POST ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`),
            path,
          ).toMatch(/^HTTP\/1\.1 4\d\d/)
        await stillWorks()
      })

      test(`${slowConnections} slow connections: the others are served`, async () => {
        const sockets: Socket[] = []
        const started = `POST /v1/events/demo HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${siaga.key}\r\nContent-Type: text/plain\r\nContent-Length: 1000000\r\n\r\n`
        let open = 0
        for (let i = 0; i < slowConnections; i += 1) {
          const socket = await dial(siaga.ports.http)
          open += 1
          socket.resume().once('close', () => {
            open -= 1
          })
          // One in two dribbles its head, the others their body.
          socket.write(i % 2 === 0 ? 'POST /v1/events/demo HT' : started)
          sockets.push(socket)
        }
        const dribble = setInterval(() => {
          for (const socket of sockets) if (socket.writable) socket.write('a')
        }, 500)
        const began = performance.now()
        for (let served = 0; performance.now() - began < slowMs; served += 1) {
          await stillWorks()
          if (served === 0)
            report(
              `bad input: an ordinary event beside ${slowConnections} slow connections took ${Math.round(performance.now() - began)} ms to its row`,
            )
        }
        report(`bad input: ${open} of ${slowConnections} slow connections still open after ${slowMs} ms`)
        if (slowMs > 20_000) expect(open).toBeLessThanOrEqual(Math.ceil(slowConnections / 2))
        clearInterval(dribble)
        for (const socket of sockets) socket.destroy()
        await stillWorks()
      })
    })

    describe('over syslog and RELP', () => {
      const line = (text: string) => `<134>1 2024-11-27T08:00:00+07:00 kpu app - - - ${text}`

      test('a line of 10 MB over TCP, TLS and RELP: cut, marked, counted, and the lines behind it land', async () => {
        const huge = `besar ${'y'.repeat(10 * MB)}`
        await sendAndClose(await dial(siaga.ports.syslog), `${line(huge)}\n${line('sesudah tcp')}\n`)
        const framed = line(huge)
        const next = line('sesudah tls')
        await sendAndClose(
          await dialTls(siaga.ports.tls, siaga.dataDir),
          `${framed.length} ${framed}${next.length} ${next}`,
        )
        await sendRelp(siaga.ports.relp, [line(huge), line('sesudah relp')])
        await siaga.landed(3, "position(message, 'sesudah ') > 0")
        await siaga.landed(
          3,
          `has(tags, 'truncated') AND length(message) <= ${MAX_PAYLOAD_BYTES} AND length(message) > ${MAX_PAYLOAD_BYTES - 4} AND source_id = 'kpu'`,
        )
        await stillWorks()
      })

      test('bytes of TLS on the TCP port, NULs, garbage, datagrams of nothing: rows or nothing, never an end', async () => {
        await sendAndClose(await dial(siaga.ports.syslog), Buffer.from('160301020001000100fc0303', 'hex'))
        await sendAndClose(await dial(siaga.ports.syslog), Buffer.alloc(MB))
        await sendAndClose(await dial(siaga.ports.syslog), '99999999 <1>x\n0 \n-1 y\n'.repeat(100))
        await sendAndClose(
          await dial(siaga.ports.syslog),
          Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(' rusak tcp\n')]),
        )
        for (const bytes of ['', '\n', '<', '<999999999999>', '<13>', Buffer.alloc(60_000, 0xff)])
          await sendUdp(siaga.ports.syslog, bytes)
        await sendAndClose(await dial(siaga.ports.tls), 'bukan TLS\n')
        await stillWorks()
      })

      test('RELP that is none: the connection closes, others go on', async () => {
        for (const bytes of [
          'GET / HTTP/1.1\r\n\r\n',
          '1 syslog 3 abc\n',
          '1 open 999999999 x',
          '1 open 5 abc',
          'x'.repeat(MB),
          '-1 open 0\n',
          '1 open 0\n1 open 0\n',
        ])
          await sendAndClose(await dial(siaga.ports.relp), bytes)
        await sendRelp(siaga.ports.relp, [line('relp sehat')])
        await siaga.landed(1, "position(message, 'relp sehat') > 0")
      })

      test('connections to syslog that send nothing, or a byte at a time', async () => {
        const sockets = await Promise.all(
          Array.from({ length: Math.min(200, slowConnections) }, () => dial(siaga.ports.syslog)),
        )
        for (const socket of sockets) socket.write('<13>pelan')
        const other = await dial(siaga.ports.syslog)
        await sendAndClose(other, `${line('di antara yang pelan')}\n`)
        await siaga.landed(1, "position(message, 'di antara yang pelan') > 0")
        const ends = sockets.map((socket) => closing(socket.resume()))
        for (const socket of sockets) socket.end()
        await Promise.all(ends)
        await siaga.landed(sockets.length, "message = '<13>pelan'")
      })
    })

    /** in = landed + dropped + dead, and all that was accepted is in. */
    async function accounted(): Promise<{ accepted: number; landed: number; dropped: number; dead: number }> {
      const read = async () => ({
        accepted: await siaga.metric('siaga_collector_accepted_total'),
        in: await siaga.metric('siaga_processor_in_total'),
        landed: await siaga.metric('siaga_processor_landed_total'),
        dropped: await siaga.metric('siaga_processor_dropped_total'),
        dead: await siaga.metric('siaga_processor_dead_total'),
      })
      let now = await read()
      await until(async () => {
        now = await read()
        return now.accepted === now.in && now.in === now.landed + now.dropped + now.dead
      }, 'in = landed + dropped + dead').catch((error: Error) => {
        throw new Error(`${error.message}: ${JSON.stringify(now)}`)
      })
      return now
    }

    test('afterwards: every event is accounted for, memory stayed bounded, health answered in time', async () => {
      await stillWorks()
      let counts = await accounted()
      // A heartbeat may land between two looks.
      await until(async () => {
        counts = await accounted()
        return Number(await siaga.value('SELECT count() FROM events')) === counts.landed
      }, 'as many rows as were landed')
      const { stdout } = await siaga.run('dlq', 'list', '--all', '--json', '--limit', '1000')
      expect(stdout.split('\n').filter(Boolean)).toHaveLength(counts.dead)
      report(
        `bad input: ${JSON.stringify(counts)}; most memory: main ${peaks.main} MB (kernel: ${peakMb(siaga.pid)}), a worker ${peaks.worker} MB; slowest /healthz ${Math.round(slowestHealth)} ms`,
      )
      expect(workers(), 'no worker ended').toEqual(firstWorkers)
      expect(peaks.main).toBeLessThan(MAIN_LIMIT_MB)
      expect(peaks.worker).toBeLessThan(WORKER_LIMIT_MB)
      expect(slowestHealth).toBeLessThan(2_000)
    })
  })
}

/** So many MB of zeros, compressed. */
async function bomb(encoding: 'gzip' | 'zstd' | 'br', megabytes: number): Promise<Buffer> {
  if (encoding === 'gzip') {
    const gzip = createGzip({ level: 9 })
    const parts: Buffer[] = []
    gzip.on('data', (part: Buffer) => parts.push(part))
    const zeros = Buffer.alloc(MB)
    for (let i = 0; i < megabytes; i += 1) if (!gzip.write(zeros)) await once(gzip, 'drain')
    gzip.end()
    await once(gzip, 'end')
    return Buffer.concat(parts)
  }
  const zeros = Buffer.alloc(Math.min(megabytes, 1024) * MB)
  return encoding === 'zstd' ? zstdCompressSync(zeros) : brotliCompressSync(zeros, { params: { 1: 1 } })
}
