// What need not every test make anew? The tables behind all migrations, a formatted Kafka, the tables of addresses: made once in a run, copied since.
import { once } from 'node:events'
import { cp, mkdir } from 'node:fs/promises'
import { connect, createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { z } from 'zod'
import { migrate } from '../deploy/clickhouse/migrate.ts'
import { clickhouseCredentials } from '../deploy/clickhouse/users.ts'
import { startEmbedded } from '../deploy/embedded/index.ts'
import { kafkaService } from '../deploy/embedded/kafka.ts'
import { prepareEnrich } from '../processors/enrich/index.ts'
import { createClickHouse } from '../runtime/clickhouse.ts'
import { pickFreePorts } from '../runtime/ports.ts'
import { loadMasterKey } from '../runtime/secrets.ts'

/** What of a data directory is copied: no secrets, so that each has keys of its own. */
const parts = {
  clickhouse: join('clickhouse', 'data'),
  kafka: join('kafka', 'data'),
  addresses: 'cache',
} as const
export type TemplatePart = keyof typeof parts

/** Names the socket on which test/global-setup.ts hands out the template's folder; unset outside a run of tests. */
const SOCKET = 'SIAGA_TEST_TEMPLATE'
const Answer = z.object({ folder: z.string().optional(), error: z.string().optional() })

let asked: Promise<string> | undefined

/** Copies parts of the run's template into a data directory that has none of them yet. False outside a run of tests: then nothing is copied. */
export async function copyTemplate(dataDir: string, wanted: readonly TemplatePart[]): Promise<boolean> {
  const socket = process.env[SOCKET]
  if (socket === undefined || wanted.length === 0) return false
  asked ??= ask(socket)
  const folder = await asked
  for (const part of wanted) {
    const into = join(dataDir, parts[part])
    await mkdir(join(into, '..'), { recursive: true, mode: 0o700 })
    await cp(join(folder, parts[part]), into, {
      recursive: true,
      verbatimSymlinks: true,
      errorOnExist: true,
      force: false,
    })
  }
  return true
}

async function ask(socket: string): Promise<string> {
  const { folder, error } = Answer.parse(JSON.parse(await text(connect(socket))))
  if (folder === undefined) throw new Error(`the template was not made: ${error}`)
  return folder
}

/** Listens for tests that want the template, which is made in `folder` when the first one asks. Answers how to end that. */
export async function offerTemplate(folder: string): Promise<() => void> {
  let made: Promise<void> | undefined
  const server: Server = createServer(async (asking) => {
    asking.on('error', () => undefined)
    made ??= makeTemplate(folder)
    const answer = await made.then(
      () => ({ folder }),
      (error: unknown) => ({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
    )
    asking.end(JSON.stringify(answer))
  })
  const socket = `${folder}.sock`
  server.listen(socket)
  await once(server, 'listening')
  process.env[SOCKET] = socket
  return () => {
    server.close()
    delete process.env[SOCKET]
  }
}

async function makeTemplate(dataDir: string): Promise<void> {
  await mkdir(dataDir, { recursive: true })
  const [httpPort = 0, tcpPort = 0, kafkaPort = 0] = await pickFreePorts(3)
  const formatted = kafkaService({ dataDir, port: kafkaPort, onFetch: () => undefined }).then((kafka) =>
    kafka.prepare(),
  )
  const services = await startEmbedded({ dataDir, clickhouse: { httpPort, tcpPort } })
  try {
    const user = clickhouseCredentials(loadMasterKey(dataDir), 'admin')
    const admin = createClickHouse({ url: `http://127.0.0.1:${httpPort}`, ...user })
    await migrate(admin).finally(() => admin.close())
  } finally {
    await services.stop()
  }
  prepareEnrich(join(dataDir, parts.addresses))
  await formatted
}
