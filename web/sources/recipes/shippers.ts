// How do shippers of logs send to Siaga? By key, over HTTP: Fluent Bit, Vector, Filebeat, OpenTelemetry, curl; on Windows Winlogbeat.
import { type DeviceRecipes, KEY, type Place, partsOf, type Recipe } from './recipe.ts'

const follow = {
  id: 'Ganti jalur berkas log bila perlu.',
  en: 'Change the path of the log file where it is another.',
}

function fluentBit({ url, source, elastic }: Place): Recipe {
  const { host, port, tls } = partsOf(url)
  return {
    files: [
      {
        path: '/etc/fluent-bit/fluent-bit.conf',
        text: `[INPUT]
    Name tail
    Path /var/log/nginx/access.log
    DB /var/lib/fluent-bit/siaga.db
    storage.type filesystem

[OUTPUT]
    Name es
    Match *
    Host ${host}
    Port ${port}
    tls ${tls ? 'On' : 'Off'}
    Path ${elastic}
    HTTP_User siaga
    HTTP_Passwd ${KEY}
    Index ${source}
    Suppress_Type_Name On
    Generate_ID On
    Retry_Limit False
`,
      },
    ],
    steps: [
      follow,
      {
        id: 'storage.type filesystem butuh storage.path pada [SERVICE].',
        en: 'storage.type filesystem needs a storage.path under [SERVICE].',
      },
      { id: 'systemctl restart fluent-bit', en: 'systemctl restart fluent-bit' },
    ],
    tried: 'by_manual',
  }
}

function vector({ url, source }: Place): Recipe {
  return {
    files: [
      {
        path: '/etc/vector/siaga.yaml',
        text: `sources:
  siaga_in:
    type: file
    include: [/var/log/nginx/access.log]
sinks:
  siaga:
    type: http
    inputs: [siaga_in]
    uri: ${url}/v1/events/${source}
    method: post
    auth: {strategy: bearer, token: ${KEY}}
    encoding: {codec: text}
    framing: {method: newline_delimited}
    request: {headers: {Content-Type: text/plain}}
    buffer: {type: disk, max_size: 1073741824}
    acknowledgements: {enabled: true}
`,
      },
    ],
    steps: [follow, { id: 'vector validate /etc/vector/siaga.yaml', en: 'vector validate /etc/vector/siaga.yaml' }],
    tried: 'by_manual',
  }
}

function filebeat({ url, source, elastic }: Place): Recipe {
  return {
    files: [
      {
        path: '/etc/filebeat/filebeat.yml',
        text: `filebeat.inputs:
  - {type: filestream, id: siaga, paths: [/var/log/nginx/access.log]}
output.elasticsearch: {hosts: ["${url}"], path: ${elastic}, username: siaga, password: ${KEY}, index: ${source}}
setup: {template.enabled: false, ilm.enabled: false}
`,
      },
    ],
    steps: [
      follow,
      {
        id: 'filebeat test config && systemctl restart filebeat',
        en: 'filebeat test config && systemctl restart filebeat',
      },
    ],
    tried: 'by_manual',
  }
}

function winlogbeat({ url, source, elastic }: Place): Recipe {
  return {
    files: [
      {
        path: 'C:\\Program Files\\Winlogbeat\\winlogbeat.yml',
        text: `winlogbeat.event_logs:
  - {name: Security, ignore_older: 72h}
  - {name: System, ignore_older: 72h}
  - {name: Microsoft-Windows-Sysmon/Operational, ignore_older: 72h}
  - {name: Microsoft-Windows-PowerShell/Operational, ignore_older: 72h}
output.elasticsearch: {hosts: ["${url}"], path: ${elastic}, username: siaga, password: ${KEY}, index: ${source}}
setup: {template.enabled: false, ilm.enabled: false}
`,
      },
    ],
    steps: [
      {
        id: 'PowerShell sebagai Administrator: .\\winlogbeat.exe test config; Restart-Service winlogbeat',
        en: 'PowerShell as Administrator: .\\winlogbeat.exe test config; Restart-Service winlogbeat',
      },
    ],
    tried: 'by_manual',
  }
}

function otlp({ url }: Place): Recipe {
  return {
    files: [
      {
        path: '/etc/otelcol/config.yaml',
        text: `receivers:
  otlp: {protocols: {grpc: {}, http: {}}}
extensions:
  file_storage: {directory: /var/lib/otelcol}
exporters:
  otlphttp/siaga:
    logs_endpoint: ${url}/v1/logs
    headers: {authorization: "Bearer ${KEY}"}
    retry_on_failure: {max_elapsed_time: 0s}
    sending_queue: {storage: file_storage}
service:
  extensions: [file_storage]
  pipelines:
    logs: {receivers: [otlp], exporters: [otlphttp/siaga]}
`,
      },
    ],
    steps: [
      {
        id: 'SDK tanpa Collector: OTEL_EXPORTER_OTLP_LOGS_ENDPOINT dan OTEL_EXPORTER_OTLP_LOGS_HEADERS dengan nilai yang sama.',
        en: 'An SDK without the Collector: OTEL_EXPORTER_OTLP_LOGS_ENDPOINT and OTEL_EXPORTER_OTLP_LOGS_HEADERS with the same values.',
      },
    ],
    tried: 'tested',
  }
}

function curl({ url, source }: Place): Recipe {
  return {
    files: [
      {
        path: '',
        text: `SIAGA='${KEY}'
curl -sS --fail-with-body ${url}/v1/events/${source} -H "Authorization: Bearer $SIAGA" \\
  -H 'Content-Type: text/plain' --data-binary @access.log
`,
      },
    ],
    steps: [
      {
        id: 'Jawaban 202: setiap baris sudah tersimpan. Jawaban lain: kirim ulang.',
        en: 'The answer 202: every line is kept. Any other: send it again.',
      },
    ],
    tried: 'tested',
  }
}

export const shipperDevices: readonly DeviceRecipes[] = [
  {
    device: 'fluent-bit',
    name: 'Fluent Bit',
    formats: [],
    note: { id: 'Ringan; untuk server dan kontainer.', en: 'Light; for servers and containers.' },
    ways: { key: fluentBit },
  },
  {
    device: 'vector',
    name: 'Vector',
    formats: [],
    note: { id: 'Mengikuti berkas dan menyangga di disk.', en: 'Follows files and buffers on disk.' },
    ways: { key: vector },
  },
  {
    device: 'filebeat',
    name: 'Filebeat',
    formats: [],
    note: { id: 'Bila sudah dipakai untuk Elastic.', en: 'Where it runs for Elastic already.' },
    ways: { key: filebeat },
  },
  {
    device: 'otlp',
    name: 'OpenTelemetry (OTLP)',
    formats: [],
    note: { id: 'Untuk aplikasi dengan SDK OpenTelemetry.', en: 'For applications with an OpenTelemetry SDK.' },
    ways: { key: otlp },
  },
  {
    device: 'curl',
    name: 'HTTP / curl',
    formats: [],
    note: { id: 'Untuk mencoba, atau untuk skrip sendiri.', en: 'To try it out, or for a script of your own.' },
    ways: { key: curl },
  },
  {
    device: 'winlogbeat',
    name: 'Windows (Winlogbeat)',
    formats: ['auto', 'windows'],
    note: { id: 'Event Log Windows lewat HTTP dengan kunci.', en: 'The Windows event log over HTTP, with a key.' },
    ways: { key: winlogbeat },
  },
]
