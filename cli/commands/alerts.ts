// siaga alerts: which alerts are there, what is done about them, who would be told?
import { Option } from 'commander'
import { AlertStatus, type AlertVerb } from '../../schemas/alert.ts'
import { Severity } from '../../schemas/detection.ts'
import { connecting } from '../alerts/access.ts'
import { type ActOptions, actOn } from '../alerts/act.ts'
import { holdCommands } from '../alerts/hold-commands.ts'
import { list, show } from '../alerts/look.ts'
import { runSimulation } from '../alerts/run-simulation.ts'
import { sendTest } from '../alerts/send-test.ts'
import { watch } from '../alerts/watch.ts'
import type { CliCommand } from '../frame.ts'
import { langOption, wholeNumber } from '../options.ts'

const id = 'A-7KQ2M9XW4TZC'

const several = (value: string, before: readonly string[]): string[] => [...before, value]

/** A command for an action that takes alerts and perhaps a reason. */
function acting(
  name: string,
  verb: AlertVerb,
  { summary, ringkasan, reason }: { summary: string; ringkasan: string; reason: 'needed' | 'possible' },
): CliCommand {
  const why = reason === 'needed' ? ' --reason "sudah ditambal, log bersih"' : ''
  return {
    name,
    summary,
    ringkasan,
    examples: [{ run: `siaga alerts ${name} ${id}${why}`, what: 'satu peringatan / one alert' }],
    build(command, frame) {
      connecting(command)
        .argument('<alert...>', 'ids of alerts')
        .option('-r, --reason <text>', reason === 'needed' ? 'alasan / why; needed' : 'alasan / why')
        .action((ids: string[], options: ActOptions) => actOn({ verb, ids }, options, frame))
    },
  }
}

