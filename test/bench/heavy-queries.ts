// What do ten analysts ask who spare nobody? Rooms, rows of an older time, the heaviest questions a room may ask, and what came of each.
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { type RoomScope, roomUserName } from '../../deploy/clickhouse/rooms.ts'
import { clickhousePassword } from '../../deploy/clickhouse/users.ts'
import type { ClickHouse } from '../../runtime/clickhouse.ts'
import type { TestServices } from '../services.ts'

const room = (id: string, region: string, owner: string): RoomScope => ({ id, name: '', region, owner, sees: ['kpu'] })

/** Four of the centre, who see every row, and six of provinces. */
export const analystRooms: readonly RoomScope[] = [
  ...Array.from({ length: 4 }, (_, at) => room(`pusat-${at}`, '00', 'bssn')),
  ...['31', '32', '33', '34', '35', '36'].map((region) => room(`prov-${region}`, region, 'pemda')),
]

/** As many at once as a room's user may run (deploy/clickhouse/profiles.ts). */
export const AT_ONCE = 6

/** Each reads all that the room may see, or keeps as much as it can; several cannot end within the limits, and should not. */
export const heavyQueries: Readonly<Record<string, string>> = {
  'full scan': 'SELECT sum(cityHash64(*)) FROM events',
  'regexp on message':
    "SELECT count() FROM events WHERE match(message, '(?i)(a+b?)+[0-9]{2,}.*(union|select|passwd|etc).*x?$')",
  'group by with one group a row':
    'SELECT event_id, message, count(), groupArray(url_original) FROM events GROUP BY event_id, message ORDER BY 3 DESC LIMIT 10',
  'join with itself':
    'SELECT count(), max(a.message) FROM events AS a INNER JOIN events AS b ON a.source_ip = b.source_ip AND a.url_path = b.url_path',
  'sort of everything': 'SELECT * FROM events ORDER BY reverse(message), event_id LIMIT 900000 FORMAT Null',
  'uniqExact of several':
    'SELECT uniqExact(event_id), uniqExact(message), uniqExact(source_ip, url_original), uniqExact(user_agent_original) FROM events',
  'window over all':
    'SELECT max(x), max(y) FROM (SELECT lagInFrame(message) OVER (PARTITION BY source_ip ORDER BY timestamp) AS x, row_number() OVER (ORDER BY event_id) AS y FROM events)',
  'cross join': 'SELECT sum(cityHash64(a.event_id, b.event_id)) FROM events AS a, events AS b',
  'hash of numbers': 'SELECT max(sipHash128(number, number)) FROM numbers_mt(1000000000)',
  'large answer': 'SELECT * FROM events LIMIT 1000000',
}

/**
 * Rows of the last days in all regions of the rooms, made inside the server. `seed` makes others of them.
 */
export async function seedEvents(clickhouse: ClickHouse, rows: number, seed = 1): Promise<void> {
  const chunk = 500_000
  for (let from = 0; from < rows; from += chunk) {
    const at = (salt: number, of: number) => `cityHash64(number, ${seed}, ${salt}) % ${of}`
    await clickhouse.command(
      `INSERT INTO siaga.events (timestamp, received_at, ingested_at, retain_until, event_id, source_id, dataset, message, region_code, owner, event_category,
         event_outcome, source_ip, url_original, url_path, http_status_code, user_agent_original, score, _stream, _partition, _offset)
       WITH now64(3) - ${at(1, 864_000)} AS t, IPv4NumToString(toUInt32(3405803776 + ${at(6, 100_000)})) AS ip,
         concat(['/hasil/', '/dpt/cek/', '/berita/', '/api/v1/tps/'][1 + ${at(8, 4)}], toString(${at(9, 5_000)})) AS path,
         concat(path, '?kode=', hex(${at(7, 10_000_000)})) AS url, [200, 200, 200, 304, 404, 500][1 + ${at(10, 6)}] AS status,
         concat('Mozilla/5.0 (Linux; Android ', toString(${at(11, 14)}), ') Chrome/', toString(${at(12, 130)})) AS agent
       SELECT t, t, now64(3) - INTERVAL 1 DAY, now() + INTERVAL 1 YEAR, hex(sipHash128(number, ${seed})),
         concat('web-', toString(${at(2, 200)})), 'nginx.access',
         concat(ip, ' - - [27/Nov/2024:08:16:03 +0700] "GET ', url, ' HTTP/1.1" ', toString(status), ' 512 "-" "', agent, '"'),
         concat(['31', '32', '33', '34', '35', '36'][1 + ${at(3, 6)}], ['', '.01', '.73'][1 + ${at(4, 3)}]), ['kpu', 'pemda', ''][1 + ${at(5, 3)}], 'web',
         if(status < 400, 'success', 'failure'), ip, url, path, status, agent, ${at(13, 20)}, 'seeded', 0, number
       FROM numbers(${from}, ${Math.min(chunk, rows - from)})`,
    )
  }
}

