// How does a real rsyslog ship numbered lines to us? One process in the foreground, with its own configuration and folder.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, globSync } from 'node:fs'
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'

/** The ways a log can take. */
export type Way = 'udp' | 'tcp' | 'tcp-counted' | 'tls' | 'relp'
export const ways: Way[] = ['udp', 'tcp', 'tcp-counted', 'tls', 'relp']

export interface RsyslogOptions {
  readonly way: Way
  readonly port: number
  readonly lines: number
  /**
   * Messages that omrelp sends ahead of their answers (its own default is 128). Smaller than its queue's batch, it waits 200 ms for each
   * window: it holds the last bytes back (TCP_CORK) until its batch ends.
   */
  readonly relpWindow?: number
  /** CA file for TLS. */
  readonly ca?: string
}

export interface Rsyslog {
  /** What it complained about. */
  readonly complaints: () => string
  stop(): Promise<void>
}

const path = `${process.env.PATH ?? ''}:/usr/sbin:/sbin`

/** Why rsyslog cannot be used here, `undefined` if it can. `modules`: its files and the Debian packages that hold them. */
export function whyNoRsyslog(
  modules: Readonly<Record<string, string>> = { 'lmnsd_gtls.so': 'rsyslog-gnutls', 'omrelp.so': 'rsyslog-relp' },
): string | undefined {
  if (spawnSync('rsyslogd', ['-v'], { env: { PATH: path } }).status !== 0) {
    return 'rsyslogd is not installed (Debian: apt install rsyslog rsyslog-gnutls rsyslog-relp)'
  }
  const folders = [...globSync('/usr/lib/*/rsyslog'), '/usr/lib/rsyslog', '/usr/lib64/rsyslog'].filter((folder) =>
    existsSync(folder),
  )
  for (const [file, name] of Object.entries(modules)) {
    if (!folders.some((folder) => existsSync(join(folder, file))))
      return `${name} is not installed (Debian: apt install ${name})`
  }
  return undefined
}

/** A line as it is numbered: 200 bytes and a bit. */
export function numberedLine(number: number): string {
  return `siaga-line-${number}-end ${'abcdefghij'.repeat(15)}`
}

/** The number in a line that came out; -1 if it is damaged. */
export function numberOf(text: string): number {
  const match = /siaga-line-(\d+)-end (?:abcdefghij){15}\s*$/.exec(text)
  return match === null ? -1 : Number(match[1])
}

/** Starts rsyslogd, which reads `lines` numbered lines from a file and ships them, repeating for ever what it must. */
export async function startRsyslog(options: RsyslogOptions): Promise<Rsyslog> {
  const lines = Array.from({ length: options.lines }, (_, number) => `${numberedLine(number)}\n`).join('')
  return runRsyslog(lines, (folder, input) => configuration(options, folder, input))
}

/** Starts rsyslogd with a configuration of a folder, where it writes `own.log`, and of a file with these lines. */
export async function runRsyslog(
  lines: string,
  configurationOf: (folder: string, input: string) => string,
): Promise<Rsyslog & { append(lines: string): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'siaga-rsyslog-'))
  const input = join(folder, 'lines.log')
  const config = join(folder, 'rsyslog.conf')
  await writeFile(input, lines)
  await writeFile(config, configurationOf(folder, input))
  const log: string[] = []
  const child = spawn('rsyslogd', ['-n', '-f', config, '-i', join(folder, 'rsyslogd.pid')], {
    env: { PATH: path },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => log.push(String(data)))
  return {
    append: (more) => appendFile(input, more),
    complaints: () => log.join(''),
    async stop() {
      await endProcess(child)
      const own = await readFile(join(folder, 'own.log'), 'utf8').catch(() => '')
      if (own !== '') log.push(own)
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Ends a child process and waits for it. */
export async function endProcess(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill(signal)
  const timer = setTimeout(() => child.kill('SIGKILL'), 5_000)
  await exited
  clearTimeout(timer)
}

function configuration(options: RsyslogOptions, folder: string, input: string): string {
  const tls = options.way === 'tls' ? ` DefaultNetstreamDriverCAFile="${options.ca}"` : ''
  return `
global(workDirectory="${folder}" net.enableDNS="off" maxMessageSize="64k"${tls})
module(load="imfile")
${options.way === 'relp' ? 'module(load="omrelp")' : ''}
template(name="ship" type="string" string="<134>1 2024-11-27T08:00:00.000000+07:00 kpu siaga-test - - - %msg%${framedByLine(options.way) ? '\\n' : ''}")
input(type="imfile" file="${input}" tag="siaga-test" ruleset="ship")
ruleset(name="ship" queue.type="LinkedList" queue.size="200000" queue.dequeueBatchSize="1024") {
  ${action(options)}
}
*.* action(type="omfile" file="${join(folder, 'own.log')}")
`
}

function framedByLine(way: Way): boolean {
  return way === 'tcp'
}

function action({ way, port, relpWindow = 2_048 }: RsyslogOptions): string {
  const repeat = 'action.resumeRetryCount="-1" action.resumeInterval="1"'
  const target = `target="127.0.0.1" port="${port}" template="ship" ${repeat}`
  switch (way) {
    case 'udp':
      return `action(type="omfwd" protocol="udp" ${target})`
    case 'tcp':
      return `action(type="omfwd" protocol="tcp" TCP_Framing="traditional" ${target})`
    case 'tcp-counted':
      return `action(type="omfwd" protocol="tcp" TCP_Framing="octet-counted" ${target})`
    case 'tls':
      return `action(type="omfwd" protocol="tcp" TCP_Framing="octet-counted" StreamDriver="gtls" StreamDriverMode="1" StreamDriverAuthMode="x509/name" StreamDriverPermittedPeers="${hostname()}" ${target})`
    case 'relp':
      return `action(type="omrelp" windowSize="${relpWindow}" ${target})`
  }
}
