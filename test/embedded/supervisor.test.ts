// Does a supervised process come back when it dies, go when it must, and never outlive what knows of it?
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { identify, isAlive } from '../../deploy/embedded/processes.ts'
import { openRotatingLog } from '../../deploy/embedded/rotating-log.ts'
import { type ServiceState, Supervisor, stopOrphans } from '../../deploy/embedded/supervisor.ts'
import { pickFreePorts } from '../../runtime/ports.ts'

const fake = fileURLToPath(new URL('./fake-service.ts', import.meta.url))
let dataDir: string
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'siaga-supervisor-'))
  mkdirSync(join(dataDir, 'run'))
})
afterEach(() => rmSync(dataDir, { recursive: true, force: true }))

async function supervise(mood = '', startTimeoutMs = 10_000) {
  const [port = 0] = await pickFreePorts(1)
  const states: ServiceState[] = []
  const supervisor = new Supervisor(
    {
      name: 'fake',
      startTimeoutMs,
      stopGraceMs: 300,
      prepare: async () => ({ args: [fake, String(port), mood], env: process.env }),
      check: async () => (await fetch(`http://127.0.0.1:${port}`)).ok,
    },
    dataDir,
    (state) => states.push(state),
  )
  onTestFinished(() => supervisor.stop())
  return { supervisor, states }
}

const recordFile = () => join(dataDir, 'run/fake.json')
const gone = async (pid: number | undefined) => {
  while (pid && identify(pid)) await delay(10)
}

describe('Supervisor', () => {
  test('a process that is killed is started again, and again', async () => {
    const { supervisor, states } = await supervise()
    await supervisor.start()
    const pids = [supervisor.pid()]
    for (let time = 0; time < 2; time++) {
      supervisor.kill('SIGKILL')
      await supervisor.ready()
      pids.push(supervisor.pid())
    }
    expect(new Set(pids).size).toBe(3)
    const again: ServiceState[] = ['crashed', 'restarting', 'ready']
    expect(states).toEqual(['starting', 'ready', ...again, ...again])
  })

  test('stop ends it, its record and its restarts', async () => {
    const { supervisor, states } = await supervise()
    await supervisor.start()
    const pid = supervisor.pid()
    expect(JSON.parse(readFileSync(recordFile(), 'utf8'))).toEqual(identify(pid ?? 0))
    await supervisor.stop()
    await supervisor.stop()
    expect(identify(pid ?? 0)).toBeUndefined()
    expect(existsSync(recordFile())).toBe(false)
    expect(states).toEqual(['starting', 'ready', 'stopping', 'stopped'])
    await expect(supervisor.ready()).rejects.toThrow('stopped')
    await supervisor.restart()
    expect(supervisor.pid()).toBeDefined()
  })

  test('a process that ignores SIGTERM is killed after its grace', async () => {
    const { supervisor } = await supervise('stubborn')
    await supervisor.start()
    const began = Date.now()
    void supervisor.stop()
    // The second call, too, resolves only when it is over.
    await supervisor.stop()
    expect(Date.now() - began).toBeGreaterThan(250)
    expect(supervisor.pid()).toBeUndefined()
  })

  test('a paused process is stopped too', async () => {
    const { supervisor } = await supervise()
    await supervisor.start()
    supervisor.kill('SIGSTOP')
    await supervisor.stop()
    expect(supervisor.pid()).toBeUndefined()
  })

  test('stop in the middle of a start ends that start', async () => {
    const { supervisor } = await supervise('silent')
    const starting = supervisor.start()
    const outcome = starting.catch((error: Error) => error.name)
    while (!supervisor.pid()) await delay(10)
    const pid = supervisor.pid()
    await supervisor.stop()
    expect(await outcome).toBe('AbortError')
    expect(identify(pid ?? 0)).toBeUndefined()
  })

  test('a process that ends at once fails the start with its last words', async () => {
    const { supervisor } = await supervise('broken')
    await expect(supervisor.start()).rejects.toMatchObject({
      code: 'SERVICE_START_FAILED',
      message: expect.stringContaining('exit code 3; it last said: the disk is made of cheese'),
    })
    expect(supervisor.pid()).toBeUndefined()
  })

  test('a process that never answers fails the start and is ended', async () => {
    const { supervisor } = await supervise('silent', 300)
    await expect(supervisor.start()).rejects.toMatchObject({ code: 'SERVICE_START_FAILED' })
    expect(supervisor.pid()).toBeUndefined()
  })
})

describe('stopOrphans', () => {
  const stray = () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' })
    onTestFinished(() => void child.kill('SIGKILL'))
    return identify(child.pid ?? 0)
  }

  test('stops the process whose pid and start time were written down', async () => {
    const orphan = stray()
    writeFileSync(recordFile(), JSON.stringify(orphan))
    expect(await stopOrphans(dataDir, ['fake'])).toEqual(['fake'])
    await gone(orphan?.pid)
    expect(existsSync(recordFile())).toBe(false)
  })

  test('spares a process that only has the pid of the one written down', async () => {
    const stranger = stray()
    writeFileSync(recordFile(), JSON.stringify({ ...stranger, startTime: 'another' }))
    expect(await stopOrphans(dataDir, ['fake'])).toEqual([])
    expect(stranger && isAlive(stranger)).toBe(true)
  })

  test.each(['', '{', '{"pid":-1,"startTime":"x"}', '{"pid":"1"}'])(
    'a damaged record (%j) stops nobody',
    async (text) => {
      writeFileSync(recordFile(), text)
      expect(await stopOrphans(dataDir, ['fake'])).toEqual([])
    },
  )
})

test('a rotating log stays within two files and keeps the newest text', () => {
  const log = openRotatingLog(join(dataDir, 'logs/x.log'))
  const line = `${'x'.repeat(1_023)}\n`
  for (let count = 0; count < 20_000; count++) log.write(line)
  log.write('the end')
  const bytes = statSync(log.file).size + statSync(`${log.file}.1`).size
  expect(bytes).toBeLessThan(11 * 1024 * 1024)
  expect(log.tail().endsWith('the end')).toBe(true)
})
