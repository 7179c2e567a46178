// siaga dlq: which events were poison, why, and how are they sent on after a fix?
import { createBatchingProducer } from '../../runtime/kafka-producer.ts'
import { silentLog } from '../../runtime/log.ts'
import { type DeadLetter, listDeadLetters, replayDeadLetters } from '../../sinks/dlq/dead-letters.ts'
import { formatsOf } from '../../sinks/dlq/formats.ts'
import { type CliCommand, CommandError, type Frame } from '../frame.ts'
import { reachKafka, soon } from '../kafka-access.ts'
import { type Language, languageOf, localTime, number, printable, table } from '../terminal.ts'

interface Filter {
  readonly source?: string
  readonly reason?: string
}

export const dlq: CliCommand = {
  name: 'dlq',
  summary: 'List, show and replay dead letters: events that no parser could take.',
  ringkasan: 'Daftar, lihat dan putar ulang kejadian yang gagal diurai.',
  details: 'A dead letter is kept whole, with its reason and cause, for as long as Kafka keeps raw events.',
  examples: [
    { run: 'siaga dlq list', what: 'yang belum diputar ulang / those not replayed yet' },
    { run: 'siaga dlq replay --reason parser_error', what: 'after a parser was mended' },
  ],
  subcommands: [
    {
      name: 'list',
      summary: 'List dead letters, newest last.',
      ringkasan: 'Daftar kejadian gagal, yang terbaru di bawah.',
      examples: [
        {
          run: 'siaga dlq list --source web-kpu --limit 20',
          what: 'dua puluh terakhir dari satu sumber / the last twenty of a source',
        },
        { run: 'siaga dlq list --json', what: 'one JSON object a line, for programs' },
      ],
      build(command, frame) {
        command
          .option('-s, --source <id>', 'only of this source')
          .option('-r, --reason <reason>', 'only with this reason')
          .option('-a, --all', 'also those that were replayed')
          .option('-n, --limit <count>', 'at most so many, the newest', positive, 50)
          .option('--json', 'one JSON object a line')
          .option('--lang <language>', 'id or en')
          .action((options: ListOptions) => list(options, frame))
      },
    },
    {
      name: 'show',
      summary: 'Show dead letters with what is known about them and their payload.',
      ringkasan: 'Tampilkan kejadian gagal beserta isinya.',
      examples: [
        { run: 'siaga dlq show 9f2c…-0-1234', what: 'id dari daftar / the id from the list' },
        { run: 'siaga dlq show --raw 9f2c…-0-1234 > payload.bin', what: 'the payload alone, byte for byte' },
      ],
      build(command, frame) {
        command
          .argument('<id...>', 'ids of dead letters, or their beginnings')
          .option('--raw', 'only the payload, as it came')
          .action((ids: string[], options: { raw?: boolean }) => show(ids, options, frame))
      },
    },
    {
      name: 'replay',
      summary: 'Send dead letters through the pipeline again, as they came.',
      ringkasan: 'Kirim ulang kejadian gagal melalui pipeline.',
      examples: [
        { run: 'siaga dlq replay 9f2c…-0-1234', what: 'satu kejadian / one of them' },
        { run: 'siaga dlq replay --source web-kpu --reason format_mismatch', what: 'all of a source with one reason' },
        { run: 'siaga dlq replay --all', what: 'semua yang belum diputar ulang / all that were not replayed yet' },
      ],
      build(command, frame) {
        command
          .argument('[id...]', 'ids of dead letters, or their beginnings')
          .option('-s, --source <id>', 'those of this source')
          .option('-r, --reason <reason>', 'those with this reason')
          .option('-a, --all', 'all that were not replayed yet')
          .action((ids: string[], options: Filter & { all?: boolean }) => replay(ids, options, frame))
      },
    },
  ],
}

function positive(text: string): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || value < 1)
    throw new CommandError(`--limit ${printable(text)} is not a number from 1 on.`, '', 2)
  return value
}

/** Drops the parts of a filter that are not set. */
function filterOf({ source, reason }: Filter): Filter {
  return { ...(source === undefined ? {} : { source }), ...(reason === undefined ? {} : { reason }) }
}

interface ListOptions extends Filter {
  readonly all?: boolean
  readonly limit: number
  readonly json?: boolean
  readonly lang?: string
}

const words: Record<Language, { headers: string[]; none: string; more: (left: number) => string; replayed: string }> = {
  id: {
    headers: ['ID', 'Waktu', 'Sumber', 'Alasan', 'Sebab'],
    none: 'Tidak ada kejadian gagal.',
    more: (left) => `Masih ada ${number(left, 'id')} yang lebih lama; lihat dengan --limit.`,
    replayed: 'sudah diputar ulang',
  },
  en: {
    headers: ['Id', 'Time', 'Source', 'Reason', 'Cause'],
    none: 'There are no dead letters.',
    more: (left) => `${number(left)} older ones are not shown; --limit shows more.`,
    replayed: 'replayed',
  },
}

