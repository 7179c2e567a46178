// A process that runs embedded services until it is killed: node start-embedded.ts DATA_DIR KAFKA HTTP TCP.
import { startEmbedded } from '../../deploy/embedded/index.ts'
import { errorText, SiagaError } from '../../runtime/errors.ts'

const [dataDir = '', kafka, http, tcp] = process.argv.slice(2)
try {
  await startEmbedded({
    dataDir,
    kafka: kafka ? { port: Number(kafka) } : undefined,
    clickhouse: { httpPort: Number(http), tcpPort: Number(tcp) },
  })
  process.stdout.write('up\n')
  setInterval(() => undefined, 60_000)
} catch (error) {
  process.stdout.write(`${error instanceof SiagaError ? error.code : ''} ${errorText(error)}\n`)
  process.exitCode = 1
}
