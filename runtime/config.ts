// What is configured? siaga.yaml, then the environment, then references between them; all problems at once, each with its place.
import { readFileSync, statSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import type { Secret } from '../schemas/alerting.ts'
import { type Asset, builtInSources, Config } from '../schemas/config.ts'
import type { ClientTlsFiles } from './client-tls.ts'
import { type AssetTable, readAssets } from './config-csv.ts'
import { environmentSettings, overlayEnvironment } from './config-environment.ts'
import { nearest } from './config-nearest.ts'
import {
  ConfigError,
  type ConfigProblem,
  type Finding,
  findingsOf,
  inputSchema,
  pathText,
  type SettingPath,
} from './config-problems.ts'
import { checkReferences } from './config-references.ts'
import { readYaml, type YamlText } from './config-yaml.ts'
import { errorText, SiagaError } from './errors.ts'

const DEFAULT_CONFIG_FILE = 'siaga.yaml'
const PREFIX = 'SIAGA_'
const MAX_FILE_BYTES = 32 * 1024 * 1024

/** A configuration with everything read in: assets from CSV, built-in sources added, paths absolute. */
export type ResolvedConfig = Omit<Config, 'assets'> & { assets: Asset[] }

export interface LoadedConfig {
  readonly config: ResolvedConfig
  /** Absolute path of the file that was read; undefined when there is none and defaults hold. */
  readonly file: string | undefined
  /** Folder that relative paths in the file start from. */
  readonly baseDir: string
  /** What works but is probably not meant, one sentence each. */
  readonly warnings: readonly string[]
}

export interface LoadConfigOptions {
  /** From --config; SIAGA_CONFIG and siaga.yaml in `cwd` come after it. */
  readonly file?: string | undefined
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
}

/**
 * Reads and checks the whole configuration. Without a file the defaults hold; a file that was named must exist (CONFIG_MISSING).
 * Throws ConfigError (CONFIG_INVALID) with all problems.
 */
export function loadConfig({ file, env, cwd }: LoadConfigOptions): LoadedConfig {
  const named = file ?? (env.SIAGA_CONFIG?.trim() || undefined)
  const path = resolve(cwd, named ?? DEFAULT_CONFIG_FILE)
  const shownName = displayName(path, cwd)
  const bytes = readIfThere(path)
  if (bytes === undefined && named !== undefined) throw new SiagaError('CONFIG_MISSING', { file: shownName })

  const schema = inputSchema(Config)
  const yaml = readYaml(bytes === undefined ? '' : decode(bytes, shownName), schema)
  const problems: ConfigProblem[] = yaml.problems.map(({ line, column, path, message }) => ({
    file: shownName,
    line,
    column,
    path: pathText(path),
    message,
  }))
  const baseDir = bytes === undefined ? cwd : dirname(path)
  const overlay = overlayEnvironment(yaml.value ?? {}, env, (text) => resolve(cwd, text))
  const locate = locator(yaml, overlay.origins, shownName)
  const { parsed, findings } = parseLeniently(overlay.value)
  problems.push(...findings.map(locate))
  if (parsed === undefined || yaml.value === undefined) throw new ConfigError(inOrder(problems))

  const { assets, table } = readAssetSetting(parsed, baseDir, cwd, problems, locate)
  const config = resolvePaths({ ...parsed, assets }, baseDir)
  const checked = checkReferences(config, {
    baseDir,
    assetsComplete: !problems.some((problem) => problem.file === table?.file || problem.path.startsWith('assets')),
    portsComplete: findings.length === 0,
    locate,
    locateAsset: (index, column) =>
      table
        ? { file: table.file, ...table.position(index, column), path: column }
        : locate({ path: ['assets', index, column], on: 'value', message: '' }),
  })
  problems.push(...checked.problems)
  if (problems.length > 0) throw new ConfigError(inOrder(problems))

  const configured = new Set(config.sources.map((source) => source.id))
  config.sources.push(...builtInSources.filter((source) => !configured.has(source.id)))
  return {
    config,
    file: bytes === undefined ? undefined : path,
    baseDir,
    warnings: [...checked.warnings, ...strangers(overlay.unknown)],
  }
}

interface LenientlyParsed {
  /** Undefined if too much is wrong to go on. */
  readonly parsed: Config | undefined
  readonly findings: readonly Finding[]
}

/** Checks against the schema; what is wrong is left out, so that the references between the rest can be checked in the same run. */
function parseLeniently(input: Record<string, unknown>): LenientlyParsed {
  const first = Config.safeParse(input)
  if (first.success) return { parsed: first.data, findings: [] }
  const findings = findingsOf(Config, input, first.error)
  const rest = structuredClone(input)
  findings.forEach(({ path }, index) => {
    leaveOut(rest, path, `invalid-${index}`)
  })
  return { parsed: Config.safeParse(rest).data, findings }
}

/** Removes what is wrong without moving its neighbours: a list goes as a whole, an id is replaced, a group that lacks a setting goes. */
function leaveOut(root: Record<string, unknown>, path: SettingPath, placeholder: string): void {
  const settings = typeof path.at(-1) === 'number' ? path.slice(0, -1) : path
  let here: unknown = root
  for (const part of settings.slice(0, -1)) {
    if (typeof here !== 'object' || here === null) return
    here = Reflect.get(here, part)
  }
  const key = settings.at(-1)
  if (typeof here !== 'object' || here === null || key === undefined) return
  if (key === 'id') Reflect.set(here, key, placeholder)
  else if (Object.hasOwn(here, key)) Reflect.deleteProperty(here, key)
  else leaveOut(root, settings.slice(0, -1), placeholder)
}

function displayName(path: string, cwd: string): string {
  const name = relative(cwd, path)
  return name.startsWith('..') ? path : name
}

function fileProblem(file: string, message: string, line = 0, column = 0): ConfigProblem {
  return { file, line, column, path: '', message }
}

function readIfThere(path: string): Buffer | undefined {
  try {
    if (statSync(path).size > MAX_FILE_BYTES) {
      throw new ConfigError([fileProblem(path, `is larger than ${MAX_FILE_BYTES / 1024 / 1024} MiB`)])
    }
    return readFileSync(path)
  } catch (error) {
    if (error instanceof SiagaError) throw error
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw new ConfigError([fileProblem(path, `cannot be read: ${errorText(error)}`)])
  }
}

/** UTF-8 with or without byte order mark; anything else is refused with the place of the first wrong byte. */
function decode(bytes: Buffer, name: string): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) {
    throw new ConfigError([fileProblem(name, 'is UTF-16; save it as UTF-8', 1, 1)])
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    const lenient = new TextDecoder('utf-8').decode(bytes)
    let offset = lenient.indexOf('\uFFFD')
    // A replacement character may also stand in the text as such; then the first one is as good a hint as any.
    if (offset < 0) offset = 0
    const before = lenient.slice(0, offset)
    const line = before.split('\n').length
    throw new ConfigError([
      fileProblem(name, 'is not UTF-8 here; save the file as UTF-8', line, offset - before.lastIndexOf('\n')),
    ])
  }
}

