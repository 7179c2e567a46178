// Do the views that people query by name say what lies beneath, in both languages, to each reader their own, and without reading more?
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { type RoomScope, roomUserName } from '../../deploy/clickhouse/rooms.ts'
import { clickhousePassword } from '../../deploy/clickhouse/users.ts'
import { type ClickHouse, createClickHouse } from '../../runtime/clickhouse.ts'
import { loadReference, shippedCalendars } from '../../runtime/reference.ts'
import { eventColumns } from '../../schemas/event.ts'
import { keepReference } from '../../sinks/clickhouse/reference.ts'
import { type OwnServices, startOwnServices } from '../services.ts'

const rooms: RoomScope[] = [{ id: 'jabar', name: '', region: '32', owner: 'pemda', sees: [] }]
const asset = (id: string, name: string, region: string, owner: string) => {
  return { id, name, url: `https://${id}.example`, region, owner, criticality: 'high' as const }
}
const assets = [
  asset('situs-bandung', 'Situs Kota Bandung', '32.73', 'pemda'),
  asset('sirekap', 'Sirekap', '00', 'kpu'),
  asset('situs-papua', 'Situs Papua', '91', 'pemda'),
]
const Row = z.record(z.string(), z.unknown())
type Row = z.infer<typeof Row>

let services: OwnServices
let admin: ClickHouse
let room: ClickHouse
beforeAll(async () => {
  services = await startOwnServices({ kafka: false, migrated: true, rooms })
  const connect = (username: string, password: string) =>
    createClickHouse({ url: services.clickhouse.url, username, password })
  const { username, password } = services.clickhouse.users.admin
  admin = connect(username, password)
  const name = roomUserName('jabar')
  room = connect(name, clickhousePassword(services.masterKey, name))
})
afterAll(async () => {
  await admin?.close()
  await room?.close()
  await services?.stop()
})

const ask = (sql: string, as = admin, settings: Record<string, string | number> = {}): Promise<Row[]> =>
  as.rows(Row, sql, {}, settings)

/** Lands events, and what the rollup makes of them where it is not made by a view. */
async function land(events: readonly Row[]): Promise<void> {
  const body = events.map((event) => ({
    received_at: event.timestamp,
    ingested_at: new Date().toISOString().slice(0, 19).replace('T', ' '),
    retain_until: '2100-01-01 00:00:00',
    source_id: 's',
    dataset: 'nginx.access',
    ...event,
  }))
  await admin.insert({
    statement: "INSERT INTO siaga.events SETTINGS date_time_input_format = 'best_effort' FORMAT JSONEachRow",
    body: [Buffer.from(body.map((event) => JSON.stringify(event)).join('\n'))],
    queryId: crypto.randomUUID(),
    settings: { async_insert: 0 },
    timeoutMs: 30_000,
  })
}

const twins = [
  ['peristiwa', 'events_named'],
  ['peringatan', 'alerts_named'],
  ['temuan', 'findings_named'],
  ['sumber', 'sources_now'],
  ['ringkasan_wilayah', 'region_summary'],
  ['sasaran', 'assets_now'],
] as const

describe('before Siaga has started for the first time', () => {
  test('every view answers, with codes for names', async () => {
    await land([{ timestamp: '2024-11-27 01:00:00', region_code: '32.73', owner: 'pemda', asset_id: 'situs-bandung' }])
    for (const name of twins.flat()) await ask(`SELECT * FROM siaga.${name}`)
    expect(await ask('SELECT wilayah, aset, zona, waktu_setempat FROM siaga.peristiwa')).toEqual([
      { wilayah: '', aset: 'situs-bandung', zona: 'WIB', waktu_setempat: '2024-11-27 08:00:00 WIB' },
    ])
    await admin.command('TRUNCATE TABLE siaga.events')
    await admin.command('TRUNCATE TABLE siaga.activity_hours')
    const reference = loadReference({ calendars: [...shippedCalendars] }, '.')
    await keepReference(admin, { reference, assets })
  })
})

