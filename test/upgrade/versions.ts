// How does a test run another version of Siaga beside this one? Its tree out of git, with this one's packages; each process as its users start it.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { plainEnvironment, siaga } from '../cli/run.ts'

export const thisTree = fileURLToPath(new URL('../..', import.meta.url))

/** Version N-1: the last commit before Siaga was made ready for several machines. */
export const VERSION_BEFORE = 'f4ee188'

/** False where git or the commit is missing, as in a shallow clone. */
export function hasCommit(commit: string): boolean {
  try {
    execFileSync('git', ['cat-file', '-e', `${commit}^{commit}`], { cwd: thisTree, stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** Writes the tree of a commit into a folder; answers the folder. */
export function checkOut(commit: string, folder: string): string {
  mkdirSync(folder, { recursive: true })
  const archive = execFileSync('git', ['archive', '--format=tar', commit], { cwd: thisTree, maxBuffer: 1024 ** 3 })
  execFileSync('tar', ['-x', '-C', folder], { input: archive })
  if (!existsSync(join(folder, 'node_modules')))
    symlinkSync(join(thisTree, 'node_modules'), join(folder, 'node_modules'))
  return folder
}

export interface Role {
  readonly child: ChildProcess
  /** Everything it said. */
  output(): string
  /** Rejects if it ends before it answers 200 at this address. */
  ready(): Promise<void>
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>
}

/** Starts a long-running command of one version; `address` answers 200 when it is ready. */
export function startRole(
  tree: string,
  command: string,
  env: Record<string, string>,
  cwd: string,
  address: string,
): Role {
  const child = spawn(process.execPath, [join(tree, 'cli', 'siaga.mjs'), command], {
    cwd,
    env: { ...plainEnvironment(), NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said: string[] = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => said.push(part.toString()))
  const kill = (): void => void child.kill('SIGKILL')
  process.once('exit', kill)
  const ended = once(child, 'close').then(() => process.off('exit', kill))
  return {
    child,
    output: () => said.join(''),
    async ready() {
      for (;;) {
        if (child.exitCode !== null || child.signalCode !== null)
          throw new Error(`siaga ${command} ended before it was ready:\n${said.join('')}`)
        const answer = await fetch(address, { signal: AbortSignal.timeout(5_000) }).catch(() => undefined)
        if (answer?.status === 200) return
        await sleep(100)
      }
    },
    async stop() {
      child.kill('SIGTERM')
      await ended
      return child.exitCode
    },
  }
}

/** Runs a command of one version to its end; throws what it said unless it ended well. */
export async function runIn(
  tree: string,
  args: readonly string[],
  env: Record<string, string>,
  cwd: string,
): Promise<string> {
  const run = await siaga(args, { command: [process.execPath, join(tree, 'cli', 'siaga.mjs')], env, cwd })
  if (run.code !== 0) throw new Error(`siaga ${args.join(' ')} ended with ${run.code}:\n${run.stderr}`)
  return run.stdout
}

/** Writes a siaga.yaml. */
export function configure(folder: string, yaml: string): void {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'siaga.yaml'), yaml)
}
