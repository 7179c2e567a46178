// siaga check: is everything in order before anything is started?
import { accessSync, constants, globSync } from 'node:fs'
import { relative } from 'node:path'
import type { LoadedConfig, ResolvedConfig } from '../../runtime/config.ts'
import { firstThere } from '../../runtime/folders.ts'
import { isPortFree } from '../../runtime/ports.ts'
import { loadReference, type Reference } from '../../runtime/reference.ts'
import { builtInSources } from '../../schemas/config.ts'
import { tlsProblems, tlsWarnings } from '../certificates.ts'
import { checkChannels } from '../check-alerts.ts'
import { type CliCommand, CommandError, type Frame } from '../frame.ts'
import { holderOf } from '../holder.ts'
import { huntFolders, readHunts } from '../hunt/read.ts'
import { scheduleProblems } from '../start/hunts.ts'
import { number } from '../terminal.ts'

export const check: CliCommand = {
  name: 'check',
  summary: 'Check siaga.yaml, assets, calendars, certificates and ports; starts nothing.',
  ringkasan: 'Periksa siaga.yaml, aset, kalender, sertifikat dan port; tidak menjalankan apa pun.',
  details: 'Every mistake is named with its file, line and column. Exit code 0 if all is in order, 1 if not.',
  examples: [
    { run: 'siaga check', what: 'siaga.yaml di folder ini / siaga.yaml in this folder' },
    { run: 'siaga check --config /etc/siaga/siaga.yaml', what: 'another file' },
  ],
  build(command, frame) {
    command.action(() => run(frame))
  },
}

async function run(frame: Frame): Promise<void> {
  const loaded = frame.config()
  const { config, file, baseDir } = loaded
  const reference = loadReference(config, baseDir)
  const channels = checkChannels(config, frame.env, baseDir)
  const hunts = readHunts(huntFolders(config, baseDir))
  const problems = [
    ...tlsProblems(config),
    ...dataDirProblems(config),
    ...channels.problems,
    ...scheduleProblems(config, hunts),
  ]
  const running = holderOf(config.data_dir)
  const warnings = [
    ...tlsWarnings(config, Date.now()),
    ...silentFiles(config, baseDir),
    ...channels.warnings,
    ...hunts.problems.map(({ file, reason }) => `Hunt ${relative(baseDir, file)} is not used: ${reason}.`),
    // Ports of a running Siaga are taken by itself.
    ...(running === undefined ? await portWarnings(config) : []),
  ]
  for (const warning of warnings) frame.stderr.write(`${frame.paintError('yellow', 'warning:')} ${warning}\n`)
  if (problems.length > 0) {
    const [first = ''] = problems
    const text =
      problems.length === 1
        ? first
        : `${problems.length} things are wrong:\n${problems.map((line) => `  ${line}`).join('\n')}`
    throw new CommandError(text, 'Put them right and run `siaga check` again.')
  }
  const name = file === undefined ? 'Defaults (there is no siaga.yaml)' : relative(frame.cwd, file) || file
  frame.stdout.write(`${frame.paint('green', '✓')} ${name}: in order\n`)
  for (const [label, text] of summary(loaded, reference, running)) {
    frame.stdout.write(`  ${frame.paint('bold', label.padEnd(11))} ${text}\n`)
  }
}

