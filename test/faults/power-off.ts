// What is left of a single server when its machine loses power? Its disk as it was written: pages that the kernel still held are gone.
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, open, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { expect } from 'vitest'
import { ATTACK_RULE } from '../attack-rule.ts'
import { accessLine } from '../containers/pusher.ts'
import { descendants } from '../e2e/processes.ts'
import { type Home, makeHome, report, type Siaga, spawnStart, startSiaga } from '../e2e/siaga.ts'
import { comparedRollups, differenceOf } from './exactly-once.ts'

const run = promisify(execFile)
const DISK_BYTES = 8 * 1024 ** 3

export interface LosableDisk {
  /** Where it is mounted. */
  readonly folder: string
  /** As after a power cut and a boot: mounted in the same place, with what was on the disk at this moment. Nobody may write to it any more. */
  cutPower(): Promise<void>
  remove(): Promise<void>
}

/** An ext4 of its own, in a file of this machine; or why there can be none. */
export async function losableDisk(): Promise<LosableDisk | { readonly missing: string }> {
  const place = await mkdtemp(join(tmpdir(), 'siaga-disk-'))
  const [image, left, folder] = [join(place, 'disk.img'), join(place, 'left.img'), join(place, 'mounted')]
  const mount = (): Promise<unknown> => run('mount', ['-o', 'loop', image, folder])
  const unmount = (): Promise<unknown> => run('umount', ['--lazy', folder])
  const remove = async (): Promise<void> => {
    await unmount().catch(() => undefined)
    await rm(place, { recursive: true, force: true, maxRetries: 5 })
  }
  try {
    await mkdir(folder)
    const file = await open(image, 'w')
    await file.truncate(DISK_BYTES)
    await file.close()
    await run('mkfs.ext4', ['-q', '-F', image])
    await mount()
  } catch (error) {
    await remove()
    return { missing: `no disk can be mounted here (${error instanceof Error ? error.message.split('\n')[0] : error})` }
  }
  return {
    folder,
    async cutPower() {
      // The file beneath is what was written; what is under way between the two is lost with the mount.
      await run('cp', ['--sparse=always', image, left])
      await unmount()
      await rename(left, image)
      await mount()
    },
    remove,
  }
}

// One alert for each attacker: storms and campaigns would make one of many.
const YAML = `
rules: {shipped: false, folders: [rules]}
correlations: {enabled: false}
http: {events_per_second: 1000000}
sources: [{id: web, name: Web server of a test, format: nginx, region: "00", owner: kpu}]
alerts:
  storm: {matters: 1000000, region_matters: 1000000}
  thresholds: [{score: 0, severity: informational}]
  channels: [{id: berkas, kind: file, path: alerts.jsonl}]
  forward: [{channel: berkas, severity: low}]
`

/** A single server on a disk that loses power, and what it has accepted. */
export class Machine {
  readonly #disk: LosableDisk
  readonly #home: Home
  #siaga: Siaga | undefined
  #key = ''
  #sent = 0
  /** Numbers of the lines that were answered with 202; each hundredth is an attack of its own address. */
  readonly #accepted = new Set<number>()

  private constructor(disk: LosableDisk, home: Home) {
    this.#disk = disk
    this.#home = home
  }

