// How do tests ask `siaga` many things, one after the other? One process answers all lines of a test file: to start it costs more than most lines do.
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { plainEnvironment, type Run, type RunOptions } from './run.ts'

const hostFile = fileURLToPath(new URL('./host-process.ts', import.meta.url))
const bytes = z.string().transform((text) => Buffer.from(text, 'base64').toString())
const Answer = z.object({ code: z.number(), stdout: bytes, stderr: bytes })

let host: ChildProcess | undefined
let turn: Promise<unknown> = Promise.resolve()

/**
 * What `siaga` answers to this line. For lines that differ in what is asked; that a line ends as a process does, with its streams, signals and exit
 * code, the tests with `siaga` of run.ts show.
 */
export function siagaLine(argv: readonly string[], options: Omit<RunOptions, 'command'> = {}): Promise<Run> {
  const answer = turn.then(() => ask(argv, options))
  turn = answer.catch(() => undefined)
  return answer
}

function ask(argv: readonly string[], { cwd = process.cwd(), env = {}, stdin = '' }: RunOptions): Promise<Run> {
  host ??= start()
  const asked = host
  return new Promise((resolve, reject) => {
    const ended = (): void => {
      host = undefined
      reject(new Error(`the process of the lines has ended at: siaga ${argv.join(' ')}`))
    }
    asked.once('exit', ended)
    asked.once('message', (message) => {
      asked.off('exit', ended)
      resolve({ signal: null, ...Answer.parse(message) })
    })
    asked.send({ argv, cwd, env: { ...plainEnvironment(), ...env }, stdin: Buffer.from(stdin).toString('base64') })
  })
}

/** It ends with the process that asks. */
function start(): ChildProcess {
  const child = fork(hostFile, {
    execPath: process.execPath,
    execArgv: ['--disable-warning=ExperimentalWarning'],
    env: plainEnvironment(),
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  child.unref()
  child.channel?.unref()
  return child
}
