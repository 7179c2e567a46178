// Does a back-up refuse what is not its own: names that lead out, links, changed seals, other keys, newer versions? And is nothing of the configuration forgotten?
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { unpackPart } from '../../cli/backup/attach.ts'
import { keyForRestore, knownVersion, nothingThere, verifyFiles } from '../../cli/backup/check.ts'
import { configFiles, namedFiles, otherPlaces } from '../../cli/backup/config-files.ts'
import { changedConfig, restoreConfig } from '../../cli/backup/config-restore.ts'
import { copyFolders, early, late } from '../../cli/backup/data-files.ts'
import { hashFile, linkFile, readFileBytes, writeHashed } from '../../cli/backup/files.ts'
import { Manifest, proveManifest, readManifest, writeManifest } from '../../cli/backup/manifest.ts'
import {
  forgetUnfinished,
  holdForBackup,
  listBackups,
  makePlace,
  noteUnfinished,
  removeOld,
  removeUnfinished,
} from '../../cli/backup/place.ts'
import { createRecordFile, readRecords } from '../../cli/backup/records.ts'
import { placeOf } from '../../cli/backup/server-backup.ts'
import { tarHeader } from '../../cli/export/tar.ts'
import { loadConfig } from '../../runtime/config.ts'
import { keyName } from '../../runtime/secrets.ts'

const masterKey = Buffer.alloc(32, 3)
let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'siaga-backup-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const signal = new AbortController().signal
const write = (path: string, text: string | Buffer = ''): string => {
  mkdirSync(join(folder, path, '..'), { recursive: true })
  writeFileSync(join(folder, path), text)
  return join(folder, path)
}
const manifest = (changes: Partial<Manifest> = {}): Manifest => ({
  format: 'siaga-backup',
  version: 1,
  id: 'a'.repeat(32),
  siaga: '0.1.0',
  created_at: '2026-11-29T19:00:00.000Z',
  finished_at: '2026-11-29T19:01:00.000Z',
  key: keyName(masterKey),
  with_master_key: false,
  clickhouse: { kind: 'none' },
  kafka: { cluster_id: 'x', topics: [], alerts: { findings: -1, requests: -1 }, committed: {} },
  accounts: null,
  config: [],
  files: [],
  ...changes,
})

describe('a manifest', () => {
  test('is sealed: a changed one and one of another key are refused, the real one is taken', async () => {
    await writeManifest(folder, manifest(), masterKey)
    await expect(proveManifest(folder, await readManifest(folder), masterKey)).resolves.toBeUndefined()
    await expect(proveManifest(folder, await readManifest(folder), Buffer.alloc(32, 4))).rejects.toThrow(
      'another master key',
    )
    const text = readFileSync(join(folder, 'manifest.json'), 'utf8')
    writeFileSync(join(folder, 'manifest.json'), text.replace('0.1.0', '0.1.1'))
    await expect(proveManifest(folder, await readManifest(folder), masterKey)).rejects.toThrow('damaged')
  })

  test('says nothing of the key that it names', () => {
    expect(keyName(masterKey)).toMatch(/^[\w-]{16}$/)
    expect(keyName(masterKey)).not.toBe(keyName(Buffer.alloc(32, 4)))
    for (const form of ['hex', 'base64', 'base64url'] as const)
      expect(masterKey.toString(form)).not.toContain(keyName(masterKey).slice(0, 6))
  })

  test.each(['../x', 'a/../../x', '/etc/passwd', 'a//b', './a', 'a/.', '', 'a\\..\\b', 'a\nb'])(
    'has no file that leads out: %j',
    (path) => {
      const file = { path, bytes: 0, sha256: '0'.repeat(64) }
      expect(Manifest.safeParse(manifest({ files: [file] })).success).toBe(false)
      expect(Manifest.safeParse(manifest({ config: [{ file: path, place: 'x' }] })).success).toBe(false)
      expect(Manifest.safeParse(manifest({ files: [{ ...file, path: 'data/a' }] })).success).toBe(true)
    },
  )

  test('of a newer Siaga is refused: another form, a migration that is not known or is another one, a newer file of accounts', async () => {
    writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ ...manifest(), version: 2 }))
    await expect(readManifest(folder)).rejects.toThrow('newer Siaga')
    const with_ = (file: string, checksum: string) =>
      manifest({ clickhouse: { kind: 'parts', migrations: [{ file, checksum }], tables: [] } })
    expect(() => knownVersion(with_('9999_later.sql', 'x'))).toThrow('does not know')
    expect(() => knownVersion(with_('0001_events.sql', 'x'))).toThrow('does not know')
    expect(() => knownVersion(manifest({ accounts: 1_000 }))).toThrow('does not know')
    expect(() => knownVersion(manifest({ accounts: 1 }))).not.toThrow()
  })

  test('is what tells a whole back-up from a cut-off one', async () => {
    await expect(readManifest(folder)).rejects.toThrow('cut off')
    await expect(readManifest(join(folder, 'none'))).rejects.toThrow('cut off')
    writeFileSync(join(folder, 'manifest.json'), '{"hello": 1}')
    await expect(readManifest(folder)).rejects.toThrow('is no back-up')
  })
})