describe('names and times', () => {
  beforeAll(async () => {
    const at = (region_code: string, owner: string, asset_id: string, more: Row = {}): Row => {
      return { timestamp: '2024-11-26 17:30:00.250', region_code, owner, asset_id, election: 'pilkada-2024', ...more }
    }
    await land([
      at('32.73', 'pemda', 'situs-bandung', { phase: 'pemungutan', score: 81, event_id: 'a' }),
      at('51', 'pemda', '', { phase: 'masa_tenang', event_id: 'b' }),
      at('91', 'pemda', 'situs-papua', { phase: 'pemungutan', event_id: 'c' }),
      at('', '', 'sirekap', { election: '', event_id: 'd' }),
      // An asset of another region and owner: its name is not the room's to read.
      at('32', 'pemda', 'sirekap', { phase: 'pemungutan', event_id: 'e' }),
    ])
    const when = "toDateTime64('2024-11-26 17:30:00', 3, 'UTC')"
    await admin.command(
      `INSERT INTO siaga.alerts_rows (alert_id, status, severity, score, region_code, owner, asset_id, phase, first_seen, last_seen, opened_at, version)
       VALUES ('1', 'open', 'critical', 90, '32.73', 'pemda', 'situs-bandung', 'pemungutan', ${when}, ${when}, ${when}, 1),
              ('2', 'in_work', 'low', 40, '32.73', 'pemda', '', 'pemungutan', ${when}, ${when}, ${when}, 1),
              ('3', 'resolved', 'critical', 90, '32.73', 'pemda', 'situs-bandung', 'pemungutan', ${when}, ${when}, ${when}, 1),
              ('4', 'acknowledged', 'high', 80, '91', 'pemda', 'situs-papua', 'pemungutan', ${when}, ${when}, ${when}, 1)`,
    )
    await admin.command(
      `INSERT INTO siaga.findings_rows (finding_id, severity, region_code, owner, asset_id, window_end, score, landed_at)
       VALUES ('1', 'critical', '91', 'pemda', 'situs-papua', ${when}, 90, now64(3))`,
    )
    await admin.command(
      `INSERT INTO siaga.source_states (source_id, kind, region_code, owner, asset_id, state, counted_as, last_event, changed_at)
       VALUES ('web', 'source', '32.73', 'pemda', 'situs-bandung', 'live', 'live', ${when}, ${when}),
              ('waf', 'source', '32.73', 'pemda', 'situs-bandung', 'silent', 'silent', ${when} - 3600, ${when}),
              ('baru', 'source', '91', 'pemda', '', 'never', 'never', toDateTime64(0, 3, 'UTC'), ${when})`,
    )
  })

  test('of events: region, asset, phase, and the clock of the place with its name', async () => {
    const rows = await ask(
      'SELECT event_id, waktu_wib, waktu_setempat, zona, wilayah, provinsi, aset, tahapan, skor FROM siaga.peristiwa ORDER BY event_id',
    )
    expect(rows).toEqual([
      {
        event_id: 'a',
        waktu_wib: '2024-11-27 00:30:00.250',
        waktu_setempat: '2024-11-27 00:30:00 WIB',
        zona: 'WIB',
        wilayah: 'Kota Bandung',
        provinsi: 'Jawa Barat',
        aset: 'Situs Kota Bandung',
        tahapan: 'pemungutan suara',
        skor: 81,
      },
      expect.objectContaining({
        waktu_setempat: '2024-11-27 01:30:00 WITA',
        wilayah: 'Bali',
        aset: '',
        tahapan: 'masa tenang',
      }),
      expect.objectContaining({ waktu_setempat: '2024-11-27 02:30:00 WIT', wilayah: 'Papua', aset: 'Situs Papua' }),
      expect.objectContaining({ waktu_setempat: '2024-11-27 00:30:00 WIB', wilayah: '', provinsi: '', tahapan: '' }),
      expect.objectContaining({ wilayah: 'Jawa Barat', aset: 'Sirekap' }),
    ])
    const [english] = await ask("SELECT * FROM siaga.events_named WHERE event_id = 'c'")
    expect(english).toMatchObject({
      time_wib: '2024-11-27 00:30:00.250',
      time_local: '2024-11-27 02:30:00 WIT',
      zone: 'WIT',
      region: 'Papua',
      province: 'Papua',
      asset: 'Situs Papua',
      phase_name: 'voting',
    })
  })

  test('of alerts, findings and sources, in the words of the desk', async () => {
    expect(
      await ask(
        'SELECT alert_id, keadaan, tingkat, wilayah, aset, terakhir_setempat FROM siaga.peringatan ORDER BY alert_id',
      ),
    ).toEqual([
      {
        alert_id: '1',
        keadaan: 'terbuka',
        tingkat: 'kritis',
        wilayah: 'Kota Bandung',
        aset: 'Situs Kota Bandung',
        terakhir_setempat: '2024-11-27 00:30:00 WIB',
      },
      {
        alert_id: '2',
        keadaan: 'ditangani',
        tingkat: 'rendah',
        wilayah: 'Kota Bandung',
        aset: '',
        terakhir_setempat: '2024-11-27 00:30:00 WIB',
      },
      {
        alert_id: '3',
        keadaan: 'selesai',
        tingkat: 'kritis',
        wilayah: 'Kota Bandung',
        aset: 'Situs Kota Bandung',
        terakhir_setempat: '2024-11-27 00:30:00 WIB',
      },
      {
        alert_id: '4',
        keadaan: 'ditanggapi',
        tingkat: 'tinggi',
        wilayah: 'Papua',
        aset: 'Situs Papua',
        terakhir_setempat: '2024-11-27 02:30:00 WIT',
      },
    ])
    expect(await ask('SELECT wilayah, aset, tingkat, skor, waktu_setempat FROM siaga.temuan')).toEqual([
      { wilayah: 'Papua', aset: 'Situs Papua', tingkat: 'kritis', skor: 90, waktu_setempat: '2024-11-27 02:30:00 WIT' },
    ])
    expect(await ask('SELECT source_id, keadaan, wilayah, terakhir_wib FROM siaga.sumber ORDER BY source_id')).toEqual([
      { source_id: 'baru', keadaan: 'belum pernah terdengar', wilayah: 'Papua', terakhir_wib: null },
      { source_id: 'waf', keadaan: 'diam', wilayah: 'Kota Bandung', terakhir_wib: '2024-11-26 23:30:00.000' },
      { source_id: 'web', keadaan: 'terdengar', wilayah: 'Kota Bandung', terakhir_wib: '2024-11-27 00:30:00.000' },
    ])
  })

  test('a room sees its own, and the name of no asset that is not its own', async () => {
    const rows = await ask('SELECT event_id, aset FROM siaga.peristiwa ORDER BY event_id', room)
    expect(rows).toEqual([
      { event_id: 'a', aset: 'Situs Kota Bandung' },
      { event_id: 'e', aset: 'sirekap' },
    ])
    expect(await ask('SELECT alert_id FROM siaga.alerts_named ORDER BY alert_id', room)).toEqual(
      ['1', '2', '3'].map((alert_id) => ({ alert_id })),
    )
    expect(await ask('SELECT source_id FROM siaga.sumber ORDER BY source_id', room)).toEqual([
      { source_id: 'waf' },
      { source_id: 'web' },
    ])
  })
})

