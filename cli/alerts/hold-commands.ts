// siaga alerts: which commands hold findings back, and show what is held back?
import { type Command, InvalidArgumentError, Option } from 'commander'
import { Severity } from '../../schemas/detection.ts'
import type { CliCommand } from '../frame.ts'
import { wholeNumber } from '../options.ts'
import { connecting } from './access.ts'
import { approve, change, held, listSuppressions, policy, readDuration, suppress } from './hold.ts'

const severityOption = (flag: string, what: string): Option => new Option(flag, what).choices(Severity.options)
const several = (value: string, before: readonly string[]): string[] => [...before, value]

function durationOption(text: string): number {
  const ms = readDuration(text)
  if (ms === undefined) throw new InvalidArgumentError('It must be minutes, hours or days, such as 90m, 4h or 7d.')
  return ms
}

export const holdCommands: readonly CliCommand[] = [
  {
    name: 'suppress',
    summary: 'Hold findings back for a while: with an owner, a reason and an end; what it swallows is counted.',
    ringkasan: 'Tahan temuan untuk sementara: dengan penanggung jawab, alasan dan akhir; yang tertahan dihitung.',
    details:
      'It acts in the region of the room of your key and beneath it; that of the centre everywhere. What is given must all match. With an alert, its rule, asset\n' +
      'and entity are taken. From masa_tenang to rekapitulasi high severity needs a second person: siaga alerts approve.',
    examples: [
      {
        run: 'siaga alerts suppress A-7KQ2M9XW4TZC --for 4h --owner "tim web" --reason "uji beban"',
        what: 'seperti peringatan ini / what is like this alert',
      },
      {
        run: 'siaga alerts suppress --maintenance --asset web-kpu --until "2024-11-20 23:00" --owner "tim web" --reason "pembaruan server"',
        what: 'masa pemeliharaan / a maintenance window',
      },
    ],
    build(command, frame) {
      many(connecting(command).argument('[alert]', 'an alert whose like is held back'))
        .option('--from <time>', 'event time from which it holds, WIB unless a zone is named (default: now)')
        .option('--until <time>', 'event time at which it ends')
        .option('--for <duration>', 'how long: 90m, 4h, 7d', durationOption)
        .requiredOption('--owner <name>', 'penanggung jawab / who answers for it')
        .requiredOption('--reason <text>', 'alasan / why')
        .addOption(
          severityOption(
            '--max-severity <severity>',
            'the most severe that it holds back (default: medium, or that of the alert)',
          ),
        )
        .option('--maintenance', 'a maintenance window')
        .action((alert: string | undefined, options) => suppress(alert, options, frame))
    },
  },
  {
    name: 'suppressions',
    summary: 'List what is held back, by whom, until when, and how much it has swallowed.',
    ringkasan: 'Daftar yang ditahan: oleh siapa, sampai kapan, berapa banyak.',
    examples: [{ run: 'siaga alerts suppressions --all', what: 'juga yang sudah lewat / those that are over too' }],
    build(command, frame) {
      connecting(command)
        .option('--all', 'those that are over too')
        .action((options) => listSuppressions(options, frame))
    },
  },
  {
    name: 'approve',
    summary: 'Agree, as the second person, to a suppression or to the policy that waits.',
    ringkasan: 'Setujui, sebagai orang kedua, sebuah penahanan atau kebijakan yang menunggu.',
    details: 'Two persons are two names with two keys, one of them at the centre.',
    examples: [
      { run: 'siaga alerts approve S-1f2e3d4c5b6a', what: 'penahanan / a suppression' },
      {
        run: 'siaga alerts approve 0123456789abcdef',
        what: 'yang tertulis di siaga alerts policy / what siaga alerts policy shows',
      },
    ],
    build(command, frame) {
      connecting(command)
        .argument('<id>', 'id of the suppression, or of the policy')
        .action((wanted: string, options) => approve(wanted, options, frame))
    },
  },
  {
    name: 'end',
    summary: 'End a suppression before its time.',
    ringkasan: 'Akhiri penahanan sebelum waktunya.',
    examples: [{ run: 'siaga alerts end S-1f2e3d4c5b6a', what: 'pemeliharaan selesai / maintenance is over' }],
    build(command, frame) {
      connecting(command)
        .argument('<id>', 'id of the suppression')
        .action((wanted: string, options) => change(wanted, 'end', options, frame))
    },
  },
  {
    name: 'held',
    summary: 'Show how many findings made no alert, and why; for the centre.',
    ringkasan: 'Tampilkan berapa temuan tidak menjadi peringatan, dan mengapa; untuk pusat.',
    examples: [{ run: 'siaga alerts held --hours 168', what: 'sepekan / of a week' }],
    build(command, frame) {
      connecting(command)
        .option('--hours <hours>', 'how far back', wholeNumber(1, 720), 24)
        .action((options) => held(options, frame))
    },
  },
  {
    name: 'policy',
    summary: 'Show what decides how quiet Siaga is, and what waits for two persons; for the centre.',
    ringkasan: 'Tampilkan kebijakan ambang, dan yang menunggu dua orang; untuk pusat.',
    examples: [
      {
        run: 'siaga alerts policy',
        what: 'ambang yang dilonggarkan, aturan yang dimatikan / laxer thresholds, disabled rules',
      },
    ],
    build(command, frame) {
      connecting(command).action((options) => policy(options, frame))
    },
  },
]

function many(command: Command): Command {
  for (const [flag, what] of [
    ['rule', 'rule by its id'],
    ['asset', 'asset by its id'],
    ['entity', 'who or what it is about, as type:value'],
    ['region', 'region with those beneath it'],
    ['source', 'source by its id'],
  ] as const)
    command.option(`--${flag} <${flag}>`, `${what}; again for more`, several, [])
  return command
}
