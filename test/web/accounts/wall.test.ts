import { request } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createTokens } from '../../../web/accounts/tokens.ts'
import { typed } from '../../../web/door.ts'
import { type Browser, field, type Stack, startStack } from './stack.ts'

/** A stream that never ends by itself, as live data has. */
function stream(app: FastifyInstance): void {
  typed(app).get('/api/test/stream', { config: { access: { area: 'situation', verb: 'read' } } }, (_request, reply) => {
    reply.hijack()
    reply.raw.writeHead(200, { 'content-type': 'text/event-stream' })
    reply.raw.write('data: begun\n\n')
  })
  typed(app).post('/api/test/change', { config: { access: { area: 'situation', verb: 'write' } } }, async () => ({}))
  typed(app).get('/api/test/alerts', { config: { access: { area: 'alerts', verb: 'read' } } }, async () => ({}))
}

let stack: Stack
let owner: Browser
let id: string
beforeEach(async () => {
  stack = await startStack({ parts: stream })
  id = await stack.user('citra', 'daerah')
  owner = stack.browser()
  await owner.login('citra')
})
afterEach(() => stack.stop())

const link = async (): Promise<string> =>
  field((await owner.ask('POST', '/api/account/walls', { label: 'Ruang piket' })).json, 'path').replace('/dinding/', '')
const hang = async (): Promise<Browser> => {
  const wall = stack.browser('203.0.113.50')
  expect((await wall.ask('POST', '/api/walls/open', { token: await link() })).status).toBe(200)
  return wall
}

/** Opens the stream for real; resolves with what ended it. */
async function follow(
  cookie: string,
  headers: Record<string, string> = {},
): Promise<{ begun: Promise<void>; ended: Promise<string> }> {
  if (!stack.app.server.listening) await stack.app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = stack.app.server.address() as AddressInfo
  const begun = Promise.withResolvers<void>()
  const ended = Promise.withResolvers<string>()
  const asked = request({ port, path: '/api/test/stream', headers: { cookie, ...headers } }, (answer) => {
    answer.on('data', () => begun.resolve())
    answer.on('close', () => ended.resolve(`${answer.statusCode}`))
    answer.on('error', () => undefined)
  })
  asked.on('error', () => ended.resolve('refused'))
  asked.end()
  return { begun: begun.promise, ended: ended.promise }
}

