// siaga keys: who may push events, and how is that taken back?
import { nearest } from '../../runtime/config-nearest.ts'
import { createKey, listKeys, revokeKey } from '../../runtime/keys.ts'
import type { ApiKey } from '../../schemas/key.ts'
import { type CliCommand, CommandError, type Frame } from '../frame.ts'
import { languageOf, localTime, printable, table } from '../terminal.ts'

export const keys: CliCommand = {
  name: 'keys',
  summary: 'Make, list and revoke the API keys of sources.',
  ringkasan: 'Buat, daftar dan cabut kunci API untuk sumber.',
  details: 'A running server takes up changes within a second. Only hashes are stored: a key is shown once.',
  examples: [
    { run: 'siaga keys create --source web-kpu', what: 'kunci baru untuk sebuah sumber / a new key for a source' },
    { run: 'siaga keys list', what: 'which keys exist' },
  ],
  subcommands: [
    {
      name: 'create',
      summary: 'Make a key for a source; it is printed once, on standard output.',
      ringkasan: 'Buat kunci untuk sebuah sumber; ditampilkan satu kali.',
      examples: [
        { run: 'siaga keys create --source web-kpu --label "forwarder in Bandung"', what: 'with a note for people' },
        {
          run: 'SIAGA_KEY=$(siaga keys create --source web-kpu)',
          what: 'langsung ke variabel / straight into a variable',
        },
      ],
      build(command, frame) {
        command
          .argument('[source]', 'source that the key may send to')
          .option('-s, --source <id>', 'the same, by name')
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
          .option('-s, --source <id>', 'only keys of this source')
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
  readonly label?: string
}

async function create(argument: string | undefined, options: CreateOptions, frame: Frame): Promise<void> {
  const source = argument ?? options.source
  if (source === undefined || (argument !== undefined && options.source !== undefined && argument !== options.source)) {
    throw new CommandError('A key is for one source.', 'Name it: siaga keys create --source ID', 2)
  }
  const { config } = frame.config()
  const ids = config.sources.map(({ id }) => id)
  if (!ids.includes(source)) {
    const near = nearest(source, ids)
    throw new CommandError(
      `There is no source \`${source}\`.`,
      near ? `Did you mean \`${near}\`?` : 'Add it under `sources:` in siaga.yaml first.',
    )
  }
  const { key, text } = await createKey(config.data_dir, source, options.label)
  frame.stderr.write(`Key ${key.id} for source \`${source}\`. It is shown this once; keep it safe.\n`)
  frame.stdout.write(`${text}\n`)
}

interface ListOptions {
  readonly source?: string
  readonly json?: boolean
  readonly lang?: string
}

const words = {
  id: {
    headers: ['ID', 'Sumber', 'Keterangan', 'Akhiran', 'Dibuat', 'Status'],
    valid: 'berlaku',
    revoked: 'dicabut',
    none: 'Belum ada kunci.',
  },
  en: {
    headers: ['Id', 'Source', 'Label', 'Ends in', 'Made', 'State'],
    valid: 'valid',
    revoked: 'revoked',
    none: 'There are no keys.',
  },
}

async function list({ source, json, lang }: ListOptions, frame: Frame): Promise<void> {
  const all = await listKeys(frame.config().config.data_dir)
  const found = source === undefined ? all : all.filter((key) => key.source === source)
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
    key.source,
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
    if (key) frame.stdout.write(`Revoked key ${key.id} of source \`${key.source}\`.\n`)
  }
}
