// Are the units for systemd whole? By systemd's own check, by how much a process could do, and by what they name of Siaga.
import { execFileSync, spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { allCommands } from '../../cli/commands.ts'
import { environmentSettings } from '../../runtime/config-environment.ts'
import type { SocketName } from '../../runtime/inherited-sockets.ts'

const root = join(import.meta.dirname, '../..')
const folder = join(root, 'deploy/systemd')
const units = readdirSync(join(folder, 'system')).filter((name) => /\.(?:service|socket|timer)$/.test(name))
const services = units.filter((name) => name.endsWith('.service'))
const read = (name: string): string => readFileSync(join(folder, 'system', name), 'utf8')
/** Values of a setting in a unit, in order. */
const valuesOf = (text: string, setting: string): string[] =>
  [...text.matchAll(new RegExp(`^${setting}=(.*)$`, 'gm'))].map((match) => match[1] ?? '')

const analyze = spawnSync('systemd-analyze', ['--version'])

/**
 * Highest exposure that `systemd-analyze security` may find, of 100. What it counts and we cannot leave out: the net, IPv4 and IPv6 with all addresses, writable
 * and executable memory, netlink; for those that follow files of others also users of the machine.
 */
const MOST_EXPOSED = 15

describe.skipIf(analyze.error !== undefined)(
  'systemd-analyze (Debian package systemd; skipped where it is not)',
  () => {
    let scratch = ''
    const env = () => ({ ...process.env, SYSTEMD_UNIT_PATH: `${scratch}:` })
    beforeAll(() => {
      scratch = mkdtempSync(join(tmpdir(), 'siaga-units-'))
      cpSync(join(folder, 'system'), scratch, { recursive: true, dereference: true })
      // This copy of Siaga in place of the one in /opt, so that every program that a unit starts must be there.
      for (const name of units) writeFileSync(join(scratch, name), read(name).replaceAll('/opt/siaga', root))
    })
    afterAll(() => rmSync(scratch, { recursive: true, force: true }))

    test('takes every unit without a word', () => {
      const files = units.map((name) => join(scratch, name))
      const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', ...files], {
        env: env(),
        encoding: 'utf8',
      })
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    })

    test('takes the drop-ins of separate roles too', () => {
      const roles = mkdtempSync(join(scratch, 'roles-'))
      for (const place of ['system', 'roles'])
        cpSync(join(folder, place), roles, { recursive: true, dereference: true })
      const dropped = readdirSync(join(folder, 'roles')).map((name) => name.replace(/\.d$/, ''))
      for (const file of readdirSync(roles, { recursive: true, encoding: 'utf8' }).filter((name) =>
        /\.(?:service|conf)$/.test(name),
      ))
        writeFileSync(join(roles, file), readFileSync(join(roles, file), 'utf8').replaceAll('/opt/siaga', root))
      const files = dropped.map((name) => join(roles, name))
      const environment = { ...process.env, SYSTEMD_UNIT_PATH: `${roles}:` }
      const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', ...files], {
        env: environment,
        encoding: 'utf8',
      })
      expect({ status, stderr, units: files.length }).toEqual({ status: 0, stderr: '', units: 2 })
    })

    test.each(services)('%s may do little', (name) => {
      const args = ['security', '--offline=true', '--no-pager', `--threshold=${MOST_EXPOSED}`, join(scratch, name)]
      const { status, stdout } = spawnSync('systemd-analyze', args, { env: env(), encoding: 'utf8' })
      expect(status, stdout.split('\n').slice(-3).join('\n')).toBe(0)
    })

    test('an unconfined unit would be found', () => {
      const bare = join(scratch, 'bare.service')
      writeFileSync(bare, '[Service]\nExecStart=/bin/true\n')
      const args = ['security', '--offline=true', '--no-pager', `--threshold=${MOST_EXPOSED}`, bare]
      expect(spawnSync('systemd-analyze', args, { env: env() }).status).not.toBe(0)
    })

    test('timers have a calendar that can be read', () => {
      for (const when of units.flatMap((name) => valuesOf(read(name), 'OnCalendar')))
        expect(execFileSync('systemd-analyze', ['calendar', when], { encoding: 'utf8' })).toContain('Next elapse')
    })
  },
)

