// siaga feeds: what threat intelligence is in force, what would the next fetch change, and which updates wait for a person?
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createCarrierLookup } from '../../ingest/feeds/carriers.ts'
import { readCopy } from '../../ingest/feeds/copy.ts'
import { makeDraft } from '../../ingest/feeds/draft.ts'
import { FeedFailure } from '../../ingest/feeds/fetch.ts'
import { decide, type HeldUpdate, isWaiting, listHeld, type Verdict } from '../../ingest/feeds/held.ts'
import { protectedNames } from '../../ingest/feeds/hold.ts'
import { nextRun, readState } from '../../ingest/feeds/state.ts'
import { reasonsOf } from '../../ingest/feeds/update.ts'
import { loadWarningLists } from '../../ingest/feeds/warning-lists.ts'
import { openAsn } from '../../processors/enrich/asn.ts'
import { nearest } from '../../runtime/config-nearest.ts'
import type { Feed } from '../../schemas/feed.ts'
import { type Plan, showDecision, showFeeds, showHeld, showPlan } from '../feeds/show.ts'
import { type CliCommand, CommandError, type Frame } from '../frame.ts'
import { langOption } from '../options.ts'
import { cacheDir } from '../start/folders.ts'
import { languageOf } from '../terminal.ts'

interface ShowOptions {
  readonly json?: boolean
  readonly lang?: string
}

interface DecideOptions {
  readonly by: string
  readonly reason: string
  readonly leaveOut?: boolean
  readonly lang?: string
}

export const feeds: CliCommand = {
  name: 'feeds',
  summary:
    'Feeds of threat intelligence: how they are doing, what a fetch would change, updates that wait for a person.',
  ringkasan: 'Feed intelijen ancaman: keadaannya, perubahan bila diambil, dan pembaruan yang menunggu keputusan.',
  details: 'Works on the data directory: neither Kafka nor ClickHouse is needed, and Siaga need not be running.',
  examples: [
    { run: 'siaga feeds list', what: 'semua feed dan keadaannya / all feeds and how they are doing' },
    { run: 'siaga feeds held', what: 'pembaruan yang menunggu / updates that wait' },
    {
      run: 'siaga feeds approve urlhaus --by sari --reason "situs memang disusupi"',
      what: 'setujui / let it come into force',
    },
  ],
  subcommands: [
    {
      name: 'list',
      summary: 'List feeds: last success, indicators in force, state, next fetch.',
      ringkasan: 'Daftar feed: keberhasilan terakhir, jumlah indikator, keadaan, pengambilan berikutnya.',
      examples: [
        { run: 'siaga feeds list', what: 'sebagai tabel / as a table' },
        { run: 'siaga feeds list --json', what: 'for programs' },
      ],
      build(command, frame) {
        command
          .option('--json', 'as JSON')
          .addOption(langOption())
          .action((options: ShowOptions) => list(options, frame))
      },
    },
    {
      name: 'fetch',
      summary: 'Fetch a feed and show what would change; nothing comes into force.',
      ringkasan: 'Ambil sebuah feed dan tampilkan yang akan berubah; tidak ada yang diberlakukan.',
      details:
        'Shows what was read and what could not be, what warning lists keep out, and why the update would wait for a person.\n' +
        'How much of the last hour it would match is not looked up: that needs ClickHouse. Exit code 1 if it cannot be fetched or read.',
      examples: [
        { run: 'siaga feeds fetch openphish', what: 'dari alamatnya / from its address' },
        { run: 'siaga feeds fetch mitra --file contoh.csv', what: 'dari berkas, sebelum dipakai / from a local copy' },
      ],
      build(command, frame) {
        command
          .argument('<feed>', 'feed of siaga.yaml')
          .option('-f, --file <file>', 'a local copy in place of its address')
          .option('--json', 'as JSON')
          .addOption(langOption())
          .action((id: string, options: ShowOptions & { file?: string }) => fetchFeed(id, options, frame))
      },
    },
    {
      name: 'held',
      summary: 'Show updates that wait for a person, with their reasons.',
      ringkasan: 'Tampilkan pembaruan yang menunggu keputusan beserta alasannya.',
      examples: [
        { run: 'siaga feeds held', what: 'yang menunggu / those that wait' },
        { run: 'siaga feeds held urlhaus --all', what: 'juga yang sudah diputuskan / those that were decided too' },
      ],
      build(command, frame) {
        command
          .argument('[feed]', 'of this feed')
          .option('-a, --all', 'also those that were decided or overtaken')
          .option('--json', 'as JSON')
          .addOption(langOption())
          .action((id: string | undefined, options: ShowOptions & { all?: boolean }) => held(id, options, frame))
      },
    },
    decisionCommand(
      'approve',
      'approved',
      'Let the update of a feed that waits come into force.',
      'Setujui pembaruan yang menunggu.',
    ),
    decisionCommand(
      'reject',
      'rejected',
      'Refuse the update of a feed that waits; it is not asked again while the feed serves the same.',
      'Tolak pembaruan yang menunggu; tidak ditanyakan lagi selama isi feed sama.',
    ),
  ],
}

function decisionCommand(name: string, verdict: Verdict, summary: string, ringkasan: string): CliCommand {
  return {
    name,
    summary,
    ringkasan,
    details:
      'A running Siaga acts on it within seconds, otherwise at its next start. Who decided and why is kept and goes into the audit trail.',
    examples: [{ run: `siaga feeds ${name} urlhaus --by sari --reason "sudah diperiksa"`, what: ringkasan }],
    build(command, frame) {
      command
        .argument('<feed>', 'feed of siaga.yaml')
        .requiredOption('--by <name>', 'who decides')
        .requiredOption('--reason <text>', 'why')
        .addOption(langOption())
      if (verdict === 'rejected') {
        command.option('--leave-out', 'leave out what is protected or of a carrier from now on, so that the rest comes')
      }
      command.action((id: string, options: DecideOptions) => decideHeld(id, verdict, options, frame))
    },
  }
}

