// Does Siaga hold its promises in containers? An attack from HTTP to a webhook, then the same while containers are paused, killed and cut off the network.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findEngine, findImages } from './engine.ts'
import { allAccounted, expectLedgerExact, expectToldOnce, landedOf, waitFor } from './ledger.ts'
import { IN_FLIGHT, lineOf, type Pusher, post, startPushing } from './pusher.ts'
import { type Name, type Stack, startStack, UID } from './stack.ts'

const found = await findEngine()
const missing = 'missing' in found ? found.missing : undefined
const roles = ['centre', 'ingest', 'processor-1', 'processor-2'] as const
/** Header lines of a log file, which no event is made of. */
const DROPPED = 2
/** Lines that are not of their source's format. */
const DEAD = 3

describe.skipIf(missing !== undefined)(
  `Siaga in containers${missing === undefined ? '' : `: skipped, ${missing}`}`,
  () => {
    let stack: Stack

    beforeAll(async () => {
      if ('missing' in found) return
      const images = await findImages(found.engine)
      const { Version } = await found.engine.container.dockerode.version()
      process.stdout.write(`engine ${Version}, images ${Object.values(images).join(', ')}\n`)
      stack = await startStack(found.engine, images)
    })

    afterAll(async () => {
      await stack?.stop()
    })

    test.each(roles)(
      '%s runs as nobody special on a root that cannot be written, and says that it is healthy',
      async (role) => {
        const { State, HostConfig, Config } = await stack.inspect(role)
        expect(State.Health?.Status).toBe('healthy')
        expect(HostConfig.ReadonlyRootfs).toBe(true)
        expect(Config.User).toBe(`${UID}:${UID}`)
        expect((await stack.run(role, 'id', '-u')).trim()).toBe(String(UID))
        // What really runs, not what was asked for: the first process and all that it started.
        const uids = await stack.run(role, 'sh', '-c', 'cat /proc/[0-9]*/status | grep ^Uid')
        expect(
          new Set(
            uids
              .trim()
              .split('\n')
              .map((line) => line.split(/\s+/).slice(1).join(' ')),
          ),
        ).toEqual(new Set([Array(4).fill(UID).join(' ')]))
        for (const place of ['/app/x', '/etc/x', '/usr/x', '/run/secrets/x', '/etc/siaga/x']) {
          const { exitCode, output } = await stack.exec(role, 'sh', '-c', `: >${place}`)
          expect(exitCode, place).not.toBe(0)
          expect(output, place).toMatch(/Read-only file system|Permission denied/)
        }
        for (const place of ['/tmp/x', '/var/lib/siaga/x'])
          expect((await stack.exec(role, 'sh', '-c', `: >${place} && rm ${place}`)).exitCode, place).toBe(0)
      },
    )

    test('a root user could not write there either', async () => {
      for (const role of roles) {
        const { exitCode, output } = await stack.execAs('0:0', role, 'sh', '-c', ': >/usr/x')
        expect(exitCode).not.toBe(0)
        expect(output).toContain('Read-only file system')
      }
    })

    test('an attack goes in at the HTTP port and an alert comes out of the webhook, everything accounted for', async () => {
      const attacker = '203.0.113.9'
      const lines = [
        ...Array.from({ length: 40 }, (_, n) => lineOf({ run: 'first', n, from: '198.51.100.7' })),
        lineOf({ run: 'first', n: 40, from: attacker, path: '/serang' }),
        ...Array.from({ length: DROPPED }, (_, n) => `#Fields: date time c-ip ${n}`),
        ...Array.from({ length: DEAD }, (_, n) => `no line of nginx ${n}`),
      ]
      expect(await post(stack, 'first', lines)).toBe(202)
      // The sender did not hear the answer and sends it again.
      expect(await post(stack, 'first', lines)).toBe(202)
      await waitFor('the lines have not landed', async () => (await landedOf(stack, 'first')).rows >= 41)
      await allAccounted(stack)
      expect(await landedOf(stack, 'first')).toEqual({ rows: 41, lines: 41, events: 41, offsets: 41 })
      await expectToldOnce(stack, [attacker])
      expect(await expectLedgerExact(stack, DROPPED)).toMatchObject({ dropped: DROPPED, dead: DEAD })
      // The same by what the processors themselves counted; workers tell it from time to time.
      await waitFor('the processors have not counted it all', async () => {
        const counted = await stack.metrics()
        const parts = ['landed', 'dropped', 'dead'].map((part) => counted(`siaga_processor_${part}_total`))
        const [, dropped, dead] = parts
        const sum = parts.reduce((total, part) => total + part, 0)
        return dropped === DROPPED && dead === DEAD && counted('siaga_processor_in_total') === sum
      })
    })

    test('nothing is lost and nothing is there twice while containers are paused, killed and cut off the network', async () => {
      const pusher = startPushing(stack, 'faults', 77)
      const story: string[] = []
      try {
        await more(pusher, 500)
        for (const [what, name, down, up, kind] of faults(stack)) {
          const began = performance.now()
          const { accepted, failures } = pusher
          const repeatsBefore = await repeats()
          await down()
          // Down until it has been felt: lines that wait, or a sender that was turned away.
          if (kind === 'door') await waitFor(`${what}: nobody felt it`, () => pusher.failures > failures)
          else await more(pusher, 5_000)
          if (kind === 'other') await landedAtLeast(accepted)
          await up()
          const back = pusher.accepted
          await more(pusher, 500)
          await landedAtLeast(back)
          // Only a collector that is killed may have answered nobody for what it had already handed on; the sender's repeat is known by its event_id.
          const repeated = (await repeats()) - repeatsBefore
          expect(repeated, `${what} ${name}`).toBeLessThanOrEqual(
            name === 'ingest' && what === 'killed' ? IN_FLIGHT : 0,
          )
          story.push(
            `${what} ${name} (${((performance.now() - began) / 1000).toFixed(0)} s, ${pusher.accepted - accepted} accepted)`,
          )
          process.stdout.write(`${story.at(-1)}\n`)
        }
        await pusher.stop()
      } finally {
        pusher.giveUp()
      }
      await landedAtLeast(pusher.accepted)
      await allAccounted(stack)
      const landed = await landedOf(stack, 'faults')
      const parts = await expectLedgerExact(stack, DROPPED)
      process.stdout.write(
        `${JSON.stringify({ sent: pusher.accepted, tries: pusher.failures, attacks: pusher.attackers.length, ...landed, ledger: parts })}\n`,
      )
      expect(landed.lines).toBe(pusher.accepted)
      expect(landed.events).toBe(pusher.accepted)
      expect(landed.offsets).toBe(landed.rows)
      await expectToldOnce(stack, pusher.attackers)
    })

    test.each(roles)('SIGTERM ends %s in order', async (role) => {
      expect(await stack.end(role, 30), await stack.lastWords(role)).toBe(0)
    })

    /** Waits until so many more lines have been accepted. */
    async function more(pusher: Pusher, lines: number): Promise<void> {
      const enough = pusher.accepted + lines
      await waitFor(`${lines} more lines were not accepted`, () => pusher.accepted >= enough)
    }

    async function repeats(): Promise<number> {
      const { rows, lines } = await landedOf(stack, 'faults')
      return rows - lines
    }

    async function landedAtLeast(lines: number): Promise<void> {
      await waitFor(`${lines} lines have not landed`, async () => (await landedOf(stack, 'faults')).lines >= lines)
    }
  },
)

