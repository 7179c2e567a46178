// What does `siaga start` say when everything runs? Where things are, and one line each to send an event and to look at it.
import type { ResolvedConfig } from '../../runtime/config.ts'
import { localAddress } from '../local-address.ts'

/** Variables that a command in another terminal needs too, to find the same Siaga. */
const needed = ['SIAGA_CONFIG', 'SIAGA_DATA_DIR', 'CLICKHOUSE_URL', 'SIAGA_EMBEDDED_CLICKHOUSE_PORT']

/**
 * The closing words. `key` is that of the source `demo`; undefined if somebody revoked it. `firstLink`: path with which the first administrator
 * chooses a password, as long as there is none.
 */
export function readyText(
  { http, clickhouse, kafka }: ResolvedConfig,
  key: string | undefined,
  env: NodeJS.ProcessEnv,
  firstLink: string | undefined,
): string {
  const web = localAddress(http)
  const line = `${new Date().toISOString()} kpu-web sshd[4242]: Failed password for root from 203.0.113.7 port 4242 ssh2`
  const send =
    key === undefined
      ? '  npx siaga keys create demo      # the key of the source demo was revoked; make a new one'
      : `  curl -sS ${web}/v1/events/demo -H 'Authorization: Bearer ${key}' -H 'Content-Type: text/plain' -d '${line}'`
  const same = needed.flatMap((name) => {
    const value = env[name]
    // An address may hold a password: name the variable, do not print it.
    return value === undefined || value === ''
      ? []
      : [name === 'CLICKHOUSE_URL' ? `${name}="$${name}"` : `${name}=${value}`]
  })
  const first =
    firstLink === undefined
      ? ''
      : `
Buat administrator pertama (tautan sekali pakai, tiga hari) / make the first administrator:
  ${web}${firstLink}
`
  return `
Siaga siap / is ready
  web page      ${web}
  status        ${web}/status
  HTTP events   ${web}/v1/events/{source}
  Kafka         ${kafka.brokers.length > 0 ? kafka.brokers.join(', ') : `127.0.0.1:${kafka.embedded_port}`}
  ClickHouse    ${clickhouse.url === '' ? `http://127.0.0.1:${clickhouse.embedded_port}` : new URL(clickhouse.url).host}
${first}
Kirim satu kejadian / send an event:
${send}

Lihat hasilnya / see what came of it:
  ${[...same, 'npx siaga sql'].join(' ')} "SELECT timestamp, dataset, source_ip, user_name, score FROM events ORDER BY ingested_at DESC LIMIT 5"

Ctrl-C berhenti / stops.
`
}
