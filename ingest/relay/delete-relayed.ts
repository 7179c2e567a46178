// How does what has been relayed leave its topic? It holds citizens' numbers as they were sent, so that a failure is told, counted and tried again.
import { setTimeout as sleep } from 'node:timers/promises'
import { errorText, SiagaError } from '../../runtime/errors.ts'
import type { KafkaAdmin, KafkaClient } from '../../runtime/kafka.ts'
import type { Log } from '../../runtime/log.ts'

/** How often what has been relayed is deleted. */
const DELETE_MS = 10_000

/** A topic that is relayed. */
export interface Relayed {
  readonly source: string
  readonly topic: string
  /** The group that remembers how far it has been relayed. */
  readonly groupId: string
  /** How far each partition has been relayed since what was relayed was last deleted. */
  readonly offsets: Map<number, number>
}

export interface DeleteOptions {
  readonly kafka: Pick<KafkaClient, 'connectAdmin'>
  readonly log: Log
  readonly stopping: AbortSignal
  /** Told each time that what was relayed stays in the topic of this source. */
  readonly onKept: (source: string) => void
  readonly deleteMs?: number | undefined
}

/** Deletes until `stopping`. */
export async function deleteRelayed(
  relayed: readonly Relayed[],
  { kafka, log, stopping, onKept, deleteMs = DELETE_MS }: DeleteOptions,
): Promise<void> {
  let admin: KafkaAdmin | undefined
  const begun = new Set<Relayed>()
  const failing = new Set<Relayed>()
  while (!stopping.aborted && relayed.length > 0) {
    await sleep(deleteMs, undefined, { signal: stopping, ref: false }).catch(() => undefined)
    for (const one of relayed) {
      if (stopping.aborted) break
      const { source, topic, offsets } = one
      let due: [partition: number, offset: number][] = []
      try {
        admin ??= await kafka.connectAdmin()
        if (!begun.has(one)) await addCommitted(one, admin)
        begun.add(one)
        due = [...offsets]
        if (due.length === 0) continue
        offsets.clear()
        await admin.deleteRecords(
          topic,
          due.map(([partition, offset]) => ({ partition, offset })),
        )
        if (failing.delete(one)) log.info({ topic }, 'what was relayed is deleted again')
      } catch (error) {
        for (const [partition, offset] of due) if (!offsets.has(partition)) offsets.set(partition, offset)
        onKept(source)
        const fields = {
          topic,
          error: errorText(error),
          ...(error instanceof SiagaError ? { todo: error.action } : {}),
        }
        if (failing.has(one)) log.debug(fields, 'what was relayed is still not deleted')
        else log.warn(fields, 'what was relayed is not deleted, and holds citizens’ numbers as they were sent')
        failing.add(one)
      }
    }
  }
  await admin?.disconnect()
}

/** What this process's forerunner had relayed and not deleted any more would else stay until something new comes. */
async function addCommitted({ groupId, topic, offsets }: Relayed, admin: KafkaAdmin): Promise<void> {
  for (const { partition, offset } of await admin.committed(groupId, topic))
    if (offset > 0 && !offsets.has(partition)) offsets.set(partition, offset)
}
