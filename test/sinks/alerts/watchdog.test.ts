// Is the outside watchdog called while Siaga is well, and only then? A real server counts.
import { createServer } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { SiagaError } from '../../../runtime/errors.ts'
import { createLog } from '../../../runtime/log.ts'
import { type Beat, startWatchdog, type WatchdogOptions, withPulse } from '../../../sinks/alerts/watchdog.ts'

const wait = { timeout: 10_000, interval: 5 }

async function setUp(given: { token?: boolean } & Partial<Pick<WatchdogOptions, 'healthy' | 'secret'>> = {}) {
  const seen: { method: string | undefined; url: string | undefined; authorization: string | undefined }[] = []
  const server = { status: 200, hangs: false }
  const http = createServer((request, response) => {
    const { method, url, headers } = request
    seen.push({ method, url, authorization: headers.authorization })
    if (!server.hangs) response.writeHead(server.status, { location: '/elsewhere' }).end('ok')
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const close = (): void => {
    http.close()
    http.closeAllConnections()
  }
  onTestFinished(close)
  const address = http.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const state: { reasons: string[] } = { reasons: [] }
  const beats: Beat[] = []
  const logged: { msg: string; [field: string]: unknown }[] = []
  const note = (fields: object | string, msg?: string): void =>
    void logged.push(typeof fields === 'string' ? { msg: fields } : { ...fields, msg: msg ?? '' })
  const watchdog = startWatchdog({
    settings: {
      url: `http://127.0.0.1:${port}/ping/c0ffee`,
      interval_seconds: 0.01,
      ...(given.token === true ? { token: { env: 'WATCHDOG_TOKEN' } } : {}),
    },
    secret: given.secret ?? (() => 'geheim'),
    healthy: given.healthy ?? (async () => state.reasons),
    log: Object.assign(Object.create(createLog('silent')), { error: note, warn: note }),
    onBeat: (beat) => void beats.push(beat),
  })
  onTestFinished(() => watchdog.stop())
  const more = (count: number) => {
    const until = beats.length + count
    return expect.poll(() => beats.length >= until, wait).toBe(true)
  }
  return { seen, server, state, beats, logged, watchdog, more, close }
}

test('called while Siaga is well, without a word in the log', async () => {
  const { seen, more, logged, beats } = await setUp()
  await more(3)
  expect(seen[0]).toEqual({ method: 'GET', url: '/ping/c0ffee', authorization: undefined })
  expect(seen.length).toBeGreaterThanOrEqual(3)
  expect([new Set(beats), logged]).toEqual([new Set(['sent']), []])
})

test('not called while it is not, and called again after', async () => {
  const { seen, state, more, logged, beats } = await setUp()
  await more(1)
  state.reasons = ['the alert engine waits for Kafka']
  await expect.poll(() => beats.at(-1), wait).toBe('withheld')
  const before = seen.length
  await more(5)
  expect(seen.length).toBe(before)
  expect(logged).toEqual([
    { msg: 'the outside watchdog is not called: Siaga is not well', reasons: ['the alert engine waits for Kafka'] },
  ])
  state.reasons = []
  await expect.poll(() => seen.length > before, wait).toBe(true)
  await expect.poll(() => logged.at(-1)?.msg, wait).toBe('the outside watchdog is called again')
})

test('health that cannot be told is no health', async () => {
  const { seen, more, beats } = await setUp({
    healthy: async () => {
      throw new Error('ClickHouse is away')
    },
  })
  await more(3)
  expect([seen, new Set(beats)]).toEqual([[], new Set(['withheld'])])
})

test.each([500, 404, 302])(
  'a watchdog that answers %i: counted each time, logged once, its address never',
  async (status) => {
    const { server, more, logged, beats, seen } = await setUp()
    server.status = status
    await expect.poll(() => beats.at(-1), wait).toBe('failed')
    await more(4)
    expect(logged).toEqual([{ msg: 'the outside watchdog cannot be called', detail: `HTTP ${status}` }])
    expect(beats.filter((beat) => beat === 'failed').length).toBeGreaterThan(4)
    expect(seen.every(({ url }) => url === '/ping/c0ffee')).toBe(true)
    server.status = 200
    await expect.poll(() => beats.at(-1), wait).toBe('sent')
    expect(JSON.stringify(logged)).not.toContain('c0ffee')
  },
)

test('a watchdog that is away', async () => {
  const { close, more, logged, beats } = await setUp()
  await more(1)
  close()
  await expect.poll(() => beats.at(-1), wait).toBe('failed')
  await more(2)
  expect(logged).toEqual([
    { msg: 'the outside watchdog cannot be called', detail: expect.stringMatching(/^ECONN(?:REFUSED|RESET)$/) },
  ])
})

test('a token is sent, read anew each time, and never logged', async () => {
  const texts = ['satu', 'dua\nlines', 'tiga']
  const { seen, more, logged } = await setUp({ token: true, secret: () => texts.shift() ?? 'empat' })
  await more(4)
  expect(seen.map(({ authorization }) => authorization).slice(0, 3)).toEqual([
    'Bearer satu',
    'Bearer tiga',
    'Bearer empat',
  ])
  expect(JSON.stringify(logged)).not.toMatch(/dua|lines/)
})

test('a token that cannot be read is told of', async () => {
  const { more, logged, beats } = await setUp({
    token: true,
    secret: () => {
      throw new SiagaError('CONFIG_INVALID', { detail: 'WATCHDOG_TOKEN is not set' })
    },
  })
  await more(2)
  expect([beats[0], logged]).toEqual([
    'failed',
    [{ msg: 'the outside watchdog cannot be called', detail: 'WATCHDOG_TOKEN is not set' }],
  ])
})

test('stop ends a call that hangs; it is not counted', async () => {
  const { server, watchdog, seen, beats, more } = await setUp()
  await more(1)
  server.hangs = true
  const before = seen.length
  await expect.poll(() => seen.length > before, wait).toBe(true)
  await expect.poll(() => beats.length < seen.length, wait).toBe(true)
  const counted = beats.length
  await watchdog.stop()
  expect(beats.length).toBe(counted)
})

test('not called while every step of the alerts fails, though all else is well', async () => {
  let clock = 0
  const pulse = withPulse(
    async () => [],
    () => clock,
  )
  const { seen, beats, more } = await setUp({ healthy: pulse.healthy })
  await more(1)
  clock = 61_000
  await more(2)
  const calls = seen.length
  await more(3)
  expect([seen.length, beats.at(-1)]).toEqual([calls, 'withheld'])
  pulse.beat()
  await more(2)
  expect(beats.at(-1)).toBe('sent')
})
