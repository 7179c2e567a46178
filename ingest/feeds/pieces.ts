// What is known of the events or objects of a feed that is fetched piece by piece? Each with its version and its indicators, in one file.
import { z } from 'zod'
import type { Indicator } from '../../schemas/indicator.ts'
import { indicatorOf, isMissing, Row, readLines, rowOf, writeLines } from './copy.ts'

export interface Piece {
  /** Timestamp of a MISP event, `modified` of a STIX object. */
  readonly version: string
  readonly indicators: readonly Indicator[]
}

export interface Pieces {
  /** How far it has been fetched: `added_after` of TAXII. */
  cursor: string
  readonly known: Map<string, Piece>
}

const Head = z.object({ version: z.literal(1), settings: z.string(), cursor: z.string() })
const Line = z.tuple([z.string(), z.string(), z.array(Row)])

/** The pieces that were kept under these settings; none where there are no such or the file is damaged: they are fetched again then. */
export async function readPieces(file: string, feed: string, settings: string): Promise<Pieces> {
  const pieces: Pieces = { cursor: '', known: new Map() }
  let head: z.infer<typeof Head> | undefined
  try {
    for await (const line of readLines(file)) {
      if (head === undefined) {
        head = Head.parse(line)
        if (head.settings !== settings) return pieces
        pieces.cursor = head.cursor
      } else {
        const [key, version, rows] = Line.parse(line)
        pieces.known.set(key, { version, indicators: rows.map((row) => indicatorOf(row, feed)) })
      }
    }
    return pieces
  } catch (error) {
    if (isMissing(error)) return pieces
    return { cursor: '', known: new Map() }
  }
}

export async function writePieces(file: string, settings: string, { cursor, known }: Pieces): Promise<void> {
  function* lines(): Generator<unknown> {
    yield { version: 1, settings, cursor } satisfies z.infer<typeof Head>
    for (const [key, { version, indicators }] of known) {
      const rows: Row[] = indicators.map(rowOf)
      yield [key, version, rows]
    }
  }
  await writeLines(file, lines())
}