function summary({ config }: LoadedConfig, reference: Reference, running: string | undefined): [string, string][] {
  const { http, syslog, relp, kafka, clickhouse, retention, sources, assets } = config
  const builtIn = new Set(builtInSources.map((source) => source.id))
  const own = sources.filter((source) => !builtIn.has(source.id))
  const regions = new Set(own.map((source) => source.region).filter(Boolean))
  const critical = assets.filter((asset) => asset.criticality === 'critical').length
  const provinces = [...reference.regions.keys()].filter((code) => code.length === 2 && code !== '00').length
  const districts = [...reference.regions.keys()].filter((code) => code.length === 5).length
  const { probes, certificate_logs, intelligence } = config
  const sites = probes.enabled ? assets.filter(({ url }) => /^https?:/.test(url)).length : 0
  const devices = config.collectors.enabled
  const listeners = [
    `HTTP ${http.host}:${http.port}`,
    ...(devices && syslog.enabled ? [`syslog ${syslog.host}:${syslog.port}, TLS ${syslog.tls_port}`] : []),
    ...(devices && relp.enabled ? [`RELP ${relp.host}:${relp.port}`] : []),
  ]
  return [
    ['sources', `${number(own.length)} of your own in ${number(regions.size)} regions, ${builtIn.size} built in`],
    ['assets', `${number(assets.length)}, ${number(critical)} critical`],
    [
      'outside',
      `${number(sites)} sites probed, ${number(intelligence.feeds.length)} feeds, ${number(certificate_logs.logs.length)} certificate logs`,
    ],
    ['alerts', alertsLine(config)],
    ['calendars', reference.calendars.map((calendar) => calendar.election).join(', ') || 'none'],
    ['regions', `${provinces} provinces, ${districts} kabupaten and kota`],
    ['listens', listeners.join('; ')],
    ['Kafka', kafka.brokers.length > 0 ? kafka.brokers.join(', ') : `embedded, port ${kafka.embedded_port}`],
    [
      'ClickHouse',
      clickhouse.url === '' ? `embedded, port ${clickhouse.embedded_port}` : withoutPassword(clickhouse.url),
    ],
    ['retention', `${retention.days} days, ${retention.election_days} in an election window`],
    ['data', `${config.data_dir}${running === undefined ? '' : ` (Siaga is running there, process ${running})`}`],
  ]
}

function alertsLine({ alerts, rooms }: Pick<ResolvedConfig, 'alerts' | 'rooms'>): string {
  if (!alerts.enabled) return 'not made'
  const staffed = rooms.filter(({ roster }) => roster.length > 0).length
  return `${number(alerts.channels.length)} channels, ${number(alerts.recipients.length)} recipients, ${number(staffed)} of ${number(rooms.length)} rooms with a roster`
}

function withoutPassword(address: string): string {
  const url = new URL(address)
  url.password = ''
  return url.href
}

function dataDirProblems({ data_dir: dataDir }: ResolvedConfig): string[] {
  try {
    accessSync(firstThere(dataDir), constants.W_OK | constants.X_OK)
    return []
  } catch {
    return [`data_dir: ${dataDir} cannot be written by this user`]
  }
}

function silentFiles({ sources, collectors }: ResolvedConfig, baseDir: string): string[] {
  if (!collectors.enabled) return []
  return sources.flatMap((source) =>
    source.files
      .filter((pattern) => globSync(pattern, { cwd: baseDir }).length === 0)
      .map((pattern) => `Source \`${source.id}\` follows ${pattern}, which matches no file now.`),
  )
}

async function portWarnings(config: ResolvedConfig): Promise<string[]> {
  const { http, syslog, relp, kafka, clickhouse } = config
  const devices = config.collectors.enabled
  const wanted: [string, number, string, boolean][] = [
    ['http.port', http.port, http.host, true],
    ['syslog.port', syslog.port, syslog.host, devices && syslog.enabled],
    ['syslog.tls_port', syslog.tls_port, syslog.host, devices && syslog.enabled],
    ['relp.port', relp.port, relp.host, devices && relp.enabled],
    ['kafka.embedded_port', kafka.embedded_port, '127.0.0.1', kafka.brokers.length === 0],
    ['clickhouse.embedded_port', clickhouse.embedded_port, '127.0.0.1', clickhouse.url === ''],
    ['clickhouse.embedded_tcp_port', clickhouse.embedded_tcp_port, '127.0.0.1', clickhouse.url === ''],
  ]
  const warnings: string[] = []
  for (const [setting, port, host, active] of wanted) {
    if (!active || port === 0) continue
    if (!(await isPortFree(port, host))) warnings.push(`Port ${port} (${setting}) is in use by another program.`)
  }
  return warnings
}
