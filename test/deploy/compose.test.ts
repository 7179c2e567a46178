// Is the compose file what it claims: every process of Siaga confined, secrets in files alone, every role there, the server's settings those that Siaga needs?
import { spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { placeOf } from '../../cli/backup/server-backup.ts'
import { durableSettings } from '../../cli/doctor/durability.ts'
import { workloadsSql } from '../../deploy/clickhouse/workloads.ts'
import { loadConfig } from '../../runtime/config.ts'
import { environmentSettings } from '../../runtime/config-environment.ts'
import { readDocument, root } from '../docs/markdown.ts'

const folder = join(root, 'deploy/compose')
const text = await readFile(join(folder, 'compose.yaml'), 'utf8')

const Service = z.looseObject({
  image: z.string().regex(/^\$\{[A-Z]+_IMAGE:-[\w./-]+:[\w.-]+\}$/, 'a variable with a default that names a version'),
  restart: z.enum(['unless-stopped', 'no']),
  read_only: z.boolean().default(false),
  user: z.string().default(''),
  tmpfs: z.array(z.string()).default([]),
  cap_drop: z.array(z.string()).default([]),
  security_opt: z.array(z.string()),
  command: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.union([z.string(), z.number()])).default({}),
  secrets: z.array(z.string()).default([]),
  volumes: z.array(z.union([z.string(), z.looseObject({ source: z.string() })])).default([]),
  ports: z.array(z.string()).default([]),
  networks: z.union([z.array(z.string()), z.record(z.string(), z.unknown())]).default([]),
  network_mode: z.string().optional(),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
  healthcheck: z.looseObject({ test: z.array(z.string()).optional(), disable: z.boolean().default(false) }),
  deploy: z.object({
    resources: z.object({ limits: z.object({ cpus: z.string(), memory: z.string(), pids: z.int() }) }),
  }),
  logging: z.looseObject({ driver: z.string() }),
})
const Compose = z.looseObject({
  services: z.record(z.string(), Service),
  secrets: z.record(z.string(), z.object({ file: z.string() })),
  networks: z.record(z.string(), z.looseObject({ internal: z.boolean().default(false) })),
  volumes: z.record(z.string(), z.null()),
})
const compose = Compose.parse(parse(text, { merge: true }))
const services = Object.entries(compose.services)
const own = services.filter(([, { image }]) => image.startsWith('${SIAGA_IMAGE'))

const networksOf = ({ networks }: z.infer<typeof Service>): string[] =>
  Array.isArray(networks) ? networks : Object.keys(networks)

test('every role is there, with Kafka, ClickHouse, Prometheus, Grafana and the edge', () => {
  expect(own.map(([name]) => name).sort()).toEqual([
    'access',
    'backup',
    'centre',
    'ingest-1',
    'ingest-2',
    'migrate',
    'process',
  ])
  const others = services.filter(([name]) => !own.some(([mine]) => mine === name)).map(([name]) => name)
  expect(others.sort()).toEqual(['clickhouse', 'edge', 'grafana', 'kafka', 'prometheus'])
  expect(own.map(([, { command }]) => command?.[0])).toEqual(
    expect.arrayContaining(['ingest', 'process', 'start', 'migrate']),
  )
})

test.each(own)('%s runs as nobody in particular, on a file system that it cannot write to', (_name, service) => {
  expect(service.read_only).toBe(true)
  expect(service.user).toMatch(/^\$\{SIAGA_UID:-[1-9]\d+\}:\$\{SIAGA_UID:-[1-9]\d+\}$/)
  expect(service.cap_drop).toEqual(['ALL'])
  expect(service.tmpfs).toHaveLength(1)
  expect(service.secrets).toEqual(['master_key'])
  expect(service.environment.SIAGA_MASTER_KEY_FILE).toBe('/run/secrets/master_key')
  expect(service.volumes[0]).toMatch(/:\/etc\/siaga:ro$/)
  // What ends by itself is not asked whether it is well.
  expect(service.healthcheck.disable).toBe(service.restart === 'no')
  if (!service.healthcheck.disable) expect(service.healthcheck.test?.at(-1)).toBe('/readyz')
})

