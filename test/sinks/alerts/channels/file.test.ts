// Is every message one whole line on disk, whatever was there before and however many come at once?
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Channel, type ChannelOf } from '../../../../schemas/alerting.ts'
import { createFileChannel } from '../../../../sinks/alerts/channels/file.ts'
import { hostile } from '../message/notification.ts'
import { channelParts, forever, outgoing } from './rendered.ts'

function channel(changed: Record<string, unknown> = {}) {
  const parts = channelParts()
  const settings = Channel.parse({ kind: 'file', id: 'berkas', path: 'alerts/keluar.ndjson', ...changed })
  return {
    sender: createFileChannel(fileOf(settings), parts),
    path: join(parts.dataDir, 'alerts/keluar.ndjson'),
    parts,
  }
}

function fileOf(settings: Channel): ChannelOf<'file'> {
  if (settings.kind !== 'file') throw new Error(settings.kind)
  return settings
}

const linesOf = (path: string): unknown[] =>
  readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line): unknown => JSON.parse(line))

test('a message is one line with its key, and the file is for nobody else', async () => {
  const { sender, path } = channel()
  expect(await sender.send(outgoing(), forever())).toMatchObject({ kind: 'delivered' })
  expect(linesOf(path)).toMatchObject([
    {
      idempotency_key: 'n-0001',
      alert_id: 'a1b2c3',
      severity: 'critical',
      title: '[KRITIS] Kabupaten Jayapura (91.03): Tebak sandi SSH yang berhasil',
      written_at: '2024-11-27T01:00:00.000Z',
      recipient: 'budi',
      alert: { alert_id: 'a1b2c3', findings: 14 },
    },
  ])
  expect(statSync(path).mode & 0o007).toBe(0)
})

test('many at once, with line ends in every text, are as many lines', async () => {
  const { sender, path } = channel()
  const sent = Array.from({ length: 60 }, (_, n) =>
    sender.send(outgoing({ notification_id: `n-${n}` }, { title: Object.values(hostile)[n % 13] ?? '' }), forever()),
  )
  expect((await Promise.all(sent)).every(({ kind }) => kind === 'delivered')).toBe(true)
  await sender.close()
  const keys = linesOf(path).map((line) => Object(line).idempotency_key)
  expect(keys).toEqual(Array.from({ length: 60 }, (_, n) => `n-${n}`))
})

test('a line that a crash tore does not swallow the next one', async () => {
  const { sender, path } = channel()
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, '{"idempotency_key":"n-000')
  await sender.send(outgoing(), forever())
  const [torn, whole] = readFileSync(path, 'utf8').trimEnd().split('\n')
  expect(torn).toBe('{"idempotency_key":"n-000')
  expect(JSON.parse(whole ?? '')).toMatchObject({ idempotency_key: 'n-0001' })
})

test('what is there is kept', async () => {
  const { sender, path, parts } = channel()
  await sender.send(outgoing(), forever())
  const settings = Channel.parse({ kind: 'file', id: 'berkas', path })
  await createFileChannel(fileOf(settings), parts).send(outgoing({ notification_id: 'n-2' }), forever())
  expect(linesOf(path).length).toBe(2)
})

test('outside of government networks a line holds four facts and ids', async () => {
  const { sender, path } = channel({ outside: true })
  await sender.send(outgoing({}, {}, { outside: true }), forever())
  expect(Object.keys(Object(linesOf(path)[0])).sort()).toEqual([
    'alert_id',
    'idempotency_key',
    'link',
    'region',
    'severity',
    'title',
    'written_at',
  ])
})

test('a warning holds nothing of the alert behind it', async () => {
  const { sender, path } = channel()
  const warning = { case_id: 'k-1', regions: 3, attack: ['T1190'], indicators: [], asset_kind: 'web' }
  await sender.send(outgoing({ reason: 'warning', warning }), forever())
  expect(readFileSync(path, 'utf8')).not.toMatch(/203\.0\.113|sirekap|SSH|pilkada/)
})

test('a path that cannot be written is tried again later', async () => {
  const { sender, path } = channel()
  mkdirSync(path, { recursive: true })
  expect(await sender.send(outgoing(), forever())).toMatchObject({ kind: 'retry' })
})

test('nothing is begun when time is up', async () => {
  const { sender, path } = channel()
  expect(await sender.send(outgoing(), AbortSignal.abort())).toMatchObject({ kind: 'retry' })
  expect(() => statSync(path)).toThrow('ENOENT')
})

test.each(['../keluar.ndjson', 'a/../../keluar.ndjson', '.'])(
  '%s leads out of the data directory: refused at start',
  (path) => {
    expect(() => channel({ path })).toThrow('leads out of the data directory')
  },
)
