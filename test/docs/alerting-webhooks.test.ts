import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { NotificationReason } from '../../schemas/alert.ts'
import { WebhookInside, WebhookOutside } from '../../schemas/webhook.ts'
import { closeAll } from '../runtime/guard/serve.ts'
import { NOW, receiver, SECRET, sendBy } from '../sinks/alerts/channels/outgoing.ts'
import { blocksOf, readDocument } from './markdown.ts'

const page = readDocument('docs/alerting-webhooks.md')
const blocks = blocksOf(page)
const blockOf = (language: string, comment = '') => {
  const found = blocks.filter((block) => block.language === language && block.comment === comment)
  expect(found).toHaveLength(1)
  return found[0]?.text ?? ''
}

describe('the examples', () => {
  test('are bodies as the schema has them, with every field', () => {
    expect(WebhookInside.strict().parse(JSON.parse(blockOf('json', 'inside')))).toEqual(
      JSON.parse(blockOf('json', 'inside')),
    )
    expect(WebhookOutside.strict().parse(JSON.parse(blockOf('json', 'outside')))).toEqual(
      JSON.parse(blockOf('json', 'outside')),
    )
  })

  test('every reason is explained', () => {
    for (const reason of NotificationReason.options) expect(page).toContain(`\`${reason}\``)
  })
})

interface Case {
  readonly name: string
  readonly headers: Record<string, string>
  readonly body: string
  readonly secret: string
  /** Milliseconds since 1970 UTC. */
  readonly now: number
  readonly expected: boolean
}

/** Requests as Siaga sends them, and what others may make of them. */
const cases: Case[] = []
let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'siaga-snippets-'))
  const server = await receiver()
  await sendBy('webhook', { url: server.origin, secret: { env: 'SECRET' } })
  const [one] = server.received
  const headers = Object.fromEntries(Object.entries(one?.headers ?? {}).map(([name, value]) => [name, String(value)]))
  const signature = headers['x-siaga-signature'] ?? ''
  const good = { headers, body: one?.body ?? '', secret: SECRET, now: NOW + 1000 }
  const signed = (text: string) => ({ ...good, headers: { ...headers, 'x-siaga-signature': text } })
  const stamped = (text: string) => ({ ...good, headers: { ...headers, 'x-siaga-timestamp': text } })
  cases.push(
    { name: 'as it came', ...good, expected: true },
    { name: 'four minutes late', ...good, now: NOW + 240_000, expected: true },
    { name: 'one of two signatures', ...signed(`v1=${'0'.repeat(64)}, ${signature}`), expected: true },
    { name: 'six minutes late', ...good, now: NOW + 360_000, expected: false },
    { name: 'six minutes early', ...good, now: NOW - 360_000, expected: false },
    { name: 'another secret', ...good, secret: 'lain', expected: false },
    { name: 'another body', ...good, body: good.body.replace('critical', 'low'), expected: false },
    { name: 'written anew', ...good, body: JSON.stringify(JSON.parse(good.body), null, 1), expected: false },
    { name: 'another time', ...stamped(String(NOW / 1000 + 1)), expected: false },
    { name: 'no time', ...stamped(''), expected: false },
    { name: 'a time that is none', ...stamped('Infinity'), expected: false },
    { name: 'no signature', ...signed(''), expected: false },
    { name: 'half a signature', ...signed(signature.slice(0, 40)), expected: false },
    { name: 'no version', ...signed(signature.slice(3)), expected: false },
    { name: 'no headers', ...good, headers: {}, expected: false },
  )
  expect(headers['x-siaga-timestamp']).toBe(String(NOW / 1000))
})
afterAll(async () => {
  await closeAll()
  await rm(folder, { recursive: true, force: true })
})

const Answers = z.record(z.string(), z.boolean())
const expected = () => Object.fromEntries(cases.map((one) => [one.name, one.expected]))

test('the snippet for Node tells what is from Siaga', async () => {
  await writeFile(join(folder, 'snippet.mjs'), blockOf('js'))
  const driver = `import { isFromSiaga } from ${JSON.stringify(pathToFileURL(join(folder, 'snippet.mjs')).href)}
const cases = JSON.parse(process.argv[1])
console.log(JSON.stringify(Object.fromEntries(cases.map(({ name, headers, body, secret, now }) => [name, isFromSiaga(headers, Buffer.from(body), secret, now)]))))`
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', driver, JSON.stringify(cases)])
  expect(Answers.parse(JSON.parse(output.toString()))).toEqual(expected())
})

const python = spawnSync('python3', ['--version']).status === 0

test.skipIf(!python)('the snippet for Python tells what is from Siaga', () => {
  const driver = `${blockOf('python')}

import json
import sys

cases = json.load(sys.stdin)
print(json.dumps({one["name"]: is_from_siaga(one["headers"], one["body"].encode(), one["secret"], one["now"] / 1000) for one in cases}))`
  const output = execFileSync('python3', ['-c', driver], { input: JSON.stringify(cases) })
  expect(Answers.parse(JSON.parse(output.toString()))).toEqual(expected())
})
