// The interactive mode of `siaga sql` at a real pseudo-terminal against a real ClickHouse: what is typed, shown, kept and cancelled.
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { migrate } from '../../../deploy/clickhouse/migrate.ts'
import { type ClickHouse, createClickHouse } from '../../../runtime/clickhouse.ts'
import { getServices } from '../../services.ts'
import { noTerminal, openTerminal, type Terminal } from './terminal.ts'

/** The prompt, behind everything that came: the line is drawn anew while somebody types. */
const prompt = /siaga> $/

let folder = ''
let env: Record<string, string> = {}
let admin: ClickHouse
let open: Terminal | undefined

beforeAll(async () => {
  if (noTerminal !== '') return
  folder = mkdtempSync(join(tmpdir(), 'siaga-prompt-'))
  const { clickhouse } = await getServices()
  admin = createClickHouse({ url: clickhouse.url, ...clickhouse.users.admin })
  await migrate(admin)
  const url = new URL(clickhouse.url)
  Object.assign(url, clickhouse.users.reader)
  env = { CLICKHOUSE_URL: url.href, SIAGA_LANG: 'en', PAGER: 'cat', SIAGA_SQL_HISTORY: join(folder, 'history') }
})
afterEach(() => {
  open?.kill()
  open = undefined
})
afterAll(async () => {
  await admin?.close()
  if (folder !== '') rmSync(folder, { recursive: true, force: true })
})

async function start(args: string[] = [], more: Record<string, string> = {}): Promise<Terminal> {
  open = openTerminal(['sql', ...args], { cwd: folder, env: { ...env, ...more } })
  await open.until(prompt)
  return open
}

const history = (): string => (existsSync(join(folder, 'history')) ? readFileSync(join(folder, 'history'), 'utf8') : '')

