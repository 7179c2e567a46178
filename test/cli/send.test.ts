import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { retryAfterMs } from '../../cli/send/deliver.ts'
import { barText } from '../../cli/send/progress-bar.ts'
import { mainFile, siaga } from './run.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'siaga-send-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

interface Call {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly lines: string[]
  /** Counts from 0. */
  readonly call: number
}

interface Collector extends AsyncDisposable {
  readonly url: string
  /** Accepted lines; a repeated key is answered and not counted again. */
  readonly accepted: string[]
  readonly keys: string[]
  readonly requests: IncomingMessage[]
}

/** A collector that keeps its side of the contract, unless `misbehave` answers (true) in its place. */
async function collector(misbehave: (call: Call) => boolean | Promise<boolean> = () => false): Promise<Collector> {
  const seen = new Set<string>()
  const accepted: string[] = []
  const keys: string[] = []
  const requests: IncomingMessage[] = []
  let calls = 0
  const server: Server = createServer(async (request, response) => {
    const call = calls++
    requests.push(request)
    const parts: Buffer[] = []
    for await (const part of request as AsyncIterable<Buffer>) parts.push(part)
    const encoding = request.headers['content-encoding']
    const body = Buffer.concat(parts)
    const plain = encoding === 'zstd' ? zstdDecompressSync(body) : encoding === 'gzip' ? gunzipSync(body) : body
    const lines = plain.toString().split('\n').slice(0, -1)
    const key = String(request.headers['idempotency-key'])
    keys.push(key)
    const accept = (): void => {
      if (!seen.has(key)) accepted.push(...lines)
      seen.add(key)
    }
    if (await misbehave({ request, response, lines, call })) {
      if (response.statusCode === 202) accept()
      return
    }
    accept()
    answer(response, 202, { accepted: lines.length })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    accepted,
    keys,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function answer(response: ServerResponse, status: number, body: object, headers: Record<string, string> = {}): true {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
  return true
}

function file(name: string, content: string | Buffer): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

const numbered = (count: number): string[] => Array.from({ length: count }, (_, index) => `line ${index}`)
const run = (server: Pick<Collector, 'url'>, args: string[], stdin?: string | Buffer) =>
  siaga(['send', '--source', 'web', '--url', server.url, '--key', 'k', ...args], {
    cwd: folder,
    ...(stdin === undefined ? {} : { stdin }),
  })

describe('what is sent', () => {
  test('every line of every file once, with source, key, format and idempotency key', async () => {
    await using server = await collector()
    const lines = numbered(12_345)
    const done = await run(server, [
      '--format',
      'nginx',
      file('a.log', `${lines.slice(0, 7000).join('\n')}\n`),
      file('b.log', lines.slice(7000).join('\n')),
    ])
    expect(done).toMatchObject({ code: 0, stderr: '' })
    expect(done.stdout).toMatch(/^accepted 12345 of 12345 lines in [\d.]+ s\n$/)
    expect(server.accepted.toSorted()).toEqual(lines.toSorted())
    expect(new Set(server.keys).size).toBe(server.keys.length)
    for (const request of server.requests) {
      expect(request.url).toBe('/v1/events/web?format=nginx')
      expect(request.headers).toMatchObject({ authorization: 'Bearer k', 'content-encoding': 'zstd' })
    }
  })

  test('byte order mark, CRLF, blank lines and a last line without its break', async () => {
    await using server = await collector()
    const done = await run(server, [file('a.log', '\uFEFFone\r\n\n  \t\r\ntwo\n\nthree')])
    expect(done.stdout).toMatch(/^accepted 3 of 3 lines in .* s \(3 blank\)\n$/)
    expect(server.accepted).toEqual(['one', 'two', 'three'])
  })

  test.each(['none', 'gzip', 'zstd'])('bodies compressed by %s', async (how) => {
    await using server = await collector()
    expect((await run(server, ['--compress', how, file('a', 'x\ny\n')])).code).toBe(0)
    expect(server.accepted).toEqual(['x', 'y'])
  })

  test('compressed files of one or more members are recognised by what is in them', async () => {
    await using server = await collector()
    const files = [
      file('a.gz', Buffer.concat([gzipSync('a1\na2\n'), gzipSync('a3\n')])),
      file('b.zst', Buffer.concat([zstdCompressSync('b1\n'), zstdCompressSync('b2\n')])),
      file('misnamed.gz', 'c1\n'),
    ]
    expect((await run(server, files)).code).toBe(0)
    expect(server.accepted).toEqual(['a1', 'a2', 'a3', 'b1', 'b2', 'c1'])
  })

  test('standard input, also compressed, also as -', async () => {
    await using server = await collector()
    expect((await run(server, [], 'x\n')).code).toBe(0)
    expect((await run(server, ['-'], gzipSync('y\nz'))).code).toBe(0)
    expect(server.accepted).toEqual(['x', 'y', 'z'])
  })

  test('nothing at all is success', async () => {
    await using server = await collector()
    const done = await run(server, [], '')
    expect(done).toMatchObject({ code: 0, stdout: expect.stringMatching(/^accepted 0 of 0 lines/) })
    expect(server.requests).toHaveLength(0)
  })

  test('a batch holds at most --batch lines and 1 MiB', async () => {
    const sizes: number[] = []
    await using server = await collector(({ lines }) => {
      sizes.push(lines.length)
      return false
    })
    await run(server, ['--batch', '10', '--in-flight', '1', file('a', numbered(25).join('\n'))])
    expect(sizes).toEqual([10, 10, 5])
    sizes.length = 0
    await run(server, ['--in-flight', '1', file('b', `${'x'.repeat(400 * 1024)}\n`.repeat(5))])
    expect(sizes).toEqual([2, 2, 1])
  })

  test.runIf(process.platform === 'linux')('a file larger than memory goes through in bounded memory', async () => {
    let count = 0
    await using server = await collector(({ lines, response }) => {
      count += lines.length
      return answer(response, 200, { accepted: lines.length })
    })
    const path = file('big.zst', zstdCompressSync(Buffer.alloc(450_000_000, `${'0123456789'.repeat(300)}\n`)))
    // Not maxRSS of getrusage: a child starts with its parent's.
    const tellMemory =
      'import { readFileSync } from "node:fs"\n' +
      'process.on("exit", () => process.stderr.write(readFileSync("/proc/self/status", "utf8").match(/VmHWM.*/)[0]))'
    const done = await siaga(['send', '--source', 'web', '--url', server.url, '--key', 'k', path], {
      cwd: folder,
      command: [
        process.execPath,
        '--disable-warning=ExperimentalWarning',
        '--import',
        `data:text/javascript,${encodeURIComponent(tellMemory)}`,
        mainFile,
      ],
    })
    expect(done).toMatchObject({ code: 0 })
    expect(count).toBe(Math.ceil(450_000_000 / 3_001))
    // About 90 MB of it are Node and the modules.
    expect(Number(done.stderr.match(/VmHWM:\s+(\d+)/)?.[1]) / 1024).toBeLessThan(300)
  })
})

describe('lines that cannot be sent', () => {
  test('a line over 512 KiB is named and the rest goes on', async () => {
    await using server = await collector()
    const long = 'x'.repeat(512 * 1024)
    const path = file('a.log', `one\n${long}y\n${long}\r\n${'z'.repeat(3_000_000)}\ntwo\n`)
    const done = await run(server, [path])
    expect(done.code).toBe(1)
    expect(done.stderr).toBe(
      `siaga: ${path}:2 is 512 KiB long; a line may have 512 KiB\nsiaga: ${path}:4 is 2930 KiB long; a line may have 512 KiB\n`,
    )
    expect(done.stdout).toMatch(/^accepted 3 of 5 lines in .* \(2 refused\)\n$/)
    expect(server.accepted.map((line) => line.length)).toEqual([3, 512 * 1024, 3])
  })

  test('a line that the server refuses is named with its file, and the rest of its batch is sent again under another key', async () => {
    await using server = await collector(({ lines, response }) => {
      const bad = lines.findIndex((line) => line.startsWith('bad'))
      return bad >= 0
        ? answer(response, 400, { code: 'BAD_LINE', message: `line ${bad + 1}: not JSON`, line: bad + 1 })
        : false
    })
    const path = file('a.log', 'one\n\nbad 1\ntwo\nbad 2\n')
    const done = await run(server, [path])
    expect(done.code).toBe(1)
    expect(done.stderr.split('\n').slice(0, 2)).toEqual([
      expect.stringContaining(`${path}:3 `),
      expect.stringContaining(`${path}:5 `),
    ])
    expect(done.stdout).toMatch(/^accepted 2 of 4 lines/)
    expect(server.accepted).toEqual(['one', 'two'])
    expect(new Set(server.keys).size).toBe(3)
  })

  test('a body that is too large for the server is halved', async () => {
    await using server = await collector(({ lines, response }) =>
      lines.length > 3 ? answer(response, 413, {}) : false,
    )
    expect((await run(server, [file('a', numbered(20).join('\n'))])).code).toBe(0)
    expect(server.accepted.toSorted()).toEqual(numbered(20).toSorted())
  })

  test('a damaged archive: what could be read is sent, the file is named, the next file follows', async () => {
    await using server = await collector()
    const whole = gzipSync(numbered(50_000).join('\n'))
    const path = file('cut.gz', whole.subarray(0, whole.length - 2_000))
    const done = await run(server, [path, file('b', 'last\n')])
    expect(done.code).toBe(1)
    expect(done.stderr).toMatch(/cut\.gz could not be read after line \d+: unexpected end of file/)
    expect(server.accepted).toContain('line 0')
    expect(server.accepted).toContain('last')
  })

  test('UTF-16 is refused with what to do', async () => {
    await using server = await collector()
    const done = await run(server, [file('w.log', Buffer.from('\uFEFFhalo\r\n', 'utf16le'))])
    expect(done).toMatchObject({ code: 1, stderr: expect.stringContaining('iconv -f UTF-16') })
    expect(server.requests).toHaveLength(0)
  })
})

describe('a collector that misbehaves', () => {
  test('dropped connections, 429, 503, cut and slow answers: every line accepted exactly once by key', async () => {
    await using server = await collector(async ({ request, response, call, lines }) => {
      if (call >= 30) return false
      switch (call % 6) {
        case 0:
          // Before it was taken.
          request.socket.destroy()
          return true
        case 1:
          return answer(response, 429, {}, { 'retry-after': '0' })
        case 2:
          return answer(response, 503, { message: 'Kafka is away' }, { 'retry-after': '0' })
        case 3:
          // After it was taken: only the key keeps the repeat from counting.
          response.statusCode = 202
          request.socket.destroy()
          return true
        case 4:
          await sleep(100)
          return false
        default:
          response.writeHead(202, { 'content-length': '100' }).write(JSON.stringify({ accepted: lines.length }))
          setTimeout(() => request.socket.destroy(), 20)
          return true
      }
    })
    const lines = numbered(400)
    const done = await run(server, ['--batch', '20', '--in-flight', '3', file('a', lines.join('\n'))])
    expect(done.code).toBe(0)
    expect(done.stderr).toMatch(/did not accept \(.*\); trying again for up to 5 min/)
    expect(done.stderr).toMatch(/answers again after/)
    expect(server.accepted.toSorted()).toEqual(lines.toSorted())
    expect(server.requests.length).toBeGreaterThan(20)
  }, 120_000)

  test('Retry-After is honoured, with the same key', async () => {
    const at: number[] = []
    await using server = await collector(({ response, call }) => {
      at.push(performance.now())
      return call === 0 ? answer(response, 429, {}, { 'retry-after': '1' }) : false
    })
    expect((await run(server, [file('a', 'x')])).code).toBe(0)
    expect((at[1] ?? 0) - (at[0] ?? 0)).toBeGreaterThanOrEqual(1_000)
    expect(server.keys[0]).toBe(server.keys[1])
  })

  test('gives up after --retry-for, naming the first line that was not accepted', async () => {
    await using server = await collector(({ response, lines }) =>
      lines.includes('line 3') ? answer(response, 503, {}) : false,
    )
    const path = file('a', numbered(6).join('\n'))
    const done = await run(server, ['--batch', '3', '--in-flight', '1', '--retry-for', '1', path])
    expect(done.code).toBe(1)
    expect(done.stdout).toMatch(/^accepted 3 of 6 lines/)
    expect(done.stderr).toContain(`The first line that was not accepted is ${path}:4.`)
    expect(done.stderr).not.toMatch(/\n {4}at /)
  })

  test.each([
    [401, 'The server does not know this key'],
    [403, 'may not send to source `web`'],
    [404, 'has no source `web`'],
    [415, 'does not take this kind of body'],
    [302, 'answered HTTP 302'],
  ])('HTTP %i ends at once and is explained', async (status, words) => {
    await using server = await collector(({ response }) => answer(response, status, { message: 'because' }))
    const done = await run(server, [file('a', numbered(20).join('\n')), '--batch', '1'])
    expect(done.code).toBe(1)
    expect(done.stderr).toContain(words)
    expect(done.stderr.trim().split('\n')).toHaveLength(2)
    expect(server.requests.length).toBeLessThanOrEqual(2)
  })

  test('control characters in the words of a server do not reach the terminal', async () => {
    await using server = await collector(({ response }) => answer(response, 401, { message: 'a\u001B[2Jb' }))
    expect((await run(server, [file('a', 'x')])).stderr).toContain('a\\u001b[2Jb')
  })

  test('a server that took fewer lines than were sent is not success', async () => {
    await using server = await collector(({ response }) => answer(response, 202, { accepted: 1 }))
    expect(await run(server, [file('a', 'x\ny\n')])).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^accepted 1 of 2/),
    })
  })
})

