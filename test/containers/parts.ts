// What do Siaga's containers find in the tests? Configuration and secrets as files, a Kafka and a ClickHouse by the environment of the official images.
import { randomBytes } from 'node:crypto'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { GenericContainer, Wait } from 'testcontainers'
import { ATTACK_RULE } from '../attack-rule.ts'
import { ReadOnlyContainer } from './engine.ts'

export const LOGIN = { username: 'siaga', password: 'rahasia-uji' }

// One alert for each attacker, told at once: the tests count them. Storms and campaigns would make one of many.
const yamlOf = (webhook: string): string => `
kafka: {partitions: 4}
http: {events_per_second: 1000000}
rules: {shipped: false, folders: [rules]}
correlations: {enabled: false}
sources:
  - {id: web, name: Web server of a test, format: nginx, region: "00", owner: kpu}
alerts:
  storm: {matters: 1000000, region_matters: 1000000}
  thresholds: [{score: 0, severity: informational}]
  channels:
    - {id: uji, kind: webhook, url: "${webhook}", timeout_seconds: 5, concurrency: 8}
  forward: [{channel: uji, severity: low}]
`

/** `etc/` for /etc/siaga and `secrets/` for /run/secrets; read by the user of the image, who is nobody here. */
export async function writeMounts(folder: string, webhook: string): Promise<void> {
  const files: Record<string, string> = {
    'etc/siaga.yaml': yamlOf(webhook),
    'etc/rules/serang.yml': ATTACK_RULE,
    'secrets/master.key': `${randomBytes(32).toString('base64')}\n`,
    'secrets/clickhouse.password': `${LOGIN.password}\n`,
  }
  await chmod(folder, 0o755)
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(folder, name, '..'), { recursive: true, mode: 0o755 })
    await writeFile(join(folder, name), text, { mode: 0o644 })
  }
}

/** One broker; containers reach it as kafka:9092, this machine at `port`. */
export function kafkaContainer(image: string, host: string, port: number): GenericContainer {
  return onReadOnlyRoot(image)
    .withExposedPorts({ container: port, host: port })
    .withEnvironment({
      KAFKA_NODE_ID: '1',
      KAFKA_PROCESS_ROLES: 'broker,controller',
      KAFKA_CONTROLLER_QUORUM_VOTERS: '1@localhost:9093',
      KAFKA_CONTROLLER_LISTENER_NAMES: 'CONTROLLER',
      KAFKA_INTER_BROKER_LISTENER_NAME: 'PLAINTEXT',
      KAFKA_LISTENERS: `PLAINTEXT://:9092,OUTSIDE://:${port},CONTROLLER://:9093`,
      KAFKA_ADVERTISED_LISTENERS: `PLAINTEXT://kafka:9092,OUTSIDE://${host}:${port}`,
      KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: 'PLAINTEXT:PLAINTEXT,OUTSIDE:PLAINTEXT,CONTROLLER:PLAINTEXT',
      KAFKA_AUTO_CREATE_TOPICS_ENABLE: 'false',
      KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS: '4',
      KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: '1',
      KAFKA_TRANSACTION_STATE_LOG_NUM_PARTITIONS: '4',
      KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR: '1',
      KAFKA_TRANSACTION_STATE_LOG_MIN_ISR: '1',
      KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: '0',
      KAFKA_GROUP_MIN_SESSION_TIMEOUT_MS: '1000',
      KAFKA_MESSAGE_MAX_BYTES: String(2 * 1024 * 1024),
      // A killed broker is refused until the session of its last life has run out.
      KAFKA_BROKER_SESSION_TIMEOUT_MS: '2000',
      KAFKA_BROKER_HEARTBEAT_INTERVAL_MS: '300',
    })
    .withWaitStrategy(Wait.forLogMessage(/Kafka Server started/))
}

/** A server with one user who may do everything; containers reach it as clickhouse:8123, this machine at `port`. */
export function clickhouseContainer(image: string, port: number): GenericContainer {
  return onReadOnlyRoot(image)
    .withExposedPorts({ container: 8123, host: port })
    .withEnvironment({
      CLICKHOUSE_USER: LOGIN.username,
      CLICKHOUSE_PASSWORD: LOGIN.password,
      CLICKHOUSE_DEFAULT_ACCESS_MANAGEMENT: '1',
      TZ: 'UTC',
    })
    .withWaitStrategy(Wait.forHttp('/ping', 8123))
}

/** Our own images need a /tmp of their own only, in which nothing may run; of the official ones that is not known. */
function onReadOnlyRoot(image: string): GenericContainer {
  if (!image.endsWith(':local')) return new GenericContainer(image)
  return new ReadOnlyContainer(image).withReadOnlyRoot().withTmpFs({ '/tmp': 'rw,noexec,mode=1777' })
}
