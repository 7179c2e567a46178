// siaga size: what machines does a load need? Nothing runs; the figures are those that were measured.

import { type CliCommand, CommandError, type Frame } from '../frame.ts'
import { type Estimate, estimate, type Load, type Need } from '../size/estimate.ts'
import { type Language, languageOf, number, table } from '../terminal.ts'

interface Options {
  readonly peak: string
  readonly average?: string
  readonly viewers: string
  readonly copies: string
  readonly days?: string
  readonly json?: true
  readonly lang?: string
}

export const size: CliCommand = {
  name: 'size',
  summary: 'Say what machines a load needs, from measured cost.',
  ringkasan: 'Sebutkan mesin yang diperlukan untuk suatu beban, dari biaya terukur.',
  details:
    'Retention, replication and hours in Kafka come from siaga.yaml. Cores are for the busiest minute in a slow hour of a shared machine, with a third to spare.',
  examples: [
    { run: 'siaga size --peak 5000', what: 'satu provinsi pada hari pemungutan suara / a province on voting day' },
    { run: 'siaga size --peak 50000 --average 8000 --viewers 600 --copies 2', what: 'the country, every row twice' },
  ],
  build(command, frame) {
    command
      .requiredOption('--peak <n>', 'events a second in the busiest minute')
      .option('--average <n>', 'events a second over a day (default: a fifth of the peak)')
      .option('--days <n>', 'days that events are kept (default: retention.days)')
      .option('--viewers <n>', 'people who look at the page at one time', '50')
      .option('--copies <n>', 'copies of each row in ClickHouse', '1')
      .option('--json', 'as JSON')
      .option('--lang <language>', 'id or en')
      .action((options: Options) => run(options, frame))
  },
}

function run(options: Options, frame: Frame): void {
  const { kafka, retention } = frame.config().config
  const peak = whole('--peak', options.peak, 10_000_000)
  const load: Load = {
    peak,
    average: options.average === undefined ? Math.ceil(peak / 5) : whole('--average', options.average, 10_000_000),
    days: options.days === undefined ? retention.days : whole('--days', options.days, 36_500),
    viewers: whole('--viewers', options.viewers, 1_000_000),
    copies: whole('--copies', options.copies, 16),
    kafkaHours: kafka.retention_hours,
    replication: kafka.replication,
  }
  if (load.average > load.peak)
    throw new CommandError(
      '--average is above --peak.',
      'The peak is the busiest minute, the average that of a day.',
      2,
    )
  const answer = estimate(load)
  if (options.json) frame.stdout.write(`${JSON.stringify({ load, ...answer }, null, 2)}\n`)
  else frame.stdout.write(shown(load, answer, languageOf(options.lang, frame.env), frame))
}

function whole(option: string, text: string, most: number): number {
  const value = /^[1-9]\d{0,9}$/.test(text) ? Number(text) : 0
  if (value < 1 || value > most)
    throw new CommandError(`${option} is not a number from 1 to ${number(most)}.`, `Such as ${option} 5000.`, 2)
  return value
}

const words = {
  id: {
    headers: ['peran', 'jumlah', 'inti CPU', 'memori GiB', 'disk GiB'],
    roles: {
      ingest: 'pengumpul (siaga ingest)',
      process: 'pemroses (siaga process), pekerja',
      centre: 'pusat (siaga start)',
      kafka: 'Kafka',
      clickhouse: 'ClickHouse',
    },
    all: 'semuanya',
    load: ({ peak, average, days, viewers }: Load) =>
      `Puncak ${number(peak, 'id')} kejadian/detik, rata-rata ${number(average, 'id')}; disimpan ${number(days, 'id')} hari; ${number(viewers, 'id')} pemirsa.`,
    partitions: (n: number) => `Setel kafka.partitions ke ${n}: satu untuk setiap pekerja.`,
  },
  en: {
    headers: ['role', 'count', 'CPU cores', 'memory GiB', 'disk GiB'],
    roles: {
      ingest: 'collectors (siaga ingest)',
      process: 'processors (siaga process), workers',
      centre: 'centre (siaga start)',
      kafka: 'Kafka',
      clickhouse: 'ClickHouse',
    },
    all: 'all of it',
    load: ({ peak, average, days, viewers }: Load) =>
      `Peak ${number(peak)} events/s, ${number(average)} on average; kept ${number(days)} days; ${number(viewers)} viewers.`,
    partitions: (n: number) => `Set kafka.partitions to ${n}: one for each worker.`,
  },
} as const

const GiB = 1024 ** 3

function shown(load: Load, { needs, partitions }: Estimate, language: Language, frame: Frame): string {
  const text = words[language]
  const sum = (of: (need: Need) => number) => needs.reduce((total, need) => total + of(need), 0)
  const row = (name: string, count: string, cores: number, memory: number, disk: number) => [
    name,
    count,
    number(cores, language, 1),
    number(memory / GiB, language, 1),
    number(Math.ceil(disk / GiB), language),
  ]
  const [first = '', ...rest] = text.headers
  return [
    text.load(load),
    '',
    table(
      [{ title: first }, ...rest.map((title) => ({ title, align: 'right' as const }))],
      [
        ...needs.map((need) => row(text.roles[need.role], String(need.count), need.cores, need.memory, need.disk)),
        row(
          text.all,
          '',
          sum(({ cores }) => cores),
          sum(({ memory }) => memory),
          sum(({ disk }) => disk),
        ),
      ],
      frame.paint,
    ).trimEnd(),
    '',
    text.partitions(partitions),
    '',
  ].join('\n')
}
