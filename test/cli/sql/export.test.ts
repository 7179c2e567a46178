// `siaga export`: what is in a package, that others can check it with their own tools, and that no change to it passes.
import { spawnSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { csvOf } from '../../../cli/export/csv.ts'
import { readPublicKey } from '../../../cli/export/signature.ts'
import { readTar, tarHeader } from '../../../cli/export/tar.ts'
import { isGood, verifyPackage } from '../../../cli/export/verify.ts'
import { createClickHouse } from '../../../runtime/clickhouse.ts'
import { createKafka, type KafkaClient } from '../../../runtime/kafka.ts'
import { silentLog } from '../../../runtime/log.ts'
import { ensureTopics, topicSettings } from '../../../runtime/topics.ts'
import { Config } from '../../../schemas/config.ts'
import { topics } from '../../../schemas/raw-event.ts'
import { getServices } from '../../services.ts'
import { siagaLine } from '../host.ts'
import type { Run } from '../run.ts'

let folder = ''
let env: Record<string, string> = {}
let kafka: KafkaClient
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'siaga-export-'))
  const { clickhouse, brokers } = await getServices()
  const admin = createClickHouse({ url: clickhouse.url, ...clickhouse.users.admin })
  await admin.command('CREATE DATABASE IF NOT EXISTS siaga')
  await admin.close()
  kafka = createKafka({ brokers, clientId: 'test-export', log: silentLog })
  await (await ensureTopics(kafka, topicSettings(Config.parse({})))).disconnect()
  const url = new URL(clickhouse.url)
  Object.assign(url, clickhouse.users.reader)
  env = {
    CLICKHOUSE_URL: url.href,
    KAFKA_BROKERS: brokers.join(','),
    SIAGA_MASTER_KEY: randomBytes(32).toString('base64'),
    SIAGA_LANG: 'en',
  }
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const cli = (args: string[], more: Record<string, string> = {}): Promise<Run> =>
  siagaLine(['export', ...args], { cwd: folder, env: { ...env, ...more } })
const query = `SELECT number AS n, toUInt64(18446744073709551615) AS big, concat('baris "', toString(number), '", ', {who:String}) AS text,
  [1, 2] AS list, if(number = 1, NULL, 1.5) AS maybe FROM numbers(3) -- all of them`

async function made(name: string, args: string[] = []): Promise<string> {
  const path = join(folder, name)
  const done = await cli(['--why', 'for the test', '--param', "who=it's", '--out', name, ...args, query])
  expect(done).toMatchObject({ code: 0, stdout: `${path}\n` })
  return path
}

function unpacked(path: string): { folder: string; names: string[] } {
  const to = mkdtempSync(join(folder, 'unpacked-'))
  expect(spawnSync('tar', ['-xf', path, '-C', to]).status).toBe(0)
  const [inside = ''] = readdirSync(to)
  return { folder: join(to, inside), names: readdirSync(join(to, inside)).sort() }
}

