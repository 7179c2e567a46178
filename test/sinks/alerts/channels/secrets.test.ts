import { execFileSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SiagaError } from '../../../../runtime/errors.ts'
import { Channel } from '../../../../schemas/alerting.ts'
import { inspectSecrets, readCa, redact, secretReader } from '../../../../sinks/alerts/channels/secrets.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'siaga-secrets-'))
  const write = (name: string, text: string | Buffer) => writeFile(join(folder, name), text, { mode: 0o600 })
  await write('token', '\n rahasia-dalam-berkas \r\n')
  await write('open', 'rahasia-terbuka')
  await chmod(join(folder, 'open'), 0o644)
  await write('empty', ' \n')
  await write('largest', 'x'.repeat(64 * 1024))
  await write('larger', 'x'.repeat(64 * 1024 + 1))
  await symlink('token', join(folder, 'link'))
  await mkdir(join(folder, 'folder'))
  execFileSync('sh', ['-c', 'mkfifo "$0"', join(folder, 'pipe')])
})
afterAll(() => rm(folder, { recursive: true, force: true }))

function problem(read: () => unknown): string {
  try {
    read()
  } catch (error) {
    if (error instanceof SiagaError && error.code === 'CONFIG_INVALID') return error.message
    throw error
  }
  throw new Error('nothing was wrong')
}

describe('a secret', () => {
  const reader = () => secretReader({ NAME: ' dari-lingkungan ', BLANK: '  ' }, folder)

  test('comes from the environment or a file, without the space around it', () => {
    expect(reader()({ env: 'NAME' })).toBe('dari-lingkungan')
    expect(reader()({ file: 'token' })).toBe('rahasia-dalam-berkas')
    expect(reader()({ file: join(folder, 'token') })).toBe('rahasia-dalam-berkas')
    expect(reader()({ file: 'link' })).toBe('rahasia-dalam-berkas')
    expect(reader()({ file: 'largest' })).toHaveLength(64 * 1024)
  })

  test.each([
    [{ env: 'OTHER' }, 'the environment variable OTHER is not set'],
    [{ env: 'BLANK' }, 'the environment variable BLANK is not set'],
    [{ file: 'missing' }, 'cannot be read (ENOENT)'],
    [{ file: 'empty' }, 'empty is empty'],
    [{ file: 'larger' }, 'larger than 64 KB'],
    [{ file: 'folder' }, 'no file'],
    [{ file: 'pipe' }, 'no file'],
  ])('that is missing is named with its setting: %j', (secret, message) => {
    expect(problem(() => reader()(secret, 'alerts.channels.chat.token'))).toMatch(/^alerts\.channels\.chat\.token: /)
    expect(problem(() => reader()(secret))).toContain(message)
  })

  test('is read anew for each use', async () => {
    const read = reader()
    await writeFile(join(folder, 'changing'), 'satu')
    expect(read({ file: 'changing' })).toBe('satu')
    await writeFile(join(folder, 'changing'), 'dua')
    expect(read({ file: 'changing' })).toBe('dua')
  })
})

test('siaga check learns what is missing and what everyone may read, and never a secret', async () => {
  const channels = [
    { id: 'bagus', kind: 'telegram', token: { file: 'token' } },
    { id: 'terbuka', kind: 'webhook', url: 'https://a.example', secret: { file: 'open' }, token: { env: 'NOT_THERE' } },
    {
      id: 'surel',
      kind: 'email',
      host: 'mail.example',
      from: 'a@b.example',
      password: { file: 'missing' },
      ca: 'missing.pem',
    },
    { id: 'piket', kind: 'webhook', url: 'https://events.pagerduty.com/v2/enqueue', preset: 'pagerduty' },
    { id: 'berkas', kind: 'file', path: 'alerts.ndjson' },
  ].map((one) => Channel.parse(one))
  const problems = inspectSecrets(channels, {}, folder)
  expect(problems.map(({ setting, kind }) => `${kind} ${setting}`)).toEqual([
    'missing alerts.channels.terbuka.token',
    'open alerts.channels.terbuka.secret',
    'missing alerts.channels.surel.password',
    'missing alerts.channels.surel.ca',
    'missing alerts.channels.piket.token',
  ])
  for (const { setting, message } of problems) expect(message.startsWith(`${setting}: `)).toBe(true)
  expect(JSON.stringify(problems)).not.toMatch(/rahasia/)
})

test('what is no certificate is no `ca`', () => {
  expect(problem(() => readCa('token', folder))).toBe('ca: token holds no certificate (PEM)')
})

describe('redaction', () => {
  test('takes a secret out in every form, and leaves the rest', () => {
    const secret = 'a+b/c="d"&<é>'
    const forms = [
      secret,
      encodeURIComponent(secret),
      JSON.stringify(secret).slice(1, -1),
      Buffer.from(secret).toString('base64'),
      Buffer.from(secret).toString('base64url'),
      'a+b/c=&quot;d&quot;&amp;&lt;é&gt;',
    ]
    for (const form of forms) expect(redact(`sebelum ${form} sesudah`, [secret])).toBe('sebelum [redacted] sesudah')
  })

  test('takes the longer of two that overlap, and no empty one', () => {
    expect(redact('x rahasia-panjang x', ['rahasia', '', 'rahasia-panjang'])).toBe('x [redacted] x')
    expect(redact('tetap', [''])).toBe('tetap')
  })
})