describe('files of a back-up', () => {
  const onFile = (): void => undefined

  test('are compared before anything is touched: a changed, a missing and a linked one are told by name', async () => {
    const path = 'data/reports/a'
    write(path, 'bukti')
    const good = manifest({ files: [{ path, ...(await hashFile(join(folder, path))) }] })
    await expect(verifyFiles(folder, good, { onFile, signal })).resolves.toBeUndefined()
    write(path, 'bukta')
    await expect(verifyFiles(folder, good, { onFile, signal })).rejects.toThrow(`${path} is not what was written`)
    rmSync(join(folder, path))
    await expect(verifyFiles(folder, good, { onFile, signal })).rejects.toThrow(`${path} is missing`)
    symlinkSync(write('elsewhere', 'bukti'), join(folder, path))
    await expect(verifyFiles(folder, good, { onFile, signal })).rejects.toThrow(`${path} is a link`)
  })

  test('are never written over a file, nor through a link', async () => {
    const outside = write('outside', 'x')
    symlinkSync(outside, join(folder, 'link'))
    await expect(writeHashed(join(folder, 'link'), [Buffer.from('y')])).rejects.toThrow('EEXIST')
    await expect(writeHashed(outside, [Buffer.from('y')])).rejects.toThrow('EEXIST')
    expect(readFileSync(outside, 'utf8')).toBe('x')
  })

  test.each(['../../evil.bin', '/tmp/evil.bin', 'a/b.bin', '..', 'p.proj/../../evil.bin', 'p.proj/..'])(
    'a tar that is to be a part of a table writes nothing outside of it: %s',
    async (name) => {
      const tar = Buffer.concat([tarHeader(name, 1, 0), Buffer.concat([Buffer.from('x')], 512), Buffer.alloc(1024)])
      await expect(unpackPart(write('part.tar', tar), join(folder, 'to', 'detached', 'all_1_1_0'))).rejects.toThrow(
        'damaged',
      )
      expect(readdirSync(folder)).toEqual(['part.tar'])
    },
  )

  test('a tar with links or folders in it is no part of a table', async () => {
    const header = tarHeader('data.bin', 0, 0)
    header[156] = '2'.charCodeAt(0)
    header.write('        ', 148)
    const sum = header.reduce((all, byte) => all + byte, 0)
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
    const file = write('part.tar', Buffer.concat([header, Buffer.alloc(1024)]))
    await expect(unpackPart(file, join(folder, 'to'))).rejects.toThrow('not_a_file')
  })

  test('records of Kafka come back as they were, also none at all; a cut file is an error', async () => {
    const file = join(folder, 'a.zst')
    const written = createRecordFile(file)
    const value = Buffer.from([0, 255, 10, 13])
    for (let offset = 0; offset < 3_000; offset += 1)
      written.add(
        {
          offset,
          timestamp: 5,
          key: Buffer.from('k'),
          value: offset === 1 ? null : value,
          headers: { h: Buffer.from('\u0001') },
        },
        2,
      )
    written.close()
    const back = await Array.fromAsync(readRecords(file))
    expect(back).toHaveLength(3_000)
    expect(back[0]).toEqual({
      partition: 2,
      offset: 0,
      at: 5,
      key: 'k',
      value: value.toString('base64'),
      headers: { h: 'AQ==' },
    })
    expect(back[1]?.value).toBe(null)
    createRecordFile(join(folder, 'none.zst')).close()
    expect(await Array.fromAsync(readRecords(join(folder, 'none.zst')))).toEqual([])
    const bytes = readFileSync(file)
    writeFileSync(file, bytes.subarray(0, bytes.length - 20))
    await expect(Array.fromAsync(readRecords(file))).rejects.toThrow()
  })
})

