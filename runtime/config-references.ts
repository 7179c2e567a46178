// Does the configuration fit together? Ids used once, references that resolve, ports and networks that do not clash.
import { type Asset, builtInSources } from '../schemas/config.ts'
import type { ResolvedConfig } from './config.ts'
import { checkAlerts, contactProblems } from './config-alerts.ts'
import { nearest } from './config-nearest.ts'
import { checkOutside } from './config-outside.ts'
import { type ConfigProblem, type Finding, pathText, type SettingPath } from './config-problems.ts'
import { SiagaError } from './errors.ts'
import { loadReference, shippedCalendars } from './reference.ts'

const builtInIds = new Set(builtInSources.map(({ id }) => id))

interface Places {
  readonly baseDir: string
  /** False if assets were left out because they are wrong: then a reference to one of them is not a second mistake. */
  readonly assetsComplete: boolean
  /** False if defaults stand in for wrong settings. */
  readonly portsComplete: boolean
  locate(finding: Finding): ConfigProblem
  locateAsset(index: number, column: keyof Asset): Pick<ConfigProblem, 'file' | 'line' | 'column' | 'path'>
}

interface Checked {
  readonly problems: readonly ConfigProblem[]
  readonly warnings: readonly string[]
}

/** Everything that no single setting can show by itself. */
export function checkReferences(config: ResolvedConfig, places: Places): Checked {
  const problems: ConfigProblem[] = []
  const warnings: string[] = []
  const report = (path: SettingPath, message: string): void => {
    problems.push(places.locate({ path, on: 'value', message }))
  }
  const { kafka, processors } = config
  if (processors.workers === 0 && kafka.partitions === 'auto')
    report(
      ['processors', 'workers'],
      'must not be 0 while `kafka.partitions` is auto: name there how many workers all machines have together',
    )
  if (processors.workers === 0 && kafka.brokers.length === 0)
    report(['processors', 'workers'], 'must not be 0 with the embedded Kafka: nobody else could process its events')
  if (kafka.sasl?.mechanism === 'plain' && kafka.tls === undefined)
    report(
      ['kafka', 'sasl', 'mechanism'],
      'must not be plain without `kafka.tls`: the password would go over the line as it is',
    )
  for (const [setting, tls] of [
    ['kafka', kafka.tls],
    ['clickhouse', config.clickhouse.tls],
  ] as const)
    if ((tls?.cert === undefined) !== (tls?.key === undefined))
      report([setting, 'tls'], 'must name cert and key together')
  if (config.clickhouse.cluster !== undefined && config.clickhouse.url === '')
    report(['clickhouse', 'cluster'], 'needs `clickhouse.url`: the server that holds everything but the events')
  const { regions } = loadReference({ calendars: [], regions: config.regions }, places.baseDir)
  const unknownRegion = (code: string): string | undefined =>
    code === '' || regions.has(code)
      ? undefined
      : `names region ${code}, which does not exist${provinceHint(code, regions)}`

  const assetIds = new Map<string, number>()
  config.assets.forEach((asset, index) => {
    const first = assetIds.get(asset.id)
    if (first !== undefined) {
      const { file, line } = places.locateAsset(first, 'id')
      problems.push({ ...places.locateAsset(index, 'id'), message: `is the id of another asset (${file}:${line})` })
    } else assetIds.set(asset.id, index)
    const wrong = unknownRegion(asset.region)
    if (wrong) problems.push({ ...places.locateAsset(index, 'region'), message: wrong })
    for (const message of places.portsComplete ? contactProblems(asset, config.alerts.channels) : [])
      problems.push({ ...places.locateAsset(index, 'contacts'), message })
  })

  const sourceIds = new Map<string, number>()
  const networks = new Map<string, string>()
  const certificates = new Map<string, string>()
  config.sources.forEach((source, index) => {
    const at = (...rest: (string | number)[]): SettingPath => ['sources', index, ...rest]
    const first = sourceIds.get(source.id)
    if (first !== undefined) {
      const { line } = places.locate({ path: ['sources', first, 'id'], on: 'value', message: '' })
      report(at('id'), `is the id of another source (line ${line})`)
    } else sourceIds.set(source.id, index)
    const wrong = unknownRegion(source.region)
    if (wrong) report(at('region'), wrong)
    if (places.assetsComplete && source.asset !== '' && !assetIds.has(source.asset)) {
      const near = nearest(source.asset, assetIds.keys())
      const hint = near ? `; did you mean \`${near}\`?` : ''
      report(at('asset'), `names asset ${JSON.stringify(source.asset)}, which does not exist${hint}`)
    }
    source.networks.forEach((network, position) => {
      const other = networks.get(network)
      if (other !== undefined) report(at('networks', position), `already belongs to source \`${other}\``)
      else networks.set(network, source.id)
    })
    source.certificates.forEach((name, position) => {
      const other = certificates.get(name.toLowerCase())
      if (other !== undefined) report(at('certificates', position), `already belongs to source \`${other}\``)
      else certificates.set(name.toLowerCase(), source.id)
    })
  })

  const roomIds = new Map<string, number>()
  config.rooms.forEach((room, index) => {
    const at = (setting: string): SettingPath => ['rooms', index, setting]
    const first = roomIds.get(room.id)
    if (first !== undefined) {
      const { line } = places.locate({ path: ['rooms', first, 'id'], on: 'value', message: '' })
      report(at('id'), `is the id of another room (line ${line})`)
    } else roomIds.set(room.id, index)
    if (sourceIds.has(room.id) || builtInIds.has(room.id)) report(at('id'), 'is the id of a source')
    const wrong = unknownRegion(room.region)
    if (wrong) report(at('region'), wrong)
  })

  config.calendars.forEach((name, index) => {
    if (config.calendars.indexOf(name) < index) report(['calendars', index], `names ${name} twice`)
    else checkCalendar(name, config.regions, places.baseDir, (message) => report(['calendars', index], message))
  })

  const { tls } = config.syslog
  if (tls?.require_client_certificate && !tls.ca) {
    report(['syslog', 'tls', 'require_client_certificate'], 'needs `syslog.tls.ca`, the authority that signed them')
  }
  checkOutside(config, report)
  if (config.web.oidc !== undefined && config.http.public_url === '')
    report(['web', 'oidc'], 'needs `http.public_url`: the provider sends browsers back there')
  // Where something wrong was left out, a reference to it is not a second mistake.
  if (places.portsComplete) checkAlerts(config, unknownRegion, report)
  if (places.portsComplete) checkPorts(config, report)
  if (config.retention.election_days < config.retention.days) {
    warnings.push('retention.election_days is shorter than retention.days: election events go before ordinary ones.')
  }
  return { problems, warnings }
}

