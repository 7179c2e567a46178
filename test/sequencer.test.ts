// Are the files that run first still there? One that was renamed would go back to its place by size, without a word.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { longFiles } from './sequencer.ts'

test('every file that is to run early is there, and named once', () => {
  expect(longFiles.filter((name) => !existsSync(join(import.meta.dirname, `${name}.test.ts`)))).toEqual([])
  expect(new Set(longFiles).size).toBe(longFiles.length)
})