test('every unit runs a command that is there, under the Node of the installation, with variables that are read', async () => {
  const commands = new Set((await allCommands()).map((command) => command.name))
  const variables = new Set([
    ...environmentSettings.map(({ name }) => name),
    'XDG_CACHE_HOME',
    'HOME',
    'MALLOC_ARENA_MAX',
  ])
  const texts = [...services.map(read), ...dropIns()]
  // An empty one takes back those before it.
  const runs = texts
    .flatMap((text) => [...valuesOf(text, 'ExecStart'), ...valuesOf(text, 'ExecStartPre')])
    .filter((run) => run !== '')
  expect(runs.length).toBeGreaterThan(7)
  for (const run of runs) {
    const [, command = ''] =
      /^(?:\/usr\/bin\/timeout \d+m \/bin\/sh -c 'until )?\/opt\/siaga\/node_modules\/node\/bin\/node .*\/opt\/siaga\/cli\/(?:siaga\.mjs|main\.ts) (\w+)/.exec(
        run,
      ) ?? []
    expect(commands, run).toContain(command)
  }
  const named = texts.flatMap((text) =>
    valuesOf(text, 'Environment').flatMap((line) => line.split(' ').map((one) => one.split('=')[0] ?? '')),
  )
  expect(named.filter((name) => !variables.has(name.replace(/_FILE$/, '')))).toEqual([])
})