/** `store`: what is accepted waits. `door`: nothing is accepted. `other`: somebody else takes over. `apart`: the way of events does not need it. */
type Kind = 'store' | 'door' | 'other' | 'apart'

function faults(stack: Stack): [string, Name, () => Promise<unknown>, () => Promise<unknown>, Kind][] {
  const paused = (name: Name, kind: Kind) =>
    ['paused', name, () => stack.pause(name), () => stack.unpause(name), kind] satisfies ReturnType<
      typeof faults
    >[number]
  const killed = (name: Name, kind: Kind) =>
    ['killed', name, () => stack.kill(name), () => stack.revive(name), kind] satisfies ReturnType<typeof faults>[number]
  const cutOff = (name: Name, kind: Kind) =>
    ['cut off', name, () => stack.cutOff(name), () => stack.putBack(name), kind] satisfies ReturnType<
      typeof faults
    >[number]
  return [
    paused('clickhouse', 'store'),
    paused('kafka', 'door'),
    paused('processor-1', 'other'),
    killed('processor-1', 'other'),
    killed('ingest', 'door'),
    killed('clickhouse', 'store'),
    killed('kafka', 'door'),
    killed('centre', 'apart'),
    cutOff('processor-2', 'other'),
    cutOff('clickhouse', 'store'),
    cutOff('kafka', 'door'),
  ]
}
