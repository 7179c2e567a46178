// What do all test files share? One Kafka and one ClickHouse, started here when the first test asks for them, what Node has compiled, and a template of data.
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { encodeServices, startServices } from './services.ts'
import { offerTemplate } from './template.ts'

/** vitest's hook before a run; what it returns runs after it, also when tests failed. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  let services: ReturnType<typeof startServices> | undefined
  const folder = await mkdtemp(join(tmpdir(), 'siaga-run-'))
  // Each `siaga` that a test starts would strip the types of the same files anew: more than half of what a short command costs.
  const ownCache = process.env.NODE_COMPILE_CACHE === undefined
  if (ownCache) process.env.NODE_COMPILE_CACHE = join(folder, 'compiled')
  // A Kafka that lives for a minute is started by half the files; most of what its start costs is Java's second compiler, which pays off later.
  const ownJava = process.env.JAVA_TOOL_OPTIONS === undefined
  if (ownJava) process.env.JAVA_TOOL_OPTIONS = '-XX:TieredStopAtLevel=1'
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
  const withdrawTemplate = await offerTemplate(join(folder, 'template'))

  return async () => {
    server.close()
    withdrawTemplate()
    const started = await services?.catch(() => undefined)
    await started?.stop()
    if (ownCache) delete process.env.NODE_COMPILE_CACHE
    if (ownJava) delete process.env.JAVA_TOOL_OPTIONS
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}
