import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Browser, field, PASSWORD, type Stack, startStack } from './stack.ts'

let stack: Stack
let admin: Browser
let adminId: string
beforeEach(async () => {
  stack = await startStack()
  adminId = await stack.user('admin', 'admin')
  admin = stack.browser()
  await admin.login('admin')
})
afterEach(() => stack.stop())

const create = (fields: object = {}) =>
  admin.ask('POST', '/api/users', {
    login: 'ani',
    name: 'Ani',
    role: 'daerah',
    room: 'jabar',
    language: 'id',
    ...fields,
  })

describe('an account', () => {
  test('is made with a link, with which its person chooses a password and is in', async () => {
    const made = await create()
    expect(made.status).toBe(200)
    expect(made.json).toMatchObject({ user: { login: 'ani', password: false, disabled: false } })
    const ani = stack.browser()
    const token = field(made.json, 'path').replace('/link/', '')
    expect((await ani.ask('GET', `/api/links/${token}`)).json).toEqual({ login: 'ani', name: 'Ani' })
    expect((await ani.ask('POST', `/api/links/${token}`, { password: PASSWORD })).status).toBe(200)
    expect((await ani.ask('GET', '/api/session')).json).toMatchObject({
      session: { account: { role: 'daerah' }, room: { region: '32' } },
    })
    expect(stack.entries.map(({ action, user }) => `${action} ${user}`)).toEqual(
      expect.arrayContaining(['account_created admin', 'password_changed ani', 'login ani']),
    )
  })

  test('has a name that nobody has, a room that is there and fits the role, and no more fields than there are', async () => {
    await create()
    expect((await create()).json).toMatchObject({ error: 'TAKEN' })
    expect((await create({ login: 'Ani ' })).json).toMatchObject({ error: 'TAKEN' })
    expect((await create({ login: 'b1', room: 'tidak-ada' })).status).toBe(404)
    for (const wrong of [
      { role: 'admin', room: 'jabar' },
      { role: 'pusat', room: 'bali' },
      { role: 'daerah', room: 'pusat' },
    ])
      expect((await create({ login: 'b2', ...wrong })).json).toMatchObject({ error: 'ROLE_OF_ANOTHER_ROOM' })
    expect((await create({ login: 'b3', password: PASSWORD })).status).toBe(400)
    expect((await create({ login: 'b4', name: "Robert'); DROP TABLE accounts;--" })).status).toBe(200)
    expect(stack.book.accounts.list().map(({ login }) => login)).toEqual(['admin', 'ani', 'b4'])
  })

  test('whose role or room changes is out at once: sessions, screens, tokens, and its next log-in is under the new one', async () => {
    const id = await stack.user('citra', 'daerah')
    const citra = stack.browser()
    await citra.login('citra')
    const { text } = stack.book.tokens.create(id, { label: 'x', verb: 'write', days: 9 })
    const { token } = stack.book.walls.link(id, 'layar')
    const wall = stack.browser()
    await wall.ask('POST', '/api/walls/open', { token })
    const waiting = stack.book.walls.link(id, 'lain')
    expect((await admin.ask('PATCH', `/api/users/${id}`, { role: 'petugas', room: 'bali' })).status).toBe(200)
    expect((await citra.ask('GET', '/api/account')).status).toBe(401)
    expect((await wall.ask('GET', '/api/session')).json).toEqual({ session: null })
    expect(stack.book.tokens.find(text)).toBeUndefined()
    expect((await wall.ask('POST', '/api/walls/open', { token: waiting.token })).status).toBe(410)
    await citra.login('citra')
    expect((await citra.ask('GET', '/api/session')).json).toMatchObject({
      session: { areas: { reports: 'write' }, room: { id: 'bali' } },
    })
  })

  test('whose name alone changes stays in', async () => {
    const id = await stack.user('citra', 'daerah')
    const citra = stack.browser()
    await citra.login('citra')
    await admin.ask('PATCH', `/api/users/${id}`, { name: 'Citra Kirana' })
    expect((await citra.ask('GET', '/api/account')).json).toMatchObject({ account: { name: 'Citra Kirana' } })
    expect(stack.entries.at(-1)).toMatchObject({
      action: 'account_changed',
      user: 'admin',
      message: expect.stringContaining('Citra Kirana'),
    })
  })

  test('that is disabled is out at once and cannot come back, until it is enabled', async () => {
    const id = await stack.user('citra', 'daerah')
    const citra = stack.browser()
    await citra.login('citra')
    expect((await admin.ask('POST', `/api/users/${id}/disable`, {})).status).toBe(200)
    expect((await citra.ask('GET', '/api/account')).status).toBe(401)
    expect((await citra.login('citra')).status).toBe(401)
    expect((await admin.ask('POST', `/api/users/${id}/link`, {})).status).toBe(400)
    await admin.ask('POST', `/api/users/${id}/enable`, {})
    expect((await citra.login('citra')).status).toBe(200)
  })

  test('gets a new link, all sessions ended and the second factor reset by an administrator, which is written down', async () => {
    const id = await stack.user('citra', 'daerah')
    const citra = stack.browser()
    await citra.login('citra')
    stack.book.factors.begin({ id, login: 'citra' })
    stack.store.run('UPDATE accounts SET totp = totp_waiting WHERE id = ?', id)
    expect((await admin.ask('POST', `/api/users/${id}/reset-second-factor`, {})).status).toBe(200)
    expect(stack.book.accounts.byId(id)?.totp).toBeNull()
    expect((await admin.ask('POST', `/api/users/${id}/end-sessions`, {})).status).toBe(200)
    expect((await citra.ask('GET', '/api/account')).status).toBe(401)
    expect(field((await admin.ask('POST', `/api/users/${id}/link`, {})).json, 'path')).toMatch(/^\/link\/[\w-]{43}$/)
    expect(stack.entries.slice(-3).map(({ action }) => action)).toEqual([
      'second_factor_off',
      'session_revoked',
      'link_created',
    ])
  })

  test('that is not there is not there', async () => {
    for (const path of ['disable', 'enable', 'link', 'end-sessions', 'reset-second-factor'])
      expect((await admin.ask('POST', `/api/users/x/${path}`, {})).status, path).toBe(404)
    expect((await admin.ask('PATCH', '/api/users/x', { name: 'Y' })).status).toBe(404)
  })
})

describe('the last administrator', () => {
  const ways = (id: string) => [
    admin.ask('POST', `/api/users/${id}/disable`, {}),
    admin.ask('PATCH', `/api/users/${id}`, { role: 'pusat' }),
  ]
  test('stays, also beside one who never chose a password or is disabled', async () => {
    await create({ login: 'admin2', role: 'admin', room: 'pusat' })
    const third = await stack.user('admin3', 'admin')
    stack.book.manage.disable(third)
    for (const answer of await Promise.all(ways(adminId))) expect(answer.json).toMatchObject({ error: 'LAST_ADMIN' })
    expect((await admin.ask('GET', '/api/users')).status).toBe(200)
  })

  test('may go when there is another; of two who go at once, one stays', async () => {
    const second = await stack.user('admin2', 'admin')
    const other = stack.browser()
    await other.login('admin2')
    const [a, b] = await Promise.all([
      admin.ask('POST', `/api/users/${second}/disable`, {}),
      other.ask('POST', `/api/users/${adminId}/disable`, {}),
    ])
    expect([a.status, b.status].filter((status) => status === 200)).toHaveLength(1)
    expect(stack.book.accounts.list().filter(({ disabled_at }) => disabled_at === null)).toHaveLength(1)
  })
})
