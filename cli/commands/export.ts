// siaga export: how do rows leave as evidence, and is a package still what it was?
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { open, rm } from 'node:fs/promises'
import { hostname, userInfo } from 'node:os'
import { resolve } from 'node:path'
import { Option } from 'commander'
import { createClickHouse } from '../../runtime/clickhouse.ts'
import { localTime } from '../../runtime/local-time.ts'
import { TimeZone } from '../../schemas/place.ts'
import { clickHouseOptions, explainUnavailable } from '../clickhouse-access.ts'
import { openExportAudit } from '../export/audit.ts'
import { writePackage } from '../export/package.ts'
import { showVerdict } from '../export/show.ts'
import { fingerprint, keyAtHand, publicPem, readPublicKey, signingKey } from '../export/signature.ts'
import { isGood, verifyPackage } from '../export/verify.ts'
import { exportWords } from '../export/words.ts'
import { type CliCommand, CommandError, type Frame, version } from '../frame.ts'
import { langOption, wholeNumber } from '../options.ts'
import { createQueryBar } from '../sql/bar.ts'
import { describeQuery, readRights, readServer } from '../sql/catalog.ts'
import { readParameter } from '../sql/formats.ts'
import { cutStatements } from '../sql/lexer.ts'
import { explainRefusal } from '../sql/problem.ts'
import { languageOf, number, printable } from '../terminal.ts'

interface ExportOptions {
  readonly file?: string
  readonly param?: Readonly<Record<string, string>>
  readonly as: 'csv' | 'parquet'
  readonly out?: string
  readonly case?: string
  readonly why?: string
  readonly by?: string
  readonly zone: TimeZone
  readonly timeLimit?: number
  readonly lang?: string
}

export const exportCommand: CliCommand = {
  name: 'export',
  summary: 'Write the rows of a query as a signed package of evidence; verify such a package.',
  ringkasan: 'Tulis baris hasil kueri sebagai paket bukti bertanda tangan; periksa paket semacam itu.',
  details:
    'One .tar with the rows (rows.jsonl and rows.csv of the same answer, or rows.parquet), the query and its parameters, who,\n' +
    'when, why, the server, SHA-256 of every file and an Ed25519 signature. `sha256sum -c` and openssl can check it.\n' +
    'Setiap ekspor dicatat di jejak audit; tanpa itu tidak ada paket. / Every export is in the audit trail, or there is no package.',
  examples: [
    {
      run: 'siaga export --case LP-12/2024 --why "bukti serangan SIREKAP" --file kueri.sql',
      what: 'paket bukti dari kueri dalam berkas / evidence of a query in a file',
    },
    {
      run: 'siaga export --why "for the CSIRT" --as parquet --param ip=203.0.113.9 "SELECT * FROM events WHERE source_ip = {ip:String}"',
      what: 'rows as Parquet',
    },
    { run: 'siaga export verify siaga-export-5f3a….tar', what: 'periksa sebuah paket / check a package' },
  ],
  build(command, frame) {
    command
      .argument('[query]', 'one SELECT without FORMAT')
      .option('--file <file>', 'read the query from a file')
      .option('--param <name=value>', 'value for {name:Type} in the query; may be repeated', parameter)
      .addOption(
        new Option('--as <form>', 'rows.jsonl and rows.csv, or rows.parquet')
          .choices(['csv', 'parquet'])
          .default('csv'),
      )
      .option('-o, --out <file>', 'package to write; it must not exist (default: siaga-export-ID.tar)')
      .option('--case <number>', 'number of the case file')
      .option('--why <reason>', 'why the rows leave; needed')
      .option('--by <name>', 'who exports (default: the user of this machine)')
      .addOption(new Option('--zone <zone>', 'zone of the local time').choices(TimeZone.options).default('WIB'))
      .option('--time-limit <seconds>', 'time for the query (default: that of the user)', wholeNumber(1, 86_400))
      .addOption(langOption())
      .action((query: string | undefined, options: ExportOptions) => exportRows(query, options, frame))
  },
  subcommands: [
    {
      name: 'verify',
      summary: 'Check a package: every file, nothing missing, nothing added, and the signature.',
      ringkasan: 'Periksa paket: setiap berkas, tidak ada yang hilang atau ditambahkan, dan tanda tangannya.',
      details:
        'By the key of this installation, or by one that you were given (--key). Exit code 1 if anything is wrong.',
      examples: [
        { run: 'siaga export verify bukti.tar', what: 'dengan kunci instalasi ini / by the key of this installation' },
        { run: 'siaga export verify bukti.tar --key pusat.pem', what: 'a package of another installation' },
      ],
      build(command, frame) {
        command
          .argument('<package>', 'the .tar')
          .option('--key <file>', 'public key in PEM (siaga export key)')
          .addOption(langOption())
          .action((path: string, _: unknown, own: { optsWithGlobals(): VerifyOptions }) =>
            verify(path, own.optsWithGlobals(), frame),
          )
      },
    },
    {
      name: 'key',
      summary: 'Print the public key with which others verify packages of this installation.',
      ringkasan: 'Cetak kunci publik agar pihak lain dapat memeriksa paket dari instalasi ini.',
      details: 'It follows from the master key: who restores that has the same key.',
      examples: [
        { run: 'siaga export key > pusat.pem', what: 'berikan kepada penerima / hand it to who receives packages' },
      ],
      build(command, frame) {
        command.action(() => {
          const pem = publicPem(neededKey(frame))
          frame.stdout.write(pem)
          frame.stderr.write(`Ed25519, SHA-256 ${fingerprint(pem)}\n`)
        })
      },
    },
  ],
}

