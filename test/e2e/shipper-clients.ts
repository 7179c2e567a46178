// Which shippers do the tests run? Real ones, each with the configuration that README gives, that send numbered lines and repeat what was not taken.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { OTLPLogExporter as JsonExporter } from '@opentelemetry/exporter-logs-otlp-http'
import { OTLPLogExporter as ProtobufExporter } from '@opentelemetry/exporter-logs-otlp-proto'
import { CompressionAlgorithm } from '@opentelemetry/otlp-exporter-base'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs'
import winston from 'winston'
import LokiTransport from 'winston-loki'
import { blocksOf, readDocument } from '../docs/markdown.ts'
import { numberedLine, runRsyslog, whyNoRsyslog } from '../integration/rsyslog-client.ts'
import type { Siaga } from './siaga.ts'

/** A shipper that runs. */
export interface RunningClient {
  /** Hands it the lines with these numbers; it need not have sent them when this resolves. */
  send(from: number, to: number): Promise<void>
  /** Ends it, in order. */
  stop(): Promise<void>
  /** What it complained about. */
  complaints(): string
}

export interface Client {
  readonly name: string
  /** Source that it sends to. */
  readonly source: string
  /** It produces to the source's topic. */
  readonly kafka?: true
  /** Why it cannot run here. */
  readonly missing: string | undefined
  start(siaga: Siaga, key: string): Promise<RunningClient>
}

function lines(from: number, to: number): string {
  return Array.from({ length: to - from }, (_, index) => `${numberedLine(from + index)}\n`).join('')
}

/** A block of README's "Shippers you already run", found by words in it, for a running Siaga. */
function fromReadme(words: string, { ports }: Siaga, source: string, key: string): string {
  const block = blocksOf(readDocument('README.md')).find(({ text }) => text.includes(words))
  if (block === undefined) throw new Error(`README has no block with ${words}`)
  return block.text
    .replaceAll('siaga.example:8080', `127.0.0.1:${ports.http}`)
    .replaceAll('siaga.example:9092', `127.0.0.1:${ports.kafka}`)
    .replaceAll('web-kpu-bandung', source)
    .replace(/\$?SIAGA_KEY/g, key)
}

/** An rsyslog with README's block that holds this ruleset. */
async function rsyslogWith(ruleset: string, siaga: Siaga, source: string, key: string): Promise<RunningClient> {
  const block = fromReadme(`ruleset(name="${ruleset}"`, siaga, source, key).replace(/^call .*$/m, '')
  const rsyslog = await runRsyslog(
    '',
    (folder, input) => `
global(workDirectory="${folder}" net.enableDNS="off" maxMessageSize="64k")
module(load="imfile")
${block}
input(type="imfile" file="${input}" tag="siaga-test:" ruleset="${ruleset}")
*.* action(type="omfile" file="${folder}/own.log")
`,
  )
  return {
    send: (from, to) => rsyslog.append(lines(from, to)),
    stop: () => rsyslog.stop(),
    complaints: () => rsyslog.complaints(),
  }
}

/** Runs README's command for a shell with this on its standard input, and waits for its end. */
async function shellWith(words: string, file: string, input: string, log: string[], ...to: [Siaga, string, string]) {
  const command = fromReadme(words, ...to).replace(file, file.startsWith('@') ? '@-' : '')
  const child = spawn('sh', ['-c', `exec ${command}`])
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => log.push(String(data)))
  child.stdin.end(input)
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`${words} ended with ${code}: ${log.join('').slice(-1000)}`)
}

const omelasticsearch: Client = {
  name: 'rsyslog omelasticsearch',
  source: 'rsyslog-elastic',
  missing: whyNoRsyslog({ 'omelasticsearch.so': 'rsyslog-elasticsearch' }),
  start: (siaga, key) => rsyslogWith('siaga_elastic', siaga, 'rsyslog-elastic', key),
}