describe('the master key', () => {
  test('is taken for an examination whatever the data directory here was used with', () => {
    const dataDir = join(folder, 'data')
    write('data/master-key.name', keyName(Buffer.alloc(32, 5)))
    const env = { SIAGA_MASTER_KEY: masterKey.toString('hex') }
    expect(keyForRestore(dataDir, env, folder, { with_master_key: false })).toEqual(masterKey)
  })

  test('is taken from the environment or the data directory, never made, and from the back-up only where it was asked to hold it', () => {
    const dataDir = join(folder, 'data')
    expect(() => keyForRestore(dataDir, {}, folder, { with_master_key: true })).toThrow('needs the master key')
    expect(readdirSync(folder)).toEqual([])
    const inBackup = join(folder, 'b')
    write('b/data/secrets/master.key', masterKey.toString('base64'))
    expect(() => keyForRestore(dataDir, {}, inBackup, { with_master_key: false })).toThrow('needs the master key')
    expect(keyForRestore(dataDir, {}, inBackup, { with_master_key: true })).toEqual(masterKey)
    const env = { SIAGA_MASTER_KEY: Buffer.alloc(32, 9).toString('hex') }
    expect(keyForRestore(dataDir, env, inBackup, { with_master_key: true })).toEqual(Buffer.alloc(32, 9))
  })
})

describe('the data directory', () => {
  const copy = async (options: { withMasterKey: boolean }, which: (name: string) => boolean) => {
    const taken: { path: string; linked: boolean | undefined }[] = []
    await copyFolders(
      {
        ...{ dataDir: join(folder, 'data'), folder: join(folder, 'b'), previous: undefined, signal },
        ...options,
        take: ({ path }, linked) => void taken.push({ path, linked }),
      },
      which,
    )
    return taken.map(({ path }) => path)
  }

  test('is copied but for services, caches, locks, drafts and keys in the clear; positions before everything else', async () => {
    for (const path of [
      'secrets/keys.json',
      'secrets/master.key',
      'secrets/demo.key',
      'secrets/keys.json.lock',
      'clickhouse/a',
      'kafka/a',
      'logs/a',
      'cache/a',
      'run/lock.db',
      'web/accounts.sqlite',
      'web/accounts.sqlite-wal',
      'reports/LAP-1/abc',
      'reports/x.123.0123abcd',
      'positions/a.json',
      'alerts.jsonl',
      'master-key.name',
    ])
      write(`data/${path}`, path)
    symlinkSync('/etc/passwd', join(folder, 'data', 'reports', 'link'))
    expect(await copy({ withMasterKey: false }, early)).toEqual(['data/positions/a.json'])
    expect(await copy({ withMasterKey: false }, late)).toEqual([
      'data/alerts.jsonl',
      'data/reports/LAP-1/abc',
      'data/secrets/keys.json',
    ])
    rmSync(join(folder, 'b'), { recursive: true })
    expect(await copy({ withMasterKey: true }, late)).toContain('data/secrets/master.key')
  })

  test('is filled only where it is empty but for the key', async () => {
    const dataDir = join(folder, 'data')
    await expect(nothingThere(dataDir, '')).resolves.toBeUndefined()
    write('data/secrets/master.key')
    write('data/master-key.name')
    write('data/run/lock.db')
    await expect(nothingThere(dataDir, '')).resolves.toBeUndefined()
    write('data/secrets/keys.json')
    await expect(nothingThere(dataDir, '')).rejects.toThrow('keys.json')
    write('cold/store/a')
    rmSync(join(dataDir, 'secrets'), { recursive: true })
    await expect(nothingThere(dataDir, join(folder, 'cold'))).rejects.toThrow('cold_dir')
  })
})

