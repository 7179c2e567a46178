// Is there ever more than one master key, or one that others can read?
import { execFile } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { SiagaError } from '../../runtime/errors.ts'
import {
  adoptMasterKey,
  deriveKey,
  deriveSecret,
  existingMasterKey,
  givenMasterKey,
  keyName,
  loadMasterKey,
  placeMasterKey,
} from '../../runtime/secrets.ts'

let dataDir: string
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'siaga-secrets-'))
})
afterEach(() => rmSync(dataDir, { recursive: true, force: true }))

const code = (run: () => unknown) => {
  try {
    run()
  } catch (error) {
    return error instanceof SiagaError ? error.code : error
  }
  return undefined
}

describe('loadMasterKey', () => {
  test('the key made on first use is the key ever after, readable by its owner alone', () => {
    const key = loadMasterKey(dataDir, {})
    expect(key).toHaveLength(32)
    expect(loadMasterKey(dataDir, {})).toEqual(key)
    expect(statSync(join(dataDir, 'secrets')).mode & 0o777).toBe(0o700)
    expect(statSync(join(dataDir, 'secrets/master.key')).mode & 0o777).toBe(0o600)
  })

  test('processes that start at once agree on one key and leave no drafts', async () => {
    const script = `const { loadMasterKey } = await import(${JSON.stringify(new URL('../../runtime/secrets.ts', import.meta.url).href)})
      while (Date.now() < ${Date.now() + 1_500}) {}
      console.log(loadMasterKey(${JSON.stringify(dataDir)}, {}).toString('hex'))`
    const run = promisify(execFile)
    const keys = await Promise.all(
      Array.from({ length: 4 }, () => run(process.execPath, ['--input-type=module', '-e', script])),
    )
    expect(new Set(keys.map(({ stdout }) => stdout.trim())).size).toBe(1)
    expect(readdirSync(join(dataDir, 'secrets'))).toEqual(['master.key'])
  })

  test.each(['hex', 'base64', 'base64url'] as const)('SIAGA_MASTER_KEY may be %s and leaves no file', (encoding) => {
    const bytes = Buffer.alloc(32, 0xfb)
    expect(loadMasterKey(dataDir, { SIAGA_MASTER_KEY: bytes.toString(encoding) })).toEqual(bytes)
    expect(readdirSync(dataDir)).toEqual([])
  })

  test.each(['short', 'not base64!', Buffer.alloc(31).toString('base64'), 'ab'.repeat(31)])('refuses %j', (text) => {
    expect(code(() => loadMasterKey(dataDir, { SIAGA_MASTER_KEY: text }))).toBe('MASTER_KEY_INVALID')
    mkdirSync(join(dataDir, 'secrets'))
    writeFileSync(join(dataDir, 'secrets/master.key'), text)
    expect(code(() => loadMasterKey(dataDir, {}))).toBe('MASTER_KEY_INVALID')
  })

  test('an error never shows the key', () => {
    const secret = 'c2VjcmV0LWJ1dC10b28tc2hvcnQ='
    try {
      loadMasterKey(dataDir, { SIAGA_MASTER_KEY: secret })
    } catch (error) {
      expect(String(error)).not.toContain(secret)
    }
  })

  test('a data directory that cannot hold it is said to be unwritable', () => {
    const file = join(dataDir, 'file')
    writeFileSync(file, '')
    chmodSync(file, 0o600)
    expect(code(() => loadMasterKey(join(file, 'below'), {}))).toMatch(/DATA_DIR_UNWRITABLE|MASTER_KEY_INVALID/)
  })
})

