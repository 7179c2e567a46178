// siaga report: how does an Operation Room report an incident, or nothing, and how does the centre read it?
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Command, Option } from 'commander'
import { attachmentFile } from '../../ingest/report/store.ts'
import { createClickHouse } from '../../runtime/clickhouse.ts'
import { readReceipt } from '../../runtime/receipt.ts'
import { loadReference } from '../../runtime/reference.ts'
import { MAX_ATTACHMENTS } from '../../schemas/report.ts'
import { clickHouseOptions, explainUnavailable } from '../clickhouse-access.ts'
import { type CliCommand, CommandError, type Frame } from '../frame.ts'
import { webAddress, wholeNumber } from '../options.ts'
import { makePassword, writeArchive } from '../report/archive.ts'
import { createReportClient, type ReportClient } from '../report/client.ts'
import { blankForm, readEvidence, readForm } from '../report/form.ts'
import { type ReportFilter, type ReportRow, readReports } from '../report/read.ts'
import { showAnswer, showReport, showReports } from '../report/show.ts'
import { type Language, languageOf } from '../terminal.ts'

interface SendOptions {
  readonly url?: URL
  readonly key?: string
  readonly idempotencyKey?: string
  readonly retryFor: number
  readonly json?: boolean
  readonly lang?: string
}

interface FileOptions extends SendOptions {
  readonly file?: string
  readonly attach: readonly string[]
}

const langOption = (): Option =>
  new Option('--lang <language>', 'bahasa / language: id, en (default: SIAGA_LANG, then the locale, then id)').choices([
    'id',
    'en',
  ])

export const report: CliCommand = {
  name: 'report',
  summary: 'File an incident report of an Operation Room, or report nothing (nihil); list and show reports.',
  ringkasan: 'Kirim laporan insiden Ruang Operasi, atau laporan nihil; daftar dan lihat laporan.',
  details:
    'Wilayah diambil dari kunci ruang (siaga keys create --room). Jawabannya nomor tanda terima dan tenggat.\n' +
    'The region is that of the key of the room. The answer is a receipt number and what is due when.\n' +
    'Perintah yang sama dua kali tidak mencatat dua laporan. / The same command twice files one report.',
  examples: [
    { run: 'siaga report template > laporan.yaml', what: 'formulir kosong / a blank form' },
    {
      run: 'SIAGA_KEY=… siaga report --file laporan.yaml --attach bukti.php --url https://siaga.example',
      what: 'kirim dengan lampiran / send it with evidence',
    },
    {
      run: 'SIAGA_KEY=… siaga report nihil --url https://siaga.example',
      what: 'tidak ada insiden / nothing to report',
    },
    { run: 'siaga report list --region 32', what: 'laporan sebuah wilayah / reports of a region' },
  ],
  build(command, frame) {
    command
      .option('-f, --file <file>', 'form in YAML; - is standard input')
      .option(
        '-a, --attach <file...>',
        `evidence, at most ${MAX_ATTACHMENTS} files of 20 MB; kept as opaque bytes`,
        (file: string, before: readonly string[]) => [...before, file],
        [],
      )
    sending(command).action((options: FileOptions) => fileReport(options, frame))
  },
  subcommands: [
    {
      name: 'template',
      summary: 'Print a blank form.',
      ringkasan: 'Cetak formulir kosong.',
      examples: [{ run: 'siaga report template > laporan.yaml', what: 'isi, lalu kirim / fill it in, then send it' }],
      build(command, frame) {
        command.action(() => void frame.stdout.write(blankForm))
      },
    },
    {
      name: 'nihil',
      summary: 'Report that there is nothing to report, for the nearest due time.',
      ringkasan: 'Laporkan bahwa tidak ada insiden, untuk jadwal terdekat.',
      examples: [
        { run: 'SIAGA_KEY=… siaga report nihil', what: 'setiap hari pukul 20.00 / every day at 20:00' },
        { run: 'siaga report nihil --note "dua sensor diperbaiki"', what: 'with a note' },
      ],
      build(command, frame) {
        command.option('-n, --note <text>', 'catatan / a note')
        sending(command).action((_: unknown, own: Command) => fileNihil(own.optsWithGlobals(), frame))
      },
    },
    {
      name: 'list',
      summary: 'List reports, the newest first.',
      ringkasan: 'Daftar laporan, yang terbaru lebih dulu.',
      examples: [
        { run: 'siaga report list', what: 'laporan terakhir / the last reports' },
        { run: 'siaga report list --region 32 --kind incident --json', what: 'of a region and beneath, for programs' },
      ],
      build(command, frame) {
        command
          .option('--region <code>', 'this region and those beneath it')
          .option('--room <id>', 'only of this room')
          .addOption(new Option('--kind <kind>', 'only these').choices(['incident', 'nihil']))
          .option('--limit <reports>', 'at most so many', wholeNumber(1, 10_000), 50)
          .option('--json', 'as JSON')
          .addOption(langOption())
          .action((_: unknown, own: Command) => list(own.optsWithGlobals(), frame))
      },
    },
    {
      name: 'show',
      summary: 'Show one report with its four parts.',
      ringkasan: 'Tampilkan satu laporan dengan keempat bagiannya.',
      examples: [
        { run: 'siaga report show LAP-32-K2M9Q-T7XW4-R', what: 'huruf kecil juga boleh / case does not count' },
      ],
      build(command, frame) {
        command
          .argument('<receipt>', 'receipt number')
          .option('--json', 'as JSON')
          .addOption(langOption())
          .action((receipt: string, _: unknown, own: Command) => show(receipt, own.optsWithGlobals(), frame))
      },
    },
    {
      name: 'attachment',
      summary: 'Get evidence out, in an encrypted archive only.',
      ringkasan: 'Ambil bukti, hanya dalam arsip terenkripsi.',
      examples: [{ run: 'siaga report attachment get LAP-32-K2M9Q-T7XW4-R', what: 'semua lampirannya / all of them' }],
      subcommands: [
        {
          name: 'get',
          summary: 'Write the attachments of a report into a ZIP encrypted with AES-256.',
          ringkasan: 'Tulis lampiran sebuah laporan ke dalam ZIP terenkripsi AES-256.',
          details:
            'The password is made and printed once on standard output, or read from --password-file. Unpack it where nothing runs\n' +
            'or scans it by accident. Run this on the machine of the collector that received the report.',
          examples: [
            {
              run: 'siaga report attachment get LAP-32-K2M9Q-T7XW4-R',
              what: 'tulis / writes LAP-32-K2M9Q-T7XW4-R.zip',
            },
            { run: 'siaga report attachment get LAP-32-K2M9Q-T7XW4-R --out bukti.zip', what: 'to another file' },
          ],
          build(command, frame) {
            command
              .argument('<receipt>', 'receipt number')
              .option('-o, --out <file>', 'archive to write; it must not exist (default: RECEIPT.zip)')
              .option('--password-file <file>', 'file whose first line is the password')
              .action((receipt: string, options: GetOptions) => getAttachments(receipt, options, frame))
          },
        },
      ],
    },
  ],
}

