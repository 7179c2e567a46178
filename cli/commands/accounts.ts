// siaga accounts: who may log in to the page, for whoever sits at the machine when no administrator can?
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { userInfo } from 'node:os'
import { z } from 'zod'
import { nearest } from '../../runtime/config-nearest.ts'
import { NATIONAL } from '../../runtime/reference.ts'
import { LoginName, PersonName, Role, type WebAction } from '../../schemas/account.ts'
import { type AccountRow, createAccounts, shownAccount } from '../../web/accounts/accounts.ts'
import { type Book, openBook } from '../../web/accounts/book.ts'
import { keepEntry } from '../../web/accounts/outbox.ts'
import { createSessions } from '../../web/accounts/sessions.ts'
import { openStore, storeFile } from '../../web/accounts/store.ts'
import { WebError } from '../../web/errors.ts'
import { type CliCommand, CommandError, type Frame } from '../frame.ts'
import { localAddress } from '../local-address.ts'
import { roomsOfPage } from '../start/page-rooms.ts'
import { languageOf, localTime, printable, table } from '../terminal.ts'

export const accounts: CliCommand = {
  name: 'accounts',
  summary: 'List, make and disable accounts of the web page, and make links for people who cannot get in.',
  ringkasan: 'Daftar, buat, dan nonaktifkan akun halaman web, dan buat tautan bagi yang tidak dapat masuk.',
  details:
    'For whoever sits at the machine; everybody else uses the page Pengguna. A running server takes changes up at once, and writes them to the audit trail.',
  examples: [
    { run: 'siaga accounts list', what: 'semua akun / all accounts' },
    { run: 'siaga accounts link admin', what: 'admin lupa kata sandi / the administrator forgot the password' },
  ],
  subcommands: [
    {
      name: 'list',
      summary: 'List accounts, never their secrets.',
      ringkasan: 'Daftar akun, tanpa rahasianya.',
      examples: [
        { run: 'siaga accounts list', what: 'semua akun / all accounts' },
        { run: 'siaga accounts list --json', what: 'untuk program / for programs' },
      ],
      build(command, frame) {
        command
          .option('--json', 'as JSON')
          .option('--lang <language>', 'id or en')
          .action((options: ListOptions) => list(options, frame))
      },
    },
    {
      name: 'create',
      summary: 'Make an account; prints the path of a link with which its person chooses a password.',
      ringkasan: 'Buat akun; menampilkan tautan untuk memilih kata sandi.',
      examples: [
        {
          run: 'siaga accounts create ani --name "Ani Wijaya" --role daerah --room ruang-jabar',
          what: 'akun ruang daerah / an account of a room',
        },
        { run: 'siaga accounts create cadangan --role admin', what: 'a second administrator, at the centre' },
      ],
      build(command, frame) {
        command
          .argument('<login>', 'name to log in with')
          .option('-n, --name <text>', 'name of the person (default: the login name)')
          .option('--role <role>', `one of ${Role.options.join(', ')}`, 'daerah')
          .option('-r, --room <id>', 'room of siaga.yaml (default for pusat and admin: the first of the centre)')
          .option('--language <language>', 'id or en', 'id')
          .action((login: string, options: CreateOptions) => create(login, options, frame))
      },
    },
    {
      name: 'link',
      summary:
        'Make a new link for an account, enabled again where it was disabled; without the second factor if asked.',
      ringkasan: 'Buat tautan baru untuk sebuah akun, diaktifkan lagi bila nonaktif; tanpa faktor kedua bila diminta.',
      examples: [
        { run: 'siaga accounts link admin', what: 'kata sandi baru / a new password' },
        { run: 'siaga accounts link admin --reset-second-factor', what: 'the phone is lost, too' },
      ],
      build(command, frame) {
        command
          .argument('<login>', 'name to log in with')
          .option('--reset-second-factor', 'switch the second factor off as well')
          .action((login: string, options: LinkOptions) => link(login, options, frame))
      },
    },
    {
      name: 'disable',
      summary: 'Disable an account and end its sessions, screens and tokens; the last administrator stays.',
      ringkasan: 'Nonaktifkan akun dan akhiri sesi, layar, dan tokennya; admin terakhir tetap.',
      examples: [{ run: 'siaga accounts disable ani', what: 'orangnya pindah tugas / the person has left' }],
      build(command, frame) {
        command.argument('<login>', 'name to log in with').action((login: string) => disable(login, frame))
      },
    },
  ],
}

interface ListOptions {
  readonly json?: boolean
  readonly lang?: string
}
interface CreateOptions {
  readonly name?: string
  readonly role: string
  readonly room?: string
  readonly language: string
}
interface LinkOptions {
  readonly resetSecondFactor?: true
}

type Note = (action: WebAction, message: string) => void

/** Opens the accounts, closes them behind the work, and says in words what the page would say in codes. */
function within<T>(frame: Frame, work: (book: Book, note: Note) => T): T {
  const { config } = frame.config()
  // Asking must make nothing: in the wrong folder it would be accounts that no server knows.
  if (!existsSync(storeFile(config.data_dir)))
    throw new CommandError(
      `Siaga has not been started with the data directory ${config.data_dir}.`,
      'Start it in this folder (siaga start), or name its folder with SIAGA_DATA_DIR.',
    )
  const store = openStore(config.data_dir)
  try {
    const sessions = createSessions(store, Date.now)
    const book = openBook({
      store,
      sessions,
      accounts: createAccounts(store, Date.now),
      // No code is made or checked here: the key, which may be a secret of root's, need not be read, and none is made.
      masterKey: randomBytes(32),
      rooms: roomsOfPage(config),
      now: Date.now,
    })
    const user = `${userInfo().username} (siaga accounts)`
    return work(book, (action, message) => keepEntry(store, { action, outcome: 'success', user, message }))
  } catch (error) {
    if (error instanceof WebError) throw new CommandError(error.body.message, error.body.action)
    throw error
  } finally {
    store.close()
  }
}