export const alerts: CliCommand = {
  name: 'alerts',
  summary: 'List and handle alerts, hold findings back, test channels, simulate who would be told.',
  ringkasan: 'Daftar dan tangani peringatan, tahan temuan, uji saluran, simulasikan siapa yang diberi tahu.',
  details:
    'Yang terlihat adalah milik ruang dari kunci (--key-file, SIAGA_KEY). Di mesin pusat, tanpa kunci, Siaga memakai kunci operator.\n' +
    'What is seen is that of the room of the key. On the machine of the centre, without one, the key of its operator is used.',
  examples: [
    { run: 'siaga alerts list', what: 'yang belum ditutup / what is not closed' },
    { run: `siaga alerts show ${id}`, what: 'mengapa, bukti, siapa diberi tahu / why, evidence, who was told' },
    { run: `siaga alerts ack ${id}`, what: 'tanggapi: eskalasi berhenti / acknowledge: nobody else is told' },
  ],
  subcommands: [
    {
      name: 'list',
      summary: 'List alerts, the newest change first.',
      ringkasan: 'Daftar peringatan, perubahan terbaru lebih dulu.',
      examples: [
        { run: 'siaga alerts list --severity high --region 32', what: 'sebuah wilayah / of a region and beneath' },
        {
          run: 'siaga alerts list --status resolved --status false_positive --json',
          what: 'closed ones, for programs',
        },
      ],
      build(command, frame) {
        connecting(command)
          .addOption(
            new Option('--status <status>', 'only these; again for more (default: active)')
              .choices(['active', ...AlertStatus.options])
              .argParser((value: string, before: readonly string[] | undefined) => several(value, before ?? [])),
          )
          .addOption(new Option('--severity <severity>', 'least severity').choices(Severity.options))
          .option('--region <code>', 'this region and those beneath it')
          .option('--asset <id>', 'only of this asset')
          .option('--entity <type:value>', 'only about this one')
          .option('--case <id>', 'only of this case')
          .option('--assignee <name>', 'only of this person')
          .option('-q, --search <text>', 'part of title, entity, asset or id')
          .option('--limit <alerts>', 'at most so many', wholeNumber(1, 1000), 50)
          .action((options) => list(options, frame))
      },
    },
    {
      name: 'show',
      summary: 'Show one alert: score and evidence, who was told, what was done, what to do.',
      ringkasan: 'Tampilkan satu peringatan: skor dan bukti, siapa diberi tahu, tindakan, langkah berikutnya.',
      examples: [{ run: `siaga alerts show ${id}`, what: 'huruf kecil juga boleh / case does not count' }],
      build(command, frame) {
        connecting(command)
          .argument('<alert>', 'id of the alert')
          .action((alert: string, options) => show(alert, options, frame))
      },
    },
    acting('ack', 'acknowledge', {
      summary: 'Acknowledge: you look after it, and nobody else is told because of the delay.',
      ringkasan: 'Tanggapi: Anda mengurusnya, dan eskalasi berhenti.',
      reason: 'possible',
    }),
    {
      name: 'assign',
      summary: 'Say who looks after it.',
      ringkasan: 'Serahkan kepada seseorang.',
      examples: [{ run: `siaga alerts assign ${id} "Budi (piket malam)"`, what: 'kepada siapa / to whom' }],
      build(command, frame) {
        connecting(command)
          .argument('<alert>', 'id of the alert')
          .argument('<name>', 'kepada siapa / to whom')
          .option('-r, --reason <text>', 'alasan / why')
          .action((alert: string, assignee: string, options: ActOptions) =>
            actOn({ verb: 'assign', ids: [alert], assignee }, options, frame),
          )
      },
    },
    acting('start', 'start', {
      summary: 'Say that it is being worked on.',
      ringkasan: 'Mulai ditangani.',
      reason: 'possible',
    }),
    acting('resolve', 'resolve', { summary: 'Close it as resolved.', ringkasan: 'Selesaikan.', reason: 'needed' }),
    acting('false-positive', 'false_positive', {
      summary: 'Close it as a false positive; an exception to the rule is proposed, never applied.',
      ringkasan: 'Nyatakan positif palsu; pengecualian aturan diusulkan, tidak pernah diterapkan sendiri.',
      reason: 'needed',
    }),
    acting('accept', 'accept', {
      summary: 'Close it: the risk is known and accepted.',
      ringkasan: 'Tutup: risikonya diketahui dan diterima.',
      reason: 'needed',
    }),
    acting('reopen', 'reopen', {
      summary: 'Open a closed one again, or take it out of the one that it was merged into.',
      ringkasan: 'Buka lagi, atau keluarkan dari peringatan tempatnya digabung.',
      reason: 'needed',
    }),
    {
      name: 'comment',
      summary: 'Add a comment.',
      ringkasan: 'Tambahkan komentar.',
      examples: [
        {
          run: `siaga alerts comment ${id} "menunggu jawaban penyedia"`,
          what: 'semua ruang yang berhak melihatnya / whoever may see it reads it',
        },
      ],
      build(command, frame) {
        connecting(command)
          .argument('<alert>', 'id of the alert')
          .argument('<text>', 'komentar / the comment')
          .action((alert: string, reason: string, options: ActOptions) =>
            actOn({ verb: 'comment', ids: [alert] }, { ...options, reason }, frame),
          )
      },
    },
    ...(['link', 'merge'] as const).map(
      (verb): CliCommand => ({
        name: verb,
        summary: verb === 'link' ? 'Link two alerts: they become one case.' : 'Make an alert part of another one.',
        ringkasan:
          verb === 'link' ? 'Tautkan dua peringatan: menjadi satu kasus.' : 'Gabungkan sebuah peringatan ke yang lain.',
        examples: [
          {
            run: `siaga alerts ${verb} ${id} A-3M8XQ1ZC7RTP`,
            what: 'yang pertama dengan yang kedua / the first with the second',
          },
        ],
        build(command, frame) {
          connecting(command)
            .argument('<alert>', 'id of the alert')
            .argument('<other>', 'id of the other')
            .option('-r, --reason <text>', 'alasan / why')
            .action((alert: string, other: string, options: ActOptions) =>
              actOn({ verb, ids: [alert], other }, options, frame),
            )
        },
      }),
    ),
    ...holdCommands,
    {
      name: 'test',
      summary: 'Send a real test message by a channel and say what came of it; exit code 1 if it was not delivered.',
      ringkasan: 'Kirim pesan uji coba sungguhan lewat sebuah saluran; kode keluar 1 bila tidak sampai.',
      examples: [
        { run: 'siaga alerts test surel', what: 'ke penerima pertama saluran / to the first recipient of the channel' },
        { run: 'siaga alerts test telegram --to piket-jabar', what: 'to this recipient' },
      ],
      build(command, frame) {
        command
          .argument('<channel>', 'id of the channel in siaga.yaml')
          .option('--to <recipient>', 'id of the recipient (default: the first of the channel)')
          .option('--json', 'as JSON')
          .addOption(langOption())
          .action((channel: string, options) => sendTest(channel, options, frame))
      },
    },
    {
      name: 'simulate',
      summary:
        'Play findings through thresholds, routes and rosters and print who would have been told; nothing is sent.',
      ringkasan:
        'Putar temuan melalui ambang, rute dan jadwal piket, lalu cetak siapa yang akan diberi tahu; tidak ada yang dikirim.',
      details:
        'The configuration as it stands, with nobody acknowledging. Suppressions of the running Siaga are left out. Findings come from ClickHouse or from a file.',
      examples: [
        {
          run: 'siaga alerts simulate --from "2024-11-27 06:00" --to "2024-11-28 06:00"',
          what: 'hari pemungutan / voting day',
        },
        {
          run: 'siaga alerts simulate --config baru.yaml --file temuan.jsonl --ack-after 10',
          what: 'another configuration, a file of findings',
        },
      ],
      build(command, frame) {
        command
          .option('-f, --file <file>', 'findings as JSON lines, in event time; - is standard input')
          .option('--from <time>', 'findings since, WIB unless a zone is named (default: a day before --to)')
          .option('--to <time>', 'findings before (default: now)')
          .addOption(
            new Option('--clock <clock>', 'play findings of ClickHouse when they landed, or when their events were')
              .choices(['landed', 'event'])
              .default('landed'),
          )
          .option('--ack-after <minutes>', 'whoever is told first acknowledges after so long', wholeNumber(0, 10_080))
          .option('--json', 'as JSON')
          .addOption(langOption())
          .action((options) => runSimulation(options, frame))
      },
    },
    {
      name: 'watch',
      summary: 'Follow changes as they happen, and go on where a broken connection left off.',
      ringkasan: 'Ikuti perubahan saat terjadi, dan lanjutkan bila sambungan terputus.',
      examples: [{ run: 'siaga alerts watch --json', what: 'satu baris JSON per perubahan / one line of JSON each' }],
      build(command, frame) {
        connecting(command)
          .option('--after <id>', 'begin behind this id (default: from now on)')
          .action((options) => watch(options, frame))
      },
    },
  ],
}
