// siaga access: who sees what in ClickHouse, and how does an Operation Room connect?
import { type AccessDefinition, accessFor } from '../../deploy/clickhouse/access.ts'
import { roomUserName } from '../../deploy/clickhouse/rooms.ts'
import { clickhousePassword } from '../../deploy/clickhouse/users.ts'
import { accessSql, strayUsersSql } from '../../deploy/clickhouse/users-sql.ts'
import { usersXml } from '../../deploy/clickhouse/users-xml.ts'
import type { ResolvedConfig } from '../../runtime/config.ts'
import { nearest } from '../../runtime/config-nearest.ts'
import { isCentre } from '../../runtime/scope.ts'
import { existingMasterKey } from '../../runtime/secrets.ts'
import type { Room } from '../../schemas/room.ts'
import { ownClickHouseUser } from '../clickhouse-access.ts'
import { type CliCommand, CommandError, type Frame } from '../frame.ts'
import { languageOf, printable, table } from '../terminal.ts'

export const access: CliCommand = {
  name: 'access',
  summary: 'Say which ClickHouse users there are, what each room sees, and how to connect.',
  ringkasan: 'Tampilkan pengguna ClickHouse, apa yang dilihat tiap Ruang Operasi, dan cara menyambung.',
  details:
    'Every room of siaga.yaml has a user that reads the rows of its region and owners. The embedded server takes up rooms when\n' +
    'Siaga starts: after a change in `rooms:` start it again. A cluster of your own gets them from `siaga access sql`.',
  examples: [
    { run: 'siaga access list', what: 'siapa melihat apa / who sees what' },
    { run: 'siaga access password ruang-jabar', what: 'cara menyambung sebagai ruang / how a room connects' },
  ],
  subcommands: [
    {
      name: 'list',
      summary: 'List the rooms, their users, regions and owners.',
      ringkasan: 'Daftar ruang dengan pengguna, wilayah dan pemilik data.',
      examples: [
        { run: 'siaga access list', what: 'siapa melihat apa / who sees what' },
        { run: 'siaga access list --json', what: 'for programs' },
      ],
      build(command, frame) {
        command
          .option('--json', 'as JSON')
          .option('--lang <language>', 'id or en')
          .action((options: ListOptions) => list(options, frame))
      },
    },
    {
      name: 'sql',
      summary: 'Print the statements that make the users in a cluster of your own.',
      ringkasan: 'Cetak perintah SQL yang membuat pengguna di klaster sendiri.',
      details:
        'To be run as a user that may make users. The user in CLICKHOUSE_URL goes on seeing every row. Passwords are hashes.',
      examples: [
        {
          run: 'siaga access sql --cluster pemilu > access.sql && clickhouse-client --queries-file access.sql',
          what: 'jalankan di klaster / run it in the cluster',
        },
      ],
      build(command, frame) {
        command
          .option('--cluster <name>', 'run every statement ON CLUSTER')
          .action((options: { cluster?: string }) => sql(options.cluster, frame))
      },
    },
    {
      name: 'xml',
      summary: 'Print the users as XML, for users.d of a server of your own.',
      ringkasan: 'Cetak pengguna sebagai XML, untuk users.d di server sendiri.',
      examples: [
        {
          run: 'siaga access xml --network 10.0.0.0/8 > siaga-users.xml',
          what: 'users that come from your network',
        },
      ],
      build(command, frame) {
        command
          .option('--network <network...>', 'networks that users may come from (default: this machine)')
          .action((options: { network?: string[] }) => xml(options.network, frame))
      },
    },
    {
      name: 'password',
      summary: "Print a room's password on standard output, and how to connect beside it.",
      ringkasan: 'Cetak kata sandi sebuah ruang di keluaran standar, dan cara menyambung di sampingnya.',
      details:
        'It follows from the master key: whoever can read the data directory can ask for it. It is stored nowhere.',
      examples: [
        {
          run: 'siaga access password ruang-jabar',
          what: 'untuk klien seperti DBeaver / for a client such as DBeaver',
        },
        {
          run: 'clickhouse-client --user siaga_room_ruang-jabar --password "$(siaga access password ruang-jabar)" -d siaga',
          what: 'straight into a client',
        },
      ],
      build(command, frame) {
        command.argument('<room>', 'id of the room').action((room: string) => password(room, frame))
      },
    },
  ],
}

interface ListOptions {
  readonly json?: boolean
  readonly lang?: string
}

