// Are the address databases made once, by another process, and is it said when they cannot be?
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { prepareAddresses } from '../../../cli/worker/addresses.ts'
import { isEnrichPrepared } from '../../../processors/enrich/index.ts'

function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'siaga-addresses-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

test('they are made in a folder that has none, and left alone where they are', async () => {
  const folder = join(emptyFolder(), 'cache')
  expect(isEnrichPrepared(folder)).toBe(false)
  await prepareAddresses(folder)
  expect(isEnrichPrepared(folder)).toBe(true)
  const [file = ''] = readdirSync(folder)
  const made = statSync(join(folder, file)).mtimeMs
  await prepareAddresses(folder)
  expect(readdirSync(folder)).toEqual([file])
  expect(statSync(join(folder, file)).mtimeMs).toBe(made)
})

test('a folder that cannot be written is told', async () => {
  // A file in its place: root may write into any folder.
  const file = join(emptyFolder(), 'cache')
  writeFileSync(file, '')
  await expect(prepareAddresses(file)).rejects.toThrow(/ENOTDIR|EEXIST/)
})

test('a start that is given up does not wait for them', async () => {
  const given = new AbortController()
  const preparing = prepareAddresses(join(emptyFolder(), 'cache'), given.signal)
  given.abort()
  await expect(preparing).rejects.toThrow(/abort/i)
})