function dropIns(): string[] {
  return ['system', 'roles'].flatMap((place) =>
    readdirSync(join(folder, place), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.conf'))
      .map((name) => readFileSync(join(folder, place, name), 'utf8')),
  )
}

describe('the back-up by night', () => {
  const text = read('siaga-backup.service')

  test('is of a Siaga that runs: it would start the services itself, and siaga.service could not', () => {
    const [condition = ''] = valuesOf(text, 'ExecCondition')
    // Root's (+): who asks systemd itself needs no bus, and is not confined.
    const script = /^\+\/bin\/sh -c '(.*)'$/.exec(condition)?.[1] ?? ''
    const bin = mkdtempSync(join(tmpdir(), 'siaga-systemctl-'))
    try {
      const systemctl = join(bin, 'systemctl')
      writeFileSync(systemctl, '#!/bin/sh\n[ "$*" = "--quiet is-active siaga.service" ] && exit "$STATE"\n', {
        mode: 0o755,
      })
      const run = (state: number) => {
        const env = { PATH: `${bin}:/usr/bin:/bin`, STATE: String(state) }
        const { status, stdout } = spawnSync('/bin/sh', ['-c', script], { env, encoding: 'utf8' })
        return { status, stdout }
      }
      expect(run(0)).toEqual({ status: 0, stdout: '' })
      // 1 to 254: skipped, not failed.
      expect(run(3)).toMatchObject({
        status: 1,
        stdout: expect.stringMatching(/^<4>siaga\.service does not run: .+\n$/),
      })
    } finally {
      rmSync(bin, { recursive: true })
    }
  })

  test('waits for one that starts, and for the disk that it writes to', () => {
    expect(valuesOf(text, 'After')).toEqual(['siaga.service'])
    expect(valuesOf(text, 'ExecStartPre')).toEqual([
      expect.stringMatching(/^\/usr\/bin\/timeout \d+m .*until .* status >/),
    ])
    expect(valuesOf(text, 'RequiresMountsFor')).toEqual(valuesOf(text, 'ReadWritePaths'))
  })

  test('beside roles starts nothing, so that nothing is asked or waited for', () => {
    const roles = readFileSync(join(folder, 'roles/siaga-backup.service.d/20-roles.conf'), 'utf8')
    expect([valuesOf(roles, 'ExecCondition'), valuesOf(roles, 'ExecStartPre')]).toEqual([[''], ['']])
  })
})

test('a service that is started without cli/siaga.mjs has the flags and the memory setting that it would give', () => {
  const starter = readFileSync(join(root, 'cli/siaga.mjs'), 'utf8')
  const [, flags = ''] = /^const flags = \[(.*)\]$/m.exec(starter) ?? []
  const [, growing = ''] = /(--heap-growing-percent=\d+)/.exec(starter) ?? []
  const [, arenas = ''] = /MALLOC_ARENA_MAX: '(\d+)'/.exec(starter) ?? []
  const wanted = [...flags.split(', ').map((flag) => flag.slice(1, -1)), growing]
  expect(wanted.every((flag) => flag.startsWith('--'))).toBe(true)
  const direct = services.map(read).filter((text) => /^ExecStart=.*cli\/main\.ts/m.test(text))
  expect(direct).toHaveLength(1)
  for (const text of direct) {
    expect(valuesOf(text, 'ExecStart')[0]).toContain(` ${wanted.join(' ')} /opt/siaga/cli/main.ts `)
    expect(valuesOf(text, 'Environment')).toContain(`MALLOC_ARENA_MAX=${arenas}`)
  }
})

test('sockets have the names under which Siaga looks for them, and those that are enabled are handed over, no other', () => {
  const known: Record<SocketName, string> = {
    // Plain HTTP: for the proxy of this machine.
    http: 'ListenStream=127.0.0.1:8080',
    'syslog-udp': 'ListenDatagram=0.0.0.0:5514',
    'syslog-tcp': 'ListenStream=0.0.0.0:5514',
    'syslog-tls': 'ListenStream=0.0.0.0:6514',
    relp: 'ListenStream=0.0.0.0:2514',
  }
  for (const [name, listen] of Object.entries(known)) {
    const text = read(`siaga-${name}.socket`)
    expect(text).toContain(`\n${listen}\n`)
    expect(valuesOf(text, 'FileDescriptorName')).toEqual([name])
    expect(valuesOf(text, 'Service')).toEqual(['siaga-ingest.service'])
    expect(valuesOf(text, 'RequiredBy')).toEqual(['siaga-ingest.service'])
  }
  const sockets = Object.keys(known).map((name) => `siaga-${name}.socket`)
  expect(units.filter((name) => name.endsWith('.socket'))).toEqual([...sockets].sort())
  // Sockets= and Requires= of the service would open those too that nobody has enabled.
  expect(read('siaga-ingest.service')).not.toMatch(/^\w+=.*\.socket/m)
})

test('what confines siaga-*.service confines siaga.service too, and no unit loosens it', () => {
  const shared = 'siaga-.service.d/10-confined.conf'
  expect(readlinkSync(join(folder, 'system/siaga.service.d/10-confined.conf'))).toBe(`../${shared}`)
  const settings = [...read(shared).matchAll(/^(\w+)=/gm)].map((match) => match[1] ?? '')
  const manyTimes = new Set(['Environment', 'SystemCallFilter'])
  for (const name of services) {
    const own = [...read(name).matchAll(/^(\w+)=/gm)].map((match) => match[1] ?? '')
    expect(
      own.filter((setting) => settings.includes(setting) && !manyTimes.has(setting)),
      name,
    ).toEqual([])
  }
  // A drop-in is read after the unit: what both set would be the drop-in's.
  const names = (text: string) =>
    valuesOf(text, 'Environment').flatMap((line) => line.split(' ').map((one) => one.split('=')[0]))
  for (const name of services)
    expect(
      names(read(name)).filter((one) => names(read(shared)).includes(one)),
      name,
    ).toEqual([])
})

test('a secret is given as a file of its own, and read from there', () => {
  for (const text of [...services.map(read), ...dropIns()]) {
    const credentials = valuesOf(text, 'LoadCredential').map((value) => value.split(':')[0] ?? '')
    const files = valuesOf(text, 'Environment').filter((value) => value.includes('_FILE='))
    expect(files.map((value) => value.split('=%d/')[1])).toEqual(credentials)
    expect(text).not.toMatch(/(?:PASSWORD|MASTER_KEY)=/)
  }
})

test('why a start was refused is in the journal, also where the greeting is not', () => {
  for (const text of services.map(read).filter((one) => one.includes('StandardOutput=null')))
    expect(valuesOf(text, 'StandardError')).toEqual(['journal'])
})

test('user and folders that units name are made', () => {
  expect(readFileSync(join(folder, 'sysusers.d/siaga.conf'), 'utf8')).toMatch(/^u siaga /m)
  const made = readFileSync(join(folder, 'tmpfiles.d/siaga.conf'), 'utf8')
  const written = services.flatMap((name) => valuesOf(read(name), 'ReadWritePaths'))
  for (const place of [...written, '/etc/siaga', '/etc/siaga/secrets'])
    expect(made).toMatch(new RegExp(`^d ${place} `, 'm'))
  expect(existsSync(join(root, 'cli/siaga.mjs'))).toBe(true)
})
