// siaga score: why does an event have its score, what do people think of it, and which weights would agree with them?
import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { userInfo } from 'node:os'
import { Argument, InvalidArgumentError, Option } from 'commander'
import { weightTerms } from '../../processors/score/features.ts'
import { scoreVersion } from '../../processors/score/index.ts'
import { type ClickHouse, createClickHouse } from '../../runtime/clickhouse.ts'
import { loadReference } from '../../runtime/reference.ts'
import { Verdict } from '../../schemas/verdict.ts'
import { type EntityType, entityColumns, recordVerdict, type VerdictTarget } from '../../sinks/clickhouse/verdicts.ts'
import { clickHouseOptions, explainUnavailable } from '../clickhouse-access.ts'
import { type CliCommand, CommandError, type Frame } from '../frame.ts'
import { findEvents } from '../score/event.ts'
import { explain, explanationJson, showExplanation } from '../score/explain.ts'
import { learn } from '../score/fit.ts'
import { showFit } from '../score/show-fit.ts'
import { readExamples, verdictsOfClickHouse, verdictsOfFile } from '../score/verdicts.ts'
import { languageOf, number, printable } from '../terminal.ts'
import { loadConfiguredRules } from '../worker/rules.ts'

interface Shown {
  readonly json?: boolean
  readonly lang?: string
}

const language = (): Option =>
  new Option('--lang <language>', 'language of the answer (default: SIAGA_LANG, then the locale, then id)').choices([
    'id',
    'en',
  ])

export const score: CliCommand = {
  name: 'score',
  summary: 'Explain a score, mark events as true or false positives, learn weights from such verdicts.',
  ringkasan: 'Jelaskan skor, tandai kejadian benar atau salah, pelajari bobot dari putusan itu.',
  examples: [
    { run: 'siaga score explain 5f3a…-0', what: 'mengapa skornya begitu / why it has its score' },
    { run: 'siaga score mark false 5f3a…-0 --why "our own scanner"', what: 'positif palsu / a false positive' },
    { run: 'siaga score fit', what: 'bobot yang cocok dengan putusan / weights that agree with the verdicts' },
  ],
  subcommands: [
    {
      name: 'explain',
      summary: 'Show how an event came to its score: each factor with points, what it saw and the chance so far.',
      ringkasan: 'Tampilkan asal skor suatu kejadian: tiap faktor, poin, yang terlihat dan peluang sejauh itu.',
      details: 'Ten points are one unit of log-odds. Also says whether the weights of that time are still in force.',
      examples: [
        { run: 'siaga score explain 5f3a…-0', what: 'dengan event_id / by event_id' },
        { run: 'siaga score explain 9f2c…-0-1234 --lang en', what: 'by stream, partition and offset, in English' },
        { run: 'siaga score explain 5f3a…-0 --json | jq .factors', what: 'for programs' },
      ],
      build(command, frame) {
        command
          .argument('<event>', 'event_id, finding_id, or <stream>-<partition>-<offset>')
          .option('--json', 'as JSON')
          .addOption(language())
          .action((id: string, options: Shown) => explainEvent(id, options, frame))
      },
    },
    {
      name: 'mark',
      summary: 'Record what a person thinks of events; entity risk follows at once.',
      ringkasan: 'Catat putusan tentang kejadian; risiko entitas langsung mengikuti.',
      details:
        'Verdicts are appended, never changed; the latest about an event holds. `withdrawn` takes a verdict back.\n' +
        'With --entity it covers every event that still weighs on that address, user, asset or region.',
      examples: [
        { run: 'siaga score mark true 5f3a…-0 --why "webshell found"', what: 'benar / a true one' },
        {
          run: 'siaga score mark false --entity source_ip:203.0.113.9 --why "pen test"',
          what: 'semua kejadian dari satu alamat / everything from one address',
        },
      ],
      build(command, frame) {
        command
          .addArgument(
            new Argument('<verdict>', 'worth a look, a false positive, or no verdict').choices(Verdict.options),
          )
          .argument('[event...]', 'event_id, finding_id, or <stream>-<partition>-<offset>')
          .option('--entity <type:value>', `instead of events; type: ${Object.keys(entityColumns).join(', ')}`, entity)
          .requiredOption('--why <reason>', 'the reason, for those who come after')
          .option('--by <name>', 'who says so (default: the user of this machine)')
          .action((verdict: Verdict, ids: string[], options: MarkOptions) => mark(verdict, ids, options, frame))
      },
    },
    {
      name: 'fit',
      summary: 'Learn weights from verdicts and show how well they do on verdicts held back. Applies nothing.',
      ringkasan: 'Pelajari bobot dari putusan dan uji pada putusan yang disisihkan. Tidak menerapkan apa pun.',
      details:
        'Logistic regression that stays near the present weights unless many verdicts speak. Verdicts are those recorded with\n' +
        '`siaga score mark`, or lines {"event_id": "…", "verdict": true} or {"factors": [{"name": "rule.high"}], "verdict": false}.',
      examples: [
        { run: 'siaga score fit', what: 'dari putusan di ClickHouse / from the verdicts in ClickHouse' },
        { run: 'siaga score fit --verdicts verdicts.ndjson --lang en', what: 'from a file' },
        { run: 'siaga score fit --split hash --seed 2 --held-back 0.5', what: 'another part held back' },
        { run: 'siaga score fit --json | jq -r .yaml > score.yaml', what: 'for programs' },
      ],
      build(command, frame) {
        command
          .option('--verdicts <file>', 'NDJSON file of verdicts (default: table verdicts in ClickHouse)')
          .addOption(
            new Option('--split <how>', 'which part is held back: the newest, or by hash of the id')
              .choices(['auto', 'time', 'hash'])
              .default('auto', 'time if every verdict has one'),
          )
          .option('--held-back <share>', 'share of the verdicts that is held back', shareOf, 0.3)
          .option('--seed <text>', 'another seed, another part by hash', 'siaga')
          .option(
            '--strength <number>',
            'pull towards the present weights: 10 points off count as 1 unit of log-odds',
            strengthOf,
            1,
          )
          .option('--json', 'as JSON')
          .addOption(language())
          .action((options: FitCommandOptions) => fitWeights(options, frame))
      },
    },
  ],
}

