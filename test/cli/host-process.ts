// How do tests ask `siaga` line after line without a process for each? This one runs what it is sent, in turn and in the same frame (test/cli/host.ts).
import { Readable } from 'node:stream'
import { z } from 'zod'
import { commandsFor } from '../../cli/commands.ts'
import { runCli } from '../../cli/frame.ts'
import { outliveStrayRejections } from '../../runtime/kafka-strays.ts'

const Line = z.object({
  argv: z.array(z.string()),
  cwd: z.string(),
  env: z.record(z.string(), z.string()),
  /** Base64. */
  stdin: z.string(),
})

const { stdout, stderr } = process
// Each line listens for a broken pipe, and all of them have the same one.
for (const stream of [stdout, stderr]) stream.setMaxListeners(0)
outliveStrayRejections()

/** Keeps what is written to a stream; answers how to have it. */
function take(stream: NodeJS.WriteStream): () => string {
  const parts: Buffer[] = []
  stream.write = (part: string | Uint8Array, ...more: unknown[]) => {
    parts.push(typeof part === 'string' ? Buffer.from(part) : Buffer.from(part))
    const written = more.at(-1)
    if (typeof written === 'function') queueMicrotask(() => written())
    return true
  }
  return () => Buffer.concat(parts).toString('base64')
}

async function run(message: unknown): Promise<void> {
  const { argv, cwd, env, stdin } = Line.parse(message)
  process.chdir(cwd)
  for (const name of Object.keys(process.env)) delete process.env[name]
  Object.assign(process.env, env)
  const input = Readable.from(stdin === '' ? [] : [Buffer.from(stdin, 'base64')], { objectMode: false })
  Object.defineProperty(process, 'stdin', { value: input, configurable: true })
  const [said, complained] = [take(stdout), take(stderr)]
  const code = await commandsFor(argv)
    .then((commands) => runCli(commands, argv))
    .catch((error: unknown) => {
      stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
      return 1
    })
  process.send?.({ code, stdout: said(), stderr: complained() })
}

let turn = Promise.resolve()
process.on('message', (message) => {
  turn = turn.then(() => run(message))
})
process.on('disconnect', () => process.exit())