test.each(services)('%s gains no privileges, has bounds, and no secret in its environment', (_name, service) => {
  expect(service.security_opt).toEqual(['no-new-privileges:true'])
  expect(service.deploy.resources.limits.memory).toMatch(/^(?:\$\{[A-Z]+_MEMORY:-)?\d+[gm]\}?$/)
  expect(service.healthcheck.disable || service.healthcheck.test !== undefined).toBe(true)
  for (const [name, value] of Object.entries(service.environment)) {
    // A name with _FILE says where the secret is, not what it is.
    expect(/PASSWORD|KEY|TOKEN|SECRET/.test(name) && !name.endsWith('_FILE'), name).toBe(false)
    expect(String(value), name).not.toMatch(/:\/\/[^/@]*:[^/@]*@/)
  }
  for (const secret of service.secrets) expect(Object.keys(compose.secrets)).toContain(secret)
})

test('variables of Siaga in it are ones that Siaga reads', () => {
  const known = new Set(environmentSettings.flatMap(({ name }) => [name, `${name}_FILE`]))
  const set = own.flatMap(([, { environment }]) => Object.keys(environment))
  const ours = set.filter((name) => /^(?:SIAGA|KAFKA|CLICKHOUSE)_/.test(name))
  expect(ours.length).toBeGreaterThan(10)
  expect(ours.filter((name) => !known.has(name))).toEqual([])
})

test('Kafka and ClickHouse are reached from within alone; plain HTTP, Prometheus and Grafana from this machine alone', () => {
  expect(compose.networks.backend?.internal).toBe(true)
  for (const name of ['kafka', 'clickhouse']) {
    const service = compose.services[name]
    expect(service?.ports).toEqual([])
    expect(service && networksOf(service)).toEqual(['backend'])
  }
  expect(compose.services.access?.network_mode).toBe('none')
  for (const name of ['edge', 'prometheus', 'grafana'])
    for (const port of compose.services[name]?.ports ?? [])
      expect(port).toMatch(/^\$\{[A-Z_]+:-127\.0\.0\.1:\d+\}:\d+$/)
  // Who is not on the network of the metrics cannot read them.
  const readers = services.filter(([, service]) => networksOf(service).includes('metrics')).map(([name]) => name)
  expect(readers.sort()).toEqual(['centre', 'grafana', 'ingest-1', 'ingest-2', 'process', 'prometheus'])
})

test('processes start after the schema, the schema after its users', () => {
  for (const name of ['ingest-1', 'ingest-2', 'process', 'centre'])
    expect(compose.services[name]?.depends_on).toMatchObject({
      kafka: { condition: 'service_healthy' },
      migrate: { condition: 'service_completed_successfully' },
    })
  expect(compose.services.migrate?.depends_on).toMatchObject({ clickhouse: { condition: 'service_healthy' } })
  expect(compose.services.clickhouse?.depends_on).toMatchObject({
    access: { condition: 'service_completed_successfully' },
  })
})

test('each volume is named and used', () => {
  const used = new Set(
    services.flatMap(([, { volumes }]) =>
      volumes.flatMap((one) => {
        // A folder of .env, or this volume.
        const plain = typeof one === 'string' ? one.replace(/^\$\{\w+:-([^}]+)\}/, '$1') : one.source
        const source = plain.split(':')[0] ?? ''
        return /^[a-z]/.test(source) ? [source] : []
      }),
    ),
  )
  expect([...used].sort()).toEqual(Object.keys(compose.volumes).sort())
})

test('prometheus.yml asks services of this file by the ports that they have', () => {
  const scraped = readDocument('deploy/prometheus/prometheus.yml')
  for (const name of ['ingest-1:8080', 'ingest-2:8080', 'centre:8080', '[process]']) expect(scraped).toContain(name)
  expect(compose.services.process?.environment.SIAGA_METRICS_PORT).toBe(9464)
  expect(scraped).toContain('port: 9464')
})

