// Does docs/operations.md keep its word about a single machine: its size, a back-up, and everything back after the loss of the data directory?
import { existsSync } from 'node:fs'
import { cp, mkdir, readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { siagaLine } from '../cli/host.ts'
import { blocksOf, readDocument, root } from './markdown.ts'
import { makePlace, markedBlocks, type Place, START_MS, type Started } from './place.ts'

vi.setConfig({ testTimeout: START_MS + 120_000, hookTimeout: START_MS + 60_000 })

const file = 'docs/operations.md'
const blocks = markedBlocks(file)
const blockWith = (text: string) => {
  const block = blocks.find((one) => one.text.includes(text))
  if (block === undefined) throw new Error(`${file} shows no marked block with ${text}`)
  return block
}
/** Folders of a server, as they are on this machine. */
const here = (text: string, backup = ''): string =>
  text
    .replaceAll(/\/srv\/backup\/siaga\/\w+/g, backup)
    .replaceAll('/srv/backup/siaga', join(place.folder, 'backups'))
    .replaceAll('/etc/siaga', join(place.folder, 'etc'))
    .replaceAll('=master.key', `=${join(place.folder, 'kept/master.key')}`)

let place: Place
let siaga: Started

beforeAll(async () => {
  place = await makePlace()
  siaga = await place.npmStart()
  const line = siaga.output().match(/^ +curl .*$/m)?.[0] ?? ''
  expect(await place.shell(line)).toMatchObject({ code: 0, stdout: '{"accepted":1}' })
})
afterAll(() => place?.remove())

/** Who runs the blocks of each mark. */
const runners: Readonly<Record<string, string>> = {
  test: 'test/docs/operations.test.ts',
  systemd: 'test/containers/systemd.containers.ts',
  image: 'test/containers/image.containers.ts',
  compose: 'test/containers/compose.containers.ts',
  kubernetes: 'test/containers/kubernetes.containers.ts',
  cluster: 'test/containers/cluster.containers.ts',
}

test('each block of commands has a mark, by which a test runs it', () => {
  const commands = blocksOf(readDocument(file)).filter(({ language }) => language === 'sh')
  expect(commands.length).toBeGreaterThan(40)
  for (const { comment, line } of commands) {
    const [mark = ''] = comment.split(/\W/)
    expect(Object.keys(runners), `${file}:${line}`).toContain(mark)
    expect(existsSync(join(root, runners[mark] ?? '')), mark).toBe(true)
  }
})

test('each block that is marked is run here', () => {
  expect(blocks.map(({ title }) => title?.split(' ').slice(0, 3).join(' '))).toEqual([
    'npx siaga size',
    'npx siaga backup',
    'export SIAGA_MASTER_KEY_FILE=master.key ',
    'npx siaga doctor',
  ])
})

test('`siaga size` answers', () => place.runBlock(blockWith('siaga size')))

test('a back-up, the loss of the data directory, a restore: the events are there, and the system is in order', async () => {
  const backup = blockWith('siaga backup')
  const count = async () =>
    (
      await place.shell(
        'npx siaga sql --format TSV "SELECT count(), uniqExact(event_id) FROM events WHERE source_id = \'demo\'"',
      )
    ).stdout
  await vi.waitUntil(async () => (await count()) === '1\t1\n', { timeout: 60_000, interval: 500 })
  await place.runBlock({ ...backup, text: here(backup.text) })
  // As the document asks: apart from the back-up.
  await mkdir(join(place.folder, 'kept'))
  await cp(join(place.dataDir, 'secrets/master.key'), join(place.folder, 'kept/master.key'))
  const { code } = await siaga.ctrlC()
  expect(code).toBe(0)
  await rm(place.dataDir, { recursive: true })

  const [made = ''] = await readdir(join(place.folder, 'backups'))
  const restore = blockWith('siaga restore')
  await place.runBlock({ ...restore, text: here(restore.text, join(place.folder, 'backups', made)) })
  expect(await readdir(join(place.folder, 'etc'))).toContain('siaga.yaml')
  // Whoever starts without the variable starts with the same key.
  expect(await readFile(join(place.dataDir, 'secrets/master.key'), 'utf8')).toBe(
    await readFile(join(place.folder, 'kept/master.key'), 'utf8'),
  )
  expect((await stat(join(place.dataDir, 'secrets/master.key'))).mode & 0o777).toBe(0o600)
  siaga = await place.npmStart()
  await place.runBlock(blockWith('siaga doctor'))
  expect(await count()).toBe('1\t1\n')
  // The key of before is taken again.
  const line = siaga.output().match(/^ +curl .*$/m)?.[0] ?? ''
  expect(await place.shell(line)).toMatchObject({ code: 0 })
})

const Estimate = z.object({
  needs: z.array(
    z.object({ role: z.string(), count: z.number(), cores: z.number(), memory: z.number(), disk: z.number() }),
  ),
})
const sizes = [...readDocument(file).matchAll(/^\| `(--peak [^`]+)`[^|]*\|(.+)\|$/gm)].map(
  ([, load = '', said = '']) => ({ load, said }),
)

test('the document shows sizes', () => expect(sizes.length).toBeGreaterThanOrEqual(4))

test.each(sizes)('`siaga size $load` says what the table says', async ({ load, said }) => {
  const { stdout } = await siagaLine(['size', ...load.split(' '), '--json'])
  const { needs } = Estimate.parse(JSON.parse(stdout))
  const GiB = 1024 ** 3
  const cells = needs.map(({ role, count, cores, memory, disk }) => {
    const [inMemory, onDisk] = [Number((memory / GiB).toFixed(1)), Math.ceil(disk / GiB)]
    if (role === 'process') return [count, cores]
    if (role === 'kafka') return [cores, onDisk]
    return role === 'clickhouse' ? [count, cores, inMemory, onDisk] : [cores]
  })
  expect(said.split('|').map((cell) => cell.split(',').map(Number))).toEqual(cells)
})
