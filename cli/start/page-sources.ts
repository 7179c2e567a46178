// What do the pages of sources, rules and assets get from the rest of Siaga? Dead letters of Kafka, keys of the data directory, the judge of silence.
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { ClickHouse } from '../../runtime/clickhouse.ts'
import { createBatchingProducer } from '../../runtime/kafka-producer.ts'
import { createKey, listKeys, revokeKey } from '../../runtime/keys.ts'
import { createDeadLetterBoard } from '../../sinks/dlq/board.ts'
import { formatsOf } from '../../sinks/dlq/formats.ts'
import { assetRoutes } from '../../web/assets/plugin.ts'
import type { PartDependencies } from '../../web/parts.ts'
import { ruleRoutes } from '../../web/rules/plugin.ts'
import type { JudgedState } from '../../web/sources/parts.ts'
import { sourceRoutes } from '../../web/sources/plugin.ts'
import { createRuleLibrary } from '../rules/library.ts'
import { waysOf } from '../sources/show.ts'
import { isFresh, readJudgement } from '../status/judged.ts'
import { backtestInThread } from './page-backtest.ts'
import type { PageSources } from './page-parts.ts'
import { roomStore } from './room-store.ts'

/** Registers the three parts; what they hold open closes with the web server. */
export function sourcePages(api: FastifyInstance, dependencies: PartDependencies, parts: SourcePageParts): void {
  const { kafka, admin, rules, baseDir, audit } = parts
  const { config, clickhouse, log, now } = dependencies
  const producer = createBatchingProducer(kafka, log)
  api.addHook('onClose', () => producer.close(500))
  sourceRoutes(api, {
    ...dependencies,
    letters: createDeadLetterBoard({ kafka, admin, producer, now, formatOf: formatsOf(config) }),
    keys: {
      list: () => listKeys(config.data_dir),
      create: (source, label) => createKey(config.data_dir, source, label),
      revoke: (id) => revokeKey(config.data_dir, id),
    },
    waysOf,
    audit,
    async judgement() {
      const [{ until }, states] = await Promise.all([readJudgement(clickhouse), readStates(clickhouse)])
      return { states, until, fresh: isFresh({ until }, now()) }
    },
  })
  ruleRoutes(api, {
    ...dependencies,
    rules: createRuleLibrary(rules, config.finding_severity),
    backtest: backtestInThread({ config, baseDir, storeOf: roomStore(parts) }),
  })
  assetRoutes(api, dependencies)
}

export type SourcePageParts = Pick<
  PageSources,
  'audit' | 'kafka' | 'admin' | 'rules' | 'baseDir' | 'config' | 'env' | 'masterKey'
>

const State = z.object({
  id: z.string(),
  kind: z.enum(['source', 'probe']),
  region: z.string(),
  owner: z.string(),
  state: z.string(),
  counted: z.string(),
  expected: z.coerce.number(),
  reason: z.string(),
})

/** With the owner, by which viewers are told apart. */
function readStates(clickhouse: ClickHouse): Promise<JudgedState[]> {
  return clickhouse.rows(
    State,
    `SELECT source_id AS id, kind, region_code AS region, owner, state, counted_as AS counted,
       toUnixTimestamp64Milli(expected_at) AS expected, reason FROM siaga.source_states_now`,
  )
}
