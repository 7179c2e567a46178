import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { loadMasterKey } from '../../runtime/secrets.ts'
import type { WebAuditEntry } from '../../schemas/account.ts'
import { type Accounts, createAccounts } from '../../web/accounts/accounts.ts'
import { sendKept } from '../../web/accounts/outbox.ts'
import { createSessions, type Sessions } from '../../web/accounts/sessions.ts'
import { openStore, type Store } from '../../web/accounts/store.ts'
import { siaga, siagaMany } from './run.ts'

let folder: string
let store: Store
let accounts: Accounts
let sessions: Sessions
let adminId: string
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'siaga-cli-accounts-'))
  writeFileSync(
    join(folder, 'siaga.yaml'),
    'data_dir: data\nhttp:\n  public_url: https://siaga.example\nrooms:\n  - {id: ruang-jabar, name: Ruang Jabar, region: "32"}\n',
  )
  loadMasterKey(join(folder, 'data'), {})
  // As a running server has it open.
  store = openStore(join(folder, 'data'))
  accounts = createAccounts(store, Date.now)
  sessions = createSessions(store, Date.now)
  adminId = accounts.create({ login: 'admin', name: 'Admin', role: 'admin', room: 'pusat', language: 'id' }).id
  await accounts.setPassword(adminId, 'kuda baterai stapler benar')
})
afterEach(() => {
  store.close()
  rmSync(folder, { recursive: true })
})

describe('siaga accounts', () => {
  test('makes, lists and disables accounts beside a running server, and says what is wrong', async () => {
    const [made, again, role, room, list, disabled, gone, last, unknown, after] = await siagaMany(
      [
        ['accounts', 'create', 'Ani', '--name', 'Ani \u001b[1m', '--room', 'ruang-jabar'],
        ['accounts', 'create', 'ani', '--name', 'Ani Wijaya', '--room', 'ruang-jabar'],
        ['accounts', 'create', 'budi', '--role', 'pusat', '--room', 'ruang-jabar'],
        ['accounts', 'create', 'budi', '--room', 'ruang-jabr'],
        ['accounts', 'list', '--lang', 'en'],
        ['accounts', 'disable', 'ani'],
        ['accounts', 'create', 'ani', '--room', 'ruang-jabar'],
        ['accounts', 'disable', 'admin'],
        ['accounts', 'link', 'admn'],
        ['accounts', 'list', '--json'],
      ],
      { cwd: folder },
    )
    expect(made).toMatchObject({ code: 2, stderr: expect.stringContaining('name') })
    expect(again).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^https:\/\/siaga\.example\/link\/[\w-]{43}\n$/),
    })
    expect(role).toMatchObject({ code: 1, stderr: expect.stringContaining('not for the room ruang-jabar') })
    expect(room).toMatchObject({ code: 1, stderr: expect.stringContaining('Did you mean `ruang-jabar`?') })
    expect(list?.stdout).toMatch(/^ani +Ani Wijaya +daerah +ruang-jabar +no +no password yet$/m)
    expect(disabled).toMatchObject({ code: 0, stdout: 'Disabled ani.\n' })
    expect(gone).toMatchObject({ code: 1, stderr: expect.stringContaining('ani is there already') })
    expect(last).toMatchObject({ code: 1, stderr: expect.stringContaining('last administrator') })
    expect(unknown).toMatchObject({ code: 1, stderr: expect.stringContaining('Did you mean `admin`?') })
    expect(JSON.parse(after?.stdout ?? '')).toMatchObject([{ login: 'admin' }, { login: 'ani', disabled: true }])
    expect(after?.stdout).not.toContain('argon2')
  })

  test('lets a lost administrator in again: the link is good, and the server writes down who made it', async () => {
    const { token } = sessions.begin(adminId, 'session', { address: '', agent: '' })
    store.run('UPDATE accounts SET totp = ? WHERE id = ?', 'x', adminId)
    const { code, stdout, stderr } = await siaga(['accounts', 'link', 'admin', '--reset-second-factor'], {
      cwd: folder,
    })
    expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining('three days') })
    const link = stdout.trim().split('/').at(-1) ?? ''
    expect(accounts.ofLink(link)).toMatchObject({ login: 'admin', totp: null })
    // A link alone takes nothing from whoever is in.
    expect(sessions.find(token)).toBeDefined()
    const entries: WebAuditEntry[] = []
    sendKept(store, (entry) => entries.push(entry))
    sendKept(store, (entry) => entries.push(entry))
    expect(entries.map(({ action }) => action)).toEqual(['second_factor_off', 'link_created'])
    expect(entries[0]?.user).toMatch(/ \(siaga accounts\)$/)
    expect(JSON.stringify(entries)).not.toContain(link)
  })

  test('makes nothing in a folder where Siaga was never started', async () => {
    const elsewhere = mkdtempSync(join(tmpdir(), 'siaga-cli-elsewhere-'))
    const { code, stderr } = await siaga(['accounts', 'list'], { cwd: elsewhere })
    expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining('has not been started') })
    expect(existsSync(join(elsewhere, '.siaga'))).toBe(false)
    rmSync(elsewhere, { recursive: true })
  })
})
