// siaga rules: which detection rules are there, are they right, and what would they find?
import { type CliCommand, CommandError } from '../frame.ts'

const collect = (value: string, before: readonly string[] = []): string[] => [...before, value]

const list: CliCommand = {
  name: 'list',
  summary: 'List the rules with level, log source and ATT&CK techniques.',
  ringkasan: 'Daftar aturan dengan tingkat, sumber log dan teknik ATT&CK.',
  examples: [
    { run: 'siaga rules list', what: 'aturan yang berlaku / the rules in force' },
    { run: 'siaga rules list --level high', what: 'high and critical' },
    { run: 'siaga rules list --logsource category=webserver --json', what: 'for programs' },
  ],
  build(command, frame) {
    command
      .option('-d, --dir <folder>', 'folder or file of rules; may be repeated (default: those in force)', collect)
      .option('-l, --level <level>', 'this level and those above; =level: exactly this one')
      .option('--logsource <source>', 'category=…,product=…,service=…')
      .option('--json', 'one JSON object a line')
      .option('--lang <language>', 'id or en')
      .action(async (options) => (await import('../rules/list.ts')).listRules(options, frame))
  },
}

const check: CliCommand = {
  name: 'check',
  summary: 'Read every rule file; name those that cannot be used, with line and reason.',
  ringkasan: 'Baca setiap berkas aturan; sebutkan yang tidak dapat dipakai, dengan baris dan alasannya.',
  details:
    'Rules that come with Siaga must also keep to the house rules: a UUID of their own, level, ATT&CK technique, false positives, what to do\n' +
    'in Indonesian and English, and a cases file with at least one hit and one miss. Exit code 1 if anything is wrong.',
  examples: [
    { run: 'siaga rules check', what: 'aturan yang dibawa Siaga / the rules that come with Siaga' },
    { run: 'siaga rules check --house my-rules', what: 'your own, by the house rules too' },
  ],
  build(command, frame) {
    command
      .argument('[folder...]', 'folders or files of rules (default: those of siaga.yaml and Siaga)')
      .option('--house', 'ask of these rules what ours must have')
      .option('--json', 'one JSON object a line')
      .option('--lang <language>', 'id or en')
      .action(async (folders, options) => (await import('../rules/check.ts')).checkRules(folders, options, frame))
  },
}

const test: CliCommand = {
  name: 'test',
  summary: 'Run the hit and miss cases of every rule through the pipeline.',
  ringkasan: 'Jalankan contoh kena dan luput setiap aturan melalui pipeline.',
  details:
    'Each case is a real event line: it is parsed, enriched and held against all rules. A hit must match its rule, a miss must not.\n' +
    'Cases of correlations need ClickHouse; without one that answers they are counted and not run. Exit code 1 if a case fails.',
  examples: [
    { run: 'siaga rules test', what: 'semua contoh / all cases' },
    { run: 'siaga rules test --rule 6f3c1d2e --verbose', what: 'one rule, with what else matched' },
  ],
  build(command, frame) {
    command
      .argument('[folder...]', 'folders or files of rules (default: those of siaga.yaml and Siaga)')
      .option('-r, --rule <id>', 'only the cases of this rule: id, its beginning, name or file')
      .option('--clickhouse', 'fail if ClickHouse does not answer')
      .option('-v, --verbose', 'show which other rules matched')
      .option('--json', 'one JSON object a line for each case')
      .option('--lang <language>', 'id or en')
      .action(async (folders, options) => (await import('../rules/test.ts')).testRules(folders, options, frame))
  },
}

const match: CliCommand = {
  name: 'match',
  summary: 'Hold events of a file against rules; one NDJSON line for each match. Needs no services.',
  ringkasan: 'Cocokkan kejadian dari berkas dengan aturan; satu baris NDJSON untuk setiap kecocokan.',
  details:
    'Each line is an event: Windows event JSON ({"Event":{"System":…,"EventData":…}}), ECS JSON (nested or dotted),\n' +
    'or an object of Sigma field names. --logsource says what the last are; without it every rule is tried.\n' +
    'Answer: {"event":<line number from 0>,"rule":"<id>","title":"…"}. A line that is no event is named on\n' +
    'standard error, the others go on, and the exit code is 1.',
  examples: [
    {
      run: 'siaga rules match --rules sigma/rules events.ndjson',
      what: 'aturan dunia pada kejadian Anda / the world’s rules',
    },
    {
      run: 'siaga rules match --rules sigma/rules --logsource category=process_creation,product=windows - < events.ndjson',
      what: 'flat events of a known log source',
    },
    {
      run: 'siaga rules match --rules rules --pipeline ecs.yml events.ndjson',
      what: 'with a pySigma processing pipeline',
    },
  ],
  build(command, frame) {
    command
      .argument('[events]', 'file of NDJSON, also .gz or .zst; - or nothing: standard input')
      .option('-R, --rules <folder>', 'folder or file of rules; may be repeated (default: those in force)', collect)
      .option('-p, --pipeline <file>', 'pySigma processing pipeline; may be repeated', collect)
      .option('--logsource <source>', 'category=…,product=…,service=… of flat events')
      .option('-q, --quiet', 'say nothing about rules that cannot be used')
      .action(async (events, options) => (await import('../rules/match.ts')).matchEvents(events, options, frame))
  },
}