test('the ClickHouse server has what docs/access.md asks for, and its workloads are those of the embedded one', () => {
  const server = readDocument('deploy/compose/clickhouse/server.xml')
  const asked = /```xml\n([\s\S]*?)```/.exec(readDocument('docs/access.md'))?.[1] ?? ''
  const lines = asked.split('\n').flatMap((line) => (/^\s*<(?!!|\/)/.test(line) ? [line.trim()] : []))
  expect(lines.length).toBeGreaterThan(6)
  expect(lines.filter((line) => !server.includes(line))).toEqual([])
  const workloads = readDocument('deploy/compose/clickhouse/workloads.sql')
  const statements = workloads.split('\n').filter((line) => line !== '' && !line.startsWith('--'))
  expect(statements).toEqual(workloadsSql.map((statement) => `${statement};`))
})

test('its one broker and its one server write to the disk before they answer, as the embedded ones do', () => {
  const server = readDocument('deploy/compose/clickhouse/server.xml')
  const embedded = readDocument('deploy/embedded/clickhouse.ts')
  for (const name of durableSettings)
    for (const text of [server, embedded]) expect(text).toContain(`    <${name}>1</${name}>\n`)
  expect(compose.services.kafka?.environment.KAFKA_LOG_FLUSH_INTERVAL_MESSAGES).toBe(1)
  expect(readDocument('deploy/embedded/kafka.ts')).toContain("'log.flush.interval.messages': 1")
})

describe('the back-up', () => {
  const { backup, centre, clickhouse } = compose.services
  const targets = (service: typeof backup): string[] =>
    (service?.volumes ?? []).map((one) => (typeof one === 'string' ? one.replace(/^.*?:(?=\/)/, '') : ''))

  test('is a service that `up` does not start, and sees all that the centre keeps', () => {
    expect(backup).toMatchObject({ profiles: ['backup'], restart: 'no' })
    expect(backup?.volumes).toEqual(expect.arrayContaining(centre?.volumes ?? ['none']))
    expect(targets(backup)).toContain('/var/backups/siaga')
    expect(backup?.depends_on).toMatchObject({
      kafka: { condition: 'service_healthy' },
      clickhouse: { condition: 'service_healthy' },
    })
  })

  test('puts tables where ClickHouse may write them: on a disk of its own volume', () => {
    const [command, folder, ...options] = backup?.command ?? []
    expect([command, folder]).toEqual(['backup', '/var/backups/siaga'])
    const place = options[options.indexOf('--clickhouse') + 1] ?? ''
    const [, disk = ''] = /^Disk\('(\w+)', '[^']+'\)$/.exec(place) ?? []
    expect(placeOf(place, '20261129T190000Z', 0)).toBe(`Disk('${disk}', 'siaga/20261129T190000Z-0')`)
    const server = readDocument('deploy/compose/clickhouse/server.xml')
    const [, path = ''] = new RegExp(`<${disk}><type>local</type><path>(.+)/</path></${disk}>`).exec(server) ?? []
    expect(server).toContain(`<backups><allowed_disk>${disk}</allowed_disk></backups>`)
    expect(targets(clickhouse)).toContain(path)
    // A new volume becomes what it is mounted over: the server's own folder, in the image that is built here.
    expect(readDocument('deploy/image/services/clickhouse/Dockerfile')).toContain(
      `-o 101 -g 101 /var/lib/clickhouse ${path} `,
    )
    expect(readDocument('deploy/image/Dockerfile')).toMatch(
      /install -d -o 10001 -g 10001 -m 700 [^&]*\/var\/backups\/siaga /,
    )
  })
})

describe('the configuration to begin with', () => {
  test('is accepted as it is, and trusts the proxy of this file', () => {
    const { config, warnings } = loadConfig({ file: join(folder, 'config/siaga.yaml'), env: {}, cwd: folder })
    expect(warnings).toEqual([])
    expect(text).toContain(`EDGE_SUBNET:-${config.http.trusted_proxies[0]}}`)
    expect(config.kafka.partitions).toBe(4)
    expect(text).toContain(`GRAFANA_ROOM:-${config.rooms[0]?.id}}`)
  })
})

