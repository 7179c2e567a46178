import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startPage } from '../../../cli/start/page.ts'
import { createClickHouse } from '../../../runtime/clickhouse.ts'
import { loadConfig } from '../../../runtime/config.ts'
import { silentLog } from '../../../runtime/log.ts'
import { loadReference } from '../../../runtime/reference.ts'
import { createAccounts } from '../../../web/accounts/accounts.ts'
import { keepEntry } from '../../../web/accounts/outbox.ts'
import { openStore } from '../../../web/accounts/store.ts'
import { createWebServer } from '../../../web/server.ts'

const PASSWORD = 'kuda baterai stapler benar'
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'siaga-page-'))
  writeFileSync(
    join(folder, 'siaga.yaml'),
    `data_dir: data
http: {public_url: "https://siaga.example"}
web: {oidc: {issuer: "https://sso.example", client_id: siaga, client_secret: {env: SIAGA_OIDC}}}
`,
  )
})
afterEach(() => rmSync(folder, { recursive: true }))

/** The page as `siaga start` brings it up, without what stands around it; the store is asked nothing here. */
async function start(env: NodeJS.ProcessEnv = { SIAGA_OIDC: 'rahasia' }) {
  const { config, baseDir } = loadConfig({ env, cwd: folder })
  const app = createWebServer({
    http: config.http,
    notReady: async () => [],
    metrics: async () => '',
    metricsContentType: 'text/plain',
    status: async () => ({}),
  })
  const clickhouse = createClickHouse({ url: 'http://127.0.0.1:1', username: '', password: '' })
  const entries: string[] = []
  const audit = Object.assign((entry: { action: string }) => void entries.push(entry.action), { stop: async () => {} })
  const page = await startPage(app, {
    config,
    baseDir,
    env,
    masterKey: Buffer.alloc(32, 1),
    clickhouse,
    reference: loadReference({ calendars: [] }, '.'),
    log: silentLog,
    audit,
    register: () => undefined,
  })
  return {
    app,
    entries,
    firstLink: page.firstLink ?? '',
    async stop() {
      await app.close()
      await page.stop()
      await clickhouse.close()
    },
  }
}

test('the first administrator comes in by the printed link, once; sessions and screens outlive a restart', async () => {
  const unused = await start()
  await unused.stop()
  const first = await start()
  const old = await first.app.inject({
    method: 'POST',
    url: `/api${unused.firstLink.replace('link', 'links')}`,
    payload: { password: PASSWORD },
  })
  expect(old.statusCode).toBe(410)
  const chosen = await first.app.inject({
    method: 'POST',
    url: `/api${first.firstLink.replace('link', 'links')}`,
    payload: { password: PASSWORD },
  })
  expect(chosen.statusCode).toBe(200)
  expect(chosen.cookies.map(({ name, secure }) => [name, secure])).toEqual([
    ['__Host-siaga', true],
    ['__Host-siaga-device', true],
  ])
  const cookie = `__Host-siaga=${chosen.cookies[0]?.value}`
  const { csrf } = (await first.app.inject({ url: '/api/session', headers: { cookie } })).json().session
  const link = await first.app.inject({
    method: 'POST',
    url: '/api/account/walls',
    headers: { cookie, 'x-siaga-csrf': csrf },
    payload: { label: 'Ruang piket' },
  })
  const wall = await first.app.inject({
    method: 'POST',
    url: '/api/walls/open',
    payload: { token: link.json().path.replace('/dinding/', '') },
  })
  const screen = `__Host-siaga=${wall.cookies[0]?.value}`
  await first.stop()

  const second = await start()
  expect(second.firstLink).toBe('')
  const kindOf = async (cookie: string) =>
    (await second.app.inject({ url: '/api/session', headers: { cookie } })).json().session?.kind
  expect(await kindOf(cookie)).toBe('session')
  expect(await kindOf(screen)).toBe('wall')
  expect((await second.app.inject({ url: '/api/login' })).json()).toEqual({ oidc: 'sso.example' })
  await second.stop()
})

test('what the command line did is written down by the server that runs', async () => {
  const page = await start()
  const store = openStore(join(folder, 'data'))
  keepEntry(store, { action: 'link_created', outcome: 'success', message: 'link for admin' })
  await expect.poll(() => page.entries, { timeout: 20_000 }).toEqual(['link_created'])
  expect(createAccounts(store, Date.now).list()).toHaveLength(1)
  store.close()
  await page.stop()
})

test('a provider whose secret is nowhere is refused at start', async () => {
  await expect(start({})).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
})
