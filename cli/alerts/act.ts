// What comes of an action on alerts? Each is asked for and answered by itself; those that are refused do not hold the others up.

import type { AlertVerb } from '../../schemas/alert.ts'
import { ActAnswer, AlertDetail } from '../../schemas/alert-api.ts'
import { CommandError, type Frame } from '../frame.ts'
import { type AccessOptions, accessOf } from './access.ts'
import { type AlertClient, isAccepted } from './client.ts'
import { proposeException, showProposal } from './exception.ts'
import { alertLine } from './show.ts'
import { words } from './words.ts'

export interface ActOptions extends AccessOptions {
  readonly reason?: string
}

export interface Act {
  readonly verb: AlertVerb
  readonly ids: readonly string[]
  readonly assignee?: string
  readonly other?: string
}

/** Ids are written in capitals; people type them as they like. */
export function alertPath(id: string): string {
  return `/v1/alerts/${encodeURIComponent(id.trim().toUpperCase())}`
}

/** Carries it out and says what came of it; exit code 1 if any was refused. */
export async function actOn({ verb, ids, assignee, other }: Act, options: ActOptions, frame: Frame): Promise<void> {
  const { client, language } = await accessOf(options, frame)
  const body = {
    reason: options.reason ?? '',
    ...(assignee === undefined ? {} : { assignee }),
    ...(other === undefined ? {} : { other: other.trim().toUpperCase() }),
  }
  const answers: unknown[] = []
  const refused: CommandError[] = []
  for (const id of new Set(ids)) {
    try {
      const answer = await client.post(`${alertPath(id)}/${verb.replace('_', '-')}`, body, ActAnswer)
      answers.push(answer)
      if (options.json === true) continue
      if (isAccepted(answer)) frame.stdout.write(`${id}: ${words[language].accepted}\n`)
      else frame.stdout.write(`${frame.paint('green', '✓')} ${alertLine(answer.alert, language, frame.paint)}\n`)
      if (verb === 'false_positive' && !isAccepted(answer)) {
        const detail = await client.get(alertPath(id), AlertDetail)
        frame.stdout.write(showProposal(proposeException(detail, options.reason ?? ''), language))
      }
    } catch (error) {
      if (!(error instanceof CommandError)) throw error
      refused.push(error)
    }
  }
  if (options.json === true) {
    const proposals = verb === 'false_positive' ? await proposalsOf(client, ids, options.reason ?? '') : undefined
    frame.stdout.write(`${JSON.stringify({ answers, ...(proposals && { proposals }) }, undefined, 2)}\n`)
  }
  const last = refused.pop()
  for (const error of refused) frame.stderr.write(`siaga: ${error.message}\n`)
  if (last !== undefined) throw last
}

async function proposalsOf(client: AlertClient, ids: readonly string[], reason: string): Promise<unknown[]> {
  const proposals: unknown[] = []
  for (const id of new Set(ids)) {
    const detail = await client.get(alertPath(id), AlertDetail).catch(() => undefined)
    if (detail !== undefined) proposals.push({ alert: detail.id, ...proposeException(detail, reason) })
  }
  return proposals
}
