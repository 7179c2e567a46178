// What does the page hold of a question that was asked? Rows of the page, histogram, what is wrong, how far it is; one at a time, the last one counts.
import { signal } from '@preact/signals'
import type { Cursor, ExplorePiece, QueryProblem } from '../../../../schemas/explore-api.ts'
import type { AnswerPiece } from '../../../../schemas/sql-api.ts'
import { askPieces, type Progress } from '../../pieces.ts'
import type { Asked } from './address.ts'

type Piece = AnswerPiece | ExplorePiece
export type Failure = Extract<AnswerPiece, { kind: 'failed' }>

export interface Histogram {
  readonly step: number
  readonly begin: number
  readonly bars: number
  /** Events by bar and severity (0 none … 4 critical). */
  readonly counts: readonly (readonly number[])[]
  readonly total: number
}

export interface Page {
  readonly names: readonly string[]
  readonly rows: readonly (readonly unknown[])[]
  readonly next: Cursor | null
}

const PAGE = 100

export function createAsking() {
  const page = signal<Page | undefined>(undefined)
  const histogram = signal<Histogram | undefined>(undefined)
  const problem = signal<QueryProblem | undefined>(undefined)
  const failure = signal<unknown>(undefined)
  const failed = signal<Failure | undefined>(undefined)
  const busy = signal(false)
  const counting = signal(false)
  const stopped = signal(false)
  const progress = signal<Progress | undefined>(undefined)
  /** Where the pages up to this one began. */
  const begins = signal<readonly (Cursor | null)[]>([null])
  let going = new AbortController()
  /** True if the page and the histogram answer the question that was asked last. */
  let current = true

  async function readPage(asked: Asked, after: Cursor | null, signal: AbortSignal): Promise<boolean> {
    let whole = false
    let names: readonly string[] = []
    const rows: unknown[][] = []
    let next: Cursor | null = null
    const { q, from, to, order, columns } = asked
    const body = { q, from, to, order, columns, size: PAGE, ...(after === null ? {} : { after }) }
    await askPieces<Piece>(
      '/api/explore/search',
      body,
      (piece) => {
        if (signal.aborted) return
        if (piece.kind === 'columns') names = piece.names
        else if (piece.kind === 'rows') rows.push(...piece.rows)
        else if (piece.kind === 'next') next = piece.after
        else if (piece.kind === 'progress') progress.value = piece
        else if (piece.kind === 'wrong') problem.value = piece.problem
        else if (piece.kind === 'failed') failed.value = piece
        else if (piece.kind === 'done') {
          whole = true
          page.value = { names, rows, next }
        }
      },
      signal,
    )
    return whole
  }

  async function readHistogram({ q, from, to }: Asked, signal: AbortSignal): Promise<void> {
    let bars = { step: 1, begin: from, bars: 0 }
    let counts: number[][] = []
    let total = 0
    await askPieces<Piece>(
      '/api/explore/histogram',
      { q, from, to, bars: 80 },
      (piece) => {
        if (signal.aborted) return
        if (piece.kind === 'histogram') {
          bars = piece
          counts = Array.from({ length: piece.bars }, () => [0, 0, 0, 0, 0])
        } else if (piece.kind === 'rows') {
          for (const [bar, severity, events] of piece.rows) {
            const of = counts[Number(bar)]
            if (of !== undefined) of[Number(severity)] = Number(events)
            total += Number(events)
          }
        } else if (piece.kind === 'done') histogram.value = { ...bars, counts, total }
        else if (piece.kind === 'failed') {
          failed.value ??= piece
          histogram.value = undefined
        }
      },
      signal,
    )
  }

  /** What is there is no answer to the question that stands in the bar. */
  function forget(): void {
    page.value = undefined
    histogram.value = undefined
  }

  async function run(work: (signal: AbortSignal) => Promise<unknown>, onFailure = (): void => {}): Promise<void> {
    going.abort()
    going = new AbortController()
    const { signal } = going
    problem.value = undefined
    failure.value = undefined
    failed.value = undefined
    stopped.value = false
    progress.value = undefined
    busy.value = true
    try {
      await work(signal)
    } catch (error) {
      if (signal.aborted) return
      failure.value = error
      onFailure()
    } finally {
      if (!signal.aborted) busy.value = false
    }
  }

  return {
    page,
    histogram,
    problem,
    failure,
    failed,
    busy,
    counting,
    stopped,
    progress,
    begins,
    /** From its first page, with its histogram. */
    ask: (asked: Asked) =>
      run(async (signal) => {
        begins.value = [null]
        current = false
        counting.value = true
        const counted = readHistogram(asked, signal).finally(() => {
          if (!signal.aborted) counting.value = false
        })
        const [whole] = await Promise.all([readPage(asked, null, signal), counted])
        current = whole
        if (!whole && !signal.aborted) forget()
      }, forget),
    turn: (asked: Asked, to: 'next' | 'back') =>
      run(async (signal) => {
        const next = page.value?.next
        const before = begins.value
        const pages = to === 'back' ? before.slice(0, -1) : next == null ? before : [...before, next]
        if (await readPage(asked, pages.at(-1) ?? null, signal)) begins.value = pages
      }),
    stop() {
      going.abort()
      busy.value = false
      counting.value = false
      stopped.value = true
      if (!current) forget()
    },
    leave: () => going.abort(),
  }
}