describe('the place of back-ups', () => {
  test('keeps the newest when asked, knows cut-off ones, and leaves alone what is none', async () => {
    const at = Date.parse('2026-11-29T19:00:00Z')
    for (let n = 0; n < 4; n += 1) await writeManifest(await makePlace(folder, at), manifest(), masterKey)
    const cut = await makePlace(folder, at + 60_000)
    write('notes/manifest.json', 'mine')
    const kept = { complete: ['20261129T190002Z', '20261129T190003Z'], unreadable: [] }
    expect(await removeOld(folder, 2, at)).toEqual({
      names: ['20261129T190000Z', '20261129T190001Z'],
      places: [],
      problems: [],
    })
    expect(await listBackups(folder)).toEqual({ ...kept, cut: [cut.slice(folder.length + 1)] })
    // What was cut off by somebody else is removed when it is a day old.
    await removeOld(folder, 2, at + 25 * 3_600_000)
    expect(await listBackups(folder)).toEqual({ ...kept, cut: [] })
    expect(readdirSync(folder)).toContain('notes')
  })

  test('one that cannot be read is told and left alone; the tables of one that goes are named where a server keeps them', async () => {
    const at = Date.parse('2026-11-29T19:00:00Z')
    const place = "Disk('backups', 'siaga/20261129T190000Z-0')"
    const steps = [{ place, tables: ['events'] }]
    const first = await makePlace(folder, at)
    await writeManifest(first, manifest({ clickhouse: { kind: 'server', migrations: [], steps } }), masterKey)
    await writeManifest(await makePlace(folder, at), manifest(), masterKey)
    write('20261128T190000Z/manifest.json/x')
    expect(await removeOld(folder, 1, at)).toEqual({
      names: ['20261129T190000Z'],
      places: [place],
      problems: [expect.stringContaining('20261128T190000Z')],
    })
    expect(readdirSync(folder).sort()).toEqual(['20261128T190000Z', '20261129T190001Z'])
  })

  test('is rid of what a killed run has left before the next one writes; of nothing else', async () => {
    const dataDir = join(folder, 'data')
    await removeUnfinished(dataDir)
    const cut = await makePlace(folder, Date.now())
    await noteUnfinished(dataDir, cut)
    await removeUnfinished(dataDir)
    expect(readdirSync(folder)).toEqual(['data'])
    const whole = await makePlace(folder, Date.now())
    await writeManifest(whole, manifest(), masterKey)
    await noteUnfinished(dataDir, whole)
    await removeUnfinished(dataDir)
    await noteUnfinished(dataDir, write('notes/x'))
    await removeUnfinished(dataDir)
    await forgetUnfinished(dataDir)
    expect(readdirSync(folder).sort()).toEqual([basename(whole), 'data', 'notes'].sort())
    expect(readdirSync(join(folder, 'notes'))).toEqual(['x'])
  })

  test('links to the last back-up only what is still of its size', async () => {
    const first = write('first', 'bukti')
    expect(await linkFile(first, join(folder, 'b', 'one'), 5)).toBe(true)
    expect(readFileSync(join(folder, 'b', 'one'), 'utf8')).toBe('bukti')
    expect(await linkFile(first, join(folder, 'b', 'two'), 6)).toBe(false)
    expect(await linkFile(join(folder, 'gone'), join(folder, 'b', 'two'), 5)).toBe(false)
    expect(readdirSync(join(folder, 'b'))).toEqual(['one'])
  })

  test('takes one back-up of a data directory at a time', () => {
    const letGo = holdForBackup(folder)
    expect(() => holdForBackup(folder)).toThrow('is being made')
    letGo()
    holdForBackup(folder)()
  })

  test.each(["Disk('backups', 'siaga/{name}')", "S3(siaga_backups, '{name}')", "File('{name}')"])(
    'of a server: %s',
    (place) => {
      expect(placeOf(place, '20261129T190000Z', 1)).toBe(place.replace('{name}', '20261129T190000Z-1'))
    },
  )

  test.each([
    "Disk('backups', 'siaga')",
    "S3('https://s3.example/b/{name}', 'AKIA', 'secret')",
    "File('/../{name}')",
    "Disk('b', '{name}') SETTINGS x = 1; DROP TABLE siaga.events",
  ])('is no place of a server: %s', (place) => {
    expect(() => placeOf(place, 'x', 0)).toThrow('names no place')
  })
})

