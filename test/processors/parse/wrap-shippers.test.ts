// What do the documents of shippers become? The line inside is read as if it had come alone, and what the shipper knows is kept.
import { describe, expect, test } from 'vitest'
import { lokiPayload } from '../../../ingest/loki/entries.ts'
import { payloadOf } from '../../../ingest/otlp/record.ts'
import { parseOne, read } from './read.ts'

const failed = 'Failed password for invalid user admin from 203.0.113.7 port 4711 ssh2'
const ssh = {
  dataset: 'sshd',
  event_category: 'authentication',
  event_action: 'ssh_login',
  event_outcome: 'failure',
  source_ip: '203.0.113.7',
  source_port: 4711,
  user_name: 'admin',
}
const access = '198.51.100.23 - - [27/Nov/2024:09:15:01 +0700] "GET /hasil?kab=3273 HTTP/1.1" 404 162 "-" "curl/8.0"'
const web = {
  timestamp: '2024-11-27T02:15:01.000Z',
  event_category: 'web',
  http_method: 'GET',
  http_status_code: 404,
  url_path: '/hasil',
  source_ip: '198.51.100.23',
}

describe('Filebeat', () => {
  const document = {
    '@timestamp': '2024-11-27T01:16:03.123Z',
    '@metadata': { beat: 'filebeat', type: '_doc', version: '8.15.0' },
    log: { offset: 4242, file: { path: '/var/log/auth.log' } },
    message: `Nov 27 08:16:03 web-1 sshd[311]: ${failed}`,
    input: { type: 'filestream' },
    ecs: { version: '8.0.0' },
    host: { name: 'web-1.kpu.example', ip: ['192.0.2.10'] },
    agent: { type: 'filebeat', version: '8.15.0', ephemeral_id: 'x', id: 'y', name: 'web-1' },
  }

  test('a line with its own syslog header', () => {
    const event = read(JSON.stringify(document))
    expect(event).toMatchObject({ ...ssh, host_name: 'web-1', process_name: 'sshd', process_pid: 311 })
    expect(event.fields).toMatchObject({ 'log.file.path': '/var/log/auth.log', 'input.type': 'filestream' })
    expect(Object.keys(event.fields ?? {}).filter((name) => name.startsWith('agent.'))).toEqual([])
  })

  test('a line of a format that the source is set to, with the time of the line', () => {
    const event = read(JSON.stringify({ ...document, message: access }), 'nginx')
    expect(event).toMatchObject({ ...web, dataset: 'nginx.access', host_name: 'web-1.kpu.example' })
  })

  test('a container, and its metadata', () => {
    const event = read(
      JSON.stringify({
        ...document,
        message: access,
        container: { id: 'c0ffee', image: { name: 'nginx:1.27' } },
        kubernetes: { namespace: 'pemilu', pod: { name: 'web-7' }, labels: { app: 'situs' } },
      }),
    )
    expect(event).toMatchObject(web)
    expect(event.fields).toMatchObject({
      'container.id': 'c0ffee',
      'container.image.name': 'nginx:1.27',
      'kubernetes.namespace': 'pemilu',
      'kubernetes.pod.name': 'web-7',
      'kubernetes.labels.app': 'situs',
    })
  })

  test('the journal: the program stands beside the message', () => {
    const event = read(
      JSON.stringify({ ...document, message: failed, process: { pid: 311 }, syslog: { identifier: 'sshd' } }),
    )
    expect(event).toMatchObject({
      ...ssh,
      process_name: 'sshd',
      process_pid: 311,
      timestamp: '2024-11-27T01:16:03.123Z',
    })
  })

  test('what a module has already read stays ECS', () => {
    const event = read(
      JSON.stringify({
        ...document,
        event: { category: ['authentication'], action: 'ssh_login', outcome: 'failure' },
        source: { ip: '203.0.113.7' },
      }),
    )
    expect(event).toMatchObject({ dataset: 'ecs', source_ip: '203.0.113.7', event_outcome: 'failure' })
  })
})