describe('in short', () => {
  const now = new Date(Math.floor(Date.now() / 3_600_000) * 3_600_000 - 2 * 3_600_000)
  const ago = (hours: number): string =>
    new Date(now.getTime() - hours * 3_600_000).toISOString().slice(0, 19).replace('T', ' ')

  beforeAll(async () => {
    const at = (hours: number, more: Row): Row => ({
      timestamp: ago(hours),
      region_code: '32.73',
      owner: 'pemda',
      ...more,
    })
    await land([
      at(0, { asset_id: 'situs-bandung', score: 88, event_outcome: 'failure' }),
      at(20, { asset_id: 'situs-bandung', score: 12 }),
      at(30, { asset_id: 'situs-bandung', score: 99 }),
      at(0, { region_code: '91', score: 5 }),
      at(0, { region_code: '31', owner: 'kpu', score: 7 }),
    ])
  })

  test('a region: events of a day, what is open, whether it is monitored', async () => {
    const rows = await ask('SELECT * FROM siaga.ringkasan_wilayah ORDER BY region_code')
    expect(rows.map(({ region_code }) => region_code)).toEqual(['31', '32.73', '91'])
    expect(rows[1]).toMatchObject({
      wilayah: 'Kota Bandung',
      provinsi: 'Jawa Barat',
      peristiwa_24j: 2,
      gagal_24j: 1,
      skor_tertinggi_24j: 88,
      terbuka_kritis: 1,
      terbuka_tinggi: 0,
      terbuka_rendah: 1,
      pemantauan: 'sebagian',
      sumber: 2,
      sumber_terdengar: 1,
    })
    expect(rows[1]?.terakhir_wib).not.toBeNull()
    const english = await ask('SELECT region_code, open_high, monitored FROM siaga.region_summary ORDER BY region_code')
    expect(english).toEqual([
      { region_code: '31', open_high: 0, monitored: 'no source' },
      { region_code: '32.73', open_high: 0, monitored: 'partly' },
      { region_code: '91', open_high: 1, monitored: 'not monitored' },
    ])
  })

  test('an asset: each of the configuration once, also one that nothing is heard of', async () => {
    const rows = await ask('SELECT * FROM siaga.assets_now ORDER BY asset_id')
    expect(rows).toEqual([
      expect.objectContaining({ asset_id: 'sirekap', events_24h: 0, open_alerts: 0, last_heard_wib: null }),
      expect.objectContaining({
        asset_id: 'situs-bandung',
        asset: 'Situs Kota Bandung',
        url: 'https://situs-bandung.example',
        region: 'Kota Bandung',
        events_24h: 2,
        failures_24h: 1,
        score_max_24h: 88,
        open_alerts: 1,
        open_severe: 1,
        sources: 2,
        heard: 1,
      }),
      expect.objectContaining({ asset_id: 'situs-papua', region: 'Papua', open_alerts: 1 }),
    ])
  })

  test('no setting that a reader may change changes them', async () => {
    for (const name of ['ringkasan_wilayah', 'region_summary', 'sasaran', 'assets_now']) {
      const sql = `SELECT * FROM siaga.${name} ORDER BY ALL`
      const changed = { join_use_nulls: 1, group_by_use_nulls: 1, aggregate_functions_null_for_empty: 1 }
      expect(await ask(sql, admin, changed)).toEqual(await ask(sql))
    }
  })

  test('both languages answer the same rows', async () => {
    for (const [indonesian, english] of twins) {
      const count = async (name: string) => (await ask(`SELECT count() AS n FROM siaga.${name}`))[0]?.n
      expect(await count(indonesian)).toBe(await count(english))
      expect(await count(english)).not.toBe(0)
    }
  })
})