describe.skipIf(noTerminal !== '')(`siaga sql at a terminal ${noTerminal}`, () => {
  test('a statement goes on until its semicolon; strings and comments may hold one', async () => {
    const terminal = await start()
    terminal.type("SELECT 'a;b' AS text, -- not; here\r")
    await terminal.until('-> ')
    terminal.type('  40 + 2 AS number;\r')
    const shown = await terminal.until(prompt)
    expect(shown).toMatch(/┌─text─┬─number─┐/)
    expect(shown).toMatch(/│ a;b {2}│ {5}42 │/)
    expect(shown).toMatch(/1 rows · [\d.]+ s · read 1 rows, 1 B/)
    terminal.type('SELECT 1 AS one; SELECT 2 AS two;\r')
    expect(await terminal.until(prompt)).toMatch(/one[\s\S]*two/)
    terminal.type('\u0004')
    expect(await terminal.end()).toBe(0)
  })

  test('\\d lists what can be asked about, \\d NAME its columns with types and comments, in 80 columns', async () => {
    const terminal = await start()
    terminal.type('\\d\r')
    const relations = await terminal.until(prompt)
    expect(relations).toMatch(/^events +table {2}Scored events/m)
    expect(relations).toMatch(/^findings +view/m)
    expect(relations).not.toContain('_mv')
    terminal.type('\\d streams\r')
    const columns = await terminal.until(prompt)
    expect(columns).toMatch(/^cluster_id +String +Id of the Kafka cluster$/m)
    terminal.type('\\d siaga.events\r')
    expect(await terminal.until(prompt)).toMatch(/^timestamp +DateTime64\(3, 'UTC'\) /m)
    terminal.type('\\d nowhere\r')
    expect(await terminal.until(prompt)).toMatch(/ClickHouse refused the query: .*nowhere/)
    for (const line of (relations + columns).split('\n')) expect(line.length).toBeLessThanOrEqual(80)
  })

  test('Tab completes tables, columns, functions, keywords and commands', async () => {
    const terminal = await start()
    // What it completes from is asked for in the background: the first table says that it has come.
    terminal.type('\\d even')
    await terminal.until('even')
    for (let shown = ''; !shown.includes('events'); ) {
      terminal.type('\t')
      await sleep(100)
      shown = terminal.raw().slice(-40)
    }
    terminal.type('\u0003')
    await terminal.until(prompt)
    for (const [typed, wanted] of [
      ['sele', 'select'],
      ['SELECT toStartOfFif', 'toStartOfFifteenMinutes('],
      ['SELECT count() FROM findi', 'findings'],
      ['SELECT 1 FROM streams WHERE cluster', 'cluster_id'],
      ['\\tim', '\\timing'],
    ] as const) {
      terminal.type(typed)
      await terminal.until(typed)
      terminal.type('\t')
      await terminal.until(wanted.slice(typed.split(/[ .]/).at(-1)?.length ?? 0))
      terminal.type('\u0003')
      await terminal.until(prompt)
    }
  })

  test('Ctrl-C ends the query on the server and leaves the prompt; a bar shows how far it is', async () => {
    const terminal = await start()
    const mark = `prompt-${process.pid}`
    terminal.type(`SELECT sum(sleepEachRow(0.1)), '${mark}' FROM numbers(3000) SETTINGS max_block_size = 1;\r`)
    await terminal.until(/\d+% [█░]+ .*rows.*Ctrl-C/)
    const running = async (): Promise<number> => {
      const [row] = await admin.rows(
        z.object({ n: z.number() }),
        'SELECT count() AS n FROM system.processes WHERE position(query, {mark:String}) > 0 AND query NOT LIKE {self:String}',
        { mark, self: '%system.processes%' },
      )
      return row?.n ?? 0
    }
    expect(await running()).toBe(1)
    terminal.type('\u0003')
    await terminal.until(/The query was cancelled[\s\S]*siaga> $/)
    for (let tries = 0; (await running()) > 0 && tries < 100; tries++) await sleep(100)
    expect(await running()).toBe(0)
    terminal.type('SELECT 6 * 7 AS answer;\r')
    expect(await terminal.until(prompt)).toContain('42')
  })

  test('Ctrl-C at the prompt drops what was typed', async () => {
    const terminal = await start()
    terminal.type('SELECT nonsense,\r')
    await terminal.until('-> ')
    terminal.type('more')
    await terminal.until('more')
    terminal.type('\u0003')
    await terminal.until(prompt)
    terminal.type('\u0003')
    await terminal.until(/Ctrl-D[\s\S]*siaga> $/)
    terminal.type('SELECT 5 AS five;\r')
    // The prompt may be drawn again before the answer.
    await terminal.until(/─five─[\s\S]*│ +5 │[\s\S]*siaga> $/)
  })

  test('the history is a file of its owner, on one line each; a space, a citizen or a switch keeps out of it', async () => {
    rmSync(join(folder, 'history'), { force: true })
    const first = await start()
    first.type("SELECT 'kept', -- why\r")
    await first.until('-> ')
    first.type('11;\r')
    await first.until(prompt)
    first.type(" SELECT 'private';\r")
    await first.until(prompt)
    first.type("SELECT 'NIK 3171234509870001';\r")
    await first.until(prompt)
    first.type('\\q\r')
    expect(await first.end()).toBe(0)
    expect(history()).toBe("SELECT 'kept', /* why*/ 11;\n\\q\n")
    expect(statSync(join(folder, 'history')).mode & 0o777).toBe(0o600)

    chmodSync(join(folder, 'history'), 0o644)
    const second = await start()
    second.type('\u001B[A\u001B[A')
    await second.until("SELECT 'kept', /* why*/ 11;")
    second.type('\r')
    expect(await second.until(prompt)).toContain('kept')
    expect(statSync(join(folder, 'history')).mode & 0o777).toBe(0o600)
    second.kill()

    const before = history()
    const third = await start(['--no-history'])
    third.type('SELECT 3;\r')
    await third.until(prompt)
    third.kill()
    const fourth = await start([], { SIAGA_SQL_HISTORY: 'off' })
    fourth.type('SELECT 4;\r')
    await fourth.until(prompt)
    expect(history()).toBe(before)
  })

  test('a history that is too long is cut, one that is a link is not written through', async () => {
    const long = join(folder, 'long')
    writeFileSync(long, Array.from({ length: 1_600 }, (_, n) => `SELECT ${n};\n`).join(''))
    await start([], { SIAGA_SQL_HISTORY: long })
    const lines = readFileSync(long, 'utf8').trim().split('\n')
    expect(lines).toHaveLength(1_000)
    expect(lines.at(-1)).toBe('SELECT 1599;')
    open?.kill()
    symlinkSync(long, join(folder, 'link'))
    const terminal = await start([], { SIAGA_SQL_HISTORY: join(folder, 'link') })
    terminal.type('SELECT 77;\r')
    await terminal.until(prompt)
    expect(terminal.raw()).toContain('The history is not kept')
    expect(readFileSync(long, 'utf8')).not.toContain('SELECT 77;')
  })

  test('what is longer or wider than the screen goes through the pager, the rest does not', async () => {
    const terminal = await start([], { PAGER: "sed 's/^/paged /'" })
    terminal.type('SELECT 1;\r')
    expect(await terminal.until(prompt)).not.toContain('paged')
    terminal.type('SELECT number FROM numbers(30);\r')
    const long = await terminal.until(prompt)
    expect(long.match(/^paged /gm)?.length).toBeGreaterThan(30)
    terminal.type("SELECT repeat('w', 90);\r")
    expect(await terminal.until(prompt)).toMatch(/^paged .*w{90}/m)
    terminal.type('SELECT number FROM numbers(20000);\r')
    expect(await terminal.until(prompt)).toContain('Only the first 10,000 rows; \\o FILE takes all of them.')
  })

  test('leaving the pager ends the query', async () => {
    const terminal = await start(['--format', 'TSV'], { PAGER: 'head -n 3' })
    terminal.type('SELECT number FROM numbers(1000000000);\r')
    expect(await terminal.until(prompt)).toMatch(/\n0\n1\n2\n[\s\S]*The rest was not fetched/)
  })

  test('formats, vertical, parameters, timing and files', async () => {
    const terminal = await start(['--param', 'n=3'])
    terminal.type('\\f JSON\r')
    await terminal.until(prompt)
    terminal.type('SELECT {n:UInt8} AS n;\r')
    expect(await terminal.until(prompt)).toMatch(/"data":\s*\[\s*\{\s*"n": 3/)
    terminal.type('\\x\r')
    await terminal.until(/Vertical: on[\s\S]*siaga> $/)
    terminal.type('\\timing\r')
    await terminal.until(prompt)
    terminal.type('\\p n=9\r')
    expect(await terminal.until(prompt)).toContain('n = 9')
    terminal.type('SELECT {n:UInt8} AS nine;\r')
    const vertical = await terminal.until(prompt)
    expect(vertical).toMatch(/Row 1:\n─+\nnine: 9/)
    expect(vertical).not.toContain(' · ')
    terminal.type('\\f parquet\r')
    await terminal.until(prompt)
    terminal.type('SELECT 1 AS x;\r')
    expect(await terminal.until(prompt)).toContain('Parquet is bytes, not text')
    terminal.type('\\o x.parquet\r')
    await terminal.until(prompt)
    terminal.type('SELECT 1 AS x;\r')
    await terminal.until(/x\.parquet: \d+ B[\s\S]*siaga> $/)
    expect(readFileSync(join(folder, 'x.parquet')).subarray(0, 4).toString()).toBe('PAR1')
    expect(statSync(join(folder, 'x.parquet')).mode & 0o777).toBe(0o600)
    terminal.type('\\o x.parquet\r')
    await terminal.until(prompt)
    terminal.type('SELECT 1 AS x;\r')
    expect(await terminal.until(prompt)).toContain('There is a file')
    terminal.type('\\o y.parquet\r')
    await terminal.until(prompt)
    terminal.type('SELECT nothing;\r')
    await terminal.until(prompt)
    expect(existsSync(join(folder, 'y.parquet'))).toBe(false)
    terminal.type('\\?\r')
    expect(await terminal.until(prompt)).toMatch(/Bahasa Indonesia[\s\S]*English/)
    terminal.type('\\nothing\r')
    expect(await terminal.until(prompt)).toContain('There is no command \\nothing')
    terminal.type('SET max_threads = 1;\r')
    expect(await terminal.until(prompt)).toContain('SET does not last')
  })

  test('a refusal is short and points at the place', async () => {
    const terminal = await start()
    terminal.type('SELECT 1,\r')
    await terminal.until('-> ')
    terminal.type('  2 FROM FROM events;\r')
    const shown = await terminal.until(prompt)
    expect(shown).toMatch(/\n {4}2 FROM FROM events\n {16}\^\n/)
    expect(shown).not.toContain('(version')
    expect(shown.length).toBeLessThan(600)
  })

  test('what a log holds does not steer the terminal; NO_COLOR leaves no colour', async () => {
    const terminal = await start([], { NO_COLOR: '1' })
    terminal.type("SELECT concat('x', char(27), '[31;7mred', char(27), ']0;title', char(7)) AS message;\r")
    expect(await terminal.until(prompt)).toContain('x\\u001b[31;7mred\\u001b]0;title\\u0007')
    terminal.type('SELECT wrong;\r')
    await terminal.until(prompt)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
    expect(terminal.raw()).not.toMatch(/\u001B\[[\d;]*m|\u0007/)
  })

  test('one query on a terminal refuses bytes too, and writes them with --output', async () => {
    open = openTerminal(['sql', '--format', 'Arrow', 'SELECT 1'], { cwd: folder, env })
    await open.until('--output')
    expect(await open.end()).toBe(1)
    open = openTerminal(['sql', '--format', 'Arrow', '--output', 'one.arrow', 'SELECT 1'], { cwd: folder, env })
    expect(await open.end()).toBe(0)
    expect(readFileSync(join(folder, 'one.arrow')).subarray(0, 6).toString()).toBe('ARROW1')
  })

  test('a server that is not there is told, and the program ends', async () => {
    open = openTerminal(['sql'], { cwd: folder, env: { ...env, CLICKHOUSE_URL: 'http://127.0.0.1:9' } })
    await open.until('ClickHouse does not answer')
    expect(await open.end()).toBe(1)
  })
})