/** Runs `work` with a client of ClickHouse that is made when it is first asked for. */
async function withClickHouse(
  frame: Frame,
  user: 'reader' | 'pipeline',
  work: (clickhouse: () => ClickHouse) => Promise<void>,
): Promise<void> {
  const { config } = frame.config()
  let made: ClickHouse | undefined
  try {
    await work(() => {
      made ??= createClickHouse({ ...clickHouseOptions(config, frame.env, user), database: 'siaga' })
      return made
    })
  } catch (error) {
    throw explainUnavailable(error, config)
  } finally {
    await made?.close()
  }
}

async function explainEvent(id: string, options: Shown, frame: Frame): Promise<void> {
  await withClickHouse(frame, 'reader', async (clickhouse) => {
    const { config, baseDir } = frame.config()
    const lang = languageOf(options.lang, frame.env)
    const found = await findEvents(clickhouse(), id)
    const [event] = found
    const named = event.factors.some(({ name }) => name.startsWith('rule:'))
    const titles = new Map(
      named
        ? loadConfiguredRules(config, baseDir).rules.map(({ id, title, guidance }) => [
            id,
            lang === 'id' && guidance !== undefined ? guidance.judul : title,
          ])
        : [],
    )
    const { regions, scanners } = loadReference({ calendars: [], regions: config.regions }, baseDir)
    const version = scoreVersion(config.score, config.allow_list, scanners)
    const zone = regions.get(event.region_code)?.zone ?? 'WIB'
    const explanation = explain(event, found.length, version, (rule) => titles.get(rule))
    frame.stdout.write(
      options.json
        ? `${JSON.stringify(explanationJson(explanation), null, 2)}\n`
        : showExplanation(explanation, zone, lang, frame.paint),
    )
  })
}

interface MarkOptions {
  readonly entity?: { readonly entity: EntityType; readonly value: string }
  readonly why: string
  readonly by?: string
}

async function mark(verdict: Verdict, ids: readonly string[], options: MarkOptions, frame: Frame): Promise<void> {
  if (ids.length > 0 === (options.entity !== undefined)) {
    throw new CommandError(
      'Give events or --entity, one of them.',
      'As in: siaga score mark false <event_id> --why "our own scanner"',
      2,
    )
  }
  await withClickHouse(frame, 'pipeline', async (clickhouse) => {
    let target: VerdictTarget
    if (options.entity !== undefined) target = options.entity
    else {
      const events = await Promise.all(ids.map(async (id) => (await findEvents(clickhouse(), id))[0]))
      target = { eventIds: events.map(({ event_id }) => event_id) }
    }
    const subject = options.entity
      ? `${options.entity.entity}:${options.entity.value}`
      : ids.length === 1
        ? `event:${ids[0]}`
        : 'events'
    const act = {
      id: randomUUID(),
      at: Date.now(),
      by: options.by ?? userInfo().username,
      reason: options.why,
      subject,
    }
    const count = await recordVerdict(clickhouse(), { ...act, verdict }, target)
    if (count === 0) throw new CommandError(`No event weighs on ${printable(subject)}.`, 'Nothing was marked.')
    frame.stdout.write(`marked ${number(count)} events as ${verdict}\n`)
  })
}

interface FitCommandOptions extends Shown {
  readonly verdicts?: string
  readonly split: 'auto' | 'time' | 'hash'
  readonly heldBack: number
  readonly seed: string
  readonly strength: number
}

async function fitWeights(options: FitCommandOptions, frame: Frame): Promise<void> {
  const { verdicts: file, split, heldBack: share, seed, strength } = options
  if (file !== undefined && !existsSync(file)) {
    throw new CommandError(`There is no file ${printable(file)}.`, 'Check the path given with --verdicts.')
  }
  await withClickHouse(frame, 'reader', async (clickhouse) => {
    const weights = frame.config().config.score
    const terms = weightTerms(weights)
    const source = file === undefined ? verdictsOfClickHouse(clickhouse()) : verdictsOfFile(file)
    const result = learn(await readExamples(source, clickhouse, terms), {
      weights,
      terms,
      split,
      share,
      seed,
      strength,
    })
    const lang = languageOf(options.lang, frame.env)
    frame.stdout.write(options.json ? `${JSON.stringify(result, null, 2)}\n` : showFit(result, lang, frame.paint))
  })
}

function entity(text: string): { entity: EntityType; value: string } {
  const at = text.indexOf(':')
  const types = Object.keys(entityColumns)
  const type = types.find((name): name is EntityType => name === text.slice(0, at))
  if (type === undefined || at === text.length - 1) {
    throw new InvalidArgumentError(`It must be type:value, the type one of ${types.join(', ')}.`)
  }
  return { entity: type, value: text.slice(at + 1) }
}

function shareOf(text: string): number {
  const share = Number(text)
  if (!(share > 0 && share < 1)) throw new InvalidArgumentError('It must be between 0 and 1, such as 0.3.')
  return share
}

function strengthOf(text: string): number {
  const strength = Number(text)
  if (!(strength > 0 && strength < 1e6)) throw new InvalidArgumentError('It must be above 0, such as 1.')
  return strength
}
