// Which files make up the configuration? siaga.yaml, and every file and folder that it names, but for what it only watches.
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { basename, isAbsolute, join, relative, resolve } from 'node:path'
import { parse } from 'yaml'
import type { LoadedConfig } from '../../runtime/config.ts'

/** Settings of siaga.yaml that name a file or folder of the configuration; `*`: any name or number. A test compares them with the schema. */
export const namedFiles: readonly string[] = [
  'assets.csv',
  'calendars.*',
  'rules.folders.*',
  'hunts.dir',
  'web.boundaries',
  'web.oidc.client_secret.file',
  'syslog.tls.cert',
  'syslog.tls.key',
  'syslog.tls.ca',
  'kafka.tls.ca',
  'kafka.tls.cert',
  'kafka.tls.key',
  'kafka.sasl.password.file',
  'clickhouse.tls.ca',
  'clickhouse.tls.cert',
  'clickhouse.tls.key',
  'clickhouse.password.file',
  'intelligence.feeds.*.url',
  'intelligence.warning_lists.*',
  'alerts.channels.*.ca',
  'alerts.channels.*.password.file',
  'alerts.channels.*.secret.file',
  'alerts.channels.*.token.file',
  'alerts.watchdog.token.file',
]

/** Settings that name a place and no file of the configuration: what is written there, or only read as it grows. */
export const otherPlaces: readonly string[] = [
  'data_dir',
  'clickhouse.cold_dir',
  'sources.*.files.*',
  'web.public_dir',
  'alerts.channels.*.path',
]

export interface ConfigFile {
  /** Where its bytes are: no link. Its names below are those under which Siaga knows it. */
  readonly from: string
  /** Where it lies in a back-up: beneath `config/`, or `config/outside/` what lies outside of the folder of siaga.yaml. */
  readonly file: string
  /** As siaga.yaml's folder has it, or absolute. */
  readonly place: string
}

/**
 * The files of a configuration, and what of it is named and not there. None if there is no siaga.yaml. Links are followed: certificates that are renewed,
 * and everything that Kubernetes mounts, are known by one.
 */
export function configFiles({ file, baseDir }: Pick<LoadedConfig, 'file' | 'baseDir'>): {
  files: ConfigFile[]
  missing: string[]
} {
  if (file === undefined) return { files: [], missing: [] }
  const files = new Map<string, ConfigFile>()
  const missing: string[] = []
  const add = (path: string): void => {
    const place = relative(baseDir, path)
    const inside = place !== '' && !place.startsWith('..') && !isAbsolute(place)
    const name = inside ? `config/${place}` : `config/outside/${files.size}-${basename(path)}`
    if (!files.has(path)) files.set(path, { from: realpathSync(path), file: name, place: inside ? place : path })
  }
  files.set(file, { from: realpathSync(file), file: 'config/siaga.yaml', place: 'siaga.yaml' })
  for (const text of namesIn(parse(readFileSync(file, 'utf8')), [])) {
    // Names of shipped calendars, addresses of feeds.
    const path = resolve(baseDir, text)
    if (!existsSync(path)) {
      if (/[./]/.test(text) && !/^[a-z]+:\/\//i.test(text)) missing.push(text)
      continue
    }
    if (statSync(path).isDirectory()) for (const under of filesBeneath(path)) add(under)
    else add(path)
  }
  return { files: [...files.values()], missing }
}

/** Files beneath a folder in the order of their names, links to files among them; what is hidden is left out, as are links to folders, which no reader follows. */
function filesBeneath(folder: string): string[] {
  const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() === true
  return readdirSync(folder, { encoding: 'utf8', recursive: true })
    .filter((under) => !under.split('/').some((part) => part.startsWith('.')))
    .map((under) => join(folder, under))
    .filter(isFile)
    .sort()
}

const patterns = namedFiles.map((name) => name.split('.'))

function* namesIn(value: unknown, path: readonly string[]): Generator<string> {
  if (typeof value === 'string') {
    if (
      patterns.some((one) => one.length === path.length && one.every((part, at) => part === '*' || part === path[at]))
    )
      yield value
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, inner] of Object.entries(value)) yield* namesIn(inner, [...path, name])
  }
}