function neededKey(frame: Frame) {
  const { config } = frame.config()
  const key = signingKey(config.data_dir, frame.env)
  if (key !== undefined) return key
  throw new CommandError(
    `Siaga has not been started with the data directory ${config.data_dir}: there is no key to sign with.`,
    'Run this where Siaga runs, or name its folder with SIAGA_DATA_DIR.',
  )
}

async function exportRows(argument: string | undefined, options: ExportOptions, frame: Frame): Promise<void> {
  const query = readQuery(argument, options.file)
  const reason = options.why?.trim() ?? ''
  if (reason === '') throw new CommandError('An export needs a reason.', 'Say it: --why "evidence for …"', 2)
  const { config } = frame.config()
  const key = neededKey(frame)
  const language = languageOf(options.lang, frame.env)
  const clickhouse = { ...clickHouseOptions(config, frame.env, 'reader'), database: 'siaga' }
  const audit = await openExportAudit(config, frame.env)
  const client = createClickHouse(clickhouse)
  const params = options.param ?? {}
  const id = randomUUID().slice(0, 13)
  const target = resolve(frame.cwd, options.out ?? `siaga-export-${id}.tar`)
  const abort = new AbortController()
  const onSignal = (): void => abort.abort()
  const bar = createQueryBar(frame.stderr, frame.paintError, language)
  const at = Date.now()
  let made = false
  let begun = false
  try {
    process.on('SIGINT', onSignal)
    process.on('SIGTERM', onSignal)
    const columns = await describeQuery(client, query, params)
    const server = await readServer(client)
    const rights = await readRights(client)
    const file = await open(target, 'wx+', 0o600)
    begun = true
    const by = options.by?.trim() || userInfo().username
    const act = { id, by, account: userInfo().username, case: options.case?.trim() ?? '', reason }
    const packed = await writePackage(file, {
      clickhouse,
      query,
      params,
      settings: {
        // A user of a profile with readonly=1 may not set these, and has them so.
        ...(rights.readonly === 1 ? {} : { timeout_overflow_mode: 'throw', read_overflow_mode: 'throw' }),
        ...(rights.readonly === 0 ? { readonly: 2 } : {}),
        ...(options.timeLimit === undefined ? {} : { max_execution_time: options.timeLimit }),
      },
      as: options.as,
      about: {
        version: 1,
        id,
        case: act.case,
        reason,
        exported_by: by,
        account: act.account,
        host: hostname(),
        exported_at: new Date(at).toISOString(),
        exported_at_local: localTime(at, options.zone),
        query,
        parameters: { ...params },
        clickhouse: server,
        siaga: version(),
        columns,
      },
      at,
      key,
      signal: abort.signal,
      onAdvance: bar.advance,
      onWritten: bar.written,
    }).finally(() => file.close())
    bar.stop()
    await audit.record({ ...act, rows: packed.rows, sums: packed.sums })
    made = true
    const text = exportWords[language]
    const rows = packed.rows === null ? '' : `${text.rows(number(packed.rows, language))}, `
    frame.stdout.write(`${printable(target)}\n`)
    frame.stderr.write(`${rows}SHA256SUMS ${packed.sums}\n${text.signedBy(fingerprint(publicPem(key)))}\n`)
  } catch (error) {
    if (abort.signal.aborted) throw new CommandError(exportWords[language].cancelled, '')
    throw explainUnavailable(explainRefusal(error, query), config)
  } finally {
    process.off('SIGINT', onSignal)
    process.off('SIGTERM', onSignal)
    bar.stop()
    if (begun && !made) await rm(target, { force: true })
    await client.close()
    await audit.close()
  }
}

function readQuery(argument: string | undefined, file: string | undefined): string {
  if ((argument === undefined) === (file === undefined)) {
    throw new CommandError('An export needs one query.', 'Give it as an argument or with --file.', 2)
  }
  const text = (argument ?? readFileSync(file ?? '', 'utf8')).trim().replace(/(?:\s*;)+$/, '')
  if (text === '') throw new CommandError('There is no query.', 'Give it as an argument or with --file.', 2)
  if (cutStatements(text).whole.length > 0) throw new CommandError('There is more than one query.', 'Give one.', 2)
  return text
}

interface VerifyOptions {
  readonly key?: string
  readonly lang?: string
}

async function verify(path: string, options: VerifyOptions, frame: Frame): Promise<void> {
  const given = options.key === undefined ? undefined : readPublicKey(readFileSync(options.key, 'utf8'))
  if (options.key !== undefined && given === undefined) {
    throw new CommandError(
      `${printable(options.key)} holds no Ed25519 public key.`,
      'It is what `siaga export key` prints.',
      2,
    )
  }
  const own = given === undefined ? keyAtHand(frame.config().config.data_dir, frame.env) : undefined
  const key = given ?? (own === undefined ? undefined : readPublicKey(publicPem(own)))
  const verdict = await verifyPackage(resolve(frame.cwd, path), key)
  const good = isGood(verdict)
  frame.stdout.write(showVerdict(verdict, languageOf(options.lang, frame.env), frame.paint))
  if (!good) frame.failed()
}

function parameter(text: string, before: Readonly<Record<string, string>> = {}): Record<string, string> {
  const [name, value] = readParameter(text)
  return { ...before, [name]: value }
}
