// How do tests run what a document shows, as a person pastes it? In a shell, against a Siaga that `npm start` started in a folder and on ports of its own.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { pickFreePorts } from '../../runtime/ports.ts'
import { plainEnvironment, starterFile } from '../cli/run.ts'
import { type Block, blocksOf, readDocument, root } from './markdown.ts'

/**
 * Marked `<!-- test … -->`: run in order; the lines of the comment are in the output. `test again`: until they are. SQL is asked as `siaga sql` asks it.
 */
export const markedBlocks = (file: string) =>
  blocksOf(readDocument(file))
    .filter(({ language, comment }) => /^(?:sh|sql)$/.test(language) && /^test\b/.test(comment))
    .map((block) => ({ ...block, title: block.text.split('\n')[0] }))

/** How long a start may take, in milliseconds. */
export const START_MS = 240_000

export interface Started {
  readonly output: () => string
  /** What the terminal does on Ctrl-C: SIGINT to everything in the foreground. Answers exit code and milliseconds. */
  ctrlC(): Promise<{ code: number | null; ms: number }>
}

export interface Place {
  readonly folder: string
  readonly dataDir: string
  /** `npm start` in a process group of its own, until /readyz answers 200. */
  npmStart(): Promise<Started>
  /** What a path of the page answers; 0 if nobody does. */
  statusOf(path: string): Promise<number>
  /** Runs a block as a person pastes it into a shell. */
  shell(text: string): Promise<{ code: number | null; stdout: string; stderr: string }>
  /** Runs a block of a document until it says what its mark says; once, unless the mark says `again`. */
  runBlock(block: Block): Promise<void>
  /** Kills what runs and removes the folder. */
  remove(): Promise<void>
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, signal)
  } catch {
    // Gone already.
  }
}

export async function makePlace(yaml = 'log_level: warn\n'): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'siaga-docs-'))
  const dataDir = join(folder, 'data')
  const [http, kafka, clickhouse, native, syslog, tls, relp] = await pickFreePorts(7)
  // A folder whose `npx` starts siaga at once: npm takes longer to find it than most commands take. The first block that names npx gets npm's.
  const quickNpx = join(folder, 'bin')
  let npxWasAsked = false
  await mkdir(quickNpx)
  const stand = `#!/bin/sh\n[ "$1" = siaga ] || exit 127\nshift\nexec "${process.execPath}" "${starterFile}" "$@"\n`
  await writeFile(join(quickNpx, 'npx'), stand, { mode: 0o755 })
  // A siaga.yaml of whoever runs the tests is not the documents'.
  const config = join(folder, 'siaga.yaml')
  await writeFile(config, yaml)
  const env: Record<string, string> = {
    ...plainEnvironment(),
    TMPDIR: folder,
    SIAGA_CONFIG: config,
    SIAGA_LANG: 'en',
    SIAGA_DATA_DIR: dataDir,
    SIAGA_HTTP_PORT: String(http),
    SIAGA_EMBEDDED_KAFKA_PORT: String(kafka),
    SIAGA_EMBEDDED_CLICKHOUSE_PORT: String(clickhouse),
    SIAGA_EMBEDDED_CLICKHOUSE_TCP_PORT: String(native),
    SIAGA_SYSLOG_PORT: String(syslog),
    SIAGA_SYSLOG_TLS_PORT: String(tls),
    SIAGA_RELP_PORT: String(relp),
  }
  let running: ChildProcess | undefined

  async function statusOf(path: string): Promise<number> {
    try {
      const response = await fetch(`http://127.0.0.1:${http}${path}`, { signal: AbortSignal.timeout(5_000) })
      return response.status
    } catch {
      return 0
    }
  }

  async function npmStart(): Promise<Started> {
    const child = spawn('npm', ['start'], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
    running = child
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => (output += part.toString()))
    const exited = new Promise<number | null>((resolve) => child.once('exit', resolve))
    const end = Date.now() + START_MS
    while ((await statusOf('/readyz')) !== 200) {
      if (child.exitCode !== null || Date.now() > end) throw new Error(`npm start did not become ready:\n${output}`)
      await sleep(250)
    }
    return {
      output: () => output,
      async ctrlC() {
        const began = performance.now()
        signalGroup(child, 'SIGINT')
        const code = await exited
        return { code, ms: performance.now() - began }
      },
    }
  }

  async function shell(text: string): Promise<{ code: number | null; stdout: string; stderr: string }> {
    const PATH = npxWasAsked ? `${quickNpx}:${env.PATH}` : (env.PATH ?? '')
    npxWasAsked ||= text.includes('npx siaga')
    const child = spawn('bash', ['-e', '-c', text], {
      cwd: root,
      env: { ...env, PATH },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (part: Buffer) => {
      stdout += part.toString()
    })
    child.stderr.on('data', (part: Buffer) => {
      stderr += part.toString()
    })
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
    return { code, stdout, stderr }
  }

  async function runBlock({ language, text, comment }: Block): Promise<void> {
    const [mark = '', ...expected] = comment.split('\n')
    const again = mark.includes('again')
    const command = language === 'sql' ? `npx siaga sql --format TSV "$(cat <<'SQL'\n${text}\nSQL\n)"` : text
    const end = Date.now() + 60_000
    for (;;) {
      const { code, stdout, stderr } = await shell(command)
      const output = `${stdout}${stderr}`
      const missing = expected.filter((snippet) => !output.includes(snippet))
      if (code === 0 && missing.length === 0) return
      if (!again || Date.now() > end) expect({ code, missing, output }).toEqual({ code: 0, missing: [], output })
      await sleep(500)
    }
  }

  return {
    folder,
    dataDir,
    npmStart,
    statusOf,
    shell,
    runBlock,
    async remove() {
      if (running !== undefined) signalGroup(running, 'SIGKILL')
      // What was killed may still be writing.
      await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 })
    },
  }
}