test('Fluent Bit: a container of Kubernetes', () => {
  const event = read(
    JSON.stringify({
      '@timestamp': '2024-11-27T01:16:03.123Z',
      log: `${access}\n`,
      stream: 'stdout',
      time: '2024-11-27T01:16:04Z',
      kubernetes: { pod_name: 'web-7', namespace_name: 'pemilu', host: 'node-3', container_name: 'nginx' },
    }),
  )
  expect(event).toMatchObject({ ...web, host_name: 'node-3' })
  expect(event.fields).toMatchObject({
    'kubernetes.pod_name': 'web-7',
    'kubernetes.container_name': 'nginx',
    'container.log.stream': 'stdout',
  })
})

test('Fluent Bit: its own date, in seconds', () => {
  const event = read(JSON.stringify({ date: 1732669201.5, log: `sshd[311]: ${failed}` }))
  expect(event).toMatchObject({ ...ssh, timestamp: '2024-11-27T01:00:01.500Z' })
})

test('Logstash: the original before the message', () => {
  const event = read(
    JSON.stringify({
      '@timestamp': '2024-11-27T01:16:03.123Z',
      '@version': '1',
      host: { name: 'web-1' },
      event: { original: access },
      message: 'GET /hasil',
      type: 'web',
    }),
  )
  expect(event).toMatchObject({ ...web, host_name: 'web-1', fields: { type: 'web' } })
  expect(read('{"@timestamp":"2024-11-27T01:16:03Z","@version":"1","host":"web-1","message":"halo"}')).toMatchObject({
    dataset: 'plain',
    host_name: 'web-1',
    timestamp: '2024-11-27T01:16:03.000Z',
  })
})

test('rsyslog: message and tag', () => {
  const event = read(
    JSON.stringify({
      timereported: '2024-11-27T08:16:03.123456+07:00',
      hostname: 'web-1',
      syslogtag: 'sshd[311]:',
      message: ` ${failed}`,
    }),
  )
  expect(event).toMatchObject({ ...ssh, host_name: 'web-1', process_pid: 311, timestamp: '2024-11-27T01:16:03.123Z' })
})

test('the journal', () => {
  const event = read(
    JSON.stringify({
      __REALTIME_TIMESTAMP: '1732669201123456',
      _HOSTNAME: 'web-1',
      SYSLOG_IDENTIFIER: 'sshd',
      _PID: '311',
      _SYSTEMD_UNIT: 'ssh.service',
      MESSAGE: failed,
    }),
  )
  expect(event).toMatchObject({
    ...ssh,
    host_name: 'web-1',
    process_name: 'sshd',
    process_pid: 311,
    timestamp: '2024-11-27T01:00:01.123Z',
    fields: { 'systemd.unit': 'ssh.service' },
  })
})

describe('Splunk HEC', () => {
  test('a text', () => {
    const event = read(
      JSON.stringify({
        time: '1732669201.123',
        host: 'web-1',
        sourcetype: 'linux_secure',
        event: `sshd[311]: ${failed}`,
      }),
    )
    expect(event).toMatchObject({ ...ssh, host_name: 'web-1', timestamp: '2024-11-27T01:00:01.123Z' })
    expect(event.fields).toMatchObject({ 'hec.sourcetype': 'linux_secure' })
  })

  test('an object', () => {
    const event = read(JSON.stringify({ time: 1732669201, event: { src_ip: '203.0.113.7', action: 'block' } }))
    expect(event).toMatchObject({ dataset: 'json', source_ip: '203.0.113.7', event_action: 'block' })
  })

  test("a program's own JSON with an event and a time is none", () => {
    expect(read('{"time":1732669201,"host":"web-1","event":"user_login"}')).toMatchObject({
      dataset: 'json',
      event_action: 'user_login',
    })
  })
})

