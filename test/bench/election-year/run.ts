// Do the questions of a situation room stay fast at the size of an election year, while events pour in, and what would a plain table take?
import { createProgressBar } from '../../../cli/send/progress-bar.ts'
import { number, painter, table } from '../../../cli/terminal.ts'
import { migrate } from '../../../deploy/clickhouse/migrate.ts'
import { createClickHouse } from '../../../runtime/clickhouse.ts'
import { startOwnServices } from '../../services.ts'
import { type Asked, type Asker, ask, quantile } from './ask.ts'
import { landBeside } from './landing.ts'
import { type Question, questions } from './queries.ts'
import { printSizes } from './sizes.ts'
import { findSubjects } from './subjects.ts'
import { daysOf } from './world.ts'
import {
  forgetLanded,
  holdMerges,
  keepAll,
  makeNaive,
  makeYear,
  mergeAll,
  type OnRows,
  packYear,
  rowsOf,
} from './year.ts'

export interface QueriesOptions {
  readonly events: number
  /** Events a second that arrive meanwhile. */
  readonly rate: number
  /** The questions are asked for at least so long, and ten times. */
  readonly seconds: number
  /** Folder for the data: used again if the year is in it, kept afterwards. */
  readonly keep?: string | undefined
}

const SEED = 2024
const ROUNDS = 12
const BOUND_P95_MS = 200
const BOUND_MAX_MS = 1000

interface Measured {
  readonly name: string
  readonly asks: string
  readonly forms: Forms
  /** Of each form: before anybody has asked it. */
  readonly first: Asked[]
  readonly good: Asked[]
  /** Of each form once. */
  readonly naive: Asked[]
}

/** The same question about others, asked in turn. */
type Forms = readonly [Question, ...Question[]]

/** Makes the year, lands `rate` events a second, asks each question in both forms, and prints what came of it. */
export async function queries(options: QueriesOptions, say: (line: string) => void): Promise<void> {
  const paint = painter(process.stdout)
  const services = await startOwnServices({
    kafka: false,
    ...(options.keep === undefined ? {} : { dataDir: options.keep }),
  })
  const { url, users } = services.clickhouse
  const admin = createClickHouse({ url, ...users.admin })
  try {
    await migrate(admin)
    await keepAll(admin)
    const withBar = async (what: string, total: number, work: (onRows: OnRows) => Promise<void>) => {
      const began = performance.now()
      let advance = { lines: 0, bytes: 0, totalBytes: total, seconds: 0 }
      const bar = createProgressBar(process.stderr, painter(process.stderr))
      bar.start(() => ({ ...advance, seconds: (performance.now() - began) / 1000 }))
      await work((done, of) => {
        advance = { ...advance, lines: done, bytes: done, totalBytes: of }
      })
      bar.stop()
      const seconds = (performance.now() - began) / 1000
      say(`${what}: ${number(advance.lines)} rows in ${number(seconds)} s, ${number(advance.lines / seconds)} rows/s`)
    }
    const make = async (what: string, target: 'events' | 'naive', work: (onRows: OnRows) => Promise<void>) => {
      const there = await rowsOf(admin, target)
      if (there >= options.events) return say(`${what}: ${number(there)} rows are there already`)
      if (there > 0) throw new Error(`${target} holds ${there} rows of an unfinished year: give another --keep`)
      await withBar(what, options.events, work)
    }
    await forgetLanded(admin)
    const days = daysOf(options.events)
    await holdMerges(admin)
    await make('election year, with its rollups', 'events', (onRows) => makeYear(admin, days, SEED, onRows))
    await make('the same in a plain table', 'naive', (onRows) => makeNaive(admin, days, onRows))
    await withBar('merges of its rollups', 1, (onRows) => mergeAll(admin, onRows))
    await withBar('days, packed', 1, (onDays) => packYear(admin, onDays))
    await printSizes(admin, say, paint)

    const subjects = await findSubjects(admin)
    const reader = { url, ...users.reader }
    const endLanding = options.rate > 0 ? await landBeside({ url, ...users.pipeline }, options.rate) : undefined
    const measured = await measure(reader, formsOf(subjects.map(questions)), options.seconds)
    const arrived = await endLanding?.()
    if (arrived !== undefined)
      say(
        `meanwhile ${number(arrived.rows)} events landed, ${number(arrived.rows / arrived.seconds)} a second in ${number(arrived.inserts)} inserts by the pipeline's encoder and insert; none waited longer than ${number(arrived.longestWaitMs)} ms for its row`,
      )
    report(measured, say)
  } finally {
    await admin.close()
    await services.stop()
  }
}

