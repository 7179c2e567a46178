// A reader that is killed at any moment leaves no gap and repeats nothing; with nobody to look into Kafka it repeats under the same id.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { CertificateLog } from '../../../schemas/watch.ts'
import { type CertificateMaker, certificateMaker } from './ct-certificates.ts'
import { type CtLog, startCtLog } from './ct-log.ts'
import { asRfc, asStatic, filler } from './rig.ts'

let maker: CertificateMaker
let fill: (log: CtLog, count: number) => void
let folder: string
let log: CtLog
let child: ChildProcess | undefined
beforeAll(async () => {
  maker = await certificateMaker()
  fill = await filler(maker)
})
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'siaga-ct-kill-'))
  await writeFile(join(folder, 'kafka'), '')
  log = await startCtLog({ most: 64 })
  log.publish()
})
afterEach(async () => {
  child?.kill('SIGKILL')
  await log.close()
  await rm(folder, { recursive: true, force: true })
})

/** Starts a reader; resolves when it says that it has read so far, or when it is dead. */
function start(settings: CertificateLog, dies: string, env: Record<string, string> = {}) {
  const all = { logs: [settings], every_seconds: 1, timeout_seconds: 10, allow_private: ['127.0.0.1'] }
  const process_ = fork(
    join(import.meta.dirname, 'reader-process.ts'),
    [JSON.stringify(all), join(folder, 'data'), join(folder, 'kafka'), dies],
    { env: { ...process.env, ...env }, execArgv: ['--disable-warning=ExperimentalWarning'], stdio: 'inherit' },
  )
  child = process_
  const dead = once(process_, 'exit')
  return {
    dead,
    kill: () => process_.kill('SIGKILL'),
    read: (size: number) =>
      new Promise<void>((resolve) => {
        process_.on('message', (read) => {
          if (read === size) resolve()
        })
      }),
  }
}

const written = async (): Promise<number[]> =>
  (await readFile(join(folder, 'kafka'), 'utf8'))
    .trimEnd()
    .split('\n')
    .map((id) => Number(id.split('.')[2]))

/** Random numbers that come again with the same seed. */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    return state / 0x7fffffff
  }
}

test.each([
  ['rfc6962', asRfc],
  ['static', asStatic],
] as const)(
  '%s: each certificate once and none left out, killed wherever',
  async (_api, settings) => {
    const next = random(20241127)
    const expected: number[] = []
    const grow = async (): Promise<void> => {
      for (let n = 0; n < 12; n++) {
        fill(log, Math.floor(next() * 60))
        for (let k = 0; k < 2; k++) {
          expected.push(log.tree.leaves.length)
          log.add(await maker.certificate([`cek-dpt-kpu-${expected.length}.com`]))
        }
      }
      log.publish()
    }
    const first = start(settings(log), '')
    await first.read(0)
    first.kill()
    await first.dead
    // Where it hurts: before what is written is there, behind it, and between two halves; and anywhere.
    for (const dies of ['before', 'after', 'half', 'after', 'half', 'any', 'any', 'any', 'any']) {
      await grow()
      const reader = start(settings(log), dies === 'any' ? '' : dies)
      if (dies === 'any') {
        await sleep(400 + next() * 400)
        reader.kill()
      }
      await reader.dead
    }
    const last = start(settings(log), '')
    await last.read(log.tree.leaves.length)
    last.kill()
    await last.dead
    expect(await written()).toEqual(expected)
  },
  120_000,
)

test('without a look into Kafka the same event comes again under the same id, and nothing is left out', async () => {
  const first = start(asRfc(log), '')
  await first.read(0)
  first.kill()
  await first.dead
  log.add(await maker.certificate(['kpu-login.com']))
  log.add(await maker.certificate(['login-kpu.com']))
  log.publish()
  await start(asRfc(log), 'after', { NO_READ_BACK: '1' }).dead
  const last = start(asRfc(log), '', { NO_READ_BACK: '1' })
  await last.read(2)
  last.kill()
  await last.dead
  expect(await written()).toEqual([0, 1, 0, 1])
}, 60_000)