describe('the edge', () => {
  test('leaves what is for the machine and for Prometheus alone, and knows every door of the collectors', () => {
    const routes = readDocument('deploy/compose/edge/routes.conf')
    const [toCollectors = /$^/, hidden = /$^/] = [...routes.matchAll(/^location ~ (\S+) \{$/gm)].map(
      (match) => new RegExp(match[1] ?? ''),
    )
    for (const path of [
      '/v1/events/web',
      '/v1/logs',
      '/elastic/_bulk',
      '/services/collector/event',
      '/loki/api/v1/push',
    ])
      expect(toCollectors.test(path), path).toBe(true)
    // Evidence of reports and the lists of probes lie with the centre.
    for (const path of ['/', '/v1/reports', '/v1/watch', '/v1/alerts', '/api/session', '/n/token', '/v1/eventsx'])
      expect(toCollectors.test(path) || hidden.test(path), path).toBe(false)
    for (const path of ['/metrics', '/status', '/status.js', '/v1/status']) expect(hidden.test(path), path).toBe(true)
  })
})

const openssl = spawnSync('openssl', ['version']).status === 0

describe('secrets.sh', () => {
  let work: string
  beforeAll(async () => {
    work = await mkdtemp(join(tmpdir(), 'siaga-secrets-'))
  })
  afterAll(() => rm(work, { recursive: true, force: true }))
  const run = (...args: string[]): { status: number | null; stdout: string; stderr: string } =>
    spawnSync('bash', [join(folder, 'secrets.sh'), ...args], {
      encoding: 'utf8',
      env: { PATH: process.env.PATH, SECRETS_DIR: join(work, 'secrets'), ENV_FILE: join(work, '.env') },
    })
  const read = (file: string): Promise<string> => readFile(join(work, file), 'utf8')
  const mode = async (file: string): Promise<string> => ((await stat(join(work, file))).mode & 0o777).toString(8)

  test('makes them once, readable in a container and for nobody else on the machine', async () => {
    expect(run()).toMatchObject({ status: 0, stderr: '' })
    const key = await read('secrets/master.key')
    expect(Buffer.from(key, 'base64')).toHaveLength(32)
    expect(await mode('secrets')).toBe('700')
    expect(await mode('secrets/master.key')).toBe('444')
    const env = await read('.env')
    expect(env).toMatch(/^KAFKA_CLUSTER_ID=[\w-]{22}\n$/)
    expect(run().stdout).toContain('everything is there')
    expect(await read('secrets/master.key')).toBe(key)
    expect(await read('.env')).toBe(env)
  })

  test.skipIf(!openssl)(
    'puts a certificate in its place, where the container that has it open sees it, and refuses a key that is not its own',
    async () => {
      const make = (name: string): void => {
        const subject = [
          '-subj',
          '/CN=siaga.example',
          '-keyout',
          join(work, `${name}.key`),
          '-out',
          join(work, `${name}.crt`),
        ]
        spawnSync('openssl', [
          'req',
          '-x509',
          '-newkey',
          'ec',
          '-pkeyopt',
          'ec_paramgen_curve:P-256',
          '-nodes',
          '-days',
          '2',
          ...subject,
        ])
      }
      make('old')
      make('new')
      const put = (crt: string, key: string) => run('tls', join(work, `${crt}.crt`), join(work, `${key}.key`))
      expect(put('old', 'old').status).toBe(0)
      const { ino } = await stat(join(work, 'secrets/edge.crt'))
      expect(put('new', 'old')).toMatchObject({ status: 1, stderr: expect.stringContaining('is not the key of') })
      expect(await read('secrets/edge.crt')).toBe(await read('old.crt'))
      expect(put('new', 'new').status).toBe(0)
      expect(await read('secrets/edge.crt')).toBe(await read('new.crt'))
      expect((await stat(join(work, 'secrets/edge.crt'))).ino).toBe(ino)
      expect(await mode('secrets/edge.key')).toBe('444')
    },
  )

  test('says how it is used when it is used wrongly', async () => {
    await writeFile(join(work, 'x'), '')
    expect(run('--force')).toMatchObject({ status: 2, stderr: expect.stringContaining('usage:') })
    expect(run('tls', join(work, 'x'))).toMatchObject({ status: 2, stderr: expect.stringContaining('usage:') })
  })
})