describe('siaga export', () => {
  test('a package holds rows, query, who, when and hashes; tar, sha256sum and openssl read it', async () => {
    const path = await made('one.tar', ['--case', 'LP-12/2024', '--by', 'sari', '--zone', 'WIT'])
    expect(statSync(path).mode & 0o777).toBe(0o600)
    const { folder: inside, names } = unpacked(path)
    expect(names).toEqual(
      [
        'README.txt',
        'SHA256SUMS',
        'SHA256SUMS.sig',
        'manifest.json',
        'public-key.pem',
        'query.sql',
        'rows.csv',
        'rows.jsonl',
      ].sort(),
    )
    const rows = readFileSync(join(inside, 'rows.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(rows).toHaveLength(3)
    expect(rows[1]).toEqual({ n: '1', big: '18446744073709551615', text: `baris "1", it's`, list: [1, 2], maybe: null })
    expect(readFileSync(join(inside, 'rows.csv'), 'utf8').split('\r\n')[2]).toBe(
      `"1","18446744073709551615","baris ""1"", it's","[1,2]",`,
    )
    expect(readFileSync(join(inside, 'query.sql'), 'utf8')).toBe(`${query}\n`)
    const manifest = JSON.parse(readFileSync(join(inside, 'manifest.json'), 'utf8'))
    expect(manifest).toMatchObject({
      case: 'LP-12/2024',
      reason: 'for the test',
      exported_by: 'sari',
      query,
      parameters: { who: "it's" },
      rows: 3,
      clickhouse: { version: expect.stringMatching(/^\d+\.\d+/), timezone: 'UTC' },
    })
    expect(manifest.exported_at_local).toMatch(/ WIT$/)
    expect(manifest.columns[1]).toEqual({ name: 'big', type: 'UInt64' })
    const sums = spawnSync('sha256sum', ['-c', 'SHA256SUMS'], { cwd: inside, encoding: 'utf8' })
    expect(sums).toMatchObject({ status: 0, stderr: '' })
    expect(sums.stdout.match(/: OK$/gm)).toHaveLength(names.length - 2)
    const openssl = 'pkeyutl -verify -pubin -inkey public-key.pem -rawin -in SHA256SUMS -sigfile SHA256SUMS.sig'
    expect(spawnSync('openssl', openssl.split(' '), { cwd: inside }).status).toBe(0)
    const checked = await cli(['verify', path])
    expect(checked.code).toBe(0)
    expect(checked.stdout).toMatch(
      /✓ rows\.jsonl {2}whole[\s\S]*The signature fits[\s\S]*sari[\s\S]*The package is whole/,
    )
  })

  test('the audit trail names who, why and the hash of the hashes, not the query', async () => {
    const path = await made('audit.tar', ['--by', 'budi', '--case', 'K-7'])
    const list = createHash('sha256')
      .update(readFileSync(join(unpacked(path).folder, 'SHA256SUMS')))
      .digest('hex')
    const found: Record<string, unknown>[] = []
    await kafka.readAll(topics.raw, (message) => {
      const text = message.value?.toString() ?? ''
      if (text.includes(list)) found.push(JSON.parse(text))
    })
    expect(found).toHaveLength(1)
    expect(found[0]).toMatchObject({
      'event.action': 'evidence_exported',
      'event.outcome': 'success',
      'user.name': 'budi',
      message: expect.stringMatching(/case K-7; 3 rows; SHA256SUMS [0-9a-f]{64}; account .*; for the test$/),
    })
    expect(JSON.stringify(found)).not.toContain('baris')
  })

  test('without an audit trail, with a failing query and with a taken name there is no package', async () => {
    const away = await cli(['--why', 'x', '--out', 'away.tar', 'SELECT 1 AS x'], { KAFKA_BROKERS: '127.0.0.1:9' })
    expect(away).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('Kafka') })
    expect(existsSync(join(folder, 'away.tar'))).toBe(false)
    const half = 'SELECT throwIf(number = 200000) AS a, number FROM numbers(300000) SETTINGS max_block_size = 1000'
    expect((await cli(['--why', 'x', '--out', 'half.tar', half])).code).toBe(1)
    expect(existsSync(join(folder, 'half.tar'))).toBe(false)
    writeFileSync(join(folder, 'taken.tar'), 'mine')
    expect((await cli(['--why', 'x', '--out', 'taken.tar', 'SELECT 1 AS x'])).code).toBe(1)
    expect(readFileSync(join(folder, 'taken.tar'), 'utf8')).toBe('mine')
    const format = await cli(['--why', 'x', '--out', 'format.tar', 'SELECT 1 AS x FORMAT CSV'])
    expect(format.code).not.toBe(0)
    expect(existsSync(join(folder, 'format.tar'))).toBe(false)
    for (const wrong of [
      ['SELECT 1'],
      ['--why', 'x'],
      ['--why', 'x', 'SELECT 1; SELECT 2'],
      ['--why', ' ', 'SELECT 1'],
    ]) {
      expect((await cli(wrong)).code).toBe(2)
    }
  })

  test('Parquet holds the rows alone', async () => {
    const { folder: inside, names } = unpacked(await made('parquet.tar', ['--as', 'parquet']))
    expect(names.filter((name) => name.startsWith('rows'))).toEqual(['rows.parquet'])
    expect(readFileSync(join(inside, 'rows.parquet')).subarray(0, 4).toString()).toBe('PAR1')
  })

  test('where Siaga never ran no key is made', async () => {
    const done = await cli(['--why', 'x', 'SELECT 1'], { SIAGA_MASTER_KEY: '' })
    expect(done).toMatchObject({ code: 1, stderr: expect.stringContaining('no key to sign with') })
    expect(existsSync(join(folder, '.siaga'))).toBe(false)
  })
})

