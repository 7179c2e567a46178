// Is what has been relayed gone from the topics to which others write? It holds citizens' numbers as they were sent.
import { setTimeout as sleep } from 'node:timers/promises'
import { relayGroup } from '../../ingest/relay/relay.ts'
import type { KafkaAdmin } from '../../runtime/kafka.ts'
import type { Source } from '../../schemas/config.ts'
import { relayTopic } from '../../schemas/raw-event.ts'
import { type Examined, ok, trouble } from './examined.ts'

/** Twice as long as a relay takes from one deletion to the next. */
const GONE_MS = 20_000
const LOOK_MS = 1_000

/** Of the relayed sources whose topic is `there`; what was relayed just now is given the time that its deletion takes. */
export async function examineRelayed(
  admin: Pick<KafkaAdmin, 'offsets' | 'committed'>,
  sources: readonly Pick<Source, 'id' | 'kafka'>[],
  there: readonly string[],
  goneMs = GONE_MS,
): Promise<Examined[]> {
  const relayed = sources.filter(({ id, kafka }) => kafka && there.includes(relayTopic(id)))
  if (relayed.length === 0) return []
  const kept = await Promise.all(
    relayed.map(async ({ id }) => ((await stays(admin, id, goneMs)) ? [relayTopic(id)] : [])),
  )
  const topics = kept.flat()
  if (topics.length === 0)
    return [ok('topics', 'yang sudah diteruskan sudah dihapus', 'what was relayed has been deleted')]
  return topics.map((topic) =>
    trouble(
      'topics',
      'wrong',
      {
        id: `${topic}: yang sudah diteruskan masih ada, dengan NIK dan nomor telepon apa adanya`,
        en: `${topic}: what was relayed is still there, with citizens' numbers as they were sent`,
      },
      {
        id: 'Beri pengguna Siaga hak Delete atas topik yang berawalan siaga. (docs/operations.md); siaga start atau siaga ingest harus berjalan.',
        en: "Give Siaga's user the right Delete on topics that begin with siaga. (docs/operations.md); siaga start or siaga ingest must run.",
      },
    ),
  )
}

/** Whether records that the relay had passed at the first look are there to the end. */
async function stays(
  admin: Pick<KafkaAdmin, 'offsets' | 'committed'>,
  source: string,
  goneMs: number,
): Promise<boolean> {
  const passed = await admin.committed(relayGroup(source), relayTopic(source))
  for (const end = Date.now() + goneMs; ; await sleep(LOOK_MS)) {
    const now = new Map((await admin.offsets(relayTopic(source))).map((row) => [row.partition, row]))
    const gone = passed.every(({ partition, offset }) => {
      const { low = 0, high = 0 } = now.get(partition) ?? {}
      // Behind the end: of a topic that was made anew since.
      return low >= offset || offset > high
    })
    if (gone) return false
    if (Date.now() >= end) return true
  }
}