test('Loki: labels and structured metadata', () => {
  const text = lokiPayload({
    labels: '{"job":"sshd","host":"web-1","filename":"/var/log/auth.log"}',
    timestamp: '1732669201123456789',
    line: `sshd[311]: ${failed}`,
    metadata: { detected_level: 'warn' },
  })
  const event = read(text)
  expect(event).toMatchObject({ ...ssh, host_name: 'web-1', log_level: 'warn', timestamp: '2024-11-27T01:00:01.123Z' })
  expect(event.fields).toMatchObject({ 'labels.job': 'sshd', 'log.file.path': '/var/log/auth.log' })
})

describe('OpenTelemetry', () => {
  const record = {
    timeUnixNano: '1732669201123456789',
    observedTimeUnixNano: '1732669202000000000',
    severityNumber: 17,
    severityText: '',
    eventName: '',
    traceId: '5b8efff798038103d269b633813fc60c',
    spanId: 'eee19b7ec3c1b174',
  }
  const group = { resource: '{"host.name":"web-1","service.name":"situs","process.pid":311}', scope: '{"name":"log"}' }

  test('a line that a file reader carries', () => {
    const event = read(payloadOf({ ...record, body: access, attributes: { 'log.file.name': 'access.log' } }, group))
    expect(event).toMatchObject({ ...web, host_name: 'web-1', log_level: 'error' })
    expect(event.fields).toMatchObject({
      'log.file.name': 'access.log',
      'service.name': 'situs',
      'otel.scope.name': 'log',
    })
  })

  test('a text beside attributes', () => {
    const event = read(
      payloadOf(
        {
          ...record,
          body: 'masuk ditolak',
          attributes: {
            'client.address': '203.0.113.7',
            'enduser.id': 'admin',
            'event.outcome': 'failure',
            percobaan: 3,
          },
        },
        group,
      ),
    )
    expect(event).toMatchObject({
      dataset: 'plain',
      source_ip: '203.0.113.7',
      user_name: 'admin',
      event_outcome: 'failure',
      host_name: 'web-1',
      process_name: 'situs',
      process_pid: 311,
      timestamp: '2024-11-27T01:00:01.123Z',
    })
    expect(event.fields).toMatchObject({ percobaan: '3', 'trace.id': record.traceId })
  })

  test('an event of attributes alone, and a body that is an object', () => {
    const attributes = { 'client.address': '203.0.113.7', 'http.request.method': 'GET', 'url.path': '/hasil' }
    expect(read(payloadOf({ ...record, eventName: 'page_view', body: null, attributes }, group))).toMatchObject({
      dataset: 'ecs',
      event_action: 'page_view',
      source_ip: '203.0.113.7',
      http_method: 'GET',
      url_path: '/hasil',
    })
    expect(
      read(payloadOf({ ...record, body: { src_ip: '203.0.113.7', action: 'block' }, attributes: {} }, group)),
    ).toMatchObject({ dataset: 'json', source_ip: '203.0.113.7', event_action: 'block', host_name: 'web-1' })
  })

  test('nothing but a text is that text', () => {
    const nothing = {
      ...record,
      timeUnixNano: '',
      observedTimeUnixNano: '',
      severityNumber: 0,
      traceId: '',
      spanId: '',
    }
    expect(payloadOf({ ...nothing, body: access, attributes: {} }, { resource: '', scope: '' })).toBe(access)
  })
})

test('wrappings inside each other end', () => {
  let text = 'x'
  for (let depth = 0; depth < 12; depth++) text = JSON.stringify({ event: text, sourcetype: 's' })
  expect(parseOne(text).outcome.kind).toBe('ok')
})

test.each([
  ['Docker', { stream: 'stdout', time: '2024-11-27T01:16:03.1Z' }],
  ['Fluent Bit', { date: 1732670163.1 }],
])('a quarter of a million line ends inside a document of %s are no work', (_, around) => {
  const text = JSON.stringify({ log: `${'\n'.repeat(250_000)}x`, ...around })
  const started = performance.now()
  expect(parseOne(text).outcome.kind).toBe('ok')
  expect(performance.now() - started).toBeLessThan(2_000)
})
