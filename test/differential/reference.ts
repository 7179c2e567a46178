// What does sigma-reference say of events? It reads a folder of rules and a file of events, and prints a line for each match.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import type { SigmaEvent } from './sigma-events.ts'

const Printed = z.object({ event: z.number(), match: z.object({ rule_id: z.string() }) })

/** `event rule` for each match, and what it says of the files that it refuses. Throws if it fails. */
export function askReference(
  program: string,
  files: ReadonlySet<string>,
  events: readonly SigmaEvent[],
): { matches: Set<string>; refused: string[] } {
  const folder = mkdtempSync(join(tmpdir(), 'siaga-differential-'))
  try {
    const rules = join(folder, 'rules')
    mkdirSync(rules)
    for (const [n, file] of [...files].entries()) symlinkSync(file, join(rules, `${n}.yml`))
    const input = join(folder, 'events.ndjson')
    writeFileSync(input, events.map((event) => JSON.stringify(event)).join('\n'))
    const answer = spawnSync(program, [rules, input, '--print'], { encoding: 'utf8', maxBuffer: 2 ** 30 })
    if (answer.status !== 0) throw new Error(`${program} ended with ${answer.status}: ${answer.stderr}`)
    const matches = new Set<string>()
    for (const line of answer.stdout.split('\n')) {
      if (line === '') continue
      const { event, match } = Printed.parse(JSON.parse(line))
      matches.add(`${event} ${match.rule_id}`)
    }
    return { matches, refused: answer.stderr.split('\n').filter((line) => line.startsWith('refused')) }
  } finally {
    rmSync(folder, { recursive: true })
  }
}
