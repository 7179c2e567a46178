// What is heard of a relay that may not delete what it has relayed? Against a Kafka in memory that refuses for a while.
import { expect, test } from 'vitest'
import { deleteRelayed } from '../../../ingest/relay/delete-relayed.ts'
import { SiagaError } from '../../../runtime/errors.ts'
import type { KafkaAdmin } from '../../../runtime/kafka.ts'
import { silentLog } from '../../../runtime/log.ts'

test('the first refusal is a warning that says what to do; each is counted; what stays is tried again until it is gone', async () => {
  const said: string[] = []
  const told =
    (level: string) =>
    ({ topic, todo = '' }: { topic: string; todo?: string }, words: string) =>
      said.push(`${level} ${topic}: ${words} ${todo}`.trim())
  const log = Object.assign(Object.create(silentLog), { warn: told('warn'), debug: told('debug'), info: told('info') })
  const stopping = new AbortController()
  const tries: unknown[] = []
  let refuses = true
  const admin: Pick<KafkaAdmin, 'committed' | 'deleteRecords' | 'disconnect'> = {
    committed: async () => [
      { partition: 0, offset: 7, metadata: '' },
      { partition: 1, offset: -1, metadata: '' },
    ],
    async deleteRecords(topic, offsets) {
      tries.push(offsets)
      if (refuses) throw new SiagaError('KAFKA_FORBIDDEN', { detail: `Delete on ${topic}` })
      stopping.abort()
    },
    disconnect: async () => undefined,
  }
  const kept: string[] = []
  await deleteRelayed([{ source: 'kpu', topic: 'siaga.in.kpu', groupId: 'siaga-relay.kpu', offsets: new Map() }], {
    kafka: { connectAdmin: async () => admin as KafkaAdmin },
    ...{ log, stopping: stopping.signal, deleteMs: 1 },
    onKept: (source) => {
      kept.push(source)
      refuses = kept.length < 3
    },
  })
  expect(kept).toEqual(['kpu', 'kpu', 'kpu'])
  expect(tries).toEqual(Array.from({ length: 4 }, () => [{ partition: 0, offset: 7 }]))
  expect(said).toEqual([
    expect.stringMatching(/^warn siaga\.in\.kpu: what was relayed is not deleted, .* docs\/operations\.md/),
    expect.stringMatching(/^debug siaga\.in\.kpu: /),
    expect.stringMatching(/^debug siaga\.in\.kpu: /),
    'info siaga.in.kpu: what was relayed is deleted again',
  ])
})
