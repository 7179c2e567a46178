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

/** An rsyslog with one action. */
async function rsyslogWith(modules: string, action: string): Promise<RunningClient> {
  const rsyslog = await runRsyslog(
    '',
    (folder, input) => `
global(workDirectory="${folder}" net.enableDNS="off" maxMessageSize="64k")
module(load="imfile")
template(name="when" type="string" string="%timereported:::date-rfc3339%")
${modules}
input(type="imfile" file="${input}" tag="siaga-test:" ruleset="ship")
ruleset(name="ship" queue.type="LinkedList" queue.size="200000" queue.dequeueBatchSize="500") {
  ${action}
}
*.* action(type="omfile" file="${folder}/own.log")
`,
  )
  return {
    send: (from, to) => rsyslog.append(lines(from, to)),
    stop: () => rsyslog.stop(),
    complaints: () => rsyslog.complaints(),
  }
}

const omelasticsearch: Client = {
  name: 'rsyslog omelasticsearch',
  source: 'rsyslog-elastic',
  missing: whyNoRsyslog({ 'omelasticsearch.so': 'rsyslog-elasticsearch' }),
  start: ({ ports }, key) =>
    rsyslogWith(
      `module(load="omelasticsearch")
template(name="document" type="string" string="%$!all-json%")
template(name="id" type="string" string="%$.id%")`,
      `if strlen($.omes!status) > 0 then {
    if ($.omes!status == 201) or ($.omes!status == 200) then stop
    set $.id = $.omes!_id;
  } else {
    set $!timereported = exec_template("when");
    set $!hostname = $hostname;
    set $!syslogtag = $syslogtag;
    set $!message = $msg;
    set $.id = $uuid;
  }
  action(type="omelasticsearch" server="http://127.0.0.1:${ports.http}/elastic" uid="siaga" pwd="${key}" searchIndex="rsyslog-elastic" searchType=""
         template="document" bulkmode="on" dynbulkid="on" bulkid="id" writeoperation="create" retryfailures="on" retryruleset="ship"
         action.resumeRetryCount="-1" action.resumeInterval="1")`,
    ),
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
  async start({ web }, key) {
    const log: string[] = []
    return {
      // In requests of 500 events, without anything between the objects, one after the other.
      async send(from, to) {
        for (let first = from; first < to; first += 500) {
          const body = Array.from({ length: Math.min(500, to - first) }, (_, index) =>
            JSON.stringify({ event: numberedLine(first + index), host: 'kpu', sourcetype: 'siaga-test' }),
          ).join('')
          const args = [
            '-sS',
            '--fail-with-body',
            '--retry',
            '20',
            '--retry-all-errors',
            '-H',
            `Authorization: Splunk ${key}`,
          ]
          const child = spawn('curl', [...args, '--data-binary', '@-', `${web}/services/collector/event`])
          for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => log.push(String(data)))
          child.stdin.end(body)
          const [code] = await once(child, 'close')
          if (code !== 0) throw new Error(`curl ended with ${code}: ${log.join('').slice(-1000)}`)
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
  start: ({ ports }) =>
    rsyslogWith(
      `module(load="omkafka")
template(name="line" type="string" string="<%pri%>1 %timereported:::date-rfc3339% %hostname% siaga-test - - - %msg%")`,
      `action(type="omkafka" broker=["127.0.0.1:${ports.kafka}"] topic="siaga.in.rsyslog-kafka" template="line" resubmitOnFailure="on" keepFailedMessages="on"
         confParam=["compression.codec=snappy", "enable.idempotence=true", "message.timeout.ms=600000"] action.resumeRetryCount="-1")`,
    ),
}

/** kcat, one run for each half; with a codec that our own reader does not know. */
const kcat: Client = {
  name: 'kcat',
  source: 'kcat',
  kafka: true,
  missing: spawnSync('kcat', ['-V']).status === 0 ? undefined : 'kcat is not installed (Debian: apt install kcat)',
  async start({ ports }) {
    const log: string[] = []
    return {
      async send(from, to) {
        const args = ['-P', '-b', `127.0.0.1:${ports.kafka}`, '-t', 'siaga.in.kcat', '-z', 'lz4']
        // kcat ends when no broker answers it in time.
        const patience = ['socket.timeout.ms', 'api.version.request.timeout.ms', 'message.timeout.ms']
        const settings = ['enable.idempotence=true', ...patience.map((name) => `${name}=120000`)]
        const child = spawn('kcat', [...args, ...settings.flatMap((setting) => ['-X', setting])])
        for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => log.push(String(data)))
        child.stdin.end(lines(from, to))
        const [code] = await once(child, 'close')
        if (code !== 0) throw new Error(`kcat ended with ${code}: ${log.join('').slice(-1000)}`)
      },
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
