// A broker as an agency runs one: TLS, passwords (SCRAM, PLAIN), and a listener that asks for client certificates.
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { childEnv } from '../../deploy/embedded/environment.ts'
import { findJava, kafkaJars } from '../../deploy/embedded/kafka-jars.ts'
import { pickFreePorts } from '../../runtime/ports.ts'
import { makeAuthority, type Pem } from '../ingest/probe/certificates.ts'

export const user = { username: 'siaga', password: 'kata sandi yang panjang' } as const

export interface SecureKafka {
  /** TLS and a password. */
  readonly sasl: string
  /** TLS and a client certificate. */
  readonly mutual: string
  /** Neither: the way of the brokers among themselves. */
  readonly inner: string
  /** PEM of the authority. */
  readonly ca: string
  /** Folder with ca.pem, client.pem and client.key. */
  readonly folder: string
  readonly client: Pem
  /** The same broker after the loss of its disk: killed, and started anew without a topic. */
  startOver(): Promise<void>
  stop(): Promise<void>
}

/** Starts it on free ports of this machine, for `name` alone: so is its certificate, and at its address it listens (`address`, where that is not what the name says here). With more `transactionCopies` than the one broker it begins no transactions. `more`: settings of the broker. */
export async function startSecureKafka(
  name = 'localhost',
  address = name,
  transactionCopies = 1,
  more: Readonly<Record<string, string>> = {},
): Promise<SecureKafka> {
  const folder = mkdtempSync(join(tmpdir(), 'siaga-kafka-tls-'))
  const path = (name: string) => join(folder, name)
  const authority = await makeAuthority()
  const [server, client] = await Promise.all([authority.issue([name]), authority.issue(['siaga'])])
  for (const [file, text] of [
    ['ca.pem', authority.ca],
    ['server.pem', `${server.key}\n${server.cert}\n`],
    ['client.pem', client.cert],
    ['client.key', client.key],
  ] as const)
    writeFileSync(path(file), `${text}\n`)
  const [sasl = 0, mutual = 0, inner = 0, controller = 0] = await pickFreePorts(4)
  const settings = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controller}`,
    listeners: `SASL_SSL://${address}:${sasl},SSL://${address}:${mutual},INNER://127.0.0.1:${inner},CONTROLLER://127.0.0.1:${controller}`,
    'advertised.listeners': `SASL_SSL://${name}:${sasl},SSL://${name}:${mutual},INNER://127.0.0.1:${inner}`,
    'listener.security.protocol.map': 'SASL_SSL:SASL_SSL,SSL:SSL,INNER:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'INNER',
    'log.dirs': path('data'),
    'offsets.topic.num.partitions': 1,
    'offsets.topic.replication.factor': 1,
    'group.initial.rebalance.delay.ms': 0,
    'transaction.state.log.num.partitions': 1,
    'transaction.state.log.replication.factor': transactionCopies,
    'transaction.state.log.min.isr': 1,
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': path('server.pem'),
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': path('ca.pem'),
    'listener.name.ssl.ssl.client.auth': 'required',
    'sasl.enabled.mechanisms': 'SCRAM-SHA-256,SCRAM-SHA-512,PLAIN',
    'listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config':
      'org.apache.kafka.common.security.scram.ScramLoginModule required;',
    'listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config':
      'org.apache.kafka.common.security.scram.ScramLoginModule required;',
    'listener.name.sasl_ssl.plain.sasl.jaas.config': `org.apache.kafka.common.security.plain.PlainLoginModule required user_${user.username}="${user.password}";`,
    ...more,
  }
  writeFileSync(
    path('server.properties'),
    Object.entries(settings)
      .map(([setting, value]) => `${setting}=${value}\n`)
      .join(''),
  )
  const java = await findJava()
  const classPath = join(await kafkaJars(() => undefined), '*')
  const start = ['-Xmx256m', '-XX:TieredStopAtLevel=1', '-cp', classPath]
  const scram = (mechanism: string) => [
    '--add-scram',
    `${mechanism}=[name=${user.username},password="${user.password}"]`,
  ]
  let broker: ChildProcess | undefined
  const kill = async (): Promise<void> => {
    if (broker === undefined || broker.exitCode !== null || broker.signalCode !== null) return
    broker.kill('SIGKILL')
    await once(broker, 'exit')
  }
  const begin = async (): Promise<void> => {
    await promisify(execFile)(
      java,
      [
        ...[...start, 'kafka.tools.StorageTool', 'format', '--cluster-id', 'c2lhZ2Etc2VjdXJlLXRlcw'],
        ...['--config', path('server.properties'), ...scram('SCRAM-SHA-256'), ...scram('SCRAM-SHA-512')],
      ],
      { env: childEnv() },
    )
    const begun = spawn(java, [...start, 'kafka.Kafka', path('server.properties')], {
      env: childEnv(),
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    broker = begun
    while (!(await accepts(sasl, address))) {
      if (begun.exitCode !== null) throw new Error(`the broker ended with ${begun.exitCode}`)
      await delay(100)
    }
  }
  const stop = async () => {
    await kill()
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await begin()
  } catch (error) {
    await stop()
    throw error
  }
  return {
    sasl: `${name}:${sasl}`,
    mutual: `${name}:${mutual}`,
    inner: `127.0.0.1:${inner}`,
    ca: authority.ca,
    folder,
    client,
    async startOver() {
      await kill()
      rmSync(path('data'), { recursive: true })
      await begin()
    },
    stop,
  }
}

function accepts(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host)
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('close', () => undefined)
    socket.once('connect', () => socket.destroy())
  })
}
