#!/usr/bin/env node
// How does `siaga` start under any Node from 20? It hands over to cli/main.ts under the Node that the npm package `node` brings.
// Plain JavaScript: this file is read by the machine's own Node.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { dirname, isAbsolute, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const flags = ['--experimental-ffi', '--disable-warning=ExperimentalWarning']
const leastMajor = 26

/** The binary of the npm package `node` in this folder's node_modules or one above it; an older one there is not ours. */
function bundledNode() {
  const name = process.platform === 'win32' ? 'node.exe' : 'node'
  for (let folder = here; ; folder = dirname(folder)) {
    const home = join(folder, 'node_modules', 'node')
    const binary = join(home, 'bin', name)
    if (existsSync(binary) && majorOf(join(home, 'package.json')) >= leastMajor) return binary
    if (dirname(folder) === folder) return undefined
  }
}

function majorOf(packageFile) {
  try {
    return Number.parseInt(JSON.parse(readFileSync(packageFile, 'utf8')).version, 10)
  } catch {
    return 0
  }
}

const own = Number(process.versions.node.split('.')[0]) >= leastMajor ? process.execPath : undefined
const node = bundledNode() ?? own
if (node === undefined) {
  process.stderr.write(
    `siaga: Node ${leastMajor} was not found; this is Node ${process.versions.node}.\n` +
      '  Run `npm ci` in the folder of Siaga: it brings its own Node as the package `node`.\n',
  )
  process.exit(1)
}
/**
 * V8 lets a heap grow by half before it marks the whole of it: of what stays for weeks that is memory for nothing (390 MB where 290 do, for a
 * fiftieth of a core). A command that somebody waits for would take a tenth longer.
 */
const lasts = ['start', 'ingest', 'process'].some((name) => process.argv.includes(name))
const args = [
  ...flags,
  ...(lasts ? ['--heap-growing-percent=20'] : []),
  join(here, 'main.ts'),
  ...process.argv.slice(2),
]
// The C library keeps memory for each thread that once asked, up to eight times the cores: what one has freed another cannot use, for weeks.
const env = { MALLOC_ARENA_MAX: '2', ...process.env, ...compileCache() }

/**
 * Where Node keeps what it has compiled: half of what a short command takes. A folder of the user's own, not the shared one that Node would
 * take by itself: what lies there is run. Workers inherit it.
 */
function compileCache() {
  if (process.env.NODE_COMPILE_CACHE || process.env.NODE_DISABLE_COMPILE_CACHE) return {}
  const base = process.env.XDG_CACHE_HOME || (process.env.HOME && join(process.env.HOME, '.cache'))
  if (!base || !isAbsolute(base)) return {}
  // Made here, folder by folder: Node itself waits for ever where the system answers ENOENT for good (/proc), and a read-only home is none.
  for (const folder of [base, join(base, 'siaga'), join(base, 'siaga', 'compiled')]) {
    if (existsSync(folder)) continue
    try {
      mkdirSync(folder, { mode: 0o700 })
    } catch {
      return {}
    }
  }
  return { NODE_COMPILE_CACHE: join(base, 'siaga', 'compiled') }
}

if (typeof process.execve === 'function' && process.platform !== 'win32') {
  // The same process goes on: signals, terminal and exit code need no help. Its ExperimentalWarning is not for our users.
  process.removeAllListeners('warning')
  process.on('warning', () => {})
  process.execve(node, [node, ...args], env)
}

const child = spawn(node, args, { stdio: 'inherit', env })

// On a terminal Ctrl-C and Ctrl-\ reach the child by themselves; a second copy would look like an impatient user.
const terminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY
for (const signal of ['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP', 'SIGUSR2', 'SIGWINCH']) {
  const fromTerminal = signal === 'SIGINT' || signal === 'SIGQUIT' || signal === 'SIGWINCH'
  process.on(signal, () => {
    if (!(fromTerminal && terminal)) child.kill(signal)
  })
}

child.on('error', (error) => {
  process.stderr.write(
    `siaga: ${node} could not be run: ${error.message}\n  Run \`npm ci\` in the folder of Siaga again.\n`,
  )
  process.exit(1)
})
child.on('exit', (code, signal) => {
  if (signal === null) process.exit(code ?? 1)
  // Die of the same signal, so that whoever waits for us sees what happened.
  process.removeAllListeners(signal)
  process.kill(process.pid, signal)
  // Only if that signal does not end us.
  setTimeout(() => process.exit(128 + (constants.signals[signal] ?? 0)), 1_000)
})
