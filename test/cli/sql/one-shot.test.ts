import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createClickHouse } from '../../../runtime/clickhouse.ts'
import { withoutException } from '../../../runtime/clickhouse-exception.ts'
import { getServices } from '../../services.ts'
import { siagaLine } from '../host.ts'
import { mainFile, plainEnvironment, type RunOptions } from '../run.ts'

let folder = ''
let env: Record<string, string> = {}
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'siaga-sql-'))
  const { clickhouse } = await getServices()
  const { admin, reader } = clickhouse.users
  const client = createClickHouse({ url: clickhouse.url, ...admin })
  await client.command('CREATE DATABASE IF NOT EXISTS siaga')
  await client.close()
  const url = new URL(clickhouse.url)
  url.username = reader.username
  url.password = reader.password
  env = { CLICKHOUSE_URL: url.href }
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const sql = (args: string[], options: RunOptions = {}) => siagaLine(['sql', ...args], { cwd: folder, env, ...options })
const twoRows = "SELECT number AS n, concat('a\\tb ', toString(number)) AS s FROM numbers(2)"

describe('siaga sql', () => {
  test.each([
    ['TSV', '0\ta\\tb 0\n1\ta\\tb 1\n'],
    ['tsv', '0\ta\\tb 0\n1\ta\\tb 1\n'],
    ['CSV', '0,"a\tb 0"\n1,"a\tb 1"\n'],
    ['CSVWithNames', '"n","s"\n0,"a\tb 0"\n1,"a\tb 1"\n'],
    ['JSONEachRow', '{"n":0,"s":"a\\tb 0"}\n{"n":1,"s":"a\\tb 1"}\n'],
  ])('--format %s prints only data', async (format, stdout) => {
    expect(await sql(['--format', format, twoRows])).toMatchObject({ code: 0, stdout, stderr: '' })
  })

  test('--format JSON is one JSON value', async () => {
    const { stdout } = await sql(['--format', 'JSON', twoRows])
    expect(JSON.parse(stdout)).toMatchObject({ rows: 2, data: [{ n: 0 }, { n: 1 }] })
  })

  test('into a pipe the default is TSV; a format in the query itself goes first', async () => {
    expect((await sql([twoRows])).stdout).toBe('0\ta\\tb 0\n1\ta\\tb 1\n')
    expect((await sql(['SELECT 1 AS x FORMAT JSONEachRow'])).stdout).toBe('{"x":1}\n')
  })

  test('--format table is for people', async () => {
    const { stdout } = await sql(['--format', 'table', 'SELECT 1 AS satu'])
    expect(stdout).toMatch(/┌─satu─┐\n.*│ +1 │\n +└─+┘\n$/)
    expect(stdout).not.toContain('\u001B')
  })

  test('the query may come from a file or standard input and end in semicolons', async () => {
    writeFileSync(join(folder, 'q.sql'), 'SELECT 2; ;\n')
    expect((await sql(['--file', 'q.sql'])).stdout).toBe('2\n')
    expect((await sql([], { stdin: '-- a comment\nSELECT 3;\n' })).stdout).toBe('3\n')
    expect((await sql(['-'], { stdin: 'SELECT 4' })).stdout).toBe('4\n')
  })

  test('values are given apart from the text', async () => {
    const { stdout } = await sql(['--param', "s=a'b", '--param', 'n=3', 'SELECT {s:String}, {n:UInt8}'])
    expect(stdout).toBe("a\\'b\t3\n")
  })

  test('what ClickHouse refuses goes to stderr with its words and the position, exit 1, nothing on stdout', async () => {
    const done = await sql(['SELECT 1\nFORM x'])
    expect(done).toMatchObject({ code: 1, stdout: '' })
    expect(done.stderr).toMatch(/^siaga: ClickHouse refused the query: .*Syntax error.*position 15.*line 2, col 6/s)
    expect(done.stderr).not.toMatch(/\n {4}at |\(version /)
    expect((await sql(['SELECT * FROM nowhere'])).stderr).toContain('nowhere')
  })

  test('the reader cannot write', async () => {
    expect(await sql(['CREATE TABLE siaga.x (a Int8) ENGINE = Memory'])).toMatchObject({ code: 1, stdout: '' })
  })

  test('a failure halfway is not passed off as data', async () => {
    const done = await sql([
      'SELECT throwIf(number = 200000), number FROM numbers(300000) SETTINGS max_block_size = 1000',
    ])
    expect(done.code).toBe(1)
    // The server cuts the connection right behind its words; on a busy machine the network drops them with what was not read yet.
    expect(done.stderr).toMatch(/throwIf|the answer was cut/)
    expect(done.stdout).not.toContain('__exception__')
    expect(done.stdout).toMatch(/^(?:0\t\d+\n)*$/)
  })

  test('large answers stream, and a reader that goes away is no error', async () => {
    const child = spawn(process.execPath, [mainFile, 'sql', 'SELECT number FROM numbers(100000000)'], {
      cwd: folder,
      env: { ...plainEnvironment(), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let stderr = ''
    child.stderr.on('data', (part: Buffer) => {
      stderr += part.toString()
    })
    const [first] = await once(child.stdout, 'data')
    child.stdout.destroy()
    const [code] = await once(child, 'exit')
    expect(String(first)).toMatch(/^0\n1\n2\n/)
    expect(stderr.replace(/\(node:\d+\) ExperimentalWarning.*\n.*\n/, '')).toBe('')
    expect(code).toBe(0)
  })

  test('a server that is not there', async () => {
    const done = await sql(['SELECT 1'], { env: { CLICKHOUSE_URL: 'http://127.0.0.1:9' } })
    expect(done.code).toBe(1)
    expect(done.stderr).toMatch(
      /ClickHouse does not answer \(.*ECONNREFUSED.*\)\.\n {2}Check that the server in CLICKHOUSE_URL/,
    )
  })

  test('a wrong password is not shown', async () => {
    const done = await sql(['SELECT 1'], {
      env: { CLICKHOUSE_URL: (env.CLICKHOUSE_URL ?? '').replace(/:[^:@]+@/, ':geheim@') },
    })
    expect(done.code).toBe(1)
    expect(done.stderr).toContain('Authentication failed')
    expect(done.stderr).not.toContain('geheim')
  })

  test('in a folder where Siaga never ran nothing is made', async () => {
    const done = await sql(['SELECT 1'], { env: {} })
    expect(done).toMatchObject({ code: 1, stderr: expect.stringContaining('siaga start') })
  })

  test.each([
    [['SELECT 1', '--file', 'q.sql']],
    [['--format', 'a b', 'SELECT 1']],
    [['--param', 'x', 'SELECT 1']],
    [['']],
    [['SELECT', '1']],
  ])('wrong use exits 2: %j', async (args) => {
    expect(await sql(args)).toMatchObject({ code: 2, stdout: '' })
  })
})

describe('exception guard', () => {
  async function passed(chunks: string[]): Promise<{ data: string; error: string }> {
    let data = ''
    try {
      for await (const part of withoutException(toAsync(chunks))) data += part.toString()
      return { data, error: '' }
    } catch (error) {
      return { data, error: error instanceof Error ? error.message : String(error) }
    }
  }
  async function* toAsync(chunks: string[]): AsyncGenerator<Buffer> {
    for (const chunk of chunks) yield Buffer.from(chunk)
  }
  const marked =
    '\r\n__exception__\r\nabcdefghijklmnop\r\nCode: 395. DB::Exception: boo\n\r\n30 abcdefghijklmnop\r\n__exception__\r\n'

  test('data passes unchanged, however it is cut', async () => {
    const text = 'x'.repeat(50_000)
    expect((await passed([text.slice(0, 10), text.slice(10, 40_000), text.slice(40_000)])).data).toBe(text)
    expect((await passed([])).data).toBe('')
    expect((await passed(['a\r\n__exception__\r\nb'])).data).toBe('a\r\n__exception__\r\nb')
  })

  test('a marked exception becomes an error, cut anywhere', async () => {
    for (let at = 0; at < marked.length; at += 7) {
      const { data, error } = await passed(['1\n', marked.slice(0, at), marked.slice(at)])
      expect(data).toBe('1\n')
      expect(error).toContain('boo')
    }
  })
})