/** Answers of one kind of question: how many ended, and how many were refused by which error of ClickHouse. */
export type Outcomes = Map<string, Map<string, number>>

/** As a room's user over HTTP: `done`, or the name of ClickHouse's error. The answer is read and thrown away. */
export async function askAs(
  services: Pick<TestServices, 'clickhouse' | 'masterKey'>,
  { id }: RoomScope,
  sql: string,
  signal?: AbortSignal,
): Promise<string> {
  const user = roomUserName(id)
  // Not fetch: where the server ends an answer in the middle it throws away the part that says why.
  const sent = request(`${services.clickhouse.url}/?database=siaga`, {
    method: 'POST',
    headers: { 'X-ClickHouse-User': user, 'X-ClickHouse-Key': clickhousePassword(services.masterKey, user) },
    ...(signal === undefined ? {} : { signal }),
  })
  sent.end(sql)
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  let last = ''
  try {
    for await (const part of response.setEncoding('utf8')) last = (last + part).slice(-4_000)
  } catch (error) {
    if (signal?.aborted === true || !last.includes('DB::Exception')) throw error
  }
  // An error that comes when rows have gone out already stands behind them.
  const code = /Code: \d+\. DB::Exception: .*\(([A-Z_]+)\)/s.exec(last)?.[1]
  return code ?? (response.statusCode === 200 ? 'done' : `HTTP ${response.statusCode}`)
}

/** Ten analysts, each with as many questions at once as its user may run, until the signal comes. Each begins at another question. */
export async function analystsAtWork(
  services: Pick<TestServices, 'clickhouse' | 'masterKey'>,
  signal: AbortSignal,
  atOnce = AT_ONCE,
): Promise<Outcomes> {
  const outcomes: Outcomes = new Map()
  const questions = Object.entries(heavyQueries)
  const work = async (who: RoomScope, begin: number): Promise<void> => {
    for (let at = begin; !signal.aborted; at += 1) {
      const [name, sql] = questions[at % questions.length] ?? ['', '']
      const outcome = await askAs(services, who, sql, signal).catch((error: unknown) => {
        if (signal.aborted) return 'still running at the end'
        return error instanceof Error ? error.message : String(error)
      })
      const of = outcomes.get(name) ?? new Map<string, number>()
      outcomes.set(name, of.set(outcome, (of.get(outcome) ?? 0) + 1))
      // Whoever is refused at once tries again in a moment, as a person or a dashboard would.
      if (outcome === 'TOO_MANY_SIMULTANEOUS_QUERIES' || outcome === 'QUOTA_EXCEEDED') await sleep(200)
    }
  }
  await Promise.all(
    analystRooms.flatMap((who, n) => Array.from({ length: atOnce }, (_, lane) => work(who, n + lane * 3))),
  )
  return outcomes
}
