import { afterEach, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import { typed } from '../../web/door.ts'
import { type Browser, type Stack, startStack } from './accounts/stack.ts'

let stack: Stack
let browser: Browser
beforeEach(async () => {
  stack = await startStack({
    parts: (api) => {
      const body = z.object({ text: z.string() })
      const config = { access: { area: 'alerts', verb: 'write' } } as const
      typed(api).post('/api/t/small', { config, schema: { body } }, async ({ body }) => ({ length: body.text.length }))
      typed(api).post('/api/t/large', { config, bodyLimit: 200_000, schema: { body } }, async ({ body }) => ({
        length: body.text.length,
      }))
      typed(api).get('/api/t/broken', { config }, async () => {
        throw new Error('rahasia dapur')
      })
    },
  })
  await stack.user('citra', 'daerah')
  browser = stack.browser()
  await browser.login('citra')
})
afterEach(() => stack.stop())

test('a body is small unless its route says otherwise', async () => {
  const send = (path: string, length: number) => browser.ask('POST', `/api/t/${path}`, { text: 'x'.repeat(length) })
  expect((await send('small', 60_000)).json).toEqual({ length: 60_000 })
  expect((await send('small', 70_000)).json).toMatchObject({ error: 'BAD_REQUEST' })
  expect((await send('large', 150_000)).json).toEqual({ length: 150_000 })
  expect((await send('large', 210_000)).json).toMatchObject({ error: 'BAD_REQUEST' })
})

test('what goes wrong inside is not told', async () => {
  const { status, json } = await browser.ask('GET', '/api/t/broken')
  expect({ status, json }).toMatchObject({ status: 500, json: { error: 'INTERNAL' } })
  expect(JSON.stringify(json)).not.toContain('rahasia')
})

test('one session asks so often and no more, and the next second again', async () => {
  const statuses: number[] = []
  for (let n = 0; n < 320; n++) statuses.push((await browser.ask('GET', '/api/account')).status)
  expect(statuses.filter((status) => status === 200).length).toBeLessThanOrEqual(300)
  expect(statuses.at(-1)).toBe(429)
  stack.clock.ms += 1_000
  expect((await browser.ask('GET', '/api/account')).status).toBe(200)
})

test('a header of another kind of log-in opens nothing, and does not go round the question where a change comes from', async () => {
  const basic = { authorization: 'Basic Y2l0cmE6cGFzc3dvcmQ=', origin: 'https://jahat.example' }
  expect((await browser.ask('POST', '/api/t/small', { text: 'x' }, basic)).json).toMatchObject({ error: 'CSRF' })
  expect((await stack.browser().ask('GET', '/api/account', undefined, basic)).status).toBe(401)
})
