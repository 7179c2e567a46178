// Where do the broker's jars and the Java that runs them come from? Maven once per user, Java from the machine.
import { execFile } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { z } from 'zod'
import { errorText, SiagaError } from '../../runtime/errors.ts'
import { childEnv } from './environment.ts'

const run = promisify(execFile)
const pomFile = fileURLToPath(new URL('./kafka/pom.xml', import.meta.url))
const mavenTimeoutMs = 10 * 60_000
const Manifest = z.record(z.string(), z.number())

/** The path of a Java of at least version 17: JAVA_HOME's, else the first on PATH. Throws JAVA_MISSING. */
export async function findJava(): Promise<string> {
  const home = process.env.JAVA_HOME
  const candidates = [
    ...(home ? [join(home, 'bin', 'java')] : []),
    ...(process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'java')),
  ]
  let found = 'no java on PATH'
  for (const java of candidates) {
    const version = await javaVersion(java)
    if (version >= 17) return java
    if (version > 0) found = `${java} is version ${version}`
  }
  throw new SiagaError('JAVA_MISSING', {}, { cause: new Error(found) })
}

async function javaVersion(java: string): Promise<number> {
  try {
    const { stderr, stdout } = await run(java, ['-version'], { env: childEnv(), timeout: 20_000 })
    // "17.0.15", "21-ea", and "1.8.0" for 8.
    const match = /version "(?:1\.)?(\d+)/.exec(stderr + stdout)
    return Number(match?.[1] ?? 0)
  } catch {
    return 0
  }
}

/**
 * The folder with the broker's jars; like {@link mavenJars}.
 */
export function kafkaJars(onFetch: () => void, signal?: AbortSignal): Promise<string> {
  return mavenJars({ pom: pomFile, artifact: 'kafka_2.13' }, onFetch, signal)
}

/** What Maven is to fetch: a pom, and the artifact in it that the folder is named after. */
export interface Jars {
  readonly pom: string
  readonly artifact: string
}

/**
 * The folder with the jars that a pom asks for, fetched by Maven the first time. It is shared by all clones of a user
 * (XDG_CACHE_HOME or ~/.cache) and named after what the pom asks for. Two processes may ask at once.
 * `onFetch` is called if it must be fetched. Throws MAVEN_MISSING or MAVEN_FAILED with the end of Maven's output.
 */
export async function mavenJars(
  { pom: file, artifact }: Jars,
  onFetch: () => void,
  signal?: AbortSignal,
): Promise<string> {
  const pom = readFileSync(file, 'utf8')
  const [, wanted = ''] = pom.split(`<artifactId>${artifact}</artifactId>`)
  const version = /<version>([^<]+)/.exec(wanted)?.[1] ?? 'unknown'
  const hash = createHash('sha256').update(pom).digest('hex').slice(0, 8)
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'siaga')
  const folder = join(cache, `${artifact.replace(/_[\d.]+$/, '')}-${version}-${hash}`)
  if (isComplete(folder)) return join(folder, 'lib')

  onFetch()
  const draft = `${folder}.draft-${process.pid}-${randomBytes(4).toString('hex')}`
  try {
    makeDraft(cache, draft)
    copyFileSync(file, join(draft, 'pom.xml'))
    await fetchJars(draft, signal)
    writeManifest(draft)
    // A folder with files missing (a cleaned cache) makes way; a complete one another process has just made stays.
    if (!isComplete(folder)) rmSync(folder, { recursive: true, force: true })
    try {
      renameSync(draft, folder)
    } catch (error) {
      if (!isComplete(folder)) throw error
    }
  } finally {
    rmSync(draft, { recursive: true, force: true })
  }
  return join(folder, 'lib')
}

function makeDraft(cache: string, draft: string): void {
  try {
    mkdirSync(draft, { recursive: true })
  } catch (cause) {
    throw new SiagaError('MAVEN_FAILED', { detail: `its cache cannot be written: ${errorText(cause)}` }, { cause })
  }
  // What a killed fetch left behind.
  for (const name of readdirSync(cache).filter((entry) => entry.includes('.draft-'))) {
    const age = Date.now() - (statSync(join(cache, name), { throwIfNoEntry: false })?.mtimeMs ?? Date.now())
    if (age > mavenTimeoutMs * 2) rmSync(join(cache, name), { recursive: true, force: true })
  }
}

async function fetchJars(folder: string, signal?: AbortSignal): Promise<void> {
  const args = ['-q', '-B', '-ntp', '-Dstyle.color=never', 'dependency:copy-dependencies', '-DoutputDirectory=lib']
  try {
    // Maven gets the whole environment: proxies, MAVEN_OPTS and the like are set there.
    await run('mvn', args, {
      cwd: folder,
      timeout: mavenTimeoutMs,
      maxBuffer: 16 * 1024 * 1024,
      ...(signal && { signal }),
    })
  } catch (cause) {
    signal?.throwIfAborted()
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') {
      throw new SiagaError('MAVEN_MISSING', {}, { cause })
    }
    throw new SiagaError('MAVEN_FAILED', { detail: mavenTail(cause) }, { cause })
  }
}

function mavenTail(cause: unknown): string {
  const output =
    cause instanceof Error && 'stdout' in cause && 'stderr' in cause ? `${cause.stdout}${cause.stderr}` : ''
  const lines = output.split('\n').map((line) => line.trim())
  // Maven's own advice (re-run with -e …) follows the reason and would push it out of sight.
  const telling = lines.filter(
    (line) => line && !/^\[ERROR\]\s*($|To see the full|Re-run Maven|For more information|\[Help)/.test(line),
  )
  return telling.slice(-5).join(' | ').slice(0, 1_000) || errorText(cause)
}

function writeManifest(folder: string): void {
  const lib = join(folder, 'lib')
  const sizes = Object.fromEntries(readdirSync(lib).map((name) => [name, statSync(join(lib, name)).size]))
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(sizes))
}

function isComplete(folder: string): boolean {
  try {
    const sizes = Manifest.parse(JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')))
    return Object.entries(sizes).every(([name, size]) => statSync(join(folder, 'lib', name)).size === size)
  } catch {
    return false
  }
}
