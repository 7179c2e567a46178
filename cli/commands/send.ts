// siaga send: how do files get through the HTTP collector, every line accepted once?
import { createReadStream, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Option } from 'commander'
import { errorText } from '../../runtime/errors.ts'
import { SourceFormat } from '../../schemas/config.ts'
import { DEMO_SOURCE } from '../../schemas/raw-event.ts'
import { type CliCommand, CommandError, type Frame } from '../frame.ts'
import { webAddress, wholeNumber } from '../options.ts'
import {
  type BatchOptions,
  type Input,
  inspect,
  type Line,
  MAX_BATCH_LINES,
  placeOf,
  type ReadCounters,
  readBatches,
} from '../send/batches.ts'
import { createDelivery, type Delivery, type Encoding, encodings, eventsUrl } from '../send/deliver.ts'
import { createProgressBar } from '../send/progress-bar.ts'
import { duration, number } from '../terminal.ts'

/** Refused lines are named one by one up to here. */
const MAX_NAMED = 20
const INTERRUPTED = 130

interface Options {
  readonly source: string
  readonly format?: SourceFormat
  readonly url?: URL
  readonly key?: string
  readonly batch: number
  readonly inFlight: number
  readonly compress: Encoding
  readonly retryFor: number
}

export const send: CliCommand = {
  name: 'send',
  summary: 'Send files through the HTTP collector, every line accepted once.',
  ringkasan: 'Kirim berkas lewat kolektor HTTP; setiap baris diterima tepat satu kali.',
  details:
    'Files may be compressed (gzip, zstd). Without a file, or with -, standard input is sent as it comes.\n' +
    'What is not answered is repeated with the same idempotency key. Exit code 0 only if every line was accepted.',
  examples: [
    { run: 'siaga send --source demo /var/log/auth.log', what: 'a log of this machine, format recognised by itself' },
    {
      run: 'SIAGA_KEY=… siaga send --source web-kpu --format nginx --url http://siaga.internal:8080 access.log.*.gz',
      what: 'rotated logs to another machine',
    },
    { run: 'journalctl -f | siaga send --source demo', what: 'kirim log terus-menerus / a live stream' },
  ],
  build(command, frame) {
    command
      .argument('[file...]', 'files to send; - is standard input')
      .requiredOption('-s, --source <id>', 'source that the lines belong to')
      .addOption(
        new Option('-f, --format <format>', 'format of the lines (default: as configured for the source)').choices(
          SourceFormat.options,
        ),
      )
      .option('--url <address>', 'address of Siaga (default: http://127.0.0.1 with the configured port)', webAddress)
      .option('--key <key>', 'API key (default: SIAGA_KEY; for the source demo the key made at the first start)')
      .option(
        '--batch <lines>',
        `lines in one request, at most ${MAX_BATCH_LINES}`,
        wholeNumber(1, MAX_BATCH_LINES),
        MAX_BATCH_LINES,
      )
      .option('--in-flight <requests>', 'requests under way at one time', wholeNumber(1, 32), 2)
      .addOption(new Option('--compress <how>', 'compression on the way').choices(encodings).default('zstd'))
      .option('--retry-for <seconds>', 'give up when nothing is accepted for so long', wholeNumber(0, 86_400), 300)
      .action((files: string[], options: Options) => run(files, options, frame))
  },
}

async function run(files: readonly string[], options: Options, frame: Frame): Promise<void> {
  const { config } = frame.config()
  const base = options.url ?? new URL(`http://127.0.0.1:${config.http.port}`)
  const url = eventsUrl(base.href, options.source, options.format)
  const key = options.key ?? (frame.env.SIAGA_KEY?.trim() || demoKey(options.source, base, config.data_dir))
  const { inputs, totalBytes } = await openInputs(files, frame)

  const stop = new AbortController()
  const interrupt = (): void => stop.abort()
  process.once('SIGINT', interrupt)
  process.once('SIGTERM', interrupt)
  const counters: ReadCounters = { lines: 0, blank: 0, bytesRead: 0 }
  const bar = createProgressBar(frame.stderr, frame.paintError)
  let refusals = 0
  const refuse = ({ file, number: line }: Pick<Line, 'file' | 'number'>, why: string): void => {
    refusals += 1
    if (refusals <= MAX_NAMED) bar.print(`${placeOf({ file, number: line })} ${why}`)
    else if (refusals === MAX_NAMED + 1) bar.print('More lines were refused; they are counted but not named.')
  }
  const broken: BatchOptions['broken'] = (file, afterLine, why) => {
    frame.failed()
    bar.print(`${file} could not be read after line ${afterLine}: ${why}`)
  }
  const delivery = createDelivery({
    url,
    source: options.source,
    format: options.format,
    key,
    encoding: options.compress,
    connections: options.inFlight,
    retryForMs: options.retryFor * 1_000,
    signal: stop.signal,
    refuse,
    trouble: (text) => bar.print(text),
  })

  const started = performance.now()
  const seconds = (): number => (performance.now() - started) / 1_000
  bar.start(() => ({ lines: delivery.accepted, bytes: counters.bytesRead, totalBytes, seconds: seconds() }))
  let failure: unknown
  try {
    await pump(
      readBatches({ inputs, maxLines: options.batch, counters, refuse, broken }),
      delivery,
      options.inFlight,
      stop,
    )
  } catch (error) {
    if (!interrupted(error, stop.signal)) failure = error
  } finally {
    bar.stop()
    delivery.close()
    process.off('SIGINT', interrupt)
    process.off('SIGTERM', interrupt)
  }
  frame.stdout.write(summary(counters, delivery.accepted, refusals, seconds()))
  if (failure !== undefined) throw failure
  if (stop.signal.aborted) frame.failed(INTERRUPTED)
  else if (delivery.accepted < counters.lines) frame.failed()
}