function sending(command: Command): Command {
  return command
    .option('--url <address>', 'address of Siaga (default: http://127.0.0.1 with the configured port)', webAddress)
    .option('--key <key>', 'kunci ruang / key of the room (default: SIAGA_KEY)')
    .option('--idempotency-key <text>', 'what stands for this report (default: its content)')
    .option('--retry-for <seconds>', 'give up when nothing is answered for so long', wholeNumber(0, 86_400), 60)
    .option('--json', 'the answer as JSON')
    .addOption(langOption())
}

async function fileReport(options: FileOptions, frame: Frame): Promise<void> {
  if (options.file === undefined) {
    throw new CommandError('A report needs its form: --file.', 'A blank one: siaga report template > laporan.yaml', 2)
  }
  const form = readForm(options.file)
  const evidence = readEvidence(options.attach)
  const { client, language } = clientOf(options, frame)
  for (const one of evidence) await client.attach(one)
  const attachments = evidence.map(({ name, sha256 }) => ({ name, sha256 }))
  await sendReport(
    client,
    '/v1/reports',
    attachments.length === 0 ? form : { ...form, attachments },
    language,
    options,
    frame,
  )
}

async function fileNihil(options: SendOptions & { note?: string }, frame: Frame): Promise<void> {
  const { client, language } = clientOf(options, frame)
  const body = options.note === undefined ? {} : { note: options.note }
  await sendReport(client, '/v1/reports/nihil', body, language, options, frame)
}

async function sendReport(
  client: ReportClient,
  path: Parameters<ReportClient['file']>[0],
  body: object,
  language: Language,
  { json }: SendOptions,
  frame: Frame,
): Promise<void> {
  const { answer, repeated } = await client.file(path, body)
  frame.stdout.write(
    json
      ? `${JSON.stringify({ ...answer, repeated }, null, 2)}\n`
      : showAnswer(answer, repeated, language, frame.paint),
  )
}

