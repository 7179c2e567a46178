// Does the handbook's way onto one server hold? Its blocks, run as they stand on a server with systemd: everything in one unit and its upgrade, then roles and theirs under load.
import { createSocket } from 'node:dgram'
import { request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { blocksOf, readDocument } from '../docs/markdown.ts'
import { baseMissing, findEngine } from './engine.ts'
import { allAccounted, landedOf, waitFor } from './ledger.ts'
import { type Machine, startMachine } from './machine.ts'
import { LOGIN } from './parts.ts'
import { lineOf } from './pusher.ts'

const found = await findEngine()
const missing = 'missing' in found ? found.missing : await baseMissing(found.engine)

const blocks = blocksOf(readDocument('docs/operations.md'))
const shown = blocks.filter(({ comment }) => comment === 'systemd')
const restore = blocks.find(({ comment }) => comment === 'systemd restore')?.text ?? ''
const [install = '', command = '', upgradeOfOne = '', asRoles = '', upgrade = ''] = shown.map(({ text }) => text)

/** Roles that go on from one block to the next. */
const roles = ['siaga-ingest', 'siaga-process', 'siaga-centre'] as const

const settings = (gateway: string, more: object = {}): string =>
  stringify({
    http: { host: '0.0.0.0' },
    sources: [
      { id: 'web-kpu', name: 'Web server of a test', format: 'nginx', region: '00', owner: 'kpu' },
      { id: 'perangkat', name: 'Device of a test', region: '00', owner: 'kpu', networks: [gateway] },
    ],
    ...more,
  })

describe.skipIf(missing !== undefined)(
  `Siaga under systemd${missing === undefined ? '' : `: skipped, ${missing}`}`,
  () => {
    let machine: Machine
    let services: Awaited<ReturnType<Machine['startServices']>>
    let key = ''

    beforeAll(async () => {
      expect(shown).toHaveLength(5)
      if ('engine' in found) machine = await startMachine(found.engine)
    })
    afterAll(() => machine?.stop())

    // Each goes on where the one before it has ended.
    let failed = false
    beforeEach(({ skip, onTestFailed }) => {
      skip(failed, 'what comes before it failed')
      onTestFailed(() => {
        failed = true
      })
    })

    const ready = (port: number) =>
      waitFor(`nothing is ready at ${port}`, async () => (await ask(`/readyz`, port)) === 200)

    /** One request over a connection of its own, with a minute's patience: its status; 0 when it was refused, cut off or not answered. */
    const ask = (path: string, port: number, body?: string): Promise<number> =>
      new Promise((resolve) => {
        const headers = { authorization: `Bearer ${key}`, 'content-type': 'text/plain' }
        const options = { host: machine.address, port, path, agent: false, method: body === undefined ? 'GET' : 'POST' }
        request({ ...options, headers, signal: AbortSignal.timeout(60_000) }, (response) => {
          response.resume().on('close', () => resolve(response.statusCode ?? 0))
        })
          .on('error', () => resolve(0))
          .end(body)
      })
    const post = (run: string, n: number) => ask('/v1/events/web-kpu', 8080, lineOf({ run, n, from: '198.51.100.7' }))

    const backups = async () => (await machine.shell('ls -d /var/backups/siaga/*/ | wc -l')).trim()
    const listening = async (socket: string) =>
      (await machine.shell(`systemctl show --property Listen --value ${socket}`)).split('\n').filter(Boolean)
    /** As `systemctl edit` would write it, before systemd reads its units again. */
    const listen = async (socket: string, setting: string, at: string): Promise<void> => {
      await machine.shell(`mkdir /etc/systemd/system/${socket}.d`)
      await machine.write(`/etc/systemd/system/${socket}.d/override.conf`, `[Socket]\n${setting}=\n${setting}=${at}`)
    }

    const unitsThatFailed = () => machine.shell('systemctl --failed --plain --no-legend')
    const pids = async (): Promise<string[]> =>
      (await machine.shell(`systemctl show --property MainPID --value ${roles.join(' ')}`)).split(/\n+/).filter(Boolean)

    test('one unit: an event lands in ClickHouse, and the examination and the back-up succeed', async () => {
      await machine.write('/srv/siaga.yaml', settings(machine.gateway))
      await machine.shell(install)
      await ready(8080)
      key = (await machine.shell(command)).trim()
      await waitFor('the key is not known', async () => (await post('satu', 0)) === 202)
      expect(await machine.shell(command.replace(/keys create .*/, 'accounts link admin'))).toContain('/link/')
      const count = command.replace(
        /keys create .*/,
        `sql --format TSV "SELECT count() FROM events WHERE position(message, '/satu/') > 0"`,
      )
      await waitFor('the event has not landed', async () => (await machine.shell(count)).trim() === '1')
      await machine.shell('systemctl start siaga-doctor siaga-backup && ls /var/backups/siaga/*/manifest.json')
      expect(await machine.shell('systemctl is-active siaga siaga-doctor.timer siaga-backup.timer')).toBe(
        'active\n'.repeat(3),
      )
      expect(await unitsThatFailed()).toBe('')
    })

    test('everything is lost and restored, and the unit goes on with the master key of before', async () => {
      const rows = command.replace(
        /keys create .*/,
        `sql --format TSV "SELECT count() FROM events WHERE position(message, '/satu/') > 0"`,
      )
      const kept = '/srv/master.key'
      const [made = ''] = (await machine.shell('ls /var/backups/siaga')).trim().split('\n')
      await machine.shell(`install -m 0600 /var/lib/siaga/secrets/master.key ${kept}`)
      await machine.shell(
        'systemctl stop siaga.service && find /var/lib/siaga -mindepth 1 -delete && rm /etc/siaga/siaga.yaml',
      )
      await machine.shell(restore.replaceAll(/(?<=\/var\/backups\/siaga\/)\w+/g, made))
      await ready(8080)
      await waitFor('the event is not there', async () => (await machine.shell(rows)).trim() === '1')
      await machine.shell(`cmp ${kept} /var/lib/siaga/secrets/master.key`)
      await waitFor('the key of before is not taken', async () => (await post('lama', 0)) === 202)
      await machine.shell('systemctl start siaga-doctor')
      expect(await unitsThatFailed()).toBe('')
    })

    test('without its master key the unit does not start, and says what to do; no other one is made', async () => {
      await machine.shell('systemctl stop siaga.service && mv /var/lib/siaga/secrets/master.key /srv/away.key')
      await machine.shell('systemctl start siaga.service')
      await waitFor('the journal says nothing', async () =>
        (await machine.shell('journalctl --no-pager --unit siaga --lines 50')).includes('SIAGA_MASTER_KEY_FILE'),
      )
      await machine.shell('systemctl stop siaga.service && test ! -e /var/lib/siaga/secrets/master.key')
      await machine.shell(
        'mv /srv/away.key /var/lib/siaga/secrets/master.key && systemctl reset-failed && systemctl start siaga.service',
      )
      await ready(8080)
    })

    test('one unit: the back-up is left out while Siaga does not run, and waits for one that starts', async () => {
      await machine.shell('systemctl stop siaga && systemctl start siaga-backup')
      expect(await backups()).toBe('1')
      expect(await machine.shell('journalctl --unit siaga-backup --priority warning --output cat')).toContain(
        'siaga.service does not run: nothing is backed up this time',
      )
      // Both at once, as after a start of the machine.
      await machine.shell('systemctl start siaga siaga-backup')
      expect(await backups()).toBe('2')
      expect(await machine.shell('systemctl show --property NRestarts --value siaga')).toBe('0\n')
      expect(await unitsThatFailed()).toBe('')
    })

    test('one unit: an upgrade makes a back-up first and leaves one unit', async () => {
      const pid = () => machine.shell('systemctl show --property MainPID --value siaga')
      const before = await pid()
      await machine.shell(upgradeOfOne)
      expect(await backups()).toBe('3')
      expect(await pid()).not.toBe(before)
      expect(await unitsThatFailed()).toBe('')
      // No role has come in beside it.
      const running = await machine.shell(
        "systemctl list-units --plain --no-legend --state=active 'siaga*.service' 'siaga*.socket'",
      )
      expect(running.trim().split(/\s+/)[0]).toBe('siaga.service')
      expect(running.trim().split('\n')).toHaveLength(1)
      expect(await machine.shell('ls -d /etc/systemd/system/siaga-backup.service.d 2>&1 || true')).toContain(
        'No such file',
      )
      expect(await post('naik', 0)).toBe(202)
    })

    test('roles beside a Kafka and a ClickHouse of their own: an event lands', async () => {
      services = await machine.startServices()
      await machine.write(
        '/etc/siaga/siaga.yaml',
        settings(machine.gateway, { kafka: { partitions: 4 } }),
        '-m 0640 -g siaga',
      )
      await machine.write(
        '/etc/siaga/siaga.env',
        `KAFKA_BROKERS=kafka:9092\nCLICKHOUSE_URL=http://clickhouse:8123\nCLICKHOUSE_USER=${LOGIN.username}`,
      )
      for (const [name, text] of Object.entries({ kafka: 'kata', clickhouse: LOGIN.password }))
        await machine.write(`/etc/siaga/secrets/${name}-password`, text, '-m 0600')
      await machine.shell('install -m 0600 /var/lib/siaga/secrets/master.key /etc/siaga/secrets/master-key')
      expect(await listening('siaga-http.socket')).toEqual(['127.0.0.1:8080 (Stream)'])
      // The proxy of this test is another machine.
      await listen('siaga-http.socket', 'ListenStream', '0.0.0.0:8080')
      await machine.shell(asRoles)
      await Promise.all([8080, 8081].map(ready))
      await waitFor('the key is not known', async () => (await post('dua', 0)) === 202)
      await waitFor('the event has not landed', async () => (await landedOf(services, 'dua')).rows === 1)
      await machine.shell('systemctl start siaga-doctor siaga-backup')
      expect(await unitsThatFailed()).toBe('')
    })

    test('what the units confine is confined in fact', async () => {
      for (const pid of await pids()) {
        const status = await machine.shell(`cat /proc/${pid}/status`)
        expect(status).toMatch(/^NoNewPrivs:\t1$/m)
        expect(status).toMatch(/^Seccomp:\t2$/m)
        expect(status).toMatch(/^CapBnd:\t0+$/m)
        // Root itself could not write there.
        const written = machine.shell(`nsenter --mount --target ${pid} sh -c ': >/usr/x'`)
        await expect(written).rejects.toThrow('Read-only file system')
      }
    })

    test('an upgrade under load: no request is turned away, and every line is there once', async () => {
      const before = await pids()
      const load = startLoad(machine.address, (n) => post('tiga', n))
      try {
        await load.more()
        await machine.shell(upgrade)
        await load.more()
      } finally {
        await load.stop()
      }
      const { answers, datagrams, longest } = load
      process.stdout.write(`${JSON.stringify({ answers, datagrams, longest_ms: Math.round(longest) })}\n`)
      expect(Object.keys(answers)).toEqual(['202'])
      const requests = answers[202] ?? 0
      await waitFor('not every line has landed', async () => {
        const [web, device] = await Promise.all([landedOf(services, 'tiga'), landedOf(services, 'kabel')])
        return web.lines >= requests && device.lines >= datagrams
      })
      await allAccounted(services)
      for (const [run, n] of [
        ['tiga', requests],
        ['kabel', datagrams],
      ] as const)
        expect(await landedOf(services, run), run).toEqual({ rows: n, lines: n, events: n, offsets: n })
      const after = await pids()
      expect(after).toHaveLength(roles.length)
      expect(after.filter((pid) => pid === '0' || before.includes(pid))).toEqual([])
      expect(await unitsThatFailed()).toBe('')
    })

    test('syslog on port 514, as the drop-in of `systemctl edit` sets it', async () => {
      expect(readDocument('docs/operations.md')).toContain('`ListenDatagram=0.0.0.0:514`')
      await listen('siaga-syslog-udp.socket', 'ListenDatagram', '0.0.0.0:514')
      await machine.shell('systemctl daemon-reload && systemctl restart siaga-syslog-udp.socket')
      const socket = createSocket('udp4')
      socket.send(deviceLine('empat', 0), 514, machine.address, () => socket.close())
      await waitFor('the datagram has not landed', async () => (await landedOf(services, 'empat')).rows === 1)
    })

    test('a socket that is disabled is closed, and one that nobody would serve stops the collector with a word about it', async () => {
      const yaml = settings(machine.gateway, { kafka: { partitions: 4 }, relp: { enabled: false } })
      await machine.write('/etc/siaga/siaga.yaml', yaml, '-m 0640 -g siaga')
      await machine.shell('systemctl restart siaga-ingest')
      await waitFor('nothing is said of the socket', async () =>
        (await machine.shell('journalctl --unit siaga-ingest --output cat')).includes('relp.enabled is false'),
      )
      await machine.shell('systemctl disable --now siaga-relp.socket && systemctl restart siaga-ingest')
      await ready(8080)
      expect(await machine.shell('systemctl is-active siaga-relp.socket || true')).toBe('inactive\n')
    })
  },
)

/** A message of a device, with a number of its own. */
function deviceLine(run: string, n: number): string {
  return `<134>1 ${new Date().toISOString()} gerbang uji - - - masuk /${run}/${n} dari 198.51.100.9`
}

/** Requests and datagrams, one after another, until it is stopped. */
function startLoad(address: string, post: (n: number) => Promise<number>) {
  const answers: Record<number, number> = {}
  let datagrams = 0
  let longest = 0
  let ending = false
  const requests = async (): Promise<void> => {
    for (let n = 0; !ending; n += 1) {
      const began = performance.now()
      const status = await post(n)
      longest = Math.max(longest, performance.now() - began)
      answers[status] = (answers[status] ?? 0) + 1
      await sleep(20)
    }
  }
  const socket = createSocket('udp4')
  const devices = async (): Promise<void> => {
    for (; !ending; datagrams += 1) {
      await new Promise<void>((resolve, reject) =>
        socket.send(deviceLine('kabel', datagrams), 5514, address, (error) => (error ? reject(error) : resolve())),
      )
      await sleep(10)
    }
  }
  const loops = Promise.all([requests(), devices()])
  const sum = () => Object.values(answers).reduce((total, n) => total + n, 0)
  return {
    answers,
    get datagrams() {
      return datagrams
    },
    get longest() {
      return longest
    },
    /** Resolves when some more have been answered. */
    async more() {
      const enough = sum() + 200
      await waitFor('nobody is answered', () => sum() >= enough)
    },
    async stop() {
      ending = true
      await loops
      socket.close()
    },
  }
}
