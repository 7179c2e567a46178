// Which errors can Siaga tell its user about? One table: code, message, what to do, whether trying again helps.

interface ErrorSpec {
  /** Sentence with {placeholders} filled from the parameters. */
  readonly message: string
  /** What the user should do. */
  readonly action: string
  /** True if the same call may succeed later without a change. */
  readonly retryable: boolean
}

export const errorTable = {
  PORT_TAKEN: {
    message: 'Port {port} is already in use.',
    action: 'Stop the program that uses it, or choose another with {setting}.',
    retryable: false,
  },
  SOCKET_UNSERVED: {
    message: 'systemd has opened the socket {name}, where nobody would take what comes: {reason}.',
    action: 'Correct that, or close the socket: systemctl disable --now siaga-{name}.socket',
    retryable: false,
  },
  JAVA_MISSING: {
    message: 'Java 17 or newer was not found.',
    action: 'Install it (Debian: apt install default-jre-headless), or set KAFKA_BROKERS to a Kafka of your own.',
    retryable: false,
  },
  MAVEN_MISSING: {
    message: 'Maven (mvn) was not found; it fetches the embedded Kafka once.',
    action: 'Install it (Debian: apt install maven), or set KAFKA_BROKERS to a Kafka of your own.',
    retryable: false,
  },
  MAVEN_FAILED: {
    message: 'Maven could not fetch the embedded Kafka: {detail}',
    action: 'Check the connection to your Maven repository and start again, or set KAFKA_BROKERS.',
    retryable: true,
  },
  CLICKHOUSE_UNSUPPORTED_PLATFORM: {
    message: 'No embedded ClickHouse is available for {platform}.',
    action: 'Set CLICKHOUSE_URL to a ClickHouse server of your own.',
    retryable: false,
  },
  DATA_DIR_IN_USE: {
    message: 'The data directory {dataDir} is in use by process {pid}.',
    action: 'Stop that process, or choose another directory with SIAGA_DATA_DIR.',
    retryable: false,
  },
  DATA_DIR_UNWRITABLE: {
    message: 'The data directory {dataDir} cannot be written.',
    action: 'Give this user write access to it, or choose another with SIAGA_DATA_DIR.',
    retryable: false,
  },
  SERVICE_START_FAILED: {
    message: '{service} did not start: {detail}',
    action: 'Read its log: {log}',
    retryable: true,
  },
  MASTER_KEY_INVALID: {
    message: 'The master key cannot be used: {detail}',
    action: 'Restore secrets/master.key from your backup, or set SIAGA_MASTER_KEY (32 bytes, base64 or hex).',
    retryable: false,
  },
  MASTER_KEY_MISSING: {
    message: 'The master key of the data directory {dataDir} is missing: what is there ({trace}) was made with one.',
    action:
      'Put the copy that was kept apart into {file} (mode 600, of the user that runs Siaga), or name it in SIAGA_MASTER_KEY_FILE. None is made anew here: second factors, recovery codes and tokens would be worthless.',
    retryable: false,
  },
  MASTER_KEY_OTHER: {
    message:
      'The master key of {origin} ({now}) is not the one that the data directory {dataDir} was used with ({before}).',
    action:
      'Put the copy of that one, which was kept apart, into {file}, and unset SIAGA_MASTER_KEY and SIAGA_MASTER_KEY_FILE or let them name it too. If it is lost for good: docs/operators.md, The master key.',
    retryable: false,
  },
  KEYS_INVALID: {
    message: '{detail}',
    action:
      'Restore secrets/keys.json from your backup; if there is none, remove the file and make the keys anew: siaga keys create',
    retryable: false,
  },
  CONFIG_INVALID: {
    message: '{detail}',
    action: 'Correct the setting and run: siaga check',
    retryable: false,
  },
  CONFIG_MISSING: {
    message: 'The configuration file {file} was not found.',
    action: 'Check the path given with --config, or leave it out to use siaga.yaml in this folder.',
    retryable: false,
  },
  KAFKA_UNAVAILABLE: {
    message: 'Kafka does not answer ({detail}).',
    action: 'Check that the brokers in KAFKA_BROKERS run and can be reached; sending again later is safe.',
    retryable: true,
  },
  KAFKA_REFUSED: {
    message: 'Kafka refused the user of Siaga ({detail}).',
    action: 'Check kafka.sasl in siaga.yaml, KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD.',
    retryable: false,
  },
  KAFKA_FORBIDDEN: {
    message: 'Kafka does not let the user of Siaga do this ({detail}).',
    action: 'Give it the rights that docs/operations.md lists under "Ways to Kafka and ClickHouse".',
    retryable: false,
  },
  SCHEDULER_FENCED: {
    message: 'Another scheduler has taken over ({detail}).',
    action:
      'Nothing, if it happens once: processes take turns, and this one stands by. If it goes on, two of them are cut off from each other; see siaga_lease_held.',
    retryable: false,
  },
  CLICKHOUSE_UNAVAILABLE: {
    message: 'ClickHouse does not answer ({detail}).',
    action: 'Check that the server in CLICKHOUSE_URL runs and can be reached.',
    retryable: true,
  },
  CLICKHOUSE_REFUSED: {
    message: 'ClickHouse refused the query: {detail}',
    action: 'Correct the query; `siaga sql --help` has examples.',
    retryable: false,
  },
  MIGRATION_CHANGED: {
    message: 'Migration {file} was changed after it had been applied.',
    action: 'Restore the file and add a new migration for the change.',
    retryable: false,
  },
  ALERT_UNKNOWN: {
    message: 'There is no alert {alert} that this room may act on.',
    action: 'Look for it with: siaga alerts list',
    retryable: false,
  },
  ALERT_STATUS: {
    message: 'The alert {alert} is {status}; {verb} is not possible.',
    action:
      'Look at what was done with: siaga alerts show {alert}. A closed alert can be opened again with: siaga alerts reopen {alert}',
    retryable: false,
  },
  ALERT_MERGED: {
    message: 'The alert {alert} is part of {into}.',
    action: 'Act on {into}, or take it out again with: siaga alerts reopen {alert}',
    retryable: false,
  },
  ALERT_REASON_MISSING: {
    message: '{verb} needs a reason.',
    action: 'Say why in a sentence: others rely on it.',
    retryable: false,
  },
  ALERT_ASSIGNEE_MISSING: {
    message: 'assign needs the name of somebody.',
    action: 'Say to whom the alert is given.',
    retryable: false,
  },
  ALERT_OTHER_MISSING: {
    message: '{verb} needs the id of another alert.',
    action: 'Name the other alert; find it with: siaga alerts list',
    retryable: false,
  },
  ALERT_MERGE_REFUSED: {
    message: 'The alert {alert} cannot become part of {other}: {detail}.',
    action:
      'Link them instead: alerts of several regions or owners stay apart and are one case. Reopen the other one first if it is closed.',
    retryable: false,
  },
  NOTICE_UNKNOWN: {
    message: 'There is no notice {notice} that this room may act on.',
    action: 'Look for it with: GET /v1/notices',
    retryable: false,
  },
  NOTICE_NO_CONTACT: {
    message: 'Nobody is known who answers for the asset {asset}.',
    action: 'Add contacts to the asset in siaga.yaml, or phone its owner.',
    retryable: false,
  },
  NOTICE_NO_LINK: {
    message: 'A notice needs a link, and Siaga does not know where its owners reach it.',
    action: 'Set alerts.notices.public_url or alerts.public_url in siaga.yaml.',
    retryable: false,
  },
  NOTICE_EXISTS: {
    message: 'The notice {notice} about alert {alert} is still open.',
    action: 'Wait for its owner, or withdraw it first.',
    retryable: false,
  },
  NOTICE_OFTEN: {
    message: 'The owner of asset {asset} has had {most} notices of Operation Rooms within a day.',
    action: 'Phone the owner.',
    retryable: false,
  },
  NOTICE_STATE: {
    message: 'The notice {notice} is {state}; {what} is not possible.',
    action: 'Look at what happened with: GET /v1/notices',
    retryable: false,
  },
  NOTICE_FULL: {
    message: 'The notice {notice} has as many answers as it can hold.',
    action: 'Phone the Operation Room.',
    retryable: false,
  },
  SUPPRESSION_INVALID: {
    message: 'The suppression cannot be made: {detail}.',
    action: 'Correct it; it needs an owner, a reason, an end and something to match.',
    retryable: false,
  },
  SUPPRESSION_UNKNOWN: {
    message: 'There is no suppression {id}.',
    action: 'Look for it with: siaga alerts suppressions',
    retryable: false,
  },
  SUPPRESSION_NOT_YOURS: {
    message: 'The suppression {id} cannot be changed by this room, or not any more.',
    action: 'Ask the room that made it, or the centre.',
    retryable: false,
  },
  SECOND_PERSON_NEEDED: {
    message: '{id} needs a second person, and one of the two must be at the centre.',
    action: 'Ask somebody with another name and another key.',
    retryable: false,
  },
  POLICY_NOT_WAITING: {
    message: 'The policy {id} does not wait for anybody.',
    action: 'Look at what waits with: siaga alerts policy',
    retryable: false,
  },
  USAGE: {
    message: '{detail}',
    action: 'See --help.',
    retryable: false,
  },
} as const satisfies Record<string, ErrorSpec>

export type ErrorCode = keyof typeof errorTable

/** An error for the user: a code of the table, its sentence, and what to do. */
export class SiagaError extends Error {
  readonly code: ErrorCode
  readonly action: string
  readonly retryable: boolean

  constructor(code: ErrorCode, params: Record<string, string | number> = {}, options: { cause?: unknown } = {}) {
    const spec = errorTable[code]
    super(fill(spec.message, params), options)
    this.name = 'SiagaError'
    this.code = code
    this.action = fill(spec.action, params)
    this.retryable = spec.retryable
  }
}

function fill(template: string, params: Record<string, string | number>): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => String(params[name] ?? whole))
}

/** True for an error of the system, or of Siaga, with this code. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}

/** Any thrown value as one readable line, for logs and causes. */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.message || error.name
}
