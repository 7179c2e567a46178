// What became of the statement that was run? Progress, columns and rows as they come, how it ended, and a way to stop it.
import { signal } from '@preact/signals'
import type { AnswerPiece } from '../../../../schemas/sql-api.ts'
import { askPieces, type Progress } from '../../pieces.ts'

export type Done = Extract<AnswerPiece, { kind: 'done' }>
export type Failure = Extract<AnswerPiece, { kind: 'failed' }>

export interface Answer {
  readonly names: readonly string[]
  readonly types: readonly string[]
  readonly rows: readonly (readonly unknown[])[]
  /** Of a statement with a format of its own; '' otherwise. */
  readonly format: string
  readonly text: string
  readonly done: Done
}

export function createRunning() {
  const busy = signal(false)
  const progress = signal<Progress | undefined>(undefined)
  const answer = signal<Answer | undefined>(undefined)
  const failed = signal<Failure | undefined>(undefined)
  const failure = signal<unknown>(undefined)
  const stopped = signal(false)
  let going = new AbortController()
  return {
    busy,
    progress,
    answer,
    failed,
    failure,
    stopped,
    async run(query: string, params: Readonly<Record<string, string>>): Promise<void> {
      going.abort()
      going = new AbortController()
      const { signal: ending } = going
      busy.value = true
      progress.value = undefined
      failed.value = undefined
      failure.value = undefined
      stopped.value = false
      let names: readonly string[] = []
      let types: readonly string[] = []
      let text = ''
      let format = ''
      const rows: unknown[][] = []
      try {
        await askPieces<AnswerPiece>(
          '/api/sql/run',
          { query, params },
          (piece) => {
            if (ending.aborted) return
            if (piece.kind === 'progress') progress.value = piece
            else if (piece.kind === 'columns') ({ names, types } = piece)
            else if (piece.kind === 'rows') rows.push(...piece.rows)
            else if (piece.kind === 'text') {
              text += piece.text
              format = piece.format
            } else if (piece.kind === 'done') answer.value = { names, types, rows, text, format, done: piece }
            else {
              failed.value = piece
              answer.value = undefined
            }
          },
          ending,
        )
      } catch (error) {
        if (!ending.aborted) failure.value = error
      } finally {
        if (!ending.aborted) busy.value = false
      }
    },
    stop() {
      going.abort()
      busy.value = false
      stopped.value = true
    },
    leave: () => going.abort(),
  }
}
