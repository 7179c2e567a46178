// Which environment variables does Siaga read? One table for the loader, --help and the reference page.
import { readFileSync, statSync } from 'node:fs'
import { pathText, type SettingPath } from './config-problems.ts'
import { errorText, SiagaError } from './errors.ts'

export interface EnvironmentSetting {
  readonly name: string
  /** Setting of siaga.yaml that it overrides; undefined for one that stands in no file. */
  readonly path?: SettingPath
  readonly description: string
  /** `number`: digits; `switch`: 1 or 0; `list`: separated by commas; `path`: relative to the current folder. */
  readonly kind: 'text' | 'number' | 'switch' | 'list' | 'path'
}

/** Everything a person may set in the environment, in the order of the reference page. */
export const environmentSettings: readonly EnvironmentSetting[] = [
  {
    name: 'SIAGA_CONFIG',
    kind: 'path',
    description: 'Configuration file instead of siaga.yaml; --config goes before it',
  },
  {
    name: 'SIAGA_DATA_DIR',
    path: ['data_dir'],
    kind: 'path',
    description: 'Where Kafka, ClickHouse, keys and positions are kept',
  },
  {
    name: 'SIAGA_HTTP_HOST',
    path: ['http', 'host'],
    kind: 'text',
    description: 'Address of the web port and HTTP collector',
  },
  { name: 'SIAGA_HTTP_PORT', path: ['http', 'port'], kind: 'number', description: 'Web port and HTTP collector' },
  {
    name: 'SIAGA_PUBLIC_URL',
    path: ['http', 'public_url'],
    kind: 'text',
    description: 'Address at which browsers reach the page, such as https://siaga.example',
  },
  {
    name: 'SIAGA_METRICS_FROM',
    path: ['http', 'metrics_from'],
    kind: 'list',
    description: 'Networks of scrapers that may read /metrics, separated by commas',
  },
  {
    name: 'SIAGA_METRICS_PORT',
    path: ['processors', 'metrics_port'],
    kind: 'number',
    description: 'Health and metrics of siaga process',
  },
  {
    name: 'SIAGA_WORKERS',
    path: ['processors', 'workers'],
    kind: 'number',
    description: 'Workers of this process; 0: none',
  },
  {
    name: 'SIAGA_COLLECTORS',
    path: ['collectors', 'enabled'],
    kind: 'switch',
    description: '0: this process takes in nothing but HTTP, since siaga ingest does',
  },
  { name: 'SIAGA_SYSLOG_PORT', path: ['syslog', 'port'], kind: 'number', description: 'Syslog, UDP and TCP' },
  { name: 'SIAGA_SYSLOG_TLS_PORT', path: ['syslog', 'tls_port'], kind: 'number', description: 'Syslog over TLS' },
  { name: 'SIAGA_RELP_PORT', path: ['relp', 'port'], kind: 'number', description: 'RELP' },
  {
    name: 'KAFKA_BROKERS',
    path: ['kafka', 'brokers'],
    kind: 'list',
    description: 'Your own Kafka: host:port, several separated by commas',
  },
  {
    name: 'CLICKHOUSE_URL',
    path: ['clickhouse', 'url'],
    kind: 'text',
    description: 'Your own ClickHouse: http://user:password@host:8123',
  },
  {
    name: 'CLICKHOUSE_USER',
    path: ['clickhouse', 'user'],
    kind: 'text',
    description: 'User at your own ClickHouse',
  },
  { name: 'CLICKHOUSE_PASSWORD', kind: 'text', description: 'Password of that user' },
  {
    name: 'KAFKA_SASL_USERNAME',
    path: ['kafka', 'sasl', 'username'],
    kind: 'text',
    description: 'User at your own Kafka; the mechanism stands in siaga.yaml',
  },
  { name: 'KAFKA_SASL_PASSWORD', kind: 'text', description: 'Password of that user' },
  {
    name: 'SIAGA_EMBEDDED_KAFKA_PORT',
    path: ['kafka', 'embedded_port'],
    kind: 'number',
    description: 'Port of the embedded Kafka',
  },
  {
    name: 'SIAGA_EMBEDDED_CLICKHOUSE_PORT',
    path: ['clickhouse', 'embedded_port'],
    kind: 'number',
    description: 'HTTP port of the embedded ClickHouse',
  },
  {
    name: 'SIAGA_EMBEDDED_CLICKHOUSE_TCP_PORT',
    path: ['clickhouse', 'embedded_tcp_port'],
    kind: 'number',
    description: 'Native port of the embedded ClickHouse',
  },
  {
    name: 'SIAGA_LOG_LEVEL',
    path: ['log_level'],
    kind: 'text',
    description: 'Least level that is logged: debug, info, warn, error',
  },
  {
    name: 'SIAGA_MASTER_KEY',
    kind: 'text',
    description: 'Master key, 32 bytes in base64 or hex, instead of the file in the data directory',
  },
  { name: 'SIAGA_KEY', kind: 'text', description: 'API key for `siaga send`, so that it shows in no process list' },
  { name: 'SIAGA_LANG', kind: 'text', description: 'Language of tables: id (default) or en' },
  {
    name: 'SIAGA_SQL_HISTORY',
    kind: 'text',
    description: 'File of the history of `siaga sql` (default: siaga/sql_history in $XDG_STATE_HOME); off keeps none',
  },
  { name: 'NO_COLOR', kind: 'text', description: 'Any value: no colours' },
]