/** Keeps several batches under way; the first failure ends all of them. */
async function pump(
  batches: ReturnType<typeof readBatches>,
  delivery: Delivery,
  inFlight: number,
  stop: AbortController,
): Promise<void> {
  const underWay = new Set<Promise<void>>()
  let failure: { readonly error: unknown } | undefined
  const aborted = new Promise<void>((resolve) => stop.signal.addEventListener('abort', () => resolve(), { once: true }))
  for (;;) {
    const next = await Promise.race([batches.next(), aborted])
    if (!next || next.done || failure) break
    const delivering = delivery.deliver(next.value).catch((error: unknown) => {
      failure ??= { error }
      stop.abort(error)
    })
    underWay.add(delivering)
    delivering.finally(() => underWay.delete(delivering))
    while (underWay.size >= inFlight) await Promise.race(underWay)
  }
  await Promise.all(underWay)
  if (failure) throw failure.error
}

/** True for a stop that the user asked for. */
function interrupted(error: unknown, signal: AbortSignal): boolean {
  return signal.aborted && error instanceof Error && error.name === 'AbortError'
}

function summary({ lines, blank }: ReadCounters, accepted: number, refusals: number, seconds: number): string {
  const extra = [blank > 0 ? `${number(blank)} blank` : '', refusals > 0 ? `${number(refusals)} refused` : '']
  const rest = extra.filter(Boolean).join(', ')
  return `accepted ${accepted} of ${lines} lines in ${duration(seconds)}${rest ? ` (${rest})` : ''}\n`
}

async function openInputs(
  files: readonly string[],
  frame: Frame,
): Promise<{ inputs: Input[]; totalBytes: number | undefined }> {
  const inputs: Input[] = []
  let totalBytes: number | undefined = 0
  for (const name of files.length === 0 ? ['-'] : files) {
    if (name === '-') {
      if (inputs.some((input) => input.name === '-')) throw new CommandError('Standard input was named twice.', '', 2)
      if (frame.stdin.isTTY) frame.stderr.write('Reading lines from the terminal; Ctrl-D ends.\n')
      inputs.push({ name, open: () => frame.stdin, live: true })
      totalBytes = undefined
      continue
    }
    const info = await inspect(name).catch((error: unknown) => {
      throw new CommandError(`${name} cannot be read: ${errorText(error)}`, 'Nothing was sent. Check the name.')
    })
    if (info.directory) throw new CommandError(`${name} is a folder.`, `Nothing was sent. Name its files: ${name}/*`)
    inputs.push({ name, open: () => createReadStream(name), live: info.size === undefined })
    totalBytes = info.size === undefined || totalBytes === undefined ? undefined : totalBytes + info.size
  }
  return { inputs, totalBytes }
}

/** The key made at the first start, for the demo source of this machine; it is sent nowhere else. */
function demoKey(source: string, base: URL, dataDir: string): string {
  const make = `siaga keys create --source ${source}`
  const here = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(base.hostname)
  if (source !== DEMO_SOURCE || !here) {
    throw new CommandError(
      `Source \`${source}\` needs a key.`,
      `Give it with --key or SIAGA_KEY. A new one: ${make}`,
      2,
    )
  }
  try {
    return readFileSync(join(dataDir, 'secrets', 'demo.key'), 'utf8').trim()
  } catch {
    throw new CommandError(
      `The key of source \`${DEMO_SOURCE}\` was not found in ${dataDir}.`,
      'Start Siaga once in this folder (siaga start) or name its folder with SIAGA_DATA_DIR; else give --key.',
    )
  }
}
