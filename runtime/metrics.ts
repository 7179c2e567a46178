// What does Siaga count? Prometheus metrics by prom-client, named once.
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

export type Metrics = ReturnType<typeof createMetrics>

/** A registry with every metric of this process. in = landed + dropped + dead holds for the processor's counters. */
export function createMetrics() {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry, prefix: 'siaga_' })
  const counter = (name: string, help: string, labelNames: string[] = []) =>
    new Counter({ name, help, labelNames, registers: [registry] })
  return {
    registry,
    received: counter('siaga_collector_received_total', 'Events that reached a collector', ['source']),
    receivedBytes: counter('siaga_collector_received_bytes_total', 'Bytes of them', ['source']),
    joined: counter('siaga_collector_joined_total', 'Lines that went into the event of a line before them', ['source']),
    accepted: counter('siaga_collector_accepted_total', 'Events acknowledged by Kafka', ['source']),
    refused: counter('siaga_collector_refused_total', 'Events refused at the door', ['reason']),
    lost: counter('siaga_collector_lost_total', 'Events lost before Kafka, such as UDP datagrams', ['reason']),
    marked: counter('siaga_collector_marked_total', 'Events that a collector had to mark, such as truncated ones', [
      'mark',
    ]),
    relayKept: counter(
      'siaga_relay_delete_failures_total',
      'Times that what was relayed could not be deleted from the topic to which others write',
      ['source'],
    ),
    shipperAnswers: counter('siaga_shipper_answers_total', 'Requests of shippers by protocol and HTTP status', [
      'protocol',
      'status',
    ]),
    consumed: counter('siaga_processor_in_total', 'Messages read from Kafka and accounted for'),
    landed: counter(
      'siaga_processor_landed_total',
      'Rows landed in ClickHouse; a range that a new owner landed again counts again, though its rows are there once',
    ),
    dropped: counter('siaga_processor_dropped_total', 'Messages left out on purpose', ['reason']),
    dead: counter('siaga_processor_dead_total', 'Messages sent to the dead-letter queue', ['reason']),
    findings: counter('siaga_processor_findings_total', 'Findings sent', ['severity']),
    findingsLanded: counter('siaga_findings_landed_total', 'Findings landed in ClickHouse'),
    findingsRepeats: counter('siaga_findings_repeats_total', 'Findings that were there already'),
    findingsDead: counter('siaga_findings_dead_total', 'Messages on siaga.findings sent to the dead-letter queue'),
    findingsRetries: counter('siaga_findings_retries_total', 'Pages of findings tried again'),
    findingsLag: new Gauge({
      name: 'siaga_findings_lag',
      help: 'Messages on siaga.findings that have not landed',
      registers: [registry],
    }),
    alertRows: counter('siaga_alert_log_landed_total', 'Entries of the alert log landed in ClickHouse'),
    alertRowsDead: counter('siaga_alert_log_dead_total', 'Messages on siaga.alert-log sent to the dead-letter queue'),
    alertRowsRetries: counter('siaga_alert_log_retries_total', 'Pages of the alert log tried again'),
    alertRowsLag: new Gauge({
      name: 'siaga_alert_log_lag',
      help: 'Messages on siaga.alert-log that have not landed',
      registers: [registry],
    }),
    alertsOpen: new Gauge({
      name: 'siaga_alerts_open',
      help: 'Alerts that are not closed, by severity, as the holder knows them',
      labelNames: ['severity'],
      registers: [registry],
    }),
    alertsUnrouted: new Gauge({
      name: 'siaga_alerts_unrouted',
      help: 'Open alerts that nobody could be told of',
      registers: [registry],
    }),
    alertStreams: new Gauge({
      name: 'siaga_alert_streams',
      help: 'Live connections to the API of alerts',
      registers: [registry],
    }),
    insertRetries: counter('siaga_sink_insert_retries_total', 'Inserts tried again'),
    insertSeconds: new Histogram({
      name: 'siaga_sink_insert_seconds',
      help: 'Time to land one batch',
      buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
      registers: [registry],
    }),
    correlationSeconds: new Histogram({
      name: 'siaga_correlation_round_seconds',
      help: 'Time of one round of correlations',
      buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
      registers: [registry],
    }),
    historySeconds: new Histogram({
      name: 'siaga_history_hunt_seconds',
      help: 'Time to look for new indicators in history',
      buckets: [1, 5, 15, 60, 300, 900, 3600, 14_400],
      registers: [registry],
    }),
    historyFindings: counter('siaga_history_findings_total', 'Findings of new indicators in history'),
    historySlicesLeft: new Gauge({
      name: 'siaga_history_slices_left',
      help: 'Stretches of history that the hunt under way has before it',
      registers: [registry],
    }),
    silenceSeconds: new Histogram({
      name: 'siaga_silence_round_seconds',
      help: 'Time of one look at who is silent',
      buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
      registers: [registry],
    }),
    sourcesByState: new Gauge({
      name: 'siaga_sources',
      help: 'Sources and probed sites by state: live, quiet, silent, unjudged, never',
      labelNames: ['state'],
      registers: [registry],
    }),
    silenceWatermark: new Gauge({
      name: 'siaga_silence_watermark_timestamp_seconds',
      help: 'Up to when silence has been judged, seconds since 1970 UTC',
      registers: [registry],
    }),
    webFloodSeconds: new Histogram({
      name: 'siaga_web_flood_seconds',
      help: 'Time to judge the minutes that had become complete',
      buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
      registers: [registry],
    }),
    webFloodVerdicts: counter('siaga_web_flood_verdicts_total', 'Minutes of sites judged, by verdict', ['verdict']),
    webFloodSkipped: counter('siaga_web_flood_skipped_total', 'Rushes not judged since too many sites had one at once'),
    ready: new Gauge({
      name: 'siaga_ready',
      help: '1 while events can flow through this process, as its /readyz says',
      registers: [registry],
    }),
    diskFree: new Gauge({
      name: 'siaga_disk_free_bytes',
      help: 'Room left on a disk: data_dir, and those that ClickHouse names',
      labelNames: ['disk'],
      registers: [registry],
    }),
    diskSize: new Gauge({
      name: 'siaga_disk_size_bytes',
      help: 'Size of that disk',
      labelNames: ['disk'],
      registers: [registry],
    }),
    workers: new Gauge({ name: 'siaga_workers', help: 'Processor workers running', registers: [registry] }),
    rules: new Gauge({ name: 'siaga_rules', help: 'Sigma rules in force', registers: [registry] }),
    certificateLogSize: new Gauge({
      name: 'siaga_certificate_log_size',
      help: 'Entries of a certificate log by its last signed head',
      labelNames: ['log'],
      registers: [registry],
    }),
    certificateLogRead: new Gauge({
      name: 'siaga_certificate_log_read',
      help: 'Entries of it up to which it has been read',
      labelNames: ['log'],
      registers: [registry],
    }),
    certificateLogDistrusted: new Gauge({
      name: 'siaga_certificate_log_distrusted',
      help: '1 while a certificate log cannot be trusted and is not read further',
      labelNames: ['log'],
      registers: [registry],
    }),
    indicators: new Gauge({
      name: 'siaga_indicators',
      help: 'Indicators of threat intelligence in force',
      registers: [registry],
    }),
    ruleProblems: new Gauge({
      name: 'siaga_rule_problems',
      help: 'Rule files, or rules in them, that cannot be used; the log says why',
      registers: [registry],
    }),
    repeats: new Gauge({
      name: 'siaga_sender_repeats',
      help: 'Rows of the last ten minutes whose event id came more than once',
      registers: [registry],
    }),
    feedIndicators: new Gauge({
      name: 'siaga_feed_indicators',
      help: 'Indicators of a feed in force',
      labelNames: ['feed'],
      registers: [registry],
    }),
    feedSuccess: new Gauge({
      name: 'siaga_feed_last_success_timestamp_seconds',
      help: 'When a feed was last fetched and read, seconds since 1970 UTC',
      labelNames: ['feed'],
      registers: [registry],
    }),
    feedWaiting: new Gauge({
      name: 'siaga_feed_waiting',
      help: '1 while an update of a feed waits for a person',
      labelNames: ['feed'],
      registers: [registry],
    }),
    feedFailures: counter('siaga_feed_failures_total', 'Updates of a feed that failed', ['feed', 'reason']),
    leaseHeld: new Gauge({
      name: 'siaga_lease_held',
      help: '1 while this process holds a lease',
      labelNames: ['lease'],
      registers: [registry],
    }),
    alertDeliveries: counter(
      'siaga_alert_deliveries_total',
      'Attempts to deliver messages of alerts: delivered, retry, refused, given_up',
      ['channel', 'outcome'],
    ),
    alertMessagesWaiting: new Gauge({
      name: 'siaga_alert_messages_waiting',
      help: 'Messages of alerts that have not ended',
      labelNames: ['channel'],
      registers: [registry],
    }),
    alertOldestMessage: new Gauge({
      name: 'siaga_alert_oldest_message_seconds',
      help: 'Age of the oldest message that is due and not delivered',
      labelNames: ['channel'],
      registers: [registry],
    }),
    watchdogBeats: counter('siaga_watchdog_beats_total', 'Calls of the outside watchdog: sent, withheld, failed', [
      'outcome',
    ]),
    lag: new Gauge({
      name: 'siaga_consumer_lag',
      help: 'Messages behind the end of a partition',
      labelNames: ['partition'],
      registers: [registry],
    }),
  }
}
