// Is the store the right version, at the newest schema, with a clock like ours, and closed to who may only read?
import { z } from 'zod'
import { readMigrations } from '../../deploy/clickhouse/migrate.ts'
import type { ClickHouse } from '../../runtime/clickhouse.ts'
import { errorText } from '../../runtime/errors.ts'
import { duration, number } from '../terminal.ts'
import { type Examined, ok, trouble } from './examined.ts'

/** The version that Siaga is tried with: text indexes and their functions changed up to it. */
const TRIED_WITH = { major: 26, minor: 7 }
/** Milliseconds. Alerts and silence are judged by both clocks. */
const CLOCK_WARNING = 1_000
const CLOCK_WRONG = 10_000

const Server = z.object({ version: z.string(), now: z.coerce.number() })

/** Version and clock. The clock is known to half of the time that the question took. */
export async function examineServer(clickhouse: ClickHouse, now: () => number = Date.now): Promise<Examined[]> {
  const before = now()
  const [server] = await clickhouse.rows(
    Server,
    "SELECT version() AS version, toUnixTimestamp64Milli(now64(3, 'UTC')) AS now",
  )
  const after = now()
  if (server === undefined) throw new Error('ClickHouse answered no row')
  return [judgeVersion(server.version), judgeClock(server.now, before, after)]
}

export function judgeVersion(version: string): Examined {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const older = major < TRIED_WITH.major || (major === TRIED_WITH.major && minor < TRIED_WITH.minor)
  const text = `ClickHouse ${version}`
  if (!older) return ok('clickhouse', text, text)
  const tried = `${TRIED_WITH.major}.${TRIED_WITH.minor}`
  return trouble(
    'clickhouse',
    'warning',
    {
      id: `${text}, lebih tua daripada ${tried} yang telah dicoba`,
      en: `${text}, older than ${tried}, which was tried`,
    },
    { id: `Perbarui ClickHouse ke ${tried} atau lebih baru.`, en: `Bring ClickHouse to ${tried} or newer.` },
  )
}

export function judgeClock(theirs: number, before: number, after: number): Examined {
  const off = theirs < before ? before - theirs : Math.max(0, theirs - after)
  const text = duration(off / 1_000)
  if (off < CLOCK_WARNING)
    return ok(
      'clock',
      `jam ClickHouse sama dengan jam di sini (${text})`,
      `ClickHouse's clock is that of this machine (${text})`,
    )
  return trouble(
    'clock',
    off >= CLOCK_WRONG ? 'wrong' : 'warning',
    {
      id: `jam ClickHouse berselisih ${text} dari jam di sini`,
      en: `ClickHouse's clock differs from this one by ${text}`,
    },
    {
      id: 'Setel kedua mesin ke NTP yang sama (chrony atau systemd-timesyncd).',
      en: 'Set both machines by the same NTP server (chrony or systemd-timesyncd).',
    },
  )
}

/** Names of migrations that have not been applied. */
export function judgeSchema(pending: readonly string[]): Examined[] {
  const last = readMigrations().at(-1)?.file.slice(0, 4) ?? ''
  if (pending.length === 0) return [ok('schema', `skema terbaru (${last})`, `newest schema (${last})`)]
  return [
    trouble(
      'schema',
      'wrong',
      {
        id: `${number(pending.length, 'id')} migrasi belum diterapkan: ${pending.join(', ')}`,
        en: `${pending.length} not applied: ${pending.join(', ')}`,
      },
      { id: 'siaga migrate', en: 'siaga migrate' },
    ),
  ]
}

const ReadOnly = z.object({ level: z.coerce.number() })

/** May who only reads write? `reader` is logged in as the reader. */
export async function examineAccess(reader: ClickHouse): Promise<Examined[]> {
  const todo = {
    id: 'Terapkan pengguna dari siaga access sql di server.',
    en: 'Apply the users of siaga access sql on the server.',
  }
  try {
    const [row] = await reader.rows(ReadOnly, "SELECT toUInt8(getSetting('readonly')) AS level")
    if ((row?.level ?? 0) > 0)
      return [ok('access', 'pengguna siaga_reader hanya membaca', 'the user siaga_reader only reads')]
    return [
      trouble(
        'access',
        'wrong',
        { id: 'pengguna siaga_reader boleh menulis', en: 'the user siaga_reader may write' },
        todo,
      ),
    ]
  } catch (error) {
    const text = errorText(error)
    return [
      trouble('access', 'wrong', { id: `siaga_reader ditolak: ${text}`, en: `siaga_reader is refused: ${text}` }, todo),
    ]
  }
}