function clientOf(options: SendOptions, frame: Frame): { client: ReportClient; language: Language } {
  const language = languageOf(options.lang, frame.env)
  const key = options.key ?? (frame.env.SIAGA_KEY?.trim() || undefined)
  if (key === undefined) {
    throw language === 'id'
      ? new CommandError(
          'Kunci ruang belum diberikan.',
          'Berikan dengan --key atau SIAGA_KEY; pusat membuatnya: siaga keys create --room RUANG',
          2,
        )
      : new CommandError(
          'The key of the room is missing.',
          'Give it with --key or SIAGA_KEY; the centre makes it: siaga keys create --room ROOM',
          2,
        )
  }
  const base = options.url ?? new URL(`http://127.0.0.1:${frame.config().config.http.port}`)
  const { idempotencyKey } = options
  const trouble = (text: string): void => void frame.stderr.write(`${text}\n`)
  return {
    client: createReportClient({ base, key, language, idempotencyKey, retryForMs: options.retryFor * 1000, trouble }),
    language,
  }
}

// Options that `siaga report` has as well reach it, not the command behind it: both are asked together (optsWithGlobals).
interface ShowOptions {
  readonly json?: boolean
  readonly lang?: string
}

interface ListOptions extends ShowOptions {
  readonly region?: string
  readonly room?: string
  readonly kind?: string
  readonly limit: number
}

interface GetOptions {
  readonly out?: string
  readonly passwordFile?: string
}

async function list(options: ListOptions, frame: Frame): Promise<void> {
  const { region, room, kind, limit } = options
  const reports = await readWith(frame, { region, room, kind, limit })
  if (options.json) frame.stdout.write(`${JSON.stringify(reports, null, 2)}\n`)
  else {
    const text = showReports(reports, zonesOf(frame), Date.now(), languageOf(options.lang, frame.env), frame.paint)
    if (reports.length === 0) frame.stderr.write(text)
    else frame.stdout.write(text)
  }
}

async function show(receipt: string, options: ShowOptions, frame: Frame): Promise<void> {
  const found = await findReport(receipt, frame)
  if (options.json) {
    frame.stdout.write(`${JSON.stringify(found, null, 2)}\n`)
    return
  }
  const room = frame.config().config.rooms.find(({ id }) => id === found.room)
  const zone = zonesOf(frame)(found.region_code)
  frame.stdout.write(showReport(found, room, zone, languageOf(options.lang, frame.env), frame.paint))
}

async function getAttachments(receipt: string, { out, passwordFile }: GetOptions, frame: Frame): Promise<void> {
  const found = await findReport(receipt, frame)
  if (found.attachments.length === 0) {
    throw new CommandError(`The report ${found.receipt} has no attachments.`, 'See it with: siaga report show RECEIPT')
  }
  const given = passwordFile === undefined ? undefined : readFileSync(passwordFile, 'utf8').split(/\r?\n/)[0]
  if (given === '') throw new CommandError(`${passwordFile} holds no password.`, 'Its first line is the password.', 2)
  const password = given ?? makePassword()
  const { data_dir } = frame.config().config
  const target = join(frame.cwd, out ?? `${found.receipt}.zip`)
  const entries = found.attachments.map(({ name, sha256 }) => {
    return { name, sha256, file: attachmentFile(data_dir, found.receipt, sha256) }
  })
  await writeArchive(target, entries, password)
  frame.stderr.write(
    `${target}: ${entries.length} attachments, AES-256. This is evidence: it may do harm where it is opened.\n`,
  )
  if (given === undefined) frame.stdout.write(`${password}\n`)
}

async function findReport(typed: string, frame: Frame): Promise<ReportRow> {
  const receipt = readReceipt(typed)
  if (receipt === undefined) {
    throw new CommandError(
      'That is no receipt number: its check character does not fit.',
      'Read it again; it looks like LAP-32-K2M9Q-T7XW4-R. All of them: siaga report list',
      2,
    )
  }
  const [found] = await readWith(frame, { receipt, limit: 1 })
  if (found === undefined) throw new CommandError(`There is no report ${receipt}.`, 'See: siaga report list')
  return found
}

async function readWith(frame: Frame, filter: ReportFilter): Promise<ReportRow[]> {
  const { config } = frame.config()
  const clickhouse = createClickHouse({ ...clickHouseOptions(config, frame.env, 'reader'), database: 'siaga' })
  try {
    return await readReports(clickhouse, filter)
  } catch (error) {
    throw explainUnavailable(error, config)
  } finally {
    await clickhouse.close()
  }
}

function zonesOf(frame: Frame) {
  const { config, baseDir } = frame.config()
  const { regions } = loadReference({ calendars: [], regions: config.regions }, baseDir)
  return (region: string) => regions.get(region)?.zone ?? 'WIB'
}
