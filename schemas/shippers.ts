// Which protocols of shippers does the web port speak? Their settings in siaga.yaml.
import { z } from 'zod'

export const Shippers = z.strictObject({
  elastic: z
    .strictObject({
      enabled: z.boolean().default(true).describe('Take events by _bulk'),
      prefix: z
        .string()
        .regex(/^(?:\/[a-z0-9-]+)+$/, 'a path such as /elastic')
        .default('/elastic')
        .describe('Path on the web port that stands before _bulk'),
    })
    .prefault({})
    .describe('Elasticsearch protocol: Filebeat, Logstash, Fluent Bit, rsyslog omelasticsearch'),
  hec: z
    .strictObject({ enabled: z.boolean().default(true).describe('Take events at /services/collector') })
    .prefault({})
    .describe('Splunk HTTP Event Collector protocol'),
  otlp: z
    .strictObject({ enabled: z.boolean().default(true).describe('Take log records at /v1/logs') })
    .prefault({})
    .describe('OpenTelemetry protocol over HTTP, protobuf and JSON'),
  loki: z
    .strictObject({ enabled: z.boolean().default(true).describe('Take entries at /loki/api/v1/push') })
    .prefault({})
    .describe('Loki push protocol, protobuf and JSON: Grafana Alloy, Promtail, Fluent Bit'),
})
