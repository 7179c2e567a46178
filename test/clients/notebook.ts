// How is the notebook of docs/notebooks run in tests, and does what it leaves behind hold together?
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import type { ClientRig } from './rig.ts'
import { ALERT_ID } from './seed.ts'
import { answersOf } from './tools.ts'

const file = join(import.meta.dirname, '../../docs/notebooks/investigasi.ipynb')

const CodeCell = z.object({
  cell_type: z.literal('code'),
  source: z.array(z.string()).min(1),
  outputs: z.array(z.unknown()),
  execution_count: z.number().nullable(),
})
const TextCell = z.object({ cell_type: z.literal('markdown'), source: z.array(z.string()).min(1) })
const Notebook = z.object({
  nbformat: z.literal(4),
  cells: z.array(z.discriminatedUnion('cell_type', [CodeCell, TextCell])),
})

/** Cells with code, as they stand in the file. */
export function codeCells(): z.infer<typeof CodeCell>[] {
  const { cells } = Notebook.parse(JSON.parse(readFileSync(file, 'utf8')))
  return cells.filter((cell) => cell.cell_type === 'code')
}

export interface Investigation {
  /** What tagged cells printed, by tag. */
  readonly answers: Readonly<Record<string, string>>
  /** Events in the package of evidence, and whether its list of hashes agrees with its files. */
  readonly evidence: { readonly events: number; readonly sums: 'agree' | 'differ' }
}

/** Runs it as a room's user in a folder of its own. Rejects with what Python wrote if a cell fails. */
export async function investigate(
  python: string,
  how: 'plain' | 'jupyter',
  rig: ClientRig,
  room: string,
  alertId = ALERT_ID,
): Promise<Investigation> {
  const folder = await mkdtemp(join(tmpdir(), 'siaga-notebook-'))
  try {
    const { username, password } = rig.login(room)
    const lines = await answersOf(python, [join(import.meta.dirname, 'python', 'notebook.py'), how, file, folder], {
      CLICKHOUSE_HOST: rig.host,
      CLICKHOUSE_PORT: String(rig.port),
      CLICKHOUSE_USER: username,
      CLICKHOUSE_PASSWORD: password,
      ANALYST: 'Dewi',
      ALERT_ID: alertId,
      EVIDENCE_DIR: join(folder, 'bukti'),
    })
    const answers = Object.fromEntries(Object.entries(lines).map(([tag, text]) => [tag, String(JSON.parse(text))]))
    return { answers, evidence: await evidenceIn(join(folder, 'bukti', alertId)) }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function evidenceIn(folder: string): Promise<Investigation['evidence']> {
  const listed = (await readFile(join(folder, 'SHA256SUMS'), 'utf8')).trimEnd().split('\n')
  const made = await Promise.all(
    listed.map(async (line) => {
      const name = line.slice(66)
      return `${createHash('sha256')
        .update(await readFile(join(folder, name)))
        .digest('hex')}  ${name}`
    }),
  )
  const rows = (await readFile(join(folder, 'peristiwa.csv'), 'utf8')).trimEnd().split('\n')
  return { events: rows.length - 1, sums: made.join() === listed.join() ? 'agree' : 'differ' }
}
