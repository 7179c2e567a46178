// Where does a process without the web port tell how it is? A small server of its own for health and metrics.
import type { ResolvedConfig } from '../../runtime/config.ts'
import type { Metrics } from '../../runtime/metrics.ts'
import { createWebServer } from '../../web/server.ts'
import { metricsText } from './readiness.ts'
import type { Teardown } from './teardown.ts'

/** Serves /healthz, /readyz and /metrics on the metrics port; answers its address. */
export async function serveHealth(
  config: ResolvedConfig,
  metrics: Metrics,
  notReady: () => Promise<string[]>,
  teardown: Teardown,
): Promise<string> {
  const app = createWebServer({
    http: config.http,
    notReady,
    metrics: () => metricsText(metrics, notReady),
    metricsContentType: metrics.registry.contentType,
    status: async () => ({ reasons: await notReady() }),
  })
  teardown.add('health', 0, () => app.close())
  return app.listen({ host: config.http.host, port: config.processors.metrics_port })
}