function provinceHint(code: string, regions: ReadonlyMap<string, { name: string }>): string {
  const province = regions.get(code.slice(0, 2))
  if (!province || code.length === 2) return '; provinces are 11 to 96, 00 is national'
  return `; ${code.slice(0, 2)} is ${province.name}, its regencies and cities start with ${code.slice(0, 2)}.`
}

function checkCalendar(
  name: string,
  regions: ResolvedConfig['regions'],
  baseDir: string,
  report: (message: string) => void,
): void {
  if (shippedCalendars.some((shipped) => shipped === name)) return
  if (!/\.ya?ml$/.test(name)) {
    const near = nearest(name, shippedCalendars)
    const hint = near
      ? `did you mean \`${near}\`?`
      : `shipped: ${shippedCalendars.join(', ')}; a file of your own ends in .yaml`
    report(`names ${JSON.stringify(name)}, which is not a calendar; ${hint}`)
    return
  }
  try {
    loadReference({ calendars: [name], regions }, baseDir)
  } catch (error) {
    if (!(error instanceof SiagaError)) throw error
    report(`names a calendar that cannot be used: ${error.message}`)
  }
}

/** Two listeners on one port: the second would fail at start. Port 0 (any free port) never clashes. */
function checkPorts(config: ResolvedConfig, report: (path: SettingPath, message: string) => void): void {
  const { http, syslog, relp, kafka, clickhouse } = config
  const used: [SettingPath, number, boolean][] = [
    [['http', 'port'], http.port, true],
    [['syslog', 'port'], syslog.port, syslog.enabled],
    [['syslog', 'tls_port'], syslog.tls_port, syslog.enabled],
    [['relp', 'port'], relp.port, relp.enabled],
    [['kafka', 'embedded_port'], kafka.embedded_port, kafka.brokers.length === 0],
    [['clickhouse', 'embedded_port'], clickhouse.embedded_port, clickhouse.url === ''],
    [['clickhouse', 'embedded_tcp_port'], clickhouse.embedded_tcp_port, clickhouse.url === ''],
  ]
  const owners = new Map<number, SettingPath>()
  for (const [path, port, active] of used) {
    if (!active || port === 0) continue
    const owner = owners.get(port)
    if (owner) report(path, `must be another port: ${port} is also that of \`${pathText(owner)}\``)
    else owners.set(port, path)
  }
}