/** The SDK of OpenTelemetry with one of its own exporters. */
function openTelemetry(kind: 'JSON' | 'protobuf'): Client {
  const source = `otel-${kind.toLowerCase()}`
  return {
    name: `OpenTelemetry ${kind}`,
    source,
    missing: undefined,
    async start({ web }, key) {
      const Exporter = kind === 'JSON' ? JsonExporter : ProtobufExporter
      const exporter = new Exporter({
        url: `${web}/v1/logs`,
        headers: { authorization: `Bearer ${key}` },
        compression: kind === 'JSON' ? CompressionAlgorithm.GZIP : CompressionAlgorithm.NONE,
        // Five tries, and what is not taken then is thrown away: the time for all of them must outlast an outage.
        timeoutMillis: 120_000,
      })
      const provider = new LoggerProvider({
        resource: resourceFromAttributes({ 'service.name': 'siaga-test', 'host.name': 'kpu' }),
        processors: [
          new BatchLogRecordProcessor({
            exporter,
            maxQueueSize: 50_000,
            maxExportBatchSize: 500,
            scheduledDelayMillis: 200,
            exportTimeoutMillis: 120_000,
          }),
        ],
      })
      const logger = provider.getLogger('e2e', '1')
      return {
        async send(from, to) {
          for (let number = from; number < to; number++)
            logger.emit({ body: numberedLine(number), severityText: 'INFO' })
        },
        stop: () => provider.shutdown(),
        complaints: () => '',
      }
    },
  }
}

/** curl, which is what scripts and many appliances of Splunk users come down to. */
const curl: Client = {
  name: 'curl to HEC',
  source: 'curl-hec',
  missing:
    spawnSync('curl', ['--version']).status === 0 ? undefined : 'curl is not installed (Debian: apt install curl)',
  async start(siaga, key) {
    const log: string[] = []
    return {
      // In requests of 500 events, without anything between the objects, one after the other.
      async send(from, to) {
        for (let first = from; first < to; first += 500) {
          const body = Array.from({ length: Math.min(500, to - first) }, (_, index) =>
            JSON.stringify({ event: numberedLine(first + index), host: 'kpu', sourcetype: 'siaga-test' }),
          ).join('')
          await shellWith('/services/collector/event', '@events.json', body, log, siaga, 'curl-hec', key)
        }
      },
      stop: async () => undefined,
      complaints: () => log.join(''),
    }
  },
}

const omkafka: Client = {
  name: 'rsyslog omkafka',
  source: 'rsyslog-kafka',
  kafka: true,
  missing: whyNoRsyslog({ 'omkafka.so': 'rsyslog-kafka' }),
  start: (siaga, key) => rsyslogWith('siaga_kafka', siaga, 'rsyslog-kafka', key),
}

/** kcat, one run for each half; with a codec that our own reader does not know. */
const kcat: Client = {
  name: 'kcat',
  source: 'kcat',
  kafka: true,
  missing: spawnSync('kcat', ['-V']).status === 0 ? undefined : 'kcat is not installed (Debian: apt install kcat)',
  async start(siaga, key) {
    const log: string[] = []
    return {
      send: (from, to) => shellWith('kcat -P', '< events.log', lines(from, to), log, siaga, 'kcat', key),
      stop: async () => undefined,
      complaints: () => log.join(''),
    }
  },
}

/** The transport of winston for Loki. What fails joins the next batch, so that a retry is never the same request. */
function winstonLoki(json: boolean): Client {
  const source = json ? 'loki-json' : 'loki-protobuf'
  return {
    name: `winston-loki ${json ? 'JSON' : 'snappy protobuf'}`,
    source,
    missing: undefined,
    async start({ web }, key) {
      const log: string[] = []
      const transport = new LokiTransport({
        host: web,
        basicAuth: `${source}:${key}`,
        labels: { job: 'siaga-test', host: 'kpu' },
        format: winston.format.printf(({ message }) => String(message)),
        json,
        interval: 1,
        replaceTimestamp: false,
        gracefulShutdown: false,
        onConnectionError: (error) => log.push(String(error)),
      })
      const logger = winston.createLogger({ transports: [transport] })
      return {
        async send(from, to) {
          for (let number = from; number < to; number++) logger.info(numberedLine(number))
        },
        async stop() {
          await transport.close()
          logger.close()
        },
        complaints: () => log.join('\n'),
      }
    },
  }
}

export const clients: readonly Client[] = [
  omelasticsearch,
  openTelemetry('JSON'),
  openTelemetry('protobuf'),
  curl,
  winstonLoki(true),
  winstonLoki(false),
  omkafka,
  kcat,
]
