// Where is Kafka for a command that looks at it? Your brokers or the embedded one; a broker that is away is told at once.
import { connect, isIP } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { type ClientTls, readClientTls, TLS_LEAST } from '../runtime/client-tls.ts'
import type { ResolvedConfig } from '../runtime/config.ts'
import { SiagaError } from '../runtime/errors.ts'
import { createKafka, type KafkaClient, type KafkaConnection } from '../runtime/kafka.ts'
import { silentLog } from '../runtime/log.ts'
import { secretReader } from '../sinks/alerts/channels/secrets.ts'
import { CommandError } from './frame.ts'
import { brokersOf } from './start/services.ts'
import type { Progress } from './terminal.ts'

const CONNECT_TIMEOUT_MS = 3_000

/** How the configured brokers are reached; the embedded one without TLS and password, on this machine alone. Throws CONFIG_INVALID. */
export function kafkaConnection(
  { kafka }: Pick<ResolvedConfig, 'kafka'>,
  env: Readonly<Record<string, string | undefined>>,
): KafkaConnection {
  const brokers = brokersOf({ kafka })
  if (kafka.brokers.length === 0) return { brokers }
  const { tls, sasl } = kafka
  return {
    brokers,
    ...(tls === undefined ? {} : { tls: readClientTls(tls, 'kafka.tls') }),
    ...(sasl === undefined
      ? {}
      : { sasl: { ...sasl, password: secretReader(env, '')(sasl.password, 'kafka.sasl.password') } }),
  }
}

/** A client, once any broker accepts a connection; the client itself would try for minutes. */
export async function reachKafka(
  config: Pick<ResolvedConfig, 'kafka'>,
  env: Readonly<Record<string, string | undefined>>,
): Promise<KafkaClient> {
  const connection = kafkaConnection(config, env)
  const trouble = await brokersTrouble(connection)
  if (trouble !== undefined) {
    if (config.kafka.brokers.length > 0) throw new SiagaError('KAFKA_UNAVAILABLE', { detail: trouble })
    throw new CommandError(
      `Kafka does not answer (${trouble}).`,
      'Start Siaga in this folder and wait until it is ready: siaga start',
    )
  }
  return createKafka({ ...connection, clientId: 'siaga-cli', log: silentLog })
}

/** Why no broker can be spoken to, such as a certificate that is not trusted; undefined if one can. The client itself would say nothing of it for minutes. */
async function brokersTrouble({ brokers, tls }: KafkaConnection): Promise<string | undefined> {
  const failures = await Promise.all(brokers.map((broker) => tryConnect(broker, tls)))
  return failures.includes(undefined) ? undefined : failures[0]
}

/** Says once why no broker can be spoken to; whoever starts goes on trying, since brokers may be starting too. */
export async function tellTrouble(connection: KafkaConnection, progress: Pick<Progress, 'failed'>): Promise<void> {
  const trouble = await brokersTrouble(connection)
  if (trouble !== undefined) progress.failed(`Kafka does not answer: ${trouble}; trying again for some minutes`)
}

/** Undefined if the broker accepts a connection, else why not. */
function tryConnect(broker: string, tls: ClientTls | undefined): Promise<string | undefined> {
  const { hostname, port } = new URL(`tcp://${broker}`)
  const host = hostname.replace(/^\[|\]$/g, '')
  const to = { host, port: Number(port), timeout: CONNECT_TIMEOUT_MS }
  return new Promise((resolve) => {
    const socket =
      tls === undefined
        ? connect(to)
        : connectTls({ ...to, ...tls, minVersion: TLS_LEAST, ...(isIP(host) === 0 ? { servername: host } : {}) })
    const done = (failure: string | undefined): void => {
      socket.destroy()
      resolve(failure)
    }
    socket.once(tls === undefined ? 'connect' : 'secureConnect', () => done(undefined))
    socket.once('timeout', () => done(`${broker}: no answer`))
    socket.once('error', (error: NodeJS.ErrnoException) => done(`${broker}: ${error.code ?? error.message}`))
  })
}

const ANSWER_TIMEOUT_MS = 30_000

/** A Kafka call that must not keep a person waiting: kafkajs tries for minutes, also for a topic that does not exist. */
export async function soon<T>(work: Promise<T>): Promise<T> {
  const timeout = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    const detail = `no answer within ${ANSWER_TIMEOUT_MS / 1_000} s; have the topics been made by siaga start?`
    timeout.reject(new SiagaError('KAFKA_UNAVAILABLE', { detail }))
  }, ANSWER_TIMEOUT_MS)
  try {
    return await Promise.race([work, timeout.promise])
  } finally {
    clearTimeout(timer)
  }
}

/** True for what Kafka or the way to it is to blame for. */
export function isKafkaTrouble(error: unknown): boolean {
  return (
    error instanceof CommandError ||
    error instanceof SiagaError ||
    (error instanceof Error && error.name.startsWith('KafkaJS'))
  )
}
