// Do the commands of docs/rules.md do what it says, on the files that it shows?
import { spawn } from 'node:child_process'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { plainEnvironment, starterFile } from '../cli/run.ts'
import { blocksOf, readDocument } from './markdown.ts'

const blocks = blocksOf(readDocument('docs/rules.md'))
const commands = blocks.filter(({ language, comment }) => language === 'sh' && /^test\b/.test(comment))

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'siaga-docs-rules-'))
  for (const { comment, text } of blocks) {
    const [, path] = /^file (\S+)$/.exec(comment) ?? []
    if (path === undefined) continue
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
  // `npx siaga` finds Siaga in the project's folder; the files of the document are kept out of there.
  await mkdir(join(folder, 'bin'))
  await writeFile(join(folder, 'bin/npx'), `#!/bin/sh\nshift\nexec "${process.execPath}" "${starterFile}" "$@"\n`)
  await chmod(join(folder, 'bin/npx'), 0o755)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

test('there are commands to test', () => {
  expect(commands.length).toBeGreaterThanOrEqual(5)
})

test.each(commands.map((block) => ({ ...block, title: block.text.split('\n')[0] })))(
  'line $line: $title',
  async ({ text, comment }) => {
    const env = plainEnvironment()
    const child = spawn('bash', ['-e', '-o', 'pipefail', '-c', text], {
      cwd: folder,
      env: { ...env, SIAGA_LANG: 'en', PATH: `${join(folder, 'bin')}:${env.PATH}` },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => (output += part.toString()))
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
    const [, ...expected] = comment.split('\n')
    expect({ code, missing: expected.filter((line) => !output.includes(line)), output }).toEqual({
      code: 0,
      missing: [],
      output,
    })
  },
)