const words = {
  id: {
    headers: ['Ruang', 'Pengguna', 'Wilayah', 'Pemilik data yang dilihat'],
    all: 'semua',
    beneath: 'dan di bawahnya',
    nobody: 'tanpa pemilik',
    none: 'Belum ada ruang di siaga.yaml; tambahkan di bawah `rooms:`.',
  },
  en: {
    headers: ['Room', 'User', 'Region', 'Owners whose data it sees'],
    all: 'all',
    beneath: 'and beneath',
    nobody: 'no owner',
    none: 'There are no rooms in siaga.yaml; add them under `rooms:`.',
  },
}

function list({ json, lang }: ListOptions, frame: Frame): void {
  const { config } = frame.config()
  const seen = config.rooms.map((room) => ({
    room: room.id,
    user: roomUserName(room.id),
    region: room.region,
    centre: isCentre(room),
    owners: ownersOf(room),
  }))
  if (json) {
    frame.stdout.write(`${JSON.stringify(seen, null, 2)}\n`)
    return
  }
  const text = words[languageOf(lang, frame.env)]
  if (seen.length === 0) {
    frame.stderr.write(`${text.none}\n`)
    return
  }
  const rows = seen.map(({ room, user, region, centre, owners }) => [
    room,
    user,
    centre ? text.all : `${region} ${text.beneath}`,
    centre ? text.all : printable(owners.map((owner) => owner || text.nobody).join(', ')),
  ])
  frame.stdout.write(
    table(
      text.headers.map((title) => ({ title })),
      rows,
      frame.paint,
    ),
  )
}

function ownersOf({ owner, sees }: Pick<Room, 'owner' | 'sees'>): string[] {
  return [...new Set(['', owner, ...sees])]
}

/** With rights on the databases of shards where there are some. */
function accessOf({ rooms, clickhouse }: Pick<ResolvedConfig, 'rooms' | 'clickhouse'>): AccessDefinition {
  return accessFor(rooms, { sharded: clickhouse.cluster !== undefined })
}

function sql(cluster: string | undefined, frame: Frame): void {
  const { config } = frame.config()
  const definition = accessOf(config)
  const seesAll = config.clickhouse.url === '' ? [] : [ownClickHouseUser(config.clickhouse)]
  const statements = accessSql(masterKeyOf(config, frame), {
    access: definition,
    cluster,
    seesAll,
  })
  const head = [
    '-- ClickHouse users of Siaga (docs/access.md). In config.d set access_control_improvements/users_without_row_policies_can_read_rows',
    '-- to false and query_masking_rules as the page says. Users of rooms that are gone are dropped by hand; this finds them:',
    `-- ${strayUsersSql(definition)}`,
  ]
  frame.stdout.write(`${[...head, ...statements.map((statement) => `${statement};`)].join('\n')}\n`)
}

function xml(networks: readonly string[] | undefined, frame: Frame): void {
  const { config } = frame.config()
  const options = { access: accessOf(config), ...(networks === undefined ? {} : { networks }) }
  frame.stdout.write(usersXml(masterKeyOf(config, frame), options))
}

function password(id: string, frame: Frame): void {
  const { config } = frame.config()
  const room = config.rooms.find((one) => one.id === id)
  if (room === undefined) {
    const near = nearest(
      id,
      config.rooms.map((one) => one.id),
    )
    throw new CommandError(
      `There is no room \`${printable(id)}\`.`,
      near ? `Did you mean \`${near}\`?` : 'Add it under `rooms:` in siaga.yaml first.',
    )
  }
  const user = roomUserName(id)
  const { url, embedded_port, embedded_tcp_port } = config.clickhouse
  const server = url === '' ? '127.0.0.1' : new URL(url).hostname
  const places =
    url === ''
      ? `HTTP ${server}:${embedded_port}, native ${server}:${embedded_tcp_port}`
      : `HTTP ${new URL(url).host}, native port as your server has it`
  frame.stderr.write(
    `Pengguna / user: ${user}\nBasis data / database: siaga\nAlamat / address: ${places}\n` +
      'Pakai log_comment untuk menyebut nama Anda di jejak audit. / Name yourself in the audit trail with log_comment.\n' +
      'Kata sandi / password:\n',
  )
  frame.stdout.write(`${clickhousePassword(masterKeyOf(config, frame), user)}\n`)
}

/** Asking must not make a key: in the wrong folder it would be one that no server knows. */
function masterKeyOf({ data_dir }: Pick<ResolvedConfig, 'data_dir'>, { env }: Frame): Buffer {
  const masterKey = existingMasterKey(data_dir, env)
  if (masterKey !== undefined) return masterKey
  throw new CommandError(
    `Siaga has not been started with the data directory ${data_dir}.`,
    'Start it in this folder (siaga start), or name its folder with SIAGA_DATA_DIR.',
  )
}