function feedOf(id: string, frame: Frame): Feed {
  const { feeds: all } = frame.config().config.intelligence
  const feed = all.find((one) => one.id === id)
  if (feed !== undefined) return feed
  const near = nearest(
    id,
    all.map((one) => one.id),
  )
  throw new CommandError(
    `There is no feed \`${id}\`.`,
    near ? `Did you mean \`${near}\`?` : 'Add it under `intelligence.feeds:` in siaga.yaml; see `siaga feeds list`.',
  )
}

async function list({ json, lang }: ShowOptions, frame: Frame): Promise<void> {
  const { config } = frame.config()
  const rows = await Promise.all(
    config.intelligence.feeds.map(async (feed) => ({
      id: feed.id,
      name: feed.name,
      format: feed.format,
      ...(await readState(config.data_dir, feed.id)),
      waiting: (await listHeld(config.data_dir, feed.id)).some(isWaiting),
      next: nextRun(feed.when),
    })),
  )
  frame.stdout.write(
    json ? `${JSON.stringify(rows, null, 2)}\n` : showFeeds(rows, languageOf(lang, frame.env), frame.paint),
  )
}

async function fetchFeed(id: string, options: ShowOptions & { file?: string }, frame: Frame): Promise<void> {
  const { config, baseDir } = frame.config()
  const feed = feedOf(id, frame)
  const { warning_lists, hold_share } = config.intelligence
  const folder = await mkdtemp(join(tmpdir(), 'siaga-feed-'))
  const progress = frame.progress()
  try {
    const to = join(folder, 'draft.ndjson.zst')
    if (options.file === undefined) progress.doing(feed.id)
    const outcome = await makeDraft({
      feed,
      dataDir: config.data_dir,
      baseDir,
      env: frame.env,
      warningLists: loadWarningLists(warning_lists, baseDir),
      now: Date.now(),
      to,
      dry: true,
      ...(options.file === undefined ? {} : { file: resolve(frame.cwd, options.file) }),
    })
    progress.stop()
    const plan = outcome.kind === 'same' ? undefined : await planOf(feed, to, outcome.before)
    frame.stdout.write(
      options.json
        ? `${JSON.stringify(plan ?? { same: true }, null, 2)}\n`
        : showPlan(plan, languageOf(options.lang, frame.env), frame.paint),
    )
  } catch (error) {
    if (!(error instanceof FeedFailure)) throw error
    throw new CommandError(`${feed.id}: ${error.reason}: ${error.message}`, 'What is in force stays as it is.')
  } finally {
    progress.stop()
    await rm(folder, { recursive: true, force: true })
  }

  async function planOf(one: Feed, file: string, before: number): Promise<Plan> {
    const draft = await readCopy(file)
    if (draft === undefined) throw new CommandError('The draft is gone.', '')
    const systemOf = openAsn(cacheDir(config))
    const reasons = await reasonsOf(one, draft, before, {
      names: protectedNames(config, config.lookalikes.protected),
      carrierOf: createCarrierLookup((address) => systemOf(address).number),
      traffic: undefined,
      share: hold_share,
    })
    const { indicators, meta } = draft
    const kinds = new Map<string, number>()
    for (const { type } of indicators) kinds.set(type, (kinds.get(type) ?? 0) + 1)
    return { feed: one.id, meta, before, reasons, types: Object.fromEntries(kinds), examples: indicators.slice(0, 5) }
  }
}

async function held(id: string | undefined, options: ShowOptions & { all?: boolean }, frame: Frame): Promise<void> {
  const { config } = frame.config()
  const ids = id === undefined ? config.intelligence.feeds.map((feed) => feed.id) : [feedOf(id, frame).id]
  const found: HeldUpdate[] = []
  for (const feed of ids) found.push(...(await listHeld(config.data_dir, feed)))
  const shown = found.filter((update) => options.all === true || isWaiting(update))
  frame.stdout.write(
    options.json
      ? `${JSON.stringify(shown, null, 2)}\n`
      : showHeld(shown, languageOf(options.lang, frame.env), frame.paint),
  )
}

async function decideHeld(
  id: string,
  verdict: Verdict,
  { by, reason, leaveOut = false, lang }: DecideOptions,
  frame: Frame,
): Promise<void> {
  const { data_dir } = frame.config().config
  const feed = feedOf(id, frame).id
  if (by.trim() === '' || reason.trim() === '') throw new CommandError('--by and --reason must say something.', '', 2)
  const harms = (await listHeld(data_dir, feed)).find(isWaiting)?.reasons.map(({ kind }) => kind) ?? []
  if (leaveOut && harms.length > 0 && harms.every((kind) => kind === 'traffic' || kind === 'shrunk')) {
    throw new CommandError(
      `Of the update of \`${feed}\` nothing can be left out: it is held as a whole.`,
      'Approve or reject it.',
    )
  }
  const decision = { verdict, by: by.trim(), reason: reason.trim(), at: Date.now(), leave_out: leaveOut }
  const outcome = await decide(data_dir, feed, decision)
  if (outcome.kind === 'none') {
    throw new CommandError(`No update of \`${feed}\` waits for a person.`, 'See `siaga feeds held --all`.')
  }
  if (outcome.kind === 'taken') {
    throw new CommandError(
      `Somebody decided about \`${feed}\` a moment ago.`,
      `See \`siaga feeds held ${feed} --all\`.`,
    )
  }
  frame.stdout.write(showDecision(outcome.update, languageOf(lang, frame.env), frame.paint))
}
