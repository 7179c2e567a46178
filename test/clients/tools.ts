// Where do tests of other clients get their Python and Java from? Fetched once per user, and why not where they cannot be had.
import { execFile } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { findJava, mavenJars } from '../../deploy/embedded/kafka-jars.ts'
import { errorText } from '../../runtime/errors.ts'

const run = promisify(execFile)
const fetchTimeoutMs = 5 * 60_000

/** Something to run, or why it cannot be had here. */
export type Tool<T> = { readonly tool: T; readonly missing?: undefined } | { readonly missing: string }

async function orWhyNot<T>(name: string, get: () => Promise<T>): Promise<Tool<T>> {
  try {
    return { tool: await get() }
  } catch (error) {
    return { missing: `${name} cannot be had here: ${errorText(error).split('\n').slice(-3).join(' ').slice(0, 200)}` }
  }
}

/** The path of a Python that has what a file of test/clients/python lists. */
export function pythonWith(requirements: 'requirements.txt' | 'requirements-notebook.txt'): Promise<Tool<string>> {
  const file = join(import.meta.dirname, 'python', requirements)
  return orWhyNot('clickhouse-connect (Python)', async () => {
    const lists = [file, join(dirname(file), 'requirements.txt')].map((one) => readFileSync(one, 'utf8'))
    const { stdout: version } = await run('python3', ['--version'])
    const hash = createHash('sha256').update(lists.join()).update(version).digest('hex').slice(0, 8)
    const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'siaga')
    const folder = join(cache, `python-${requirements.replace('.txt', '')}-${hash}`)
    const python = join(folder, 'bin', 'python')
    if (existsSync(join(folder, 'complete'))) return python
    // Two processes may ask at once: each makes its own, and the first that is ready stays.
    const draft = `${folder}.draft-${process.pid}-${randomBytes(4).toString('hex')}`
    mkdirSync(cache, { recursive: true })
    try {
      await run('python3', ['-m', 'venv', draft], { timeout: fetchTimeoutMs })
      const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--only-binary=:all:', '-r', file]
      await run(join(draft, 'bin', 'python'), pip, { timeout: fetchTimeoutMs, maxBuffer: 16 * 1024 * 1024 })
      writeFileSync(join(draft, 'complete'), '')
      if (!existsSync(join(folder, 'complete'))) {
        rmSync(folder, { recursive: true, force: true })
        renameSync(draft, folder)
      }
    } finally {
      rmSync(draft, { recursive: true, force: true })
    }
    return python
  })
}

/** Java and the class path of the JDBC driver. */
export function jdbcDriver(): Promise<Tool<{ readonly java: string; readonly classPath: string }>> {
  return orWhyNot('clickhouse-jdbc (Maven)', async () => {
    const java = await findJava()
    const pom = join(import.meta.dirname, 'jdbc', 'pom.xml')
    const jars = await mavenJars({ pom, artifact: 'clickhouse-jdbc' }, () => undefined)
    return { java, classPath: join(jars, '*') }
  })
}

/** Runs a program that writes `name TAB answer` lines; the answers by name. Rejects with what it wrote if it fails. */
export async function answersOf(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, string>>> {
  const { stdout } = await run(program, args, {
    env: { ...process.env, ...env },
    timeout: 120_000,
    maxBuffer: 16 * 1024 * 1024,
  })
  return Object.fromEntries(
    stdout
      .trimEnd()
      .split('\n')
      .map((line) => {
        const [name = '', ...rest] = line.split('\t')
        return [name, rest.join('\t')]
      }),
  )
}