/** Set by tests and by npm, not by people: no warning for them. */
const silent: ReadonlySet<string> = new Set(['SIAGA_TEST_BASE', 'SIAGA_TEST_IMAGES', 'SIAGA_TEST_SERVICES'])

export interface Overlay {
  /** The file's value with the environment laid over it. */
  readonly value: Record<string, unknown>
  /** Which variable set a path, by path text. */
  readonly origins: ReadonlyMap<string, string>
  /** Names such as SIAGA_HTP_PORT that nothing reads. */
  readonly unknown: readonly string[]
}

/** Docker and Kubernetes hand secrets over as files: NAME_FILE says where the value of NAME stands. */
const FILE = /_FILE$/
const MAX_FILE_BYTES = 64 * 1024

/**
 * The environment with every setting that is given as NAME_FILE read in: the text of the file without the line end behind it.
 * Throws CONFIG_INVALID if a file cannot be read, is empty or large, or both NAME and NAME_FILE are set.
 */
export function readEnvironmentFiles<Env extends Readonly<Record<string, string | undefined>>>(env: Env): Env {
  const read: Record<string, string> = {}
  for (const { name } of environmentSettings) {
    const file = env[`${name}_FILE`]?.trim()
    if (!file) continue
    if (env[name]?.trim()) throw invalid(`${name} and ${name}_FILE are both set; keep one`)
    read[name] = textOf(file, `${name}_FILE`)
  }
  return Object.keys(read).length === 0 ? env : { ...env, ...read }
}

function textOf(file: string, variable: string): string {
  let text: string
  try {
    if (statSync(file).size > MAX_FILE_BYTES)
      throw invalid(`${variable}: ${file} is larger than ${MAX_FILE_BYTES} bytes`)
    text = readFileSync(file, 'utf8').replace(/\r?\n$/, '')
  } catch (error) {
    if (error instanceof SiagaError) throw error
    throw invalid(`${variable}: ${file} cannot be read: ${errorText(error)}`)
  }
  if (text.trim() === '') throw invalid(`${variable}: ${file} is empty`)
  return text
}

function invalid(detail: string): SiagaError {
  return new SiagaError('CONFIG_INVALID', { detail })
}

/** Lays the environment over the settings of a file. Empty variables count as not set; text that is no number is left for zod to refuse. */
export function overlayEnvironment(
  value: Record<string, unknown>,
  env: Readonly<Record<string, string | undefined>>,
  resolvePath: (path: string) => string,
): Overlay {
  const result = structuredClone(value)
  const origins = new Map<string, string>()
  for (const { name, path, kind } of environmentSettings) {
    const text = env[name]?.trim()
    if (!path || !text) continue
    const parent = parentOf(result, path)
    if (!parent) continue
    parent[String(path.at(-1))] = fromText(text, kind, resolvePath)
    origins.set(pathText(path), name)
  }
  const names = new Set(environmentSettings.map((setting) => setting.name))
  const unknown = Object.keys(env).filter(
    (name) => name.startsWith('SIAGA_') && !names.has(name.replace(FILE, '')) && !silent.has(name),
  )
  return { value: result, origins, unknown }
}

function parentOf(root: Record<string, unknown>, path: SettingPath): Record<string, unknown> | undefined {
  let here = root
  for (const part of path.slice(0, -1)) {
    const next = here[part] ?? {}
    // What stands in the file is refused as it is; the variable must not hide that.
    if (typeof next !== 'object' || Array.isArray(next)) return undefined
    here[part] = next
    here = next as Record<string, unknown>
  }
  return here
}

function fromText(text: string, kind: EnvironmentSetting['kind'], resolvePath: (path: string) => string): unknown {
  if (kind === 'number') return /^\d{1,15}$/.test(text) ? Number(text) : text
  if (kind === 'switch') return text === '1' ? true : text === '0' ? false : text
  if (kind === 'list')
    return text
      .split(',')
      .map((item) => item.trim())
      .filter(Boolean)
  return kind === 'path' ? resolvePath(text) : text
}
