import { spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { takeSockets } from '../../../cli/start/sockets.ts'
import { inheritedSockets, socketOf } from '../../../runtime/inherited-sockets.ts'
import { createKey } from '../../../runtime/keys.ts'
import { pickFreePorts } from '../../../runtime/ports.ts'
import { dial, sendAndClose, sendRelp, sendUdp } from '../../e2e/wire.ts'
import { getServices } from '../../services.ts'
import { mainFile, plainEnvironment } from '../run.ts'

describe('sockets of the service manager', () => {
  const env = { LISTEN_PID: '42', LISTEN_FDS: '2', LISTEN_FDNAMES: 'http:syslog-udp:more' }

  test('are known by their names, from the third descriptor on', () => {
    const sockets = inheritedSockets(env, 42)
    expect([...sockets]).toEqual([
      ['http', 3],
      ['syslog-udp', 4],
    ])
    expect([socketOf(sockets, 'syslog-udp'), socketOf(sockets, 'relp')]).toEqual([{ fd: 4 }, {}])
  })

  test('are those of the process that they were given to, not of its children', () => {
    expect(inheritedSockets(env, 43).size).toBe(0)
    expect(inheritedSockets({}, 42).size).toBe(0)
  })

  const all = { collectors: { enabled: true }, syslog: { enabled: true }, relp: { enabled: true } }
  const handed = (...names: string[]) => ({
    LISTEN_PID: '42',
    LISTEN_FDS: `${names.length}`,
    LISTEN_FDNAMES: names.join(':'),
  })
  const taken = (settings: object, ...names: string[]) => takeSockets({ ...all, ...settings }, handed(...names), 42)

  test('are served, all that were handed over', () => {
    const names = ['http', 'syslog-udp', 'syslog-tcp', 'syslog-tls', 'relp']
    expect([...taken({}, ...names).keys()]).toEqual(names)
    expect([...taken({ collectors: { enabled: false } }, 'http').keys()]).toEqual(['http'])
  })

  test.each([
    ['relp', { relp: { enabled: false } }, 'relp.enabled is false'],
    ['syslog-udp', { syslog: { enabled: false } }, 'syslog.enabled is false'],
    ['syslog-tls', { syslog: { enabled: false } }, 'syslog.enabled is false'],
    ['relp', { collectors: { enabled: false } }, 'collectors.enabled is false'],
    ['gelf', {}, 'Siaga knows no socket of this name'],
  ])('%s with %j would take connections and lose what comes: refused', (name, settings, reason) => {
    const refused = expect.objectContaining({ code: 'SOCKET_UNSERVED', message: expect.stringContaining(reason) })
    expect(() => taken(settings, 'http', name)).toThrow(refused)
  })

  test('of one name are refused: only one would be served', () => {
    expect(() => taken({}, 'syslog-udp', 'syslog-udp')).toThrow(expect.objectContaining({ code: 'SOCKET_UNSERVED' }))
  })

  test('`siaga ingest` with a socket that it would not serve ends at once, and says what to do', () => {
    const folder = mkdtempSync(join(tmpdir(), 'siaga-sockets-'))
    try {
      writeFileSync(join(folder, 'siaga.yaml'), JSON.stringify({ data_dir: folder, relp: { enabled: false } }))
      const node = [process.execPath, '--experimental-ffi', '--disable-warning=ExperimentalWarning', mainFile, 'ingest']
      const script = 'export LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=relp; exec "$@"'
      const { status, stderr } = spawnSync('sh', ['-c', script, 'sh', ...node], {
        cwd: folder,
        env: { ...plainEnvironment(), KAFKA_BROKERS: '127.0.0.1:9' },
        encoding: 'utf8',
        timeout: 60_000,
      })
      expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining('siaga-relp.socket') })
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})

describe('a collector whose sockets stay open', () => {
  const source = `tetap-${randomBytes(4).toString('hex')}`
  let folder = ''
  let key = ''
  let web = 0
  let syslog = 0
  let relp = 0
  let holder: ReturnType<typeof hold> | undefined
  beforeAll(async () => {
    const services = await getServices()
    folder = mkdtempSync(join(tmpdir(), 'siaga-sockets-'))
    ;[web = 0, syslog = 0, relp = 0] = await pickFreePorts(3)
    const [tls = 0] = await pickFreePorts(1)
    const yaml = {
      data_dir: folder,
      http: { port: web },
      syslog: { port: syslog, tls_port: tls },
      relp: { port: relp },
      kafka: { brokers: services.brokers },
      sources: [{ id: source, networks: ['127.0.0.1'] }],
    }
    writeFileSync(join(folder, 'siaga.yaml'), JSON.stringify(yaml))
    key = (await createKey(folder, source)).text
    holder = hold(folder, [
      `http:tcp:${web}`,
      `syslog-udp:udp:${syslog}`,
      `syslog-tcp:tcp:${syslog}`,
      `syslog-tls:tcp:${tls}`,
      `relp:tcp:${relp}`,
    ])
  })
  afterAll(async () => {
    await holder?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  const post = async (line: string): Promise<number> => {
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'text/plain' }
    return (await fetch(`http://127.0.0.1:${web}/v1/events/${source}`, { method: 'POST', headers, body: line })).status
  }
  const accepted = async (): Promise<number> => {
    const text = await (await fetch(`http://127.0.0.1:${web}/metrics`)).text()
    return Number(new RegExp(`^siaga_collector_accepted_total{source="${source}"} (\\d+)`, 'm').exec(text)?.[1] ?? 0)
  }

  test('while one process is replaced by the next nobody is refused and no datagram is lost', async () => {
    await holder?.start()
    expect(await post('before')).toBe(202)
    expect(await holder?.end()).toBe('ended 0')

    // Nobody serves now: the kernel takes what comes.
    for (let n = 0; n < 20; n += 1) await sendUdp(syslog, `<13>datagram ${n}`)
    const pushed = post('meanwhile')
    const relayed = sendRelp(relp, ['<13>by relp'])
    const stream = await dial(syslog)
    const sent = sendAndClose(stream, '<13>by tcp\n')

    await holder?.start()
    expect(await pushed).toBe(202)
    await Promise.all([relayed, sent])
    await expect.poll(accepted, { timeout: 30_000 }).toBe(23)
  })
})

function hold(folder: string, sockets: readonly string[]) {
  const program = [process.execPath, '--experimental-ffi', '--disable-warning=ExperimentalWarning', mainFile, 'ingest']
  const child = spawn('perl', [join(import.meta.dirname, 'socket-holder.pl'), ...sockets, '--', ...program], {
    cwd: folder,
    env: { ...plainEnvironment(), SIAGA_MASTER_KEY: randomBytes(32).toString('hex') },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const answers = createInterface(child.stdout)[Symbol.asyncIterator]()
  let said = ''
  child.stderr.on('data', (part: Buffer) => {
    said += part.toString()
  })
  return {
    async start() {
      said = ''
      child.stdin.write('start\n')
      await expect.poll(() => said, { timeout: 60_000 }).toContain('collecting')
    },
    async end() {
      child.stdin.write('stop\n')
      return (await answers.next()).value
    },
    async stop() {
      const gone = once(child, 'exit')
      child.stdin.end()
      await gone
    },
  }
}