describe('two elections side by side', () => {
  const votes = { 'pilkada-2018': '2018-06-27', 'pilkada-2024': '2024-11-27' }
  beforeAll(async () => {
    await admin.command('TRUNCATE TABLE siaga.events')
    await admin.command('TRUNCATE TABLE siaga.activity_hours')
    const events = Object.entries(votes).flatMap(([election, day]) =>
      // 07:10 on the clock of each place: one moment in WIB is two hours later than in WIT.
      [
        ['32', '07:10:00+07:00'],
        ['32.73', '07:10:00+07:00'],
        ['91', '07:10:00+09:00'],
      ].flatMap(([region_code, clock]) =>
        Array.from({ length: election === 'pilkada-2024' ? 3 : 1 }, () => ({
          timestamp: `${day}T${clock}`,
          region_code,
          owner: 'pemda',
          election,
          phase: 'pemungutan',
          http_status_code: 503,
          score: 71,
        })),
      ),
    )
    await land(events)
  })

  test('voting day by the hour of each place, against the one before', async () => {
    const english = await ask(
      "SELECT * FROM siaga.phase_comparison(election = 'pilkada-2024', earlier = 'pilkada-2018', phase = 'pemungutan', region = '')",
    )
    expect(english).toEqual([
      {
        day: 1,
        hour: 7,
        events: 9,
        events_earlier: 3,
        failures: 0,
        failures_earlier: 0,
        http_errors: 9,
        http_errors_earlier: 3,
        scored_70: 9,
        scored_70_earlier: 3,
        score_max: 71,
        score_max_earlier: 71,
      },
    ])
  })

  test('of a province with what lies beneath; a room compares its own', async () => {
    const asked = (wilayah: string, as = admin) =>
      ask(
        `SELECT hari, jam, peristiwa, peristiwa_sebelumnya FROM siaga.perbandingan_tahapan(pemilihan = 'pilkada-2024', sebelumnya = 'pilkada-2018', tahapan = 'pemungutan', wilayah = '${wilayah}')`,
        as,
      )
    expect(await asked('32')).toEqual([{ hari: 1, jam: 7, peristiwa: 6, peristiwa_sebelumnya: 2 }])
    expect(await asked('32.73')).toEqual([{ hari: 1, jam: 7, peristiwa: 3, peristiwa_sebelumnya: 1 }])
    expect(await asked('3')).toEqual([])
  })
})

