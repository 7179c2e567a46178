// Is a Kafka with TLS and passwords reached, and a ClickHouse behind TLS? By settings and files as an agency has them.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { clickHouseOptions } from '../../cli/clickhouse-access.ts'
import { reachKafka } from '../../cli/kafka-access.ts'
import { createClickHouse } from '../../runtime/clickhouse.ts'
import { loadConfig } from '../../runtime/config.ts'
import { readEnvironmentFiles } from '../../runtime/config-environment.ts'
import { createBatchingProducer } from '../../runtime/kafka-producer.ts'
import { silentLog } from '../../runtime/log.ts'
import { makeAuthority } from '../ingest/probe/certificates.ts'
import { behindTls } from '../runtime/behind-tls.ts'
import { type SecureKafka, startSecureKafka, user } from '../runtime/secure-kafka.ts'
import { getServices } from '../services.ts'

let folder: string
let kafka: SecureKafka
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'siaga-secure-'))
  kafka = await startSecureKafka()
})
afterAll(async () => {
  await kafka?.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** The configuration of this text, and the environment as the command line sees it. */
function settings(yaml: string, given: Record<string, string> = {}) {
  writeFileSync(join(folder, 'siaga.yaml'), yaml)
  const env = readEnvironmentFiles(given)
  return { config: loadConfig({ env, cwd: folder }).config, env }
}

/** Writes a message and reads it back; answers what was read. */
async function thereAndBack(topic: string, { config, env }: ReturnType<typeof settings>): Promise<string[]> {
  const client = await reachKafka(config, env)
  const admin = await client.connectAdmin()
  const producer = createBatchingProducer(client, silentLog)
  try {
    await admin.ensureTopics([{ topic, partitions: 1, replication: 1, config: {} }])
    await producer.send(topic, [{ key: 'k', value: Buffer.from('percobaan masuk'), headers: {} }])
    const read: string[] = []
    await client.readAll(topic, ({ value }) => read.push(String(value)))
    return read
  } finally {
    await producer.close()
    await admin.disconnect()
  }
}

describe('Kafka', () => {
  test.each(['scram-sha-512', 'scram-sha-256', 'plain'])(
    'is reached by TLS with a password by %s',
    async (mechanism) => {
      writeFileSync(join(folder, 'kata-sandi'), `${user.password}\n`)
      const yaml = `kafka:
  brokers: ["${kafka.sasl}"]
  tls: { ca: ${kafka.folder}/ca.pem }
  sasl: { mechanism: ${mechanism}, username: ${user.username}, password: { file: kata-sandi } }
`
      expect(await thereAndBack(`sasl-${mechanism}`, settings(yaml))).toEqual(['percobaan masuk'])
    },
  )

  test('is reached with user and password from the environment, the password in a file of its own', async () => {
    const file = join(folder, 'kafka-password')
    writeFileSync(file, `${user.password}\n`)
    const yaml = `kafka: { tls: { ca: ${kafka.folder}/ca.pem } }\n`
    const given = { KAFKA_BROKERS: kafka.sasl, KAFKA_SASL_USERNAME: user.username, KAFKA_SASL_PASSWORD_FILE: file }
    expect(await thereAndBack('sasl-env', settings(yaml, given))).toEqual(['percobaan masuk'])
  })

  test('is reached with a client certificate, and not without one', async () => {
    const yaml = (tls: string) => `kafka: { brokers: ["${kafka.mutual}"], tls: ${tls} }\n`
    const { ca, cert, key } = {
      ca: `${kafka.folder}/ca.pem`,
      cert: `${kafka.folder}/client.pem`,
      key: `${kafka.folder}/client.key`,
    }
    const whole = settings(yaml(`{ ca: ${ca}, cert: ${cert}, key: ${key} }`))
    expect(await thereAndBack('mutual', whole)).toEqual(['percobaan masuk'])
    const { config, env } = settings(yaml(`{ ca: ${ca} }`))
    await refused(reachKafka(config, env))
  })

  test('is not spoken to with a wrong password, or where its certificate is of an unknown authority', async () => {
    const wrong = settings(
      `kafka: { brokers: ["${kafka.sasl}"], tls: { ca: ${kafka.folder}/ca.pem }, sasl: { username: siaga } }\n`,
      { KAFKA_SASL_PASSWORD: 'salah' },
    )
    await expect((await reachKafka(wrong.config, wrong.env)).connectAdmin()).rejects.toMatchObject({
      code: 'KAFKA_REFUSED',
    })
    const stranger = settings(`kafka: { brokers: ["${kafka.sasl}"], tls: {} }\n`)
    await expect(reachKafka(stranger.config, stranger.env)).rejects.toThrow(/UNABLE_TO_|SELF_SIGNED/)
  })
})

/** kafkajs tries for minutes; that it has not got in within two seconds is enough, since the others of this file do in less. */
async function refused(client: ReturnType<typeof reachKafka>): Promise<void> {
  const admin = (await client).connectAdmin()
  admin.then((connected) => connected.disconnect()).catch(() => undefined)
  const outcome = await Promise.race([
    admin.then(
      () => 'in',
      () => 'out',
    ),
    new Promise((resolve) => setTimeout(resolve, 2_000, 'out')),
  ])
  expect(outcome).toBe('out')
}

describe('ClickHouse', () => {
  const One = z.object({ user: z.string() })

  test('is reached by https: authority, user and password from settings and files', async () => {
    const services = await getServices()
    const authority = await makeAuthority()
    const server = await authority.issue(['localhost'])
    writeFileSync(join(folder, 'ch-ca.pem'), authority.ca)
    const { username, password } = services.clickhouse.users.reader
    writeFileSync(join(folder, 'ch-password'), `${password}\n`)
    const { port, close } = await behindTls(services.clickhouse.url, server)
    const address = `https://localhost:${port}`
    try {
      const given = {
        CLICKHOUSE_URL: address,
        CLICKHOUSE_USER: username,
        CLICKHOUSE_PASSWORD_FILE: join(folder, 'ch-password'),
      }
      const { config, env } = settings('clickhouse: { tls: { ca: ch-ca.pem } }\n', given)
      const clickhouse = createClickHouse(clickHouseOptions(config, env, 'admin'))
      const strange = settings('clickhouse: {}\n', given)
      const stranger = createClickHouse(clickHouseOptions(strange.config, strange.env, 'admin'))
      try {
        expect(await clickhouse.rows(One, 'SELECT currentUser() AS user')).toEqual([{ user: username }])
        await expect(stranger.rows(One, 'SELECT currentUser() AS user')).rejects.toMatchObject({
          code: 'CLICKHOUSE_UNAVAILABLE',
        })
      } finally {
        await clickhouse.close()
        await stranger.close()
      }
    } finally {
      await close()
    }
  })
})

describe('files that hold a setting', () => {
  const place = (text: string): string => {
    const file = join(folder, 'nilai')
    writeFileSync(file, text)
    return file
  }

  test('give its value without the line end; the rest of the environment stays', () => {
    const file = place('dua puluh rahasia \r\n')
    expect(readEnvironmentFiles({ SIAGA_MASTER_KEY_FILE: file, LANG: 'C' })).toMatchObject({
      SIAGA_MASTER_KEY: 'dua puluh rahasia ',
      LANG: 'C',
    })
    expect(readFileSync(file, 'utf8')).toContain('\r\n')
  })

  test('are refused where they are missing, empty, large, or beside the setting itself', () => {
    const refuse = (given: Record<string, string>, words: RegExp) =>
      expect(() => readEnvironmentFiles(given)).toThrow(words)
    refuse({ KAFKA_BROKERS_FILE: join(folder, 'tiada') }, /KAFKA_BROKERS_FILE: .*tiada cannot be read/)
    refuse({ SIAGA_KEY_FILE: place('\n') }, /is empty/)
    refuse({ SIAGA_KEY_FILE: place('x'.repeat(70_000)) }, /is larger than 65536 bytes/)
    refuse({ SIAGA_KEY_FILE: place('a'), SIAGA_KEY: 'b' }, /both set/)
  })
})

describe('what does not fit together is refused', () => {
  test.each([
    ['kafka: { brokers: ["k:1"], sasl: { mechanism: plain, username: a } }', /plain without `kafka.tls`/],
    ['clickhouse: { tls: { cert: a.pem } }', /cert and key together/],
    ['processors: { workers: 0 }', /embedded Kafka/],
    ['kafka: { brokers: ["k:1"] }\nprocessors: { workers: 0 }', /while `kafka.partitions` is auto/],
  ])('%s', (yaml, words) => {
    expect(() => settings(`${yaml}\n`)).toThrow(words)
  })
})
