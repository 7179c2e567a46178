// How do tests run `siaga`? As its users do: a process with arguments, streams and an exit code.
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export const mainFile = fileURLToPath(new URL('../../cli/main.ts', import.meta.url))
const manyFile = fileURLToPath(new URL('./many-process.ts', import.meta.url))
export const starterFile = fileURLToPath(new URL('../../cli/siaga.mjs', import.meta.url))

export interface Run {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly cwd?: string
  readonly env?: Record<string, string>
  readonly stdin?: string | Buffer
  /** Binary and arguments before ours; default: this Node and cli/main.ts. */
  readonly command?: readonly string[]
}

/** The environment without anything that configures Siaga. */
export function plainEnvironment(): Record<string, string> {
  const kept = Object.entries(process.env).filter(
    ([name, value]) =>
      value !== undefined && !/^(?:SIAGA_|KAFKA_BROKERS$|CLICKHOUSE_URL$|NODE_OPTIONS$|VITEST)/.test(name),
  )
  return Object.fromEntries(kept.map(([name, value]) => [name, value ?? '']))
}

/** Runs `siaga` to its end. */
export async function siaga(args: readonly string[], options: RunOptions = {}): Promise<Run> {
  const [binary = process.execPath, ...before] = options.command ?? [
    process.execPath,
    '--disable-warning=ExperimentalWarning',
    mainFile,
  ]
  const child = spawn(binary, [...before, ...args], {
    cwd: options.cwd,
    env: { ...plainEnvironment(), ...options.env },
    stdio: 'pipe',
  })
  const stdout: Buffer[] = []
  const stderr: Buffer[] = []
  child.stdout.on('data', (part: Buffer) => stdout.push(part))
  child.stderr.on('data', (part: Buffer) => stderr.push(part))
  child.stdin.on('error', () => {})
  child.stdin.end(options.stdin ?? '')
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve([code, signal]))
  })
  return { code, signal, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() }
}

/**
 * What `siaga` answers to each of these lines, all run by one process: starting one costs more than most lines do. For lines that differ in what is
 * asked; that a line ends as a process does, {@link siaga} shows.
 */
export async function siagaMany(lines: readonly (readonly string[])[], options: RunOptions = {}): Promise<Run[]> {
  const command = [process.execPath, '--disable-warning=ExperimentalWarning', manyFile]
  const done = await siaga([], { ...options, command, stdin: JSON.stringify(lines) })
  if (done.code !== 0 || done.stderr !== '') throw new Error(`the lines were not run to their end:\n${done.stderr}`)
  return JSON.parse(done.stdout)
}