describe('a data directory that was used with a master key', () => {
  const one = { SIAGA_MASTER_KEY: '07'.repeat(32) }
  const other = { SIAGA_MASTER_KEY: '08'.repeat(32) }
  const thrown = (run: () => unknown): SiagaError => {
    try {
      run()
    } catch (error) {
      if (error instanceof SiagaError) return error
    }
    throw new Error('nothing was thrown')
  }

  test('keeps its name, readable by its owner alone, from which nothing about the key follows', () => {
    adoptMasterKey(dataDir, one)
    expect(readdirSync(dataDir)).toEqual(['master-key.name'])
    const text = readFileSync(join(dataDir, 'master-key.name'), 'utf8')
    expect(text).toBe(`${keyName(Buffer.alloc(32, 7))}\n`)
    expect(statSync(join(dataDir, 'master-key.name')).mode & 0o777).toBe(0o600)
  })

  test('starts with the same key only, wherever that is', () => {
    const key = adoptMasterKey(dataDir, one)
    expect(adoptMasterKey(dataDir, one)).toEqual(key)
    placeMasterKey(dataDir, key)
    expect(adoptMasterKey(dataDir, {})).toEqual(key)
    expect(existingMasterKey(dataDir, {})).toEqual(key)
  })

  test('is refused another key, from the environment or a file, and is told where the right one goes', () => {
    adoptMasterKey(dataDir, one)
    for (const ask of [adoptMasterKey, loadMasterKey, existingMasterKey])
      expect(code(() => ask(dataDir, other))).toBe('MASTER_KEY_OTHER')
    const { message, action } = thrown(() => adoptMasterKey(dataDir, other))
    expect(message).toMatch(/SIAGA_MASTER_KEY_FILE \([\w-]{16}\) is not the one .* was used with \([\w-]{16}\)\.$/)
    expect(action).toContain(join(dataDir, 'secrets/master.key'))
    placeMasterKey(dataDir, Buffer.alloc(32, 8))
    expect(thrown(() => adoptMasterKey(dataDir, {})).message).toContain(join(dataDir, 'secrets/master.key'))
    expect(givenMasterKey(dataDir, {})).toEqual(Buffer.alloc(32, 8))
  })

  test.each(['master-key.name', 'web/accounts.sqlite', 'positions/files.json'])(
    'gets no new key while it holds %s',
    (path) => {
      mkdirSync(join(dataDir, path, '..'), { recursive: true })
      writeFileSync(join(dataDir, path), 'x')
      for (const ask of [adoptMasterKey, loadMasterKey, existingMasterKey])
        expect(code(() => ask(dataDir, {}))).toBe('MASTER_KEY_MISSING')
      expect(existsSync(join(dataDir, 'secrets'))).toBe(false)
      expect(thrown(() => adoptMasterKey(dataDir, {})).action).toContain('SIAGA_MASTER_KEY_FILE')
    },
  )

  test('of a version that kept no name adopts the present key', () => {
    mkdirSync(join(dataDir, 'web'))
    writeFileSync(join(dataDir, 'web/accounts.sqlite'), '')
    const key = adoptMasterKey(dataDir, one)
    expect(code(() => adoptMasterKey(dataDir, other))).toBe('MASTER_KEY_OTHER')
    expect(adoptMasterKey(dataDir, one)).toEqual(key)
  })

  test('where nothing was yet, keys of sources may be: the first start makes the key', () => {
    mkdirSync(join(dataDir, 'secrets'))
    writeFileSync(join(dataDir, 'secrets/keys.json'), '{"version":1,"keys":[]}')
    expect(existingMasterKey(dataDir, {})).toBeUndefined()
    expect(adoptMasterKey(dataDir, {})).toEqual(existingMasterKey(dataDir, {}))
  })

  test('only asking keeps no name', () => {
    expect(existingMasterKey(dataDir, one)).toEqual(loadMasterKey(dataDir, one))
    expect(readdirSync(dataDir)).toEqual([])
  })

  test('of two that come at once with different keys, one is refused', async () => {
    const script = `const { adoptMasterKey } = await import(${JSON.stringify(new URL('../../runtime/secrets.ts', import.meta.url).href)})
      while (Date.now() < ${Date.now() + 1_500}) {}
      try { adoptMasterKey(${JSON.stringify(dataDir)}); console.log('taken') } catch (error) { console.log(error.code) }`
    const run = promisify(execFile)
    const said = await Promise.all(
      [one, other].map((key) =>
        run(process.execPath, ['--input-type=module', '-e', script], { env: { ...process.env, ...key } }),
      ),
    )
    expect(said.map(({ stdout }) => stdout.trim()).sort()).toEqual(['MASTER_KEY_OTHER', 'taken'])
    expect(readdirSync(dataDir)).toEqual(['master-key.name'])
  })
})

describe('deriveSecret', () => {
  const key = Buffer.alloc(32, 7)

  // Known values: a change here would lock every installation out of its own ClickHouse.
  test('stays what it has always been', () => {
    expect(deriveSecret(key, 'clickhouse/siaga_admin')).toBe('FplWb_60y2KgzN0q9qjEXLehA-a84BHall-nOeRCrso')
  })

  test('differs by purpose and by key', () => {
    expect(deriveSecret(key, 'a')).not.toBe(deriveSecret(key, 'b'))
    expect(deriveSecret(Buffer.alloc(32, 8), 'a')).not.toBe(deriveSecret(key, 'a'))
    expect(deriveKey(key, 'a')).toHaveLength(32)
  })
})
