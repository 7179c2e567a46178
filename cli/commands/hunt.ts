// siaga hunt: which questions are saved, what do they find, and what did they find by the clock?
import type { Command } from 'commander'
import { HuntCategory } from '../../schemas/hunt.ts'
import type { CliCommand } from '../frame.ts'
import { history, type ListOptions, list, type RunOptions, run, runEvery, schedule, show } from '../hunt/act.ts'
import { langOption } from '../options.ts'
import { readFormat, readParameter } from '../sql/formats.ts'

export const hunt: CliCommand = {
  name: 'hunt',
  summary:
    'Saved hunts: questions in SQL with what they find, why it matters and what to do; by name and by the clock.',
  ringkasan: 'Perburuan tersimpan: pertanyaan SQL beserta arti dan tindakannya; dijalankan dengan nama atau terjadwal.',
  details:
    "Hunts are files: Siaga's own in hunts/, yours in the folder hunts.dir of siaga.yaml (docs/hunts.md).\n" +
    'Perburuan adalah berkas: bawaan di hunts/, milik sendiri di folder hunts.dir pada siaga.yaml.',
  examples: [
    { run: 'siaga hunt list --tag T1110', what: 'yang mencari tebakan sandi / those about password guessing' },
    { run: 'siaga hunt show login_after_guessing', what: 'arti, parameter dan SQL-nya / what it means, and its SQL' },
    {
      run: 'siaga hunt run login_after_guessing --since 24h --region 32',
      what: 'Jawa Barat, sehari terakhir / West Java, the last day',
    },
    {
      run: 'siaga hunt run-all --since 6h',
      what: 'semuanya, dengan jumlah temuannya / all of them, with what they found',
    },
  ],
  subcommands: [
    {
      name: 'list',
      summary: 'List hunts by subject.',
      ringkasan: 'Daftar perburuan menurut topik.',
      details: `Subjects / topik: ${HuntCategory.options.join(', ')}.`,
      examples: [
        { run: 'siaga hunt list', what: 'semua / all' },
        {
          run: 'siaga hunt list --tag T1110',
          what: 'teknik ATT&CK beserta turunannya / a technique with those beneath',
        },
        { run: 'siaga hunt list --tag election --json', what: 'satu topik, untuk program / one subject, for programs' },
      ],
      build(command, frame) {
        command
          .option('--tag <tag>', 'ATT&CK technique or subject')
          .option('--json', 'as JSON')
          .addOption(langOption())
          .action((options: ListOptions) => list(options, frame))
      },
    },
    {
      name: 'show',
      summary: 'Show what a hunt finds, why it matters, what to do with a hit, its parameters and its SQL.',
      ringkasan: 'Tampilkan arti, tindakan, parameter dan SQL sebuah perburuan.',
      examples: [{ run: 'siaga hunt show dns_tunnel', what: 'sebelum dijalankan / before it is run' }],
      build(command, frame) {
        command
          .argument('<id>', 'hunt (siaga hunt list), or a file .sql')
          .addOption(langOption())
          .action((id: string, options: ListOptions) => show(id, options, frame))
      },
    },
    {
      name: 'run',
      summary: 'Run a hunt as the reader user; only data goes to standard output.',
      ringkasan: 'Jalankan perburuan sebagai pengguna pembaca; hanya data yang ditulis ke keluaran.',
      details:
        'Formats are those of `siaga sql`. With --keep the rows go into siaga.hunt_results instead, under your name.\n' +
        'Times without a zone are WIB / Waktu tanpa zona dibaca sebagai WIB.',
      examples: [
        { run: 'siaga hunt run dns_tunnel --since 24h', what: 'sehari terakhir / the last day' },
        {
          run: 'siaga hunt run dns_tunnel --since "2024-11-27 00:00 WIT" --until "2024-11-28 00:00 WIT" --region 91',
          what: 'hari pemungutan di Papua / voting day in Papua',
        },
        {
          run: 'siaga hunt run password_spray --param users=5 --format CSVWithNames --output spray.csv',
          what: 'parameter sendiri, ke berkas / another parameter, into a file',
        },
        { run: 'siaga hunt run dns_tunnel --keep --by sari', what: 'simpan barisnya / keep the rows' },
        { run: 'siaga hunt run ./milik-saya.sql', what: 'berkas yang sedang ditulis / a file that is being written' },
      ],
      build(command, frame) {
        windowOptions(command.argument('<id>', 'hunt (siaga hunt list), or a file .sql'))
          .option('--param <name=value>', 'value of a parameter; may be repeated', parameter)
          .option('-f, --format <format>', 'table, vertical, JSON, CSV, TSV or a format of ClickHouse', readFormat)
          .option('-o, --output <file>', 'write the answer to a new file')
          .option('--keep', 'keep the rows in siaga.hunt_results')
          .option('--by <name>', 'with --keep: who runs it')
          .action((id: string, options: RunOptions) => run(id, options, frame))
      },
    },
    {
      name: 'run-all',
      summary: 'Run every hunt and say how much each found.',
      ringkasan: 'Jalankan semua perburuan dan sebutkan jumlah temuannya.',
      details: 'Each in its own window unless told. Exit code 1 if one of them could not be run.',
      examples: [
        { run: 'siaga hunt run-all', what: 'pagi hari, sebelum rapat / in the morning, before the meeting' },
        { run: 'siaga hunt run-all --tag web --region 32 --since 6h', what: 'satu topik / one subject' },
      ],
      build(command, frame) {
        windowOptions(command)
          .option('--tag <tag>', 'ATT&CK technique or subject')
          .action((options: RunOptions) => runEvery(options, frame))
      },
    },
    {
      name: 'schedule',
      summary: 'Show which hunts siaga.yaml runs by the clock.',
      ringkasan: 'Tampilkan perburuan yang terjadwal di siaga.yaml.',
      examples: [{ run: 'siaga hunt schedule', what: 'waktu dalam UTC / times are UTC' }],
      build(command, frame) {
        command.addOption(langOption()).action((options: ListOptions) => schedule(options, frame))
      },
    },
    {
      name: 'history',
      summary: 'Show the last runs whose rows were kept.',
      ringkasan: 'Tampilkan jalannya perburuan yang barisnya disimpan.',
      details: 'For the centre: how much was found in all regions. The rows themselves: table siaga.hunt_results.',
      examples: [
        { run: 'siaga hunt history', what: 'lima puluh terakhir / the last fifty' },
        { run: 'siaga hunt history dns_tunnel --format JSON', what: 'satu perburuan / of one hunt' },
      ],
      build(command, frame) {
        command
          .argument('[id]', 'of this hunt')
          .option('-f, --format <format>', 'as in siaga sql', readFormat)
          .addOption(langOption())
          .action((id: string | undefined, options: RunOptions) => history(id, options, frame))
      },
    },
  ],
}

function windowOptions(command: Command): Command {
  return command
    .option('--since <span or time>', 'such as 24h, 7d or "2024-11-27 08:00 WITA" (default: window of the hunt)')
    .option('--until <time>', 'such as "2024-11-28 00:00 WIB" (default: now)')
    .option('--region <code>', 'region with those beneath (default: all)')
    .addOption(langOption())
}

function parameter(text: string, before: Readonly<Record<string, string>> = {}): Record<string, string> {
  const [name, value] = readParameter(text)
  return { ...before, [name]: value }
}
