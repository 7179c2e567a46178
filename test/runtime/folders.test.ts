// Are folders made with their parents, and is an impossible one an error rather than an endless loop?
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeFolder } from '../../runtime/folders.ts'

test('missing parents are made, existing folders are left alone', () => {
  const folder = mkdtempSync(join(tmpdir(), 'siaga-folders-'))
  makeFolder(join(folder, 'a', 'b', 'c'), 0o700)
  makeFolder(join(folder, 'a', 'b', 'c'), 0o700)
  expect(statSync(join(folder, 'a', 'b', 'c')).mode & 0o777).toBe(0o700)
  rmSync(folder, { recursive: true })
})

test.skipIf(process.platform !== 'linux')(
  'a folder that the system will never make is an error (/proc exists on Linux only)',
  () => {
    expect(() => makeFolder('/proc/siaga/run')).toThrow('ENOENT')
  },
)

test('a file in the way is an error', () => {
  const folder = mkdtempSync(join(tmpdir(), 'siaga-folders-'))
  writeFileSync(join(folder, 'file'), '')
  expect(() => makeFolder(join(folder, 'file', 'run'))).toThrow('ENOTDIR')
  rmSync(folder, { recursive: true })
})