describe('siaga export verify', () => {
  const repacked = (inside: string, name: string, extra: readonly string[] = []): string => {
    const path = join(folder, `${name}.tar`)
    const parent = join(inside, '..')
    const base = inside.slice(parent.length + 1)
    expect(
      spawnSync('tar', [
        '--format=ustar',
        '-cf',
        path,
        '-C',
        parent,
        ...readdirSync(inside).map((file) => `${base}/${file}`),
        ...extra,
      ]).status,
    ).toBe(0)
    return path
  }

  test('the same files packed by tar are still whole', async () => {
    const { folder: inside } = unpacked(await made('again.tar'))
    expect((await cli(['verify', repacked(inside, 'again2')])).code).toBe(0)
  })

  test('a changed byte, a missing and an added file, and a list that was made to fit', async () => {
    const path = await made('attacked.tar')
    const bytes = readFileSync(path)
    bytes[bytes.indexOf('baris')] = 0x42
    writeFileSync(join(folder, 'changed.tar'), bytes)
    expect(await cli(['verify', 'changed.tar'])).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/✗ rows\.jsonl {2}CHANGED/),
    })

    const missing = unpacked(path).folder
    rmSync(join(missing, 'query.sql'))
    expect(await cli(['verify', repacked(missing, 'missing')])).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/✗ query\.sql {2}MISSING/),
    })

    const added = unpacked(path).folder
    writeFileSync(join(added, 'confession.txt'), 'I did it')
    expect(await cli(['verify', repacked(added, 'added')])).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/✗ confession\.txt {2}ADDED/),
    })

    const fitted = unpacked(path).folder
    writeFileSync(join(fitted, 'rows.csv'), 'nothing\r\n')
    const names = readFileSync(join(fitted, 'SHA256SUMS'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.slice(66))
    writeFileSync(join(fitted, 'SHA256SUMS'), spawnSync('sha256sum', names, { cwd: fitted }).stdout)
    expect(await cli(['verify', repacked(fitted, 'fitted')])).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('does NOT fit'),
    })

    const signed = unpacked(path).folder
    rmSync(join(signed, 'SHA256SUMS.sig'))
    expect(await cli(['verify', repacked(signed, 'unsigned')])).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('missing'),
    })

    writeFileSync(join(folder, 'more.tar'), Buffer.concat([readFileSync(path), Buffer.from('x'.repeat(600))]))
    expect(await cli(['verify', 'more.tar'])).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('behind the end'),
    })
    writeFileSync(join(folder, 'cut.tar'), readFileSync(path).subarray(0, 3_000))
    expect((await cli(['verify', 'cut.tar'])).code).toBe(1)
    const twice = unpacked(path).folder
    const base = twice.split('/').at(-1)
    expect(await cli(['verify', repacked(twice, 'twice', [`${base}/rows.csv`])])).toMatchObject({ code: 1 })
  })

  test('any byte of a package that is changed is found', async () => {
    const bytes = readFileSync(await made('any.tar'))
    const key = readPublicKey((await cli(['key'])).stdout)
    const changed = join(folder, 'any-changed.tar')
    for (let at = 0; at < bytes.length; at += 97) {
      const copy = Buffer.from(bytes)
      copy[at] = (copy[at] ?? 0) ^ 1
      expect(isGood(await verdictOf(copy)), `byte ${at}`).toBe(false)
    }
    expect(isGood(await verdictOf(bytes))).toBe(true)
    async function verdictOf(copy: Buffer) {
      writeFileSync(changed, copy)
      return verifyPackage(changed, key)
    }
  })

  test('another key does not fit; without a key nobody vouches; with the key of the sender it is whole', async () => {
    const path = await made('foreign.tar')
    const key = await cli(['key'])
    expect(key).toMatchObject({ code: 0, stdout: expect.stringMatching(/^-----BEGIN PUBLIC KEY-----/) })
    const other = randomBytes(32).toString('base64')
    expect(await cli(['verify', path], { SIAGA_MASTER_KEY: other })).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('does NOT fit'),
    })
    expect(await cli(['verify', path], { SIAGA_MASTER_KEY: '' })).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('nobody vouches'),
    })
    writeFileSync(join(folder, 'sender.pem'), key.stdout)
    expect((await cli(['verify', path, '--key', 'sender.pem'], { SIAGA_MASTER_KEY: '' })).code).toBe(0)
    writeFileSync(join(folder, 'no.pem'), 'no key')
    expect((await cli(['verify', path, '--key', 'no.pem'])).code).toBe(2)
    expect((await cli(['key'])).stdout).toBe(key.stdout)
  })
})

test('an entry of eight gigabytes and more has a size that tar reads too', async () => {
  const path = join(folder, 'large.tar')
  const size = 8 ** 11 + 1
  const file = await open(path, 'wx+')
  await file.write(tarHeader('rows.jsonl', size, 0), 0, 512, 0)
  // Sparse: nothing of it is on the disk.
  await file.truncate(512 + size + 511 + 1024)
  const listed = spawnSync('tar', ['-tvf', path], { encoding: 'utf8' })
  expect(listed).toMatchObject({ status: 0, stdout: expect.stringContaining(` ${size} `) })
  const entries = readTar(file)
  expect((await entries.next()).value).toEqual({ kind: 'file', name: 'rows.jsonl', bytes: size, at: 512 })
  expect((await entries.next()).done).toBe(true)
  await file.close()
})

test('CSV says what the lines say, however they are cut', async () => {
  const text = '{"a":1,"b":"x\\ny"}\n{"a":2.5,"b":null}\n{"a":true,"b":{"k":["v"]}}\n'
  async function* cut(size: number): AsyncGenerator<Buffer> {
    for (let at = 0; at < text.length; at += size) yield Buffer.from(text.slice(at, at + size))
  }
  for (const size of [1, 7, 1000]) {
    let csv = ''
    for await (const part of csvOf(['a', 'b'], cut(size))) csv += part.toString()
    expect(csv).toBe('"a","b"\r\n1,"x\ny"\r\n2.5,\r\ntrue,"{""k"":[""v""]}"\r\n')
  }
})
