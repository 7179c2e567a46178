// Which parts does the page's API have, and what does each get from the rest of Siaga?
import type { FastifyInstance } from 'fastify'
import type { ResolvedConfig } from '../../runtime/config.ts'
import type { KafkaAdmin, KafkaClient } from '../../runtime/kafka.ts'
import { auditRoutes } from '../../web/audit/plugin.ts'
import { exploreRoutes } from '../../web/explore/plugin.ts'
import { liveRoutes } from '../../web/live/plugin.ts'
import type { PartDependencies, WatchingDependencies } from '../../web/parts.ts'
import { regionRoutes } from '../../web/regions.ts'
import { reportRoutes } from '../../web/reports/plugin.ts'
import { situationRoutes } from '../../web/situation/plugin.ts'
import { sqlRoutes } from '../../web/sql/plugin.ts'
import { listedHunts } from '../hunt/listed.ts'
import type { RulesInForce } from '../worker/rules.ts'
import type { startCollectors } from './collectors.ts'
import { pageDesk } from './page-reports.ts'
import { sourcePages } from './page-sources.ts'

type Collectors = Awaited<ReturnType<typeof startCollectors>>

export interface PageSources {
  readonly config: ResolvedConfig
  /** Folder that paths of the configuration start from. */
  readonly baseDir: string
  readonly env: NodeJS.ProcessEnv
  readonly masterKey: Buffer
  readonly kafka: KafkaClient
  readonly admin: KafkaAdmin
  readonly rules: RulesInForce
  readonly audit: Collectors['audit']
  /** Where reports are filed. */
  readonly reports: Collectors['reports']
  /** Puts the API of alerts behind the page's door; undefined where Siaga holds none. */
  readonly serveAlerts: ((api: FastifyInstance, dependencies: PartDependencies) => Promise<void>) | undefined
}

/** Registers every part, in the order of the menu. */
export async function registerParts(
  api: FastifyInstance,
  dependencies: WatchingDependencies,
  sources: PageSources,
): Promise<void> {
  regionRoutes(api, dependencies)
  const live = liveRoutes(api, dependencies)
  situationRoutes(api, dependencies, live)
  await sources.serveAlerts?.(api, dependencies)
  exploreRoutes(api, dependencies)
  sqlRoutes(api, dependencies, listedHunts(sources.config, sources.baseDir))
  sourcePages(api, dependencies, sources)
  reportRoutes(api, { ...dependencies, desk: pageDesk(sources) })
  auditRoutes(api, dependencies)
}