const formsOf = ([first = [], ...more]: readonly (readonly Question[])[]): Forms[] =>
  first.map((question, n) => [question, ...more.flatMap((list) => list[n] ?? [])])

async function measure(reader: Asker, list: readonly Forms[], seconds: number): Promise<Measured[]> {
  const measured: Measured[] = list.map(([question, ...more]) => ({
    ...{ name: question.name, asks: question.asks, forms: [question, ...more] },
    ...{ first: [], good: [], naive: [] },
  }))
  const count = list[0]?.length ?? 0
  const each = async (form: number, work: (question: Question, measured: Measured) => Promise<unknown>) => {
    for (const one of measured) {
      const question = one.forms[form]
      if (question !== undefined) await work(question, one)
    }
  }
  for (let form = 0; form < count; form += 1)
    await each(form, async ({ good }, { first }) => first.push(await ask(reader, good)))
  const began = performance.now()
  // One round after the other, so that a slow moment of the machine falls on all of them.
  for (let round = 0; round < ROUNDS || performance.now() - began < seconds * 1000; round += 1)
    await each(round % count, async (question, { good }) => good.push(await ask(reader, question.good)))
  for (let form = 0; form < count; form += 1)
    await each(form, async (question, { naive }) => naive.push(await ask(reader, question.naive)))
  return measured
}

const megabytes = (size: number): string => `${(size / 1e6).toFixed(1)} MB`

function report(measured: readonly Measured[], say: (line: string) => void): void {
  const ms = (value: number) => value.toFixed(value < 10 ? 1 : 0)
  const times = (list: readonly Asked[]) => list.map((asked) => asked.ms)
  const rows = measured.map(({ name, first, good, naive }) => {
    const [one] = good
    const [plain] = naive
    const same = first.every(({ data }, form) => JSON.stringify(data) === JSON.stringify(naive[form]?.data))
    return [
      name,
      ms(quantile(times(first), 0.5)),
      ms(quantile(times(good), 0.5)),
      ms(quantile(times(good), 0.95)),
      ms(Math.max(...times(good))),
      number(one?.rowsRead ?? 0),
      megabytes(one?.bytesRead ?? 0),
      ms(quantile(times(naive), 0.5)),
      ms(Math.max(...times(naive))),
      number(plain?.rowsRead ?? 0),
      megabytes(plain?.bytesRead ?? 0),
      `${(quantile(times(naive), 0.5) / quantile(times(good), 0.5)).toFixed(1)} ×`,
      `${same ? 'yes' : 'NO'}, ${one?.data.length}`,
    ]
  })
  const titles = [
    'first ms',
    'p50',
    'p95',
    'max',
    'rows',
    'bytes',
    'naive p50',
    'max',
    'rows',
    'bytes',
    'ratio',
    'same answer, lines',
  ]
  say(
    table(
      [{ title: 'question' }, ...titles.map((title) => ({ title, align: 'right' }) as const)],
      rows,
      painter(process.stdout),
    ),
  )
  for (const { name, asks } of measured) say(`${name}: ${asks}`)
  const all = measured.flatMap(({ good }) => times(good))
  const slow = measured.filter(({ good }) => quantile(times(good), 0.95) > BOUND_P95_MS).map(({ name }) => name)
  const over = measured.filter(({ good }) => Math.max(...times(good)) > BOUND_MAX_MS).map(({ name }) => name)
  const names = (list: readonly string[]) => (list.length === 0 ? 'none' : list.join(', '))
  say(
    `all ${measured.length} questions, ${all.length} times: p50 ${ms(quantile(all, 0.5))} ms, p95 ${ms(quantile(all, 0.95))} ms, max ${ms(Math.max(...all))} ms`,
  )
  const untouched = measured.flatMap(({ first }) => times(first))
  say(
    `asked for the first time: p50 ${ms(quantile(untouched, 0.5))} ms, p95 ${ms(quantile(untouched, 0.95))} ms, max ${ms(Math.max(...untouched))} ms`,
  )
  say(`p95 over ${BOUND_P95_MS} ms by itself: ${names(slow)}; ever over ${BOUND_MAX_MS} ms: ${names(over)}`)
  const plain = measured.flatMap(({ naive }) => times(naive))
  say(
    `plain table: p50 ${ms(quantile(plain, 0.5))} ms, p95 ${ms(quantile(plain, 0.95))} ms, max ${ms(Math.max(...plain))} ms`,
  )
}
