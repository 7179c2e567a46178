// Do the README's commands do what it says, unchanged, against a Siaga started as it says?
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pickFreePorts } from '../../runtime/ports.ts'
import { plainEnvironment, starterFile } from '../cli/run.ts'
import { blocksOf, readDocument, root } from './markdown.ts'

/**
 * Marked `<!-- test … -->`: run in order; the lines of the comment are in the output. `test again`: until they are. SQL is asked as `siaga sql` asks it.
 */
const markedBlocks = (file: string) =>
  blocksOf(readDocument(file))
    .filter(({ language, comment }) => /^(?:sh|sql)$/.test(language) && /^test\b/.test(comment))
    .map((block) => ({ ...block, title: block.text.split('\n')[0] }))
const blocks = markedBlocks('README.md')
/** The newcomer's hour. */
const hour = markedBlocks('docs/analysts.md')

const START_MS = 240_000
let folder = ''
let env: Record<string, string> = {}
let siaga: Started | undefined
/** A folder whose `npx` starts siaga at once: npm takes longer to find it than most commands take. The first block that names npx gets npm's. */
let quickNpx = ''
let npxWasAsked = false

interface Started {
  readonly output: () => string
  /** What the terminal does on Ctrl-C: SIGINT to everything in the foreground. Answers exit code and milliseconds. */
  ctrlC(): Promise<{ code: number | null; ms: number }>
  kill(): void
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'siaga-readme-'))
  const [http, kafka, clickhouse, native, syslog, tls, relp] = await pickFreePorts(7)
  quickNpx = join(folder, 'bin')
  await mkdir(quickNpx)
  const stand = `#!/bin/sh\n[ "$1" = siaga ] || exit 127\nshift\nexec "${process.execPath}" "${starterFile}" "$@"\n`
  await writeFile(join(quickNpx, 'npx'), stand, { mode: 0o755 })
  // A siaga.yaml of whoever runs the tests is not the README's.
  const config = join(folder, 'siaga.yaml')
  await writeFile(config, 'log_level: warn\n')
  env = {
    ...plainEnvironment(),
    TMPDIR: folder,
    SIAGA_CONFIG: config,
    SIAGA_LANG: 'en',
    SIAGA_DATA_DIR: join(folder, 'data'),
    SIAGA_HTTP_PORT: String(http),
    SIAGA_EMBEDDED_KAFKA_PORT: String(kafka),
    SIAGA_EMBEDDED_CLICKHOUSE_PORT: String(clickhouse),
    SIAGA_EMBEDDED_CLICKHOUSE_TCP_PORT: String(native),
    SIAGA_SYSLOG_PORT: String(syslog),
    SIAGA_SYSLOG_TLS_PORT: String(tls),
    SIAGA_RELP_PORT: String(relp),
  }
})

afterAll(async () => {
  siaga?.kill()
  await rm(folder, { recursive: true, force: true })
})

/** `npm start` in a process group of its own, until /readyz answers 200. */
async function npmStart(): Promise<Started> {
  const child = spawn('npm', ['start'], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => (output += part.toString()))
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const started: Started = {
    output: () => output,
    async ctrlC() {
      const began = performance.now()
      signalGroup(child, 'SIGINT')
      const code = await exited
      return { code, ms: performance.now() - began }
    },
    kill: () => signalGroup(child, 'SIGKILL'),
  }
  siaga = started
  const end = Date.now() + START_MS
  while ((await statusOf('/readyz')) !== 200) {
    if (child.exitCode !== null || Date.now() > end) throw new Error(`npm start did not become ready:\n${output}`)
    await sleep(250)
  }
  return started
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, signal)
  } catch {
    // Gone already.
  }
}

async function statusOf(path: string): Promise<number> {
  try {
    const response = await fetch(`http://127.0.0.1:${env.SIAGA_HTTP_PORT}${path}`, {
      signal: AbortSignal.timeout(5_000),
    })
    return response.status
  } catch {
    return 0
  }
}

/** Runs a block as a person pastes it into a shell. */
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

/** Runs a block of a document until it says what its mark says; once, unless the mark says `again`. */
async function runBlock({ language, text, comment }: ReturnType<typeof markedBlocks>[number]): Promise<void> {
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

describe('the README', () => {
  test('npm start becomes ready and says what to do next', { timeout: START_MS + 10_000 }, async () => {
    const { output } = await npmStart()
    expect(output()).toContain('Siaga siap / is ready')
    expect(output()).toContain(`http://127.0.0.1:${env.SIAGA_HTTP_PORT}/v1/events/demo`)
    for (const path of ['/healthz', '/metrics', '/', '/status'])
      expect([path, await statusOf(path)]).toEqual([path, 200])
  })

  test('the line that npm start prints to send an event works as it stands', async () => {
    const line = siaga?.output().match(/^ +curl .*$/m)?.[0] ?? ''
    expect(await shell(line)).toMatchObject({ code: 0, stdout: '{"accepted":1}' })
  })

  test('has blocks to test', () => {
    expect(blocks.length).toBeGreaterThanOrEqual(9)
  })

  test.each(blocks)('line $line: $title', { timeout: 120_000 }, runBlock)

  test('the newcomer’s hour leads from a first query to a hunt of one’s own', () => {
    expect(hour.filter(({ language }) => language === 'sql').length).toBeGreaterThanOrEqual(6)
    expect(hour.at(-1)?.text).toContain('siaga export')
  })

  test.each(hour)('docs/analysts.md, line $line: $title', { timeout: 120_000 }, runBlock)

  test('Ctrl-C ends everything in under five seconds with exit code 0', { timeout: 60_000 }, async () => {
    const { code, ms } = (await siaga?.ctrlC()) ?? { code: -1, ms: 0 }
    expect(code).toBe(0)
    expect(ms).toBeLessThan(5_000)
    expect(existsSync(join(folder, 'data', 'run', 'holder.pid'))).toBe(false)
    expect(await statusOf('/healthz')).toBe(0)
  })

  test('a second start goes on with the rows of the first', { timeout: START_MS + 60_000 }, async () => {
    await npmStart()
    const count =
      "SELECT countIf(dataset = 'nginx.access'), countIf(source_ip = '203.0.113.66') FROM events WHERE source_id = 'demo'"
    expect(await shell(`npx siaga sql --format TSV "${count}"`)).toMatchObject({ code: 0, stdout: '3\t2\n' })
    const { code, ms } = (await siaga?.ctrlC()) ?? { code: -1, ms: 0 }
    expect(code).toBe(0)
    expect(ms).toBeLessThan(5_000)
  })
})
