// Does the link of every message lead somewhere, and tell strangers nothing?
import { fastify } from 'fastify'
import { expect, test } from 'vitest'
import { alertLinks } from '../../../web/alerts/links.ts'

test.each([
  ['/alerts/A-7KQ2M9XW4T', 'alerts show A-7KQ2M9XW4T --url https://siaga.example'],
  ['/alerts', 'alerts list --url https://siaga.example'],
  ['/cases/K-7QF2M9TXB4', 'alerts list --case K-7QF2M9TXB4 --url https://siaga.example'],
])('%s says how to look at it', async (path, command) => {
  const app = fastify()
  await app.register(alertLinks('https://siaga.example/', false))
  const answer = await app.inject(path)
  expect([answer.statusCode, answer.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8'])
  expect(answer.body).toContain(command)
  expect(answer.headers['content-security-policy']).toContain("default-src 'none'")
})

test.each([
  ['/alerts/A-7KQ2M9XW4T', '/peringatan/A-7KQ2M9XW4T'],
  ['/alerts', '/peringatan'],
  ['/cases/K-7QF2M9TXB4', '/peringatan?status=semua&kasus=K-7QF2M9TXB4'],
])('%s leads to the page where there is one', async (path, page) => {
  const app = fastify()
  await app.register(alertLinks('https://siaga.example/', true))
  const answer = await app.inject(path)
  expect([answer.statusCode, answer.headers.location]).toEqual([302, page])
})

test('nothing but an id is repeated', async () => {
  const app = fastify()
  await app.register(alertLinks('https://siaga.example', true))
  for (const id of ['A-%3Cscript%3E', 'x', 'A-7KQ2M9XW4T;rm', '%00'])
    expect((await app.inject(`/alerts/${id}`)).statusCode).toBe(404)
})