type Locate = (finding: Finding) => ConfigProblem

function locator(yaml: YamlText, origins: ReadonlyMap<string, string>, file: string): Locate {
  return ({ path, on, message }) => {
    for (let length = path.length; length > 0; length--) {
      const variable = origins.get(pathText(path.slice(0, length)))
      if (variable) return { file: variable, line: 0, column: 0, path: '', message }
    }
    return { file, ...yaml.position(path, on), path: pathText(path), message }
  }
}

/** By file in the order in which they were read, then by place. */
function inOrder(problems: readonly ConfigProblem[]): ConfigProblem[] {
  const byFile = Map.groupBy(problems, (problem) => problem.file)
  return [...byFile.values()].flatMap((list) => list.toSorted((a, b) => a.line - b.line || a.column - b.column))
}

interface AssetSetting {
  readonly assets: Asset[]
  readonly table?: AssetTable & { readonly file: string }
}

function readAssetSetting(
  config: Config,
  baseDir: string,
  cwd: string,
  problems: ConfigProblem[],
  locate: Locate,
): AssetSetting {
  if (Array.isArray(config.assets)) return { assets: config.assets }
  const path = resolve(baseDir, config.assets.csv)
  const file = displayName(path, cwd)
  const bytes = readIfThere(path)
  if (bytes === undefined) {
    problems.push(locate({ path: ['assets', 'csv'], on: 'value', message: `names ${file}, which does not exist` }))
    return { assets: [] }
  }
  const table = { ...readAssets(decode(bytes, file), file), file }
  problems.push(...table.problems)
  return { assets: [...table.assets], table }
}

/** Calendars keep their names; their own files are found from `baseDir` by runtime/reference.ts. */
function resolvePaths(config: ResolvedConfig, baseDir: string): ResolvedConfig {
  const absolute = (path: string): string => resolve(baseDir, path)
  const { tls } = config.syslog
  return {
    ...config,
    data_dir: absolute(config.data_dir),
    kafka: {
      ...config.kafka,
      ...tlsPaths(config.kafka.tls, absolute),
      ...(config.kafka.sasl && {
        sasl: { ...config.kafka.sasl, password: secretPath(config.kafka.sasl.password, absolute) },
      }),
    },
    clickhouse: {
      ...config.clickhouse,
      ...tlsPaths(config.clickhouse.tls, absolute),
      password: secretPath(config.clickhouse.password, absolute),
      cold_dir: config.clickhouse.cold_dir && absolute(config.clickhouse.cold_dir),
    },
    web: { ...config.web, boundaries: config.web.boundaries && absolute(config.web.boundaries) },
    syslog: tls
      ? {
          ...config.syslog,
          tls: {
            ...tls,
            cert: absolute(tls.cert),
            key: absolute(tls.key),
            ...(tls.ca ? { ca: absolute(tls.ca) } : {}),
          },
        }
      : config.syslog,
    sources: config.sources.map((source) => ({ ...source, files: source.files.map(absolute) })),
  }
}

function tlsPaths(tls: ClientTlsFiles | undefined, absolute: (path: string) => string): { tls?: ClientTlsFiles } {
  if (tls === undefined) return {}
  const paths = Object.entries(tls).flatMap(([name, path]) => (path === undefined ? [] : [[name, absolute(path)]]))
  return { tls: Object.fromEntries(paths) }
}

function secretPath(secret: Secret, absolute: (path: string) => string): Secret {
  return 'file' in secret ? { file: absolute(secret.file) } : secret
}

/** Without the prefix: it makes every two names look alike. */
function strangers(names: readonly string[]): string[] {
  const known = environmentSettings.flatMap(({ name }) => (name.startsWith(PREFIX) ? [name.slice(PREFIX.length)] : []))
  return names.flatMap((name) => {
    const near = nearest(name.slice(PREFIX.length), known)
    return near ? [`The environment variable ${name} is not known; did you mean ${PREFIX}${near}?`] : []
  })
}