async function list(options: ListOptions, frame: Frame): Promise<void> {
  const kafka = await reachKafka(frame.config().config, frame.env)
  const letters = await soon(listDeadLetters(kafka, { ...filterOf(options), ...(options.all ? { all: true } : {}) }))
  const shown = letters.toSorted((a, b) => a.at - b.at).slice(-options.limit)
  if (options.json) {
    for (const letter of shown) frame.stdout.write(`${JSON.stringify(asJson(letter))}\n`)
    return
  }
  const text = words[languageOf(options.lang, frame.env)]
  if (shown.length === 0) {
    frame.stderr.write(`${text.none}\n`)
    return
  }
  const rows = shown.map((letter) => [
    letter.id,
    localTime(letter.at),
    printable(letter.source),
    frame.paint('yellow', letter.reason),
    `${letter.replayed ? `(${text.replayed}) ` : ''}${oneLine(letter.cause, 80)}`,
  ])
  frame.stdout.write(
    table(
      text.headers.map((title) => ({ title })),
      rows,
      frame.paint,
    ),
  )
  if (shown.length < letters.length) frame.stderr.write(`${text.more(letters.length - shown.length)}\n`)
}

function oneLine(text: string, length: number): string {
  const line = printable(text.replace(/\s+/g, ' '))
  return line.length > length ? `${line.slice(0, length - 1)}…` : line
}

function asJson({ payload, headers: _, ...rest }: DeadLetter): Record<string, unknown> {
  return {
    ...rest,
    at: new Date(rest.at).toISOString(),
    receivedAt: new Date(rest.receivedAt).toISOString(),
    payload: payload.toString('utf8'),
  }
}

async function show(ids: readonly string[], { raw }: { raw?: boolean }, frame: Frame): Promise<void> {
  const kafka = await reachKafka(frame.config().config, frame.env)
  const letters = pick(ids, await soon(listDeadLetters(kafka, { all: true })))
  for (const letter of letters) {
    if (raw) {
      frame.stdout.write(letter.payload)
      continue
    }
    const lines: [string, string][] = [
      ['id', letter.id],
      ['reason', letter.reason],
      ['cause', letter.cause],
      ['buried', localTime(letter.at)],
      ['received', localTime(letter.receivedAt)],
      ['source', letter.source],
      ['format', letter.format || 'auto'],
      ['event_id', letter.eventId],
      ['replayed', letter.replayed ? 'yes' : 'no'],
      ['bytes', String(letter.payload.length)],
    ]
    for (const [name, value] of lines)
      frame.stdout.write(`${frame.paint('bold', name.padEnd(9))} ${printable(value)}\n`)
    frame.stdout.write(`\n${printable(letter.payload.toString('utf8'))}\n\n`)
  }
}

/** Letters by id or by an unambiguous beginning of it. */
function pick(ids: readonly string[], letters: readonly DeadLetter[]): DeadLetter[] {
  return ids.map((id) => {
    const exact = letters.find((letter) => letter.id === id)
    const found = exact ? [exact] : letters.filter((letter) => letter.id.startsWith(id))
    const [letter] = found
    if (letter !== undefined && found.length === 1) return letter
    throw new CommandError(
      found.length > 1
        ? `${found.length} dead letters begin with \`${printable(id)}\`.`
        : `There is no dead letter \`${printable(id)}\`.`,
      'See `siaga dlq list --all`.',
    )
  })
}

async function replay(ids: readonly string[], options: Filter & { all?: boolean }, frame: Frame): Promise<void> {
  const filter = filterOf(options)
  const chosen = ids.length > 0
  if (chosen === (options.all === true || Object.keys(filter).length > 0)) {
    throw new CommandError(
      chosen ? 'Ids and a filter cannot be used together.' : 'Which dead letters?',
      'Give ids, or --source, --reason or --all. See `siaga dlq replay --help`.',
      2,
    )
  }
  const { config } = frame.config()
  const kafka = await reachKafka(config, frame.env)
  const letters = chosen
    ? pick(ids, await soon(listDeadLetters(kafka, { all: true })))
    : await soon(listDeadLetters(kafka, filter))
  const progress = frame.progress()
  const producer = createBatchingProducer(kafka, silentLog)
  try {
    const done = await replayDeadLetters(producer, letters, {
      formatOf: formatsOf(config),
      onProgress: (count) => progress.doing(`${number(count)} of ${number(letters.length)}`),
    })
    progress.stop()
    frame.stdout.write(`replayed ${done} of ${letters.length} dead letters\n`)
  } finally {
    progress.stop()
    await producer.close()
  }
}
