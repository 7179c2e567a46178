// API keys: only hashes on disk, changes seen by a running server, safe among processes.
import { execFile } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, readFile, rename, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createKey, demoKey, listKeys, openKeyRing, revokeKey } from '../../runtime/keys.ts'

let dataDir = ''
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'siaga-keys-'))
})
afterEach(() => rm(dataDir, { recursive: true, force: true }))

async function until(check: () => boolean): Promise<void> {
  const end = Date.now() + 20_000
  while (!check() && Date.now() < end) await sleep(5)
  expect(check()).toBe(true)
}

describe('keys', () => {
  it('verifies its own keys, many per source, and nothing else', async () => {
    const one = await createKey(dataDir, 'kpu-web', 'server 1')
    const two = await createKey(dataDir, 'kpu-web', 'server 2')
    const ring = await openKeyRing(dataDir)
    expect(one.text).toMatch(/^siaga_[0-9a-z]{10}_[\w-]{43}$/)
    expect(ring.verify(one.text)).toMatchObject({ source: 'kpu-web', label: 'server 1', id: one.key.id })
    expect(ring.verify(two.text)?.label).toBe('server 2')
    const end = one.text.at(-2) === 'A' ? 'BA' : 'AA'
    for (const wrong of [
      '',
      'siaga',
      `${one.text}x`,
      one.text.slice(0, -2) + end,
      one.text.replace(one.key.id, two.key.id),
    ]) {
      expect(ring.verify(wrong)).toBeUndefined()
    }
    ring.stop()
  })

  it('keeps no secret on disk, in files for the owner only', async () => {
    const { text } = await createKey(dataDir, 'a', 'b')
    const place = join(dataDir, 'secrets', 'keys.json')
    expect(await readFile(place, 'utf8')).not.toContain(text.slice(-43))
    expect((await stat(place)).mode & 0o777).toBe(0o600)
    expect((await stat(join(dataDir, 'secrets'))).mode & 0o777).toBe(0o700)
    expect((await listKeys(dataDir))[0]?.tail).toBe(text.slice(-4))
  })

  it('a running server sees a key made or revoked elsewhere', async () => {
    const ring = await openKeyRing(dataDir, { pollMs: 20 })
    const { key, text } = await createKey(dataDir, 'a', '')
    await until(() => ring.verify(text) !== undefined)
    const revoked = await revokeKey(dataDir, key.id, new Date('2024-11-27T00:00:00Z'))
    expect(revoked?.revoked).toBe('2024-11-27T00:00:00.000Z')
    await until(() => ring.verify(text) === undefined)
    expect((await revokeKey(dataDir, key.id))?.revoked).toBe('2024-11-27T00:00:00.000Z')
    expect(await revokeKey(dataDir, 'nosuchkey0')).toBeUndefined()
    ring.stop()
  })

  it('a server follows a Secret that a cluster has mounted: links to a folder that is changed for another', async () => {
    const pod = join(dataDir, 'pod')
    const secrets = join(pod, 'secrets')
    const publish = async (version: string): Promise<void> => {
      await mkdir(join(secrets, version), { recursive: true })
      await copyFile(join(dataDir, 'secrets', 'keys.json'), join(secrets, version, 'keys.json'))
      await symlink(version, join(secrets, '..data_tmp'))
      await rename(join(secrets, '..data_tmp'), join(secrets, '..data'))
    }
    const before = await createKey(dataDir, 'a', '')
    await publish('..1')
    await symlink(join('..data', 'keys.json'), join(secrets, 'keys.json'))
    const ring = await openKeyRing(pod, { pollMs: 20 })
    expect(ring.verify(before.text)).toBeDefined()
    await revokeKey(dataDir, before.key.id)
    const after = await createKey(dataDir, 'a', '')
    await publish('..2')
    await until(() => ring.verify(after.text) !== undefined)
    expect(ring.verify(before.text)).toBeUndefined()
    ring.stop()
  })

  it('a damaged file leaves the keys read before in force, and is reported', async () => {
    const { text } = await createKey(dataDir, 'a', '')
    const problems: unknown[] = []
    const ring = await openKeyRing(dataDir, { pollMs: 20, onProblem: (error) => problems.push(error) })
    await writeFile(join(dataDir, 'secrets', 'keys.json'), '{"version":1,')
    await until(() => problems.length > 0)
    expect(ring.verify(text)).toBeDefined()
    await expect(listKeys(dataDir)).rejects.toMatchObject({ code: 'KEYS_INVALID' })
    ring.stop()
  })

  it('loses no key when several processes make them at once', async () => {
    const script = `import { createKey } from ${JSON.stringify(join(import.meta.dirname, '../../runtime/keys.ts'))}
      for (let i = 0; i < 10; i++) await createKey(${JSON.stringify(dataDir)}, 's', String(i))`
    const run = promisify(execFile)
    await Promise.all([1, 2, 3].map(() => run(process.execPath, ['--input-type=module', '-e', script])))
    const keys = await listKeys(dataDir)
    expect(keys).toHaveLength(30)
    expect(new Set(keys.map(({ id }) => id)).size).toBe(30)
  })

  it('passes over a lock that a dead process left', async () => {
    await createKey(dataDir, 'a', '')
    const lock = join(dataDir, 'secrets', 'keys.json.lock')
    await writeFile(lock, '')
    await utimes(lock, new Date(0), new Date(0))
    await createKey(dataDir, 'b', '')
    expect(await listKeys(dataDir)).toHaveLength(2)
  })
})

describe('the demo key', () => {
  it('is made once and printed at each start', async () => {
    const text = await demoKey(dataDir)
    expect(await demoKey(dataDir)).toBe(text)
    const keys = await listKeys(dataDir)
    expect(keys).toHaveLength(1)
    expect(keys[0]?.source).toBe('demo')
    expect((await stat(join(dataDir, 'secrets', 'demo.key'))).mode & 0o777).toBe(0o600)
  })
  it('stays revoked', async () => {
    await demoKey(dataDir)
    const [key] = await listKeys(dataDir)
    await revokeKey(dataDir, key?.id ?? '')
    expect(await demoKey(dataDir)).toBeUndefined()
  })
  it('is made anew when its file is gone', async () => {
    const before = await demoKey(dataDir)
    await rm(join(dataDir, 'secrets', 'demo.key'))
    expect(await demoKey(dataDir)).not.toBe(before)
  })
})
