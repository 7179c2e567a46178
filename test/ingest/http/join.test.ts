// Text lines pushed over HTTP: those of one event are joined within the request, and the sender's count stays that of its lines.
import { afterEach, expect, test } from 'vitest'
import { audit, auditLines } from '../join/fixtures.ts'
import { serve, stopAll } from './serve.ts'

afterEach(stopAll)

const [a, b] = [audit(1), audit(2)]
const lines = ['one', a.syscall, b.syscall, 'two', a.cwd, b.cwd, a.path, a.title, '', b.path, b.title, a.end]
const body = lines.join('\n')
const other = { authorization: 'Bearer good-other' }

test('records of one event are one event; accepted counts lines', async () => {
  const { post, writer, metrics } = await serve()
  const answer = await post(body, other, '/v1/events/other')
  expect(answer.json).toEqual({ accepted: 11 })
  expect(writer.texts).toEqual(['one', auditLines(1).join('\n'), auditLines(2).join('\n'), 'two', a.end])
  expect(metrics.counts).toEqual({ received: 5, accepted: 5, refused: 0, lost: 0 })
  expect(metrics.joinedLines).toBe(6)
})

test('all events end with the request', async () => {
  const { post, writer } = await serve()
  await post(a.syscall, other, '/v1/events/other')
  await post(a.cwd, other, '/v1/events/other')
  expect(writer.texts).toEqual([a.syscall, a.cwd])
})

test('a repeat is told by its key, and after a restart by its ids', async () => {
  const headers = { ...other, 'idempotency-key': 'k-1' }
  const { post, writer, metrics } = await serve()
  expect((await post(body, headers, '/v1/events/other')).json).toEqual({ accepted: 11 })
  const repeat = await post(body, headers, '/v1/events/other')
  expect([repeat.status, repeat.json, repeat.headers.get('idempotent-replayed')]).toEqual([
    202,
    { accepted: 11 },
    'true',
  ])
  expect(writer.count).toBe(5)
  expect(metrics.counts).toEqual({ received: 10, accepted: 5, refused: 5, lost: 0 })
  const restarted = await serve()
  await restarted.post(body, headers, '/v1/events/other')
  expect(restarted.writer.events.map(({ id }) => id)).toEqual(writer.events.map(({ id }) => id))
})

test('other formats and NDJSON are not joined; a format in the address is', async () => {
  const { post, writer } = await serve()
  await post(auditLines(1).join('\n'))
  expect(writer.count).toBe(4)
  const quoted = auditLines(1).map((line) => JSON.stringify(line))
  await post(quoted.join('\n'), { ...other, 'content-type': 'application/x-ndjson' }, '/v1/events/other')
  expect(writer.count).toBe(8)
  await post('[2024-11-27 08:16:03] a.ERROR: x\n#0 {main}\n', {}, '/v1/events/web?format=laravel')
  expect(writer.texts.at(-1)).toBe('[2024-11-27 08:16:03] a.ERROR: x\n#0 {main}')
})

test('an event larger than the bounds is marked; a large request keeps its order', async () => {
  const { post, writer } = await serve()
  const long = `${a.path} ${'x'.repeat(300_000)}`
  await post([long, long].join('\n'), other, '/v1/events/other')
  expect(writer.events.map(({ marks }) => marks)).toEqual([['partial'], ['partial']])
  const many = Array.from({ length: 5000 }, (_, serial) => auditLines(serial).join('\n'))
  await post(many.join('\n'), other, '/v1/events/other')
  expect(writer.texts.slice(2)).toEqual(many)
})