describe('the configuration', () => {
  test('every setting that names a file or folder is known: it is copied, or it is no file of the configuration', () => {
    const Node = z.looseObject({
      description: z.string().optional(),
      properties: z.record(z.string(), z.unknown()).optional(),
      type: z.string().optional(),
      items: z.unknown().optional(),
      anyOf: z.array(z.unknown()).optional(),
      oneOf: z.array(z.unknown()).optional(),
    })
    const found = new Set<string>()
    const walk = (value: unknown, path: string): void => {
      const node = Node.safeParse(value).data
      if (node === undefined) return
      const names =
        /\b(?:file|folder|files|folders)\b/i.test(node.description ?? '') &&
        node.properties === undefined &&
        !['boolean', 'integer', 'number'].includes(node.type ?? '') &&
        !/prefix|column|variable/i.test(node.description ?? '')
      if (names) found.add(path)
      for (const [name, inner] of Object.entries(node.properties ?? {}))
        walk(inner, path === '' ? name : `${path}.${name}`)
      if (node.items !== undefined) walk(node.items, `${path}.*`)
      for (const inner of [...(node.anyOf ?? []), ...(node.oneOf ?? [])]) walk(inner, path)
      if (node.properties?.file !== undefined) found.add(`${path}.file`)
    }
    walk(JSON.parse(readFileSync(new URL('../../docs/reference/siaga.schema.json', import.meta.url), 'utf8')), '')
    const known = [...namedFiles, ...otherPlaces]
    // A list is described as a whole.
    const isKnown = (path: string): boolean => known.includes(path) || known.includes(`${path}.*`)
    /** Words about files in what names none. */
    const about = new Set(['assets', 'assets.*.contacts', 'rooms', 'rules', 'shippers.elastic'])
    expect([...found].filter((path) => !isKnown(path) && !about.has(path))).toEqual([])
    expect(found.size).toBeGreaterThan(15)
  })

  test('siaga.yaml and what it names are copied, with what lies outside of its folder, and come back beneath one folder', async () => {
    const outside = write('etc/pki/siaga.pem', 'PEM')
    write(
      'home/siaga.yaml',
      `syslog: {tls: {cert: ${outside}, key: ${outside}}}\nassets: {csv: aset.csv}\nrules: {folders: [aturan]}\nintelligence: {feeds: [{id: a, type: list, url: "umpan/a.txt"}, {id: b, type: list, url: "https://feeds.example/b.txt"}], warning_lists: [hilang.txt]}\n`,
    )
    write('home/aset.csv', 'id,name\n')
    write('home/aturan/dalam/a.yml', 'title: a\n')
    write('home/aturan/.git/config', 'x')
    write('home/umpan/a.txt', '192.0.2.1\n')
    write('home/log/x.log', 'x')
    const { files, missing } = configFiles({
      file: join(folder, 'home', 'siaga.yaml'),
      baseDir: join(folder, 'home'),
    })
    expect(missing).toEqual(['hilang.txt'])
    expect(files.map(({ file }) => file)).toEqual([
      'config/siaga.yaml',
      'config/outside/1-siaga.pem',
      'config/aset.csv',
      'config/aturan/dalam/a.yml',
      'config/umpan/a.txt',
    ])
    const written = await Promise.all(
      files.map(async ({ from, file }) => ({
        path: file,
        ...(await writeHashed(join(folder, 'b', file), [readFileSync(from)])),
      })),
    )
    const made = manifest({ files: written, config: files.map(({ file, place }) => ({ file, place })) })
    const lines = await restoreConfig(join(folder, 'b'), made, join(folder, 'to'))
    expect(lines[1]).toContain(`it was ${outside}`)
    expect(readFileSync(join(folder, 'to', 'aturan', 'dalam', 'a.yml'), 'utf8')).toBe('title: a\n')
    await expect(restoreConfig(join(folder, 'b'), made, join(folder, 'to'))).rejects.toThrow('is there already')
  })

  test('links are followed and keep their names: renewed certificates, and whatever Kubernetes mounts', async () => {
    write('archive/privkey2.pem', 'PEM')
    mkdirSync(join(folder, 'live'))
    symlinkSync('../archive/privkey2.pem', join(folder, 'live', 'privkey.pem'))
    // As a ConfigMap is mounted.
    write('home/..2026_11_29/siaga.yaml', 'syslog: {tls: {key: ../live/privkey.pem}}\nrules: {folders: [aturan]}\n')
    symlinkSync('..2026_11_29', join(folder, 'home', '..data'))
    symlinkSync('..data/siaga.yaml', join(folder, 'home', 'siaga.yaml'))
    write('home/aturan/..2026_11_29/a.yml', 'title: a\n')
    symlinkSync('..2026_11_29', join(folder, 'home', 'aturan', '..data'))
    symlinkSync('..data/a.yml', join(folder, 'home', 'aturan', 'a.yml'))
    symlinkSync('nowhere.yml', join(folder, 'home', 'aturan', 'gone.yml'))
    const home = { file: join(folder, 'home', 'siaga.yaml'), baseDir: join(folder, 'home') }
    const { files, missing } = configFiles(home)
    expect(missing).toEqual([])
    expect(files.map(({ file, place }) => [file, place])).toEqual([
      ['config/siaga.yaml', 'siaga.yaml'],
      ['config/outside/1-privkey.pem', join(folder, 'live', 'privkey.pem')],
      ['config/aturan/a.yml', 'aturan/a.yml'],
    ])
    const written = []
    for (const { from, file } of files)
      written.push({ path: file, ...(await writeHashed(join(folder, 'b', file), readFileBytes(from))) })
    expect(readFileSync(join(folder, 'b', 'config', 'outside', '1-privkey.pem'), 'utf8')).toBe('PEM')
    const made = manifest({ files: written, config: files.map(({ file, place }) => ({ file, place })) })
    expect(await changedConfig(made, files)).toEqual([])
    write('archive/privkey2.pem', 'renewed')
    expect(await changedConfig(made, files)).toEqual([join(folder, 'live', 'privkey.pem')])
  })

  test('without siaga.yaml there is nothing of it', async () => {
    const { file, baseDir } = loadConfig({ env: {}, cwd: folder })
    expect(configFiles({ file, baseDir })).toEqual({ files: [], missing: [] })
  })
})
