// Does `siaga start` start, stop, go on and give up as it says? Second starts, kill -9, Ctrl-C at any time, what is missing or wrong.
import { existsSync, mkdirSync, symlinkSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pLimit from 'p-limit'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { errorLines, interruptStart, killAndStart, lines, numbers } from './lifecycle.ts'
import { descendants, lives, usersOf } from './processes.ts'
import {
  type Home,
  makeHome,
  report,
  type Siaga,
  type Starting,
  spawnStart,
  startSiaga,
  until,
  writeInto,
} from './siaga.ts'

const homes: Home[] = []
const running: Starting[] = []

async function home(yaml?: string): Promise<Home> {
  const made = await makeHome(yaml, [])
  homes.push(made)
  return made
}

afterEach(async () => {
  for (const { child } of running.splice(0)) child.kill('SIGKILL')
  for (const made of homes.splice(0)) await made.remove()
})

/** Runs `siaga start` where it cannot; answers what it said. */
async function refused(
  where: Home,
  env: Record<string, string> = {},
): Promise<{ code: number | null; stderr: string; stdout: string }> {
  const starting = spawnStart(where, env)
  running.push(starting)
  const { code } = await starting.ended
  return { code, stdout: starting.stdout(), stderr: starting.stderr() }
}

/** One start after the other on one data directory, as over its life: each start takes ten seconds. The same more often: lifecycle.long.test.ts. */
describe('start, stop and start again', () => {
  let where: Home
  let siaga: Siaga
  /** Lines that have been accepted, numbered from 0. */
  let accepted = 0

  beforeAll(async () => {
    where = await makeHome(undefined, [])
  })
  afterAll(async () => {
    await siaga?.stop()
    await where.remove()
  })

  test('a UDP port taken: nothing is started', async () => {
    const { createSocket } = await import('node:dgram')
    const socket = createSocket('udp4')
    await new Promise<void>((resolve) => socket.bind(where.ports.syslog, '127.0.0.1', resolve))
    const { code, stderr } = await refused(where)
    socket.close()
    expect(code).toBe(1)
    expect(errorLines(stderr)[0]).toBe(`siaga: Port ${where.ports.syslog} is already in use.`)
    expect(usersOf(where.folder)).toEqual([])
  })

  test('Ctrl-C at any moment of the start leaves nothing running', async () => {
    for (const after of [60, 1_200, 4_000]) await interruptStart(where, after)
  }, 60_000)

  test('after all that the data directory is usable', async () => {
    siaga = await startSiaga({ home: where })
    expect(await siaga.post(lines(0, 500))).toMatchObject({ status: 202 })
    accepted = 500
    await siaga.landed(500)
  }, 90_000)

  test('a second start on the same data directory is refused and leaves the first alone', async () => {
    const other = await home()
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
    await siaga.landed(1, "message = 'masih ada'")
  }, 60_000)

  test('a second start goes on where the first left off; stopping takes under 5 s also while events flow', async () => {
    // One request after the other until the door closes; only what was accepted counts.
    let flowing = true
    const flow = (async () => {
      while (flowing) {
        const answer = await siaga.post(lines(accepted, 200)).catch(() => undefined)
        if (answer?.status !== 202) break
        accepted += 200
      }
    })()
    await sleep(1_000)
    const children = descendants(siaga.pid)
    const { code, signal, ms } = await siaga.stop()
    flowing = false
    await flow
    report(`lifecycle: stopped in ${ms} ms while events flowed, ${accepted} accepted`)
    expect({ code, signal }).toEqual({ code: 0, signal: null })
    expect(ms).toBeLessThan(5_000)
    expect(siaga.stderr()).toMatch(/stopped in \d+\.\d s/)
    expect(children.filter(lives)).toEqual([])
    expect(usersOf(where.folder)).toEqual([])

    const { key } = siaga
    siaga = await startSiaga({ home: where })
    expect(siaga.key).toBe(key)
    expect(siaga.stdout()).toContain(key)
    await until(async () => (await numbers(siaga)).distinct >= accepted, 'what was accepted is there again')
    await sleep(1_000)
    // A request that was cut off may have been written without its answer: then it is there once, whole.
    const { rows, distinct } = await numbers(siaga)
    expect(rows).toBe(distinct)
    expect([accepted, accepted + 200]).toContain(distinct)
    accepted = distinct
    expect(await siaga.post(lines(accepted, 10))).toMatchObject({ status: 202, body: '{"accepted":10}' })
    accepted += 10
    await siaga.landed(accepted, "startsWith(message, 'nomor ')")
  }, 120_000)

  test('after kill -9 the orphans are stopped first; nothing is lost and nothing doubled', async () => {
    const life = { siaga, accepted }
    try {
      await killAndStart(life, where)
    } finally {
      siaga = life.siaga
    }
    expect(await siaga.post(lines(life.accepted, 10))).toMatchObject({ status: 202 })
    await siaga.landed(life.accepted + 10, "startsWith(message, 'nomor ')")
  }, 120_000)
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

  test('each port that is taken, by its name and the setting of it', async () => {
    const names = Object.keys(settings) as (keyof typeof settings)[]
    // Two at a time: each is a process of its own.
    const limit = pLimit(2)
    const said = await Promise.all(names.map((name) => limit(portTaken, name)))
    expect(said).toEqual(
      said.map(({ port }, n) => ({
        code: 1,
        stdout: '',
        port,
        errors: [
          `siaga: Port ${port} is already in use.`,
          `  Stop the program that uses it, or choose another with ${settings[names[n] ?? 'http']}.`,
        ],
        left: [],
      })),
    )
    expect(new Set(said.map(({ port }) => port)).size).toBe(7)
  }, 60_000)

  async function portTaken(name: keyof typeof settings) {
    const where = await home()
    const port = where.ports[name]
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
    try {
      const { code, stderr, stdout } = await refused(where)
      return { code, stdout, port, errors: errorLines(stderr), left: usersOf(where.folder) }
    } finally {
      await close(server)
    }
  }

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
