// Does the file of accounts live through a version back and forth again?
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createAccounts } from '../../../web/accounts/accounts.ts'
import { accountSteps, openStore, storeFile } from '../../../web/accounts/store.ts'

let dataDir: string
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'siaga-store-'))
})
afterEach(() => rmSync(dataDir, { recursive: true, force: true }))

/** Versions of Siaga by the steps that each of them knows. */
const older = accountSteps.slice(0, -1)
const newer = [...accountSteps, 'ALTER TABLE accounts ADD COLUMN of_a_later_version TEXT']

const versionOf = (): unknown => {
  const db = new DatabaseSync(storeFile(dataDir), { readOnly: true })
  try {
    return db.prepare('PRAGMA user_version').get()?.user_version
  } finally {
    db.close()
  }
}

test('a version that knows fewer steps leaves the number of the file, and the newer one goes on with it', () => {
  for (const [before, after] of [
    [accountSteps, older],
    [newer, accountSteps],
  ] as const) {
    openStore(dataDir, before).close()
    openStore(dataDir, after).close()
    expect(versionOf()).toBe(before.length)
    openStore(dataDir, before).close()
    expect(versionOf()).toBe(before.length)
  }
})

test('an account that was made after going back is there after going forth', () => {
  openStore(dataDir, newer).close()
  const back = openStore(dataDir)
  const login = { login: 'ani', name: 'Ani', role: 'pusat', room: 'pusat', language: 'id' } as const
  createAccounts(back, Date.now).create(login)
  back.close()
  const forth = openStore(dataDir, newer)
  expect(createAccounts(forth, Date.now).list()).toMatchObject([{ login: 'ani' }])
  forth.close()
})

test('steps that are missing are applied', () => {
  openStore(dataDir, older).close()
  expect(versionOf()).toBe(older.length)
  openStore(dataDir).close()
  expect(versionOf()).toBe(accountSteps.length)
})