describe('what is read', () => {
  // Two regions with the windows of four elections, 1.2 million events: 147 granules.
  beforeAll(async () => {
    await admin.command('TRUNCATE TABLE siaga.events')
    await admin.command(
      `INSERT INTO siaga.events (timestamp, received_at, ingested_at, retain_until, region_code, owner, election, phase, score, source_id, dataset)
       WITH (SELECT groupArray((region_code, from, to, election, phase)) FROM (SELECT * FROM siaga.election_windows WHERE region_code IN ('32.73', '91') ORDER BY region_code, from)) AS w,
         w[1 + intDiv(number * length(w), 1200000)] AS x
       SELECT fromUnixTimestamp64Milli(toInt64(toUnixTimestamp(x.2) + number * 7919 % (toUnixTimestamp(x.3) - toUnixTimestamp(x.2))) * 1000, 'UTC') AS t, t,
         now64(3), '2100-01-01 00:00:00', x.1, 'pemda', x.4, x.5, number % 70, 's', 'd'
       FROM numbers(1200000)`,
    )
    await admin.command('OPTIMIZE TABLE siaga.events FINAL')
  })

  const Explained = z.object({ explain: z.string() })
  /** Granules of each index that a query comes down to, by the words of EXPLAIN. */
  async function granules(table: string, where: string): Promise<{ all: number; left: number; keys: string[] }> {
    const rows = await admin.rows(Explained, `EXPLAIN indexes = 1 SELECT sum(score) FROM siaga.${table} WHERE ${where}`)
    const lines = rows.map(({ explain }) => explain.replace(/^[\s│├└─]+/, ''))
    const steps = lines.flatMap((line) => {
      const [, left, all] = /^Granules: (\d+)\/(\d+)$/.exec(line) ?? []
      return left === undefined ? [] : [{ left: Number(left), all: Number(all) }]
    })
    const keys = lines.flatMap(
      (line) => /^(?:Name: (\w+)|(region_code|timestamp))$/.exec(line)?.slice(1).find(Boolean) ?? [],
    )
    return { all: steps[0]?.all ?? 0, left: steps.at(-1)?.left ?? 0, keys }
  }

  test.each(['events', 'peristiwa', 'events_named'])(
    'of %s: an election and a phase prune to their window',
    async (table) => {
      const window = await granules(table, "election = 'pilkada-2024' AND phase = 'masa_tenang'")
      expect(window.keys).toEqual(expect.arrayContaining(['by_election', 'by_phase']))
      expect(window.all).toBeGreaterThan(100)
      // A window of a region is four granules long and may lie in two entries of an index, of four granules each.
      expect(window.left).toBeLessThanOrEqual(16)
      expect(window.left).toBeGreaterThan(0)
    },
  )

  test.each(['events', 'peristiwa', 'events_named'])('of %s: region and time prune by the sort key', async (table) => {
    const found = await granules(
      table,
      "region_code = '91' AND timestamp >= '2024-11-26 00:00:00' AND timestamp < '2024-11-28 00:00:00'",
    )
    expect(found.keys).toEqual(expect.arrayContaining(['region_code', 'timestamp']))
    expect(found.left).toBeLessThanOrEqual(8)
    expect((await granules(table, 'score > 90')).left).toBe(0)
  })

  test('the clock of people prunes as well', async () => {
    const found = await granules(
      'peristiwa',
      "region_code = '91' AND waktu_wib >= '2024-11-26 00:00:00' AND waktu_wib < '2024-11-28 00:00:00'",
    )
    expect(found.left).toBeLessThanOrEqual(8)
    expect(found.left).toBeGreaterThan(0)
  })
})

describe('the schema', () => {
  test('every column of events is in both views of events, under its own name', async () => {
    for (const name of ['peristiwa', 'events_named']) {
      const columns = await ask(
        `SELECT name, type FROM system.columns WHERE database = 'siaga' AND table = '${name}' ORDER BY position`,
      )
      const expected = Object.entries(eventColumns).map(([column, { type }]) => ({ name: column, type }))
      expect(columns.slice(-expected.length)).toEqual(expected)
    }
  })

  test('every table and view says what it holds', async () => {
    const silent = await ask(
      "SELECT name FROM system.tables WHERE database = 'siaga' AND comment = '' AND engine != 'MaterializedView' AND name != 'migrations'",
    )
    expect(silent).toEqual([])
  })

  test('is there again after the server has been started anew', async () => {
    services.embedded.clickhouse?.kill('SIGKILL')
    for (;;) {
      if (await admin.ping()) break
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
    for (const name of twins.flat()) await ask(`SELECT * FROM siaga.${name} LIMIT 1`)
    await ask("SELECT * FROM siaga.phase_comparison(election = 'a', earlier = 'b', phase = 'c', region = '')")
    expect(await ask("SELECT dictGet('siaga.regions', 'name', '91') AS name", room)).toEqual([{ name: 'Papua' }])
  })
})
