// Does `siaga start` start, stop, go on and give up as it says? Second starts, kill -9, Ctrl-C at any time, what is missing or wrong.
import { existsSync, mkdirSync, symlinkSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { commandOf, descendants, lives, usersOf } from './processes.ts'
import { type Home, makeHome, report, type Siaga, spawnStart, startSiaga, until, writeInto } from './siaga.ts'

const homes: Home[] = []
const running: { stop(): Promise<unknown> }[] = []

async function home(yaml?: string): Promise<Home> {
  const made = await makeHome(yaml)
  homes.push(made)
  return made
}

async function start(where: Home): Promise<Siaga> {
  const siaga = await startSiaga({ home: where })
  running.push(siaga)
  return siaga
}

afterEach(async () => {
  for (const siaga of running.splice(0)) await siaga.stop()
  for (const made of homes.splice(0)) await made.remove()
})

/** Runs `siaga start` where it cannot; answers what it said. */
async function refused(
  where: Home,
  env: Record<string, string> = {},
): Promise<{ code: number | null; stderr: string; stdout: string }> {
  const starting = spawnStart(where, env)
  running.push({
    stop: async () => {
      starting.child.kill('SIGKILL')
    },
  })
  const { code } = await starting.ended
  return { code, stdout: starting.stdout(), stderr: starting.stderr() }
}

/** What is said besides progress: the error line and what to do. */
function errorLines(stderr: string): string[] {
  return stderr.split('\n').filter((line) => line !== '' && !/^[…✓]/.test(line))
}

function lines(from: number, count: number): string {
  return Array.from({ length: count }, (_, index) => `nomor ${from + index} tiba`).join('\n')
}

/** Numbers that have landed, and how many rows they are in. */
async function numbers(siaga: Siaga): Promise<{ rows: number; distinct: number }> {
  const [row] = await siaga.sql(
    "SELECT count() AS rows, uniqExact(extract(message, 'nomor (\\\\d+) tiba')) AS distinct FROM events WHERE startsWith(message, 'nomor ')",
  )
  return { rows: Number(row?.rows), distinct: Number(row?.distinct) }
}

describe('start, stop and start again', () => {
  test('a second start goes on where the first left off; stopping takes under 5 s also while events flow', async () => {
    const where = await home()
    const first = await start(where)
    await first.post(lines(0, 500))
    await first.landed(500)

    // One request after the other until the door closes; only what was accepted counts.
    let accepted = 500
    let flowing = true
    const flow = (async () => {
      while (flowing) {
        const answer = await first.post(lines(accepted, 200)).catch(() => undefined)
        if (answer?.status !== 202) break
        accepted += 200
      }
    })()
    await sleep(1_000)
    const children = descendants(first.pid)
    const { code, signal, ms } = await first.stop()
    flowing = false
    await flow
    report(`lifecycle: stopped in ${ms} ms while events flowed, ${accepted} accepted`)
    expect({ code, signal }).toEqual({ code: 0, signal: null })
    expect(ms).toBeLessThan(5_000)
    expect(first.stderr()).toMatch(/stopped in \d+\.\d s/)
    expect(children.filter(lives)).toEqual([])
    expect(usersOf(where.folder)).toEqual([])

    const second = await start(where)
    expect(second.key).toBe(first.key)
    expect(second.stdout()).toContain(first.key)
    await until(async () => (await numbers(second)).distinct >= accepted, 'what was accepted is there again')
    await sleep(1_000)
    // A request that was cut off may have been written without its answer: then it is there once, whole.
    const { rows, distinct } = await numbers(second)
    expect(rows).toBe(distinct)
    expect([accepted, accepted + 200]).toContain(distinct)
    expect(await second.post(lines(1_000_000, 10))).toMatchObject({ status: 202, body: '{"accepted":10}' })
    await second.landed(distinct + 10)
  }, 90_000)

  test('after kill -9 the orphans are stopped first; nothing is lost and nothing doubled', async () => {
    const where = await home()
    let siaga = await start(where)
    let accepted = 0
    for (let round = 0; round < 2; round += 1) {
      const orphans = descendants(siaga.pid)
      expect(orphans.length).toBeGreaterThanOrEqual(4)
      for (let i = 0; i < 5; i += 1) {
        expect(await siaga.post(lines(accepted, 1_000))).toMatchObject({ status: 202 })
        accepted += 1_000
      }
      await siaga.crash()
      siaga = await start(where)
      expect(orphans.filter(lives).map((pid) => `${pid} ${commandOf(pid)}`)).toEqual([])
      await siaga.landed(accepted)
      expect(await numbers(siaga)).toEqual({ rows: accepted, distinct: accepted })
    }
    expect(await siaga.post(lines(accepted, 10))).toMatchObject({ status: 202 })
    await siaga.landed(accepted + 10)
  }, 120_000)

  test('Ctrl-C at any moment of the start leaves nothing running, and the next start works', async () => {
    const where = await home()
    for (const after of [60, 400, 1_200, 2_500, 4_000]) {
      const starting = spawnStart(where)
      await sleep(after)
      const before = performance.now()
      starting.child.kill('SIGINT')
      const { code, signal } = await starting.ended
      const ms = Math.round(performance.now() - before)
      report(`lifecycle: Ctrl-C after ${after} ms: ${code ?? signal} in ${ms} ms`)
      expect(ms).toBeLessThan(5_000)
      expect(errorLines(starting.stderr())).toEqual([])
      expect(usersOf(where.folder)).toEqual([])
    }
    const siaga = await start(where)
    expect(await siaga.post('ada')).toMatchObject({ status: 202 })
    await siaga.landed(1)
  }, 90_000)

  test('a second start on the same data directory is refused and leaves the first alone', async () => {
    const where = await home()
    const siaga = await start(where)
    const other = await makeHome()
    homes.push(other)
    const { code, stderr } = await refused(other, { SIAGA_DATA_DIR: where.dataDir })
    expect(code).toBe(1)
    expect(errorLines(stderr)).toEqual([
      `siaga: The data directory ${where.dataDir} is in use by process ${siaga.pid}.`,
      '  Stop that process, or choose another directory with SIAGA_DATA_DIR.',
    ])
    // The same ports too: what the user did is said, whichever is found first.
    const same = await refused(where)
    expect(same.code).toBe(1)
    expect(errorLines(same.stderr)).toHaveLength(2)
    expect(await siaga.post('masih ada')).toMatchObject({ status: 202 })
    await siaga.landed(1)
  }, 60_000)
})

describe('what is in the way is said in one line', () => {
  const settings = {
    http: 'SIAGA_HTTP_PORT',
    syslog: 'SIAGA_SYSLOG_PORT',
    tls: 'SIAGA_SYSLOG_TLS_PORT',
    relp: 'SIAGA_RELP_PORT',
    kafka: 'SIAGA_EMBEDDED_KAFKA_PORT',
    clickhouse: 'SIAGA_EMBEDDED_CLICKHOUSE_PORT',
    clickhouseTcp: 'SIAGA_EMBEDDED_CLICKHOUSE_TCP_PORT',
  } as const

  test.each(Object.entries(settings))(
    'port taken: %s',
    async (name, setting) => {
      const where = await home()
      const port = where.ports[name as keyof typeof settings]
      const server = createServer()
      await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
      try {
        const { code, stderr, stdout } = await refused(where)
        expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
        expect(errorLines(stderr)).toEqual([
          `siaga: Port ${port} is already in use.`,
          `  Stop the program that uses it, or choose another with ${setting}.`,
        ])
        expect(usersOf(where.folder)).toEqual([])
      } finally {
        await close(server)
      }
    },
    30_000,
  )

  test('a UDP port taken: nothing is started, and the data directory is usable', async () => {
    const where = await home()
    const { createSocket } = await import('node:dgram')
    const socket = createSocket('udp4')
    await new Promise<void>((resolve) => socket.bind(where.ports.syslog, '127.0.0.1', resolve))
    const { code, stderr } = await refused(where)
    socket.close()
    expect(code).toBe(1)
    expect(errorLines(stderr)[0]).toBe(`siaga: Port ${where.ports.syslog} is already in use.`)
    expect(usersOf(where.folder)).toEqual([])
    const siaga = await start(where)
    expect(await siaga.post('ada')).toMatchObject({ status: 202 })
  }, 60_000)

  test('a wrong setting: file, line and column', async () => {
    const where = await home('http:\n  port: 8080\n  prot: 1\nsources:\n  - id: KPU Pusat\n')
    const { code, stderr, stdout } = await refused(where)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/siaga\.yaml:3:3.*prot.*port/)
    expect(stderr).toMatch(/siaga\.yaml:5:9/)
    expect(usersOf(where.folder)).toEqual([])
  })

  test.each(['siaga.yaml', 'siaga.yaml/data'])('a data directory that cannot be one: %s', async (place) => {
    const where = await home('log_level: warn\n')
    const dataDir = join(where.folder, place)
    const { code, stderr } = await refused(where, { SIAGA_DATA_DIR: dataDir })
    expect(code).toBe(1)
    expect(errorLines(stderr)[0]).toBe(`siaga: The data directory ${dataDir} cannot be written.`)
  })

  test('a wrong value in the environment: the variable', async () => {
    const { code, stderr } = await refused(await home(), { SIAGA_HTTP_PORT: 'delapan' })
    expect(code).toBe(1)
    expect(stderr).toContain('SIAGA_HTTP_PORT')
  })

  test.each([
    ['Java', 'siaga: Java 17 or newer was not found.'],
    ['Maven', 'siaga: Maven (mvn) was not found; it fetches the embedded Kafka once.'],
  ])(
    '%s is missing',
    async (program, message) => {
      const where = await home()
      // A PATH with little else than Node, and a home without what an earlier start fetched.
      const bin = join(where.folder, 'bin')
      mkdirSync(bin)
      symlinkSync(process.execPath, join(bin, 'node'))
      if (program === 'Maven') {
        const java = (process.env.PATH ?? '').split(':').find((folder) => existsSync(join(folder, 'java')))
        expect(java).toBeDefined()
        symlinkSync(join(java ?? '', 'java'), join(bin, 'java'))
      }
      const empty = dirname(await writeInto(where, 'home/.keep', ''))
      const { code, stderr, stdout } = await refused(where, {
        PATH: bin,
        HOME: empty,
        XDG_CACHE_HOME: empty,
        JAVA_HOME: '',
      })
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
      expect(errorLines(stderr)[0]).toBe(message)
      expect(errorLines(stderr)).toHaveLength(2)
      expect(usersOf(where.dataDir)).toEqual([])
    },
    30_000,
  )
})

function close(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()))
}