  /** `made`: what of a first start is done already, and long enough ago to be on the disk. */
  static async on(disk: LosableDisk, made?: Parameters<typeof makeHome>[1]): Promise<Machine> {
    const before = process.env.TMPDIR
    process.env.TMPDIR = disk.folder
    const home = await makeHome(YAML, made)
    if (before === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = before
    await mkdir(join(home.folder, 'rules'))
    await writeFile(join(home.folder, 'rules/serang.yml'), ATTACK_RULE)
    await run('sync', ['-f', disk.folder])
    return new Machine(disk, home)
  }

  async start(): Promise<void> {
    const began = performance.now()
    this.#siaga = await startSiaga({ home: this.#home })
    report(`power: ready after ${((performance.now() - began) / 1000).toFixed(1)} s`)
    if (this.#key !== '') return
    const { stdout } = await this.#home.line('keys', 'create', 'web')
    this.#key = /siaga_\w{10}_[\w-]{43}/.exec(stdout)?.[0] ?? ''
  }

  get #running(): Siaga {
    if (this.#siaga === undefined) throw new Error('the machine is off')
    return this.#siaga
  }

  /** Requests of two senders for so long. */
  async push(ms: number): Promise<void> {
    const until = Date.now() + ms
    const push = async (): Promise<void> => {
      while (Date.now() < until) {
        const first = this.#sent
        this.#sent += 100
        const numbers = Array.from({ length: 100 }, (_, n) => first + n)
        const line = (n: number): string =>
          n % 100 === 7
            ? accessLine(addressOf(Math.floor(n / 100)), `/serang/${n}`)
            : accessLine('192.0.2.1', `/nomor/${n}`)
        const body = numbers.map(line).join('\n')
        const { status } = await this.#running.post(body, { source: 'web', key: this.#key })
        if (status === 202) for (const n of numbers) this.#accepted.add(n)
        else await sleep(20)
      }
    }
    await Promise.all([push(), push()])
  }

  /** Everything ends at once, in the middle of what it does, and the disk is as it was written. */
  async losePower(): Promise<void> {
    const siaga = this.#running
    killAll(siaga.pid)
    await siaga.crash()
    this.#siaga = undefined
    await this.#disk.cutPower()
  }

  /** A start that gets no further than so many ms. */
  async losePowerWithin(ms: number): Promise<void> {
    const starting = spawnStart(this.#home)
    await sleep(ms)
    if (starting.child.exitCode !== null) throw new Error(`it has ended after a power cut:\n${starting.stderr()}`)
    killAll(starting.pid)
    await starting.ended
    await this.#disk.cutPower()
  }

  /** All that was accepted is there once, sums agree, and each attack is one alert. */
  async expectWhole(): Promise<void> {
    const siaga = this.#running
    const accepted = this.#accepted.size
    const attacks = [...this.#accepted].filter((n) => n % 100 === 7).length
    const lines = "source_id = 'web' AND match(url_path, '^/(?:nomor|serang)/')"
    // A request that was cut off may have been accepted as well.
    await expect
      .poll(async () => Number(await siaga.value(`SELECT count() FROM events WHERE ${lines}`)), { timeout: 60_000 })
      .toBeGreaterThanOrEqual(accepted)
    const rows = await siaga.sql(
      `SELECT toUInt32(extract(url_path, '(\\\\d+)$')) AS n, count() AS c FROM events WHERE ${lines} GROUP BY n`,
    )
    const there = new Map(rows.map(({ n, c }) => [Number(n), Number(c)]))
    expect([...this.#accepted].filter((n) => !there.has(n))).toEqual([])
    expect([...there].filter(([, count]) => count !== 1)).toEqual([])
    await this.#expectSums()
    const told = async (): Promise<number> =>
      (
        await siaga.sql(
          "SELECT DISTINCT source FROM (SELECT entity AS source FROM alerts WHERE title = 'Attack of a test')",
          'admin',
        )
      ).length
    await expect.poll(told, { timeout: 60_000 }).toBeGreaterThanOrEqual(attacks)
    const [twice] = await siaga.sql(
      "SELECT count() AS n FROM (SELECT entity FROM alerts WHERE title = 'Attack of a test' GROUP BY entity HAVING count() > 1)",
      'admin',
    )
    expect(twice).toEqual({ n: 0 })
    report(`power: ${accepted} lines accepted, each there once; ${attacks} attacks, one alert each`)
  }

  async #expectSums(): Promise<void> {
    for (const table of comparedRollups) {
      // Siaga's own events land between the two halves of the question now and then.
      const differs = async (): Promise<number> => Number(await this.#running.value(differenceOf(table)))
      await expect.poll(differs, { message: table, timeout: 30_000 }).toBe(0)
    }
  }

  async remove(): Promise<void> {
    await this.#siaga?.stop()
    await this.#disk.remove()
  }
}

function killAll(pid: number): void {
  for (const one of [pid, ...descendants(pid)]) {
    try {
      process.kill(one, 'SIGKILL')
    } catch {
      // It has ended meanwhile.
    }
  }
}

/** An address of its own for each attack; networks of documentation have too few. */
const addressOf = (n: number): string => `198.18.${(n >> 8) & 255}.${n & 255}`