describe('a screen on the wall', () => {
  test('sees the situation of its account’s room and nothing else, and changes nothing', async () => {
    const wall = await hang()
    expect((await wall.ask('GET', '/api/session')).json).toMatchObject({
      session: { kind: 'wall', areas: { situation: 'read' }, room: { id: 'jabar' } },
    })
    for (const path of ['/api/test/alerts', '/api/account', '/api/users'])
      expect((await wall.ask('GET', path)).status, path).toBe(403)
    expect((await wall.ask('POST', '/api/test/change', {})).status).toBe(403)
    expect((await wall.ask('POST', '/api/account/walls', { label: 'noch eine' })).status).toBe(403)
  })

  test('opens by a link that is good once and for a day, and a look at it does not spend it', async () => {
    const token = await link()
    expect((await stack.app.inject({ url: `/dinding/${token}` })).headers['set-cookie']).toBeUndefined()
    const first = stack.browser()
    const second = stack.browser()
    const answers = await Promise.all([first, second].map((one) => one.ask('POST', '/api/walls/open', { token })))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 410])
    const late = await link()
    stack.clock.ms += 24 * 3_600_000 + 1
    expect((await second.ask('POST', '/api/walls/open', { token: late })).status).toBe(410)
  })

  test('goes on for weeks, through restarts of the server, and is listed', async () => {
    const wall = await hang()
    for (let n = 0; n < 21; n++) {
      stack.clock.ms += 24 * 3_600_000
      expect((await wall.ask('GET', '/api/session')).json).toMatchObject({ session: { kind: 'wall' } })
    }
    // Nothing of it stands in memory: what is in the store finds it again.
    expect(stack.book.sessions.find(wall.cookies.get('siaga') ?? '')).toMatchObject({ kind: 'wall' })
    await owner.login('citra')
    expect((await owner.ask('GET', '/api/account')).json).toMatchObject({
      walls: [{ label: 'Ruang piket', waiting: false }],
    })
  })

  test('is taken down by its owner and by nobody else, opened or not', async () => {
    const wall = await hang()
    await link()
    const [waiting] = stack.book.walls.waiting(id)
    const [hanging] = stack.book.sessions.list(id, 'wall')
    await stack.user('dewi', 'daerah')
    const other = stack.browser()
    await other.login('dewi')
    expect((await other.ask('DELETE', `/api/account/walls/${hanging?.id}`)).status).toBe(404)
    for (const one of [waiting, hanging])
      expect((await owner.ask('DELETE', `/api/account/walls/${one?.id}`)).status).toBe(200)
    expect((await wall.ask('GET', '/api/session')).json).toEqual({ session: null })
    expect((await owner.ask('GET', '/api/account')).json).toMatchObject({ walls: [] })
    expect(stack.entries.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['wall_created', 'wall_opened', 'wall_revoked']),
    )
  })

  test('is not for who may not see the situation, and there are twenty at most', async () => {
    await stack.user('pelapor', 'petugas')
    const officer = stack.browser()
    await officer.login('pelapor')
    expect((await officer.ask('POST', '/api/account/walls', { label: 'x' })).status).toBe(403)
    for (let n = 0; n < 20; n++) await link()
    expect((await owner.ask('POST', '/api/account/walls', { label: 'x' })).json).toMatchObject({ error: 'FULL' })
  })
})

describe('a stream that is open', () => {
  test('ends when the screen is taken down, the session is ended, the account is disabled or the token is revoked', async () => {
    const wall = await hang()
    const ofWall = await follow(`siaga=${wall.cookies.get('siaga')}`)
    const ofSession = await follow(`siaga=${owner.cookies.get('siaga')}`)
    const other = await stack.user('eko', 'daerah')
    const eko = stack.browser()
    await eko.login('eko')
    const ofOther = await follow(`siaga=${eko.cookies.get('siaga')}`)
    const tokens = createTokens(stack.store, () => stack.clock.ms)
    const { id: tokenId, text } = tokens.create(other, { label: 'x', verb: 'read', days: 1 })
    const ofToken = await follow('', { authorization: `Bearer ${text}` })
    await Promise.all([ofWall, ofSession, ofOther, ofToken].map(({ begun }) => begun))

    const [hanging] = stack.book.sessions.list(id, 'wall')
    await owner.ask('DELETE', `/api/account/walls/${hanging?.id}`)
    expect(await ofWall.ended).toBe('200')
    tokens.revoke(tokenId, other)
    expect(await ofToken.ended).toBe('200')
    // As the command line does it, in another process.
    stack.book.manage.disable(other)
    expect(await ofOther.ended).toBe('200')
    const [current] = stack.book.sessions.list(id, 'session')
    stack.book.sessions.end(current?.id ?? '')
    expect(await ofSession.ended).toBe('200')
  })

  test('goes on while its session is in force', async () => {
    const [mine, other] = [await follow(`siaga=${owner.cookies.get('siaga')}`), await hang()]
    await mine.begun
    const ofWall = await follow(`siaga=${other.cookies.get('siaga')}`)
    await ofWall.begun
    const [hanging] = stack.book.sessions.list(id, 'wall')
    stack.book.sessions.end(hanging?.id ?? '')
    await ofWall.ended
    // The same look that ended the other one left this one alone.
    let over = false
    void mine.ended.then(() => {
      over = true
    })
    await new Promise((resolve) => setImmediate(resolve))
    expect(over).toBe(false)
  })
})
