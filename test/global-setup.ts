// How do all test files share one Kafka and one ClickHouse? They are started here when the first test asks for them.
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { encodeServices, startServices } from './services.ts'

/** vitest's hook before a run; what it returns runs after it, also when tests failed. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  let services: ReturnType<typeof startServices> | undefined
  const folder = await mkdtemp(join(tmpdir(), 'siaga-run-'))
  const socket = join(folder, 'services.sock')
  const server = createServer(async (asking) => {
    asking.on('error', () => undefined)
    services ??= startServices()
    try {
      asking.end(encodeServices(await services))
    } catch (error) {
      asking.end(JSON.stringify({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }))
    }
  })
  await new Promise<void>((resolve) => server.listen(socket, resolve))
  project.provide('servicesSocket', socket)

  return async () => {
    server.close()
    const started = await services?.catch(() => undefined)
    await started?.stop()
    await rm(folder, { recursive: true, force: true })
  }
}