const explain: CliCommand = {
  name: 'explain',
  summary: 'Say in words what a rule looks for; with an event, which parts of it hold.',
  ringkasan: 'Jelaskan apa yang dicari sebuah aturan; dengan kejadian, bagian mana yang terpenuhi.',
  examples: [
    { run: 'siaga rules explain 6f3c1d2e', what: 'id, awal id, nama atau berkas / id, its beginning, name or file' },
    { run: 'siaga rules explain 6f3c1d2e --event event.ndjson', what: 'with the first event of a file' },
    { run: `siaga rules explain 6f3c1d2e --line 'GET /…' --format nginx`, what: 'dengan baris log / with a log line' },
    { run: 'siaga rules explain 6f3c1d2e --event-id 01JD…', what: 'with an event in ClickHouse' },
  ],
  build(command, frame) {
    command
      .argument('<rule>', 'id, its beginning, name, or a file')
      .option('-d, --dir <folder>', 'folder or file of rules; may be repeated (default: those in force)', collect)
      .option(
        '--event <file>',
        'the first event of an NDJSON file, in the forms of `siaga rules match`; - is standard input',
      )
      .option('--line <text>', 'a log line, as a collector receives it')
      .option('--format <format>', 'format of --line (default: recognised)')
      .option('--event-id <id>', 'an event in ClickHouse')
      .option('--lang <language>', 'id or en')
      .action(async (rule, options) => (await import('../rules/explain.ts')).explainRule(rule, options, frame))
  },
}

const backtest: CliCommand = {
  name: 'backtest',
  summary: 'Run a rule over the history in ClickHouse: what would it have raised, per day and region?',
  ringkasan: 'Jalankan aturan pada riwayat di ClickHouse: apa yang akan ditemukannya, per hari dan wilayah?',
  details:
    'The engine is the one that runs in the pipeline; only events of the rule’s log source are read. Nothing is written and\n' +
    'nobody is alerted. Ctrl-C shows what was found so far. Days are those of WIB. A correlation is run over the rule ids\n' +
    'that events were given as they came.',
  examples: [
    {
      run: 'siaga rules backtest new-rule.yml --from 2024-11-01 --to 2024-11-28',
      what: 'aturan baru pada Pilkada 2024',
    },
    {
      run: 'siaga rules backtest 6f3c1d2e --from 2024-11-24 --region 32',
      what: 'West Java and the districts beneath, until now',
    },
  ],
  build(command, frame) {
    command
      .argument('<rule>', 'a file, or an id')
      .requiredOption('--from <time>', 'event time: a date (WIB) or a time such as 2024-11-27T08:00:00+07:00')
      .option('--to <time>', 'up to this time; a date includes that day (default: now)')
      .option('-r, --region <code>', 'a Kemendagri code; the regions beneath it are included')
      .option('-n, --samples <count>', 'so many sample lines', count, 5)
      .option(
        '-d, --dir <folder>',
        'folder or file of rules for an id; may be repeated (default: those in force)',
        collect,
        [],
      )
      .option('--json', 'one JSON object')
      .option('--lang <language>', 'id or en')
      .action(async (rule, options) => (await import('../rules/backtest.ts')).backtestRule(rule, options, frame))
  },
}

function count(text: string): number {
  if (!/^\d{1,4}$/.test(text)) throw new CommandError(`--samples ${JSON.stringify(text)} is not a number.`, '', 2)
  return Number(text)
}

export const rules: CliCommand = {
  name: 'rules',
  summary: 'Work with detection rules (Sigma): list, check, test, match, explain, backtest.',
  ringkasan: 'Bekerja dengan aturan deteksi (Sigma): daftar, periksa, uji, cocokkan, jelaskan, uji riwayat.',
  examples: [
    { run: 'siaga rules check && siaga rules test', what: 'sebelum aturan dipakai / before rules are put to use' },
    { run: 'siaga rules match --rules sigma/rules events.ndjson', what: 'the world’s rules on events in a file' },
  ],
  subcommands: [list, check, test, match, explain, backtest],
}
