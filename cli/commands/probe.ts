// siaga probe: which sites are probed, what does one look like now, and is what it has become all right?
import { createBaselines } from '../../ingest/probe/baseline.ts'
import { probeOnce, targetsOf } from '../../ingest/probe/probe.ts'
import type { Target } from '../../ingest/probe/target.ts'
import { nearest } from '../../runtime/config-nearest.ts'
import { type CliCommand, CommandError, type Frame, version } from '../frame.ts'
import { langOption } from '../options.ts'
import { createProbeJudge } from '../probe/judge.ts'
import { showProbe } from '../probe/show.ts'
import { languageOf, localTime } from '../terminal.ts'

interface ShowOptions {
  readonly json?: boolean
  readonly lang?: string
}

export const probe: CliCommand = {
  name: 'probe',
  summary: 'List the public sites that are probed, look at one now, accept what it has become.',
  ringkasan: 'Daftar situs publik yang diperiksa, periksa satu sekarang, terima keadaannya yang baru.',
  details:
    'Only addresses of the configuration are probed: assets with a `url`, and what rooms have listed beneath the domains that the centre has verified.',
  examples: [
    { run: 'siaga probe list', what: 'semua situs / all sites' },
    { run: 'siaga probe now web-kpu', what: 'periksa satu sekarang / look at one now' },
  ],
  subcommands: [
    {
      name: 'list',
      summary: 'List the sites, with what is known of each.',
      ringkasan: 'Daftar situs, dengan apa yang dikenal dari masing-masing.',
      examples: [
        { run: 'siaga probe list', what: 'sebagai tabel / as a table' },
        { run: 'siaga probe list --json', what: 'for programs' },
      ],
      build(command, frame) {
        command
          .option('--json', 'as JSON')
          .addOption(langOption())
          .action((options: ShowOptions) => list(options, frame))
      },
    },
    {
      name: 'now',
      summary: 'Probe a site once and show what was seen and what the rules say; nothing is sent or learned.',
      ringkasan:
        'Periksa situs sekali dan tampilkan yang terlihat serta temuannya; tidak ada yang dikirim atau dipelajari.',
      details: 'Exit code 1 if there are findings of severity medium or more.',
      examples: [
        { run: 'siaga probe now web-kpu', what: 'sebuah aset / an asset' },
        { run: 'siaga probe now https://kpu.example/ --json', what: 'records and findings for programs' },
      ],
      build(command, frame) {
        command
          .argument('<site>', 'asset, or an address that is listed')
          .option('--json', 'as JSON')
          .addOption(langOption())
          .action((site: string, options: ShowOptions) => now(site, options, frame))
      },
    },
    {
      name: 'accept',
      summary: 'Accept what the last probe saw as what the site is from now on.',
      ringkasan: 'Terima yang terakhir terlihat sebagai keadaan situs mulai sekarang.',
      examples: [{ run: 'siaga probe accept web-kpu', what: 'setelah pembaruan yang sah / after a legitimate change' }],
      build(command, frame) {
        command.argument('<site>', 'asset, or an address that is listed').action((site: string) => accept(site, frame))
      },
    },
    {
      name: 'forget',
      summary: 'Forget what is known of a site; the next three probes learn it anew.',
      ringkasan: 'Lupakan yang dikenal dari situs; tiga pemeriksaan berikutnya mempelajarinya lagi.',
      examples: [
        { run: 'siaga probe forget web-kpu', what: 'setelah situs dibangun ulang / after the site was rebuilt' },
      ],
      build(command, frame) {
        command.argument('<site>', 'asset, or an address that is listed').action((site: string) => forget(site, frame))
      },
    },
  ],
}

async function list({ json, lang }: ShowOptions, frame: Frame): Promise<void> {
  const { config } = frame.config()
  const baselines = createBaselines(config.data_dir)
  const rows = await Promise.all(
    (await targetsOf(config, config.data_dir)).map(async (target) => {
      const { page, tls, dns } = await baselines.load(target)
      const last = Math.max(page.last, tls.last, dns.last)
      return {
        site: target.asset || target.key,
        url: target.url,
        source: target.source,
        good_probes: page.good,
        known_since: page.since === 0 ? '' : new Date(page.since * 1000).toISOString(),
        last_good: last === 0 ? '' : new Date(last * 1000).toISOString(),
        title: page.before?.title ?? '',
      }
    }),
  )
  if (json === true) {
    frame.stdout.write(`${JSON.stringify(rows, undefined, 2)}\n`)
    return
  }
  const language = languageOf(lang, frame.env)
  const none =
    language === 'id'
      ? 'Tidak ada situs: beri aset sebuah `url` di siaga.yaml.'
      : 'No sites: give an asset a `url` in siaga.yaml.'
  if (rows.length === 0) frame.stdout.write(`${none}\n`)
  const never = language === 'id' ? 'belum pernah' : 'never'
  for (const { site, url, good_probes, last_good, title } of rows) {
    const when = last_good === '' ? never : localTime(Date.parse(last_good), 'WIB')
    frame.stdout.write(
      `${frame.paint('bold', site.padEnd(24))} ${url}\n    ${good_probes} × , ${when}${title === '' ? '' : `, ${title}`}\n`,
    )
  }
}

async function now(site: string, { json, lang }: ShowOptions, frame: Frame): Promise<void> {
  const { config, baseDir } = frame.config()
  const target = await targetOf(site, frame)
  const progress = frame.progress()
  progress.doing(target.url)
  const records = await probeOnce(target, config.probes, { version: version(), dataDir: config.data_dir }).finally(() =>
    progress.stop(),
  )
  const judge = createProbeJudge(config, baseDir)
  const judged = records.map((record) => judge(record, Date.now()))
  if (json === true) {
    const findings = judged.map(({ kind, score, detections }) => ({ kind, score, findings: detections }))
    frame.stdout.write(`${JSON.stringify({ records, findings }, undefined, 2)}\n`)
  } else frame.stdout.write(showProbe(records, judged, languageOf(lang, frame.env), frame.paint))
  if (judged.some(({ detections }) => detections.some(({ severity }) => worth.has(severity)))) frame.failed()
}

const worth: ReadonlySet<string> = new Set(['medium', 'high', 'critical'])

async function accept(site: string, frame: Frame): Promise<void> {
  const target = await targetOf(site, frame)
  const done = await createBaselines(frame.config().config.data_dir).accept(target)
  if (!done) throw new CommandError(`Nothing is known of ${target.url} yet.`, 'Wait for its first probe, then accept.')
  frame.stdout.write(`${frame.paint('green', '✓')} ${target.url}\n`)
}

async function forget(site: string, frame: Frame): Promise<void> {
  const target = await targetOf(site, frame)
  await createBaselines(frame.config().config.data_dir).forget(target)
  frame.stdout.write(`${frame.paint('green', '✓')} ${target.url}\n`)
}

/** What is listed, by asset, key or address: nothing else is probed, not by hand either. */
async function targetOf(site: string, frame: Frame): Promise<Target> {
  const { config } = frame.config()
  const targets = await targetsOf(config, config.data_dir)
  const href = URL.parse(site)?.href
  const found = targets.find(({ asset, key, url }) => asset === site || key === site || url === href)
  if (found !== undefined) return found
  const near = nearest(
    site,
    targets.map(({ key }) => key),
  )
  throw new CommandError(
    `${site} is not probed.${near === undefined ? '' : ` Did you mean ${near}?`}`,
    'Only assets with a `url` in siaga.yaml, and addresses listed by rooms, are: see `siaga probe list`.',
  )
}
