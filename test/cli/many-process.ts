// How do tests ask `siaga` many things without a process for each? This one runs them in turn in the same frame: `many-process.ts < LINES.json`.
import { text } from 'node:stream/consumers'
import { z } from 'zod'
import { commandsFor } from '../../cli/commands.ts'
import { runCli } from '../../cli/frame.ts'
import type { Run } from './run.ts'

const lines = z.array(z.array(z.string())).parse(JSON.parse(await text(process.stdin)))
const { stdout, stderr } = process
// Each line listens for a broken pipe, and all of them have the same one.
for (const stream of [stdout, stderr]) stream.setMaxListeners(0)
const tell = stdout.write.bind(stdout)

const runs: Run[] = []
for (const argv of lines) {
  const said = { stdout: '', stderr: '' }
  stdout.write = (part: string | Uint8Array) => {
    said.stdout += String(part)
    return true
  }
  stderr.write = (part: string | Uint8Array) => {
    said.stderr += String(part)
    return true
  }
  const code = await runCli(await commandsFor(argv), argv)
  runs.push({ code, signal: null, ...said })
}
tell(JSON.stringify(runs))
