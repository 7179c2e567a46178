// siaga keys: who may push events, and how is that taken back?
import { nearest } from '../../runtime/config-nearest.ts'
import { createKey, createRoomKey, listKeys, revokeKey } from '../../runtime/keys.ts'
import type { ApiKey } from '../../schemas/key.ts'
import { type CliCommand, CommandError, type Frame } from '../frame.ts'
import { languageOf, localTime, printable, table } from '../terminal.ts'

export const keys: CliCommand = {
  name: 'keys',
  summary: 'Make, list and revoke the API keys of sources and Operation Rooms.',
  ringkasan: 'Buat, daftar dan cabut kunci API untuk sumber dan Ruang Operasi.',
  details: 'A running server takes up changes within a second. Only hashes are stored: a key is shown once.',
  examples: [
    { run: 'siaga keys create --source web-kpu', what: 'kunci baru untuk sebuah sumber / a new key for a source' },
    { run: 'siaga keys list', what: 'which keys exist' },
  ],
  subcommands: [
    {
      name: 'create',
      summary: 'Make a key for a source or an Operation Room; it is printed once, on standard output.',
      ringkasan: 'Buat kunci untuk sebuah sumber atau Ruang Operasi; ditampilkan satu kali.',
      examples: [
        { run: 'siaga keys create --source web-kpu --label "forwarder in Bandung"', what: 'with a note for people' },
        {
          run: 'SIAGA_KEY=$(siaga keys create --source web-kpu)',
          what: 'langsung ke variabel / straight into a variable',
        },
        {
          run: 'siaga keys create --room ruang-jabar',
          what: 'kunci Ruang Operasi, hanya untuk laporan / the key of a room, for reports only',
        },
      ],
      build(command, frame) {
        command
          .argument('[source]', 'source that the key may send to')
          .option('-s, --source <id>', 'the same, by name')
          .option('-r, --room <id>', 'Operation Room that files reports with it, instead of a source')
          .option('-l, --label <text>', 'what the key is for')
          .action((argument: string | undefined, options: CreateOptions) => create(argument, options, frame))
      },
    },
    {
      name: 'list',
      summary: 'List keys, never their text.',
      ringkasan: 'Daftar kunci, tanpa isinya.',
      examples: [
        { run: 'siaga keys list', what: 'semua kunci / all keys' },
        { run: 'siaga keys list --source web-kpu --json', what: 'keys of one source, for programs' },
      ],
      build(command, frame) {
        command
          .option('-s, --source <id>', 'only keys of this source or room')
          .option('--json', 'as JSON')
          .option('--lang <language>', 'id or en')
          .action((options: ListOptions) => list(options, frame))
      },
    },
    {
      name: 'revoke',
      summary: 'Revoke keys; running servers refuse them within a second.',
      ringkasan: 'Cabut kunci; server yang berjalan menolaknya dalam satu detik.',
      examples: [{ run: 'siaga keys revoke 4k2m9q0abc', what: 'id dari `siaga keys list` / the id from the list' }],
      build(command, frame) {
        command.argument('<id...>', 'ids of keys').action((ids: string[]) => revoke(ids, frame))
      },
    },
  ],
}

interface CreateOptions {
  readonly source?: string
  readonly room?: string
  readonly label?: string
}

async function create(argument: string | undefined, options: CreateOptions, frame: Frame): Promise<void> {
  const source = argument ?? options.source
  const { room, label } = options
  const twice = argument !== undefined && options.source !== undefined && argument !== options.source
  if (twice || (source === undefined) === (room === undefined)) {
    throw new CommandError(
      'A key is for one source or one room.',
      'Name it: siaga keys create --source ID, or siaga keys create --room ID',
      2,
    )
  }
  const { config } = frame.config()
  if (room !== undefined) {
    assertKnown('room', room, config.rooms)
    announce(await createRoomKey(config.data_dir, room, label), `room \`${room}\``, frame)
  } else if (source !== undefined) {
    assertKnown('source', source, config.sources)
    announce(await createKey(config.data_dir, source, label), `source \`${source}\``, frame)
  }
}

function assertKnown(kind: 'source' | 'room', wanted: string, all: readonly { readonly id: string }[]): void {
  const ids = all.map(({ id }) => id)
  if (ids.includes(wanted)) return
  const near = nearest(wanted, ids)
  throw new CommandError(
    `There is no ${kind} \`${wanted}\`.`,
    near ? `Did you mean \`${near}\`?` : `Add it under \`${kind}s:\` in siaga.yaml first.`,
  )
}

function announce({ key, text }: Awaited<ReturnType<typeof createKey>>, holder: string, frame: Frame): void {
  frame.stderr.write(`Key ${key.id} for ${holder}. It is shown this once; keep it safe.\n`)
  frame.stdout.write(`${text}\n`)
}

interface ListOptions {
  readonly source?: string
  readonly json?: boolean
  readonly lang?: string
}

const words = {
  id: {
    headers: ['ID', 'Sumber atau ruang', 'Keterangan', 'Akhiran', 'Dibuat', 'Status'],
    room: 'ruang',
    valid: 'berlaku',
    revoked: 'dicabut',
    none: 'Belum ada kunci.',
  },
  en: {
    headers: ['Id', 'Source or room', 'Label', 'Ends in', 'Made', 'State'],
    room: 'room',
    valid: 'valid',
    revoked: 'revoked',
    none: 'There are no keys.',
  },
}

async function list({ source, json, lang }: ListOptions, frame: Frame): Promise<void> {
  const all = await listKeys(frame.config().config.data_dir)
  const found = source === undefined ? all : all.filter((key) => key.source === source || key.room === source)
  if (json) {
    frame.stdout.write(`${JSON.stringify(found.map(withoutHash), null, 2)}\n`)
    return
  }
  const text = words[languageOf(lang, frame.env)]
  if (found.length === 0) {
    frame.stderr.write(`${text.none}\n`)
    return
  }
  const rows = found.map((key) => [
    key.id,
    key.room === undefined ? key.source : `${key.room} (${text.room})`,
    printable(key.label),
    `…${key.tail}`,
    localTime(Date.parse(key.created)),
    key.revoked === undefined
      ? frame.paint('green', text.valid)
      : frame.paint('red', `${text.revoked} ${localTime(Date.parse(key.revoked))}`),
  ])
  frame.stdout.write(
    table(
      text.headers.map((title) => ({ title })),
      rows,
      frame.paint,
    ),
  )
}

function withoutHash({ hash: _, ...rest }: ApiKey): Omit<ApiKey, 'hash'> {
  return rest
}

async function revoke(ids: readonly string[], frame: Frame): Promise<void> {
  const { config } = frame.config()
  const known = new Set((await listKeys(config.data_dir)).map((key) => key.id))
  const strange = ids.find((id) => !known.has(id))
  if (strange !== undefined) {
    const near = nearest(strange, known)
    throw new CommandError(
      `There is no key with the id \`${printable(strange)}\`; nothing was revoked.`,
      near ? `Did you mean \`${near}\`?` : 'See `siaga keys list`.',
    )
  }
  for (const id of ids) {
    const key = await revokeKey(config.data_dir, id)
    if (key === undefined) continue
    const holder = key.room === undefined ? `source \`${key.source}\`` : `room \`${key.room}\``
    frame.stdout.write(`Revoked key ${key.id} of ${holder}.\n`)
  }
}