const words = {
  id: {
    headers: ['Nama masuk', 'Nama', 'Peran', 'Ruang', 'Faktor kedua', 'Terlihat', 'Status'],
    on: 'ya',
    off: 'tidak',
    active: 'aktif',
    waiting: 'menunggu kata sandi',
    disabled: 'nonaktif',
    none: 'Belum ada akun.',
  },
  en: {
    headers: ['Log-in name', 'Name', 'Role', 'Room', 'Second factor', 'Seen', 'State'],
    on: 'yes',
    off: 'no',
    active: 'active',
    waiting: 'no password yet',
    disabled: 'disabled',
    none: 'There are no accounts.',
  },
}

function list({ json, lang }: ListOptions, frame: Frame): void {
  const rows = within(frame, (book) => book.accounts.list())
  if (json) {
    frame.stdout.write(
      `${JSON.stringify(
        rows.map((row) => shownAccount(row, '')),
        null,
        2,
      )}\n`,
    )
    return
  }
  const text = words[languageOf(lang, frame.env)]
  if (rows.length === 0) {
    frame.stderr.write(`${text.none}\n`)
    return
  }
  const cells = rows.map((row) => [
    row.login,
    printable(row.name),
    row.role,
    row.room,
    row.totp === null ? text.off : text.on,
    row.last_seen_at === null ? '' : localTime(row.last_seen_at),
    stateOf(row, text, frame),
  ])
  frame.stdout.write(
    table(
      text.headers.map((title) => ({ title })),
      cells,
      frame.paint,
    ),
  )
}

function stateOf(row: AccountRow, text: (typeof words)['id'], frame: Frame): string {
  if (row.disabled_at !== null) return frame.paint('red', text.disabled)
  const in_ = row.password !== null || row.oidc_subject !== null
  return in_ ? frame.paint('green', text.active) : text.waiting
}

function create(typed: string, options: CreateOptions, frame: Frame): void {
  const login = valid(LoginName, typed, 'log-in name')
  const role = valid(Role, options.role, 'role')
  const language = valid(z.enum(['id', 'en']), options.language, 'language')
  const name = valid(PersonName, options.name ?? login, 'name')
  const rooms = roomsOfPage(frame.config().config)
  const centre = role === 'admin' || role === 'pusat' ? rooms.find(({ region }) => region === NATIONAL)?.id : undefined
  const room = options.room ?? centre
  if (room === undefined)
    throw new CommandError('An account belongs to a room.', 'Name it: --room ID, one of `rooms:` in siaga.yaml.', 2)
  const ids = rooms.map(({ id }) => id)
  if (!ids.includes(room)) {
    const near = nearest(room, ids)
    throw new CommandError(
      `There is no room \`${printable(room)}\`.`,
      near ? `Did you mean \`${near}\`?` : 'Add it under `rooms:` in siaga.yaml first.',
    )
  }
  const path = within(frame, (book, note) => {
    const row = book.manage.create({ login, name, role, room, language })
    note('account_created', `account ${login}: ${role} of ${room}, with a link`)
    return book.accounts.link(row.id)
  })
  announce(frame, login, path)
}

function link(login: string, { resetSecondFactor }: LinkOptions, frame: Frame): void {
  const token = within(frame, (book, note) => {
    const row = named(book, login)
    if (row.disabled_at !== null) {
      book.manage.enable(row.id)
      note('account_enabled', `account ${row.login} enabled`)
    }
    if (resetSecondFactor === true) {
      book.factors.remove(row.id)
      note('second_factor_off', `second factor of ${row.login} reset`)
    }
    note('link_created', `link for ${row.login}, good for three days`)
    return book.accounts.link(row.id)
  })
  announce(frame, login, token)
}

function disable(login: string, frame: Frame): void {
  within(frame, (book, note) => {
    const row = named(book, login)
    book.manage.disable(row.id)
    note('account_disabled', `account ${row.login} disabled, everything of it ended`)
  })
  frame.stdout.write(`Disabled ${printable(login)}.\n`)
}

function named(book: Book, login: string): AccountRow {
  const row = book.accounts.byLogin(login.trim().toLowerCase())
  if (row !== undefined) return row
  const near = nearest(
    login,
    book.accounts.list().map((one) => one.login),
  )
  throw new CommandError(
    `There is no account \`${printable(login)}\`.`,
    near ? `Did you mean \`${near}\`?` : 'See `siaga accounts list`.',
  )
}

function announce(frame: Frame, login: string, token: string): void {
  const { http } = frame.config().config
  const base = http.public_url === '' ? localAddress(http) : http.public_url.replace(/\/$/, '')
  frame.stderr.write(`One-time link for ${printable(login)}, good for three days. It is shown this once.\n`)
  frame.stdout.write(`${base}/link/${token}\n`)
}

function valid<T>(schema: z.ZodType<T>, value: string, what: string): T {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const reason = parsed.error.issues[0]?.message ?? 'not valid'
  throw new CommandError(`The ${what} \`${printable(value)}\` is not one: ${reason}.`, 'See --help.', 2)
}