describe('using it', () => {
  test.each([
    [['x.log'], 'is not there'],
    [['.'], 'is a folder'],
  ])('files %j are checked before anything is sent', async (files) => {
    await using server = await collector()
    const done = await run(server, [file('a', 'x'), ...files])
    expect(done.code).toBe(1)
    expect(done.stderr).toMatch(/Nothing was sent/)
    expect(server.requests).toHaveLength(0)
  })

  test('the key comes from --key, SIAGA_KEY, or for demo from the data directory', async () => {
    await using server = await collector()
    mkdirSync(join(folder, '.siaga', 'secrets'), { recursive: true })
    file('.siaga/secrets/demo.key', 'demo-key\n')
    const args = (source: string) => ['send', '--source', source, '--url', server.url]
    await siaga(args('demo'), { cwd: folder, stdin: 'x\n' })
    await siaga(args('demo'), { cwd: folder, stdin: 'x\n', env: { SIAGA_KEY: 'env-key' } })
    await siaga([...args('demo'), '--key', 'k'], { cwd: folder, stdin: 'x\n', env: { SIAGA_KEY: 'env-key' } })
    expect(server.requests.map((request) => request.headers.authorization)).toEqual([
      'Bearer demo-key',
      'Bearer env-key',
      'Bearer k',
    ])
    expect(await siaga(args('web'), { cwd: folder, stdin: 'x\n' })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('siaga keys create --source web'),
    })
  })

  test('the demo key of this machine is not sent to another', async () => {
    mkdirSync(join(folder, '.siaga', 'secrets'), { recursive: true })
    file('.siaga/secrets/demo.key', 'demo-key\n')
    const done = await siaga(['send', '--source', 'demo', '--url', 'http://siaga.invalid:1'], {
      cwd: folder,
      stdin: 'x\n',
    })
    expect(done).toMatchObject({ code: 2, stderr: expect.stringContaining('needs a key') })
  })

  test('a path before /v1 is kept, for a proxy in front', async () => {
    await using server = await collector()
    await run({ url: `${server.url}/siaga/` }, [file('a', 'x')])
    expect(server.requests[0]?.url).toBe('/siaga/v1/events/web')
  })

  test('Retry-After as seconds, as a date, as nonsense', () => {
    expect(retryAfterMs('3', 0)).toBe(3_000)
    expect(retryAfterMs('Thu, 01 Jan 1970 00:00:10 GMT', 4_000)).toBe(6_000)
    expect(retryAfterMs('Thu, 01 Jan 1970 00:00:10 GMT', 40_000)).toBe(0)
    expect(retryAfterMs('soon', 0)).toBeUndefined()
  })

  test('the bar shows share, lines, rate and what is left', () => {
    expect(barText({ lines: 1_000_000, bytes: 50, totalBytes: 100, seconds: 10 })).toBe(
      ' 50% ████████████░░░░░░░░░░░░  1,000,000 lines  100,000/s  10 s left',
    )
    expect(barText({ lines: 5, bytes: 50, totalBytes: undefined, seconds: 10 })).toBe('5 lines  1/s')
  })
})
