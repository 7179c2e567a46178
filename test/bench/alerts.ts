// How long from the HTTP answer 202 of an attack until people are told, by webhook and by mail, while ordinary events flow?
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { SMTPServer } from 'smtp-server'
import { z } from 'zod'
import { startSiaga } from '../e2e/siaga.ts'
import { nginxLines } from './lines.ts'

const BATCH = 100
/** Attacks a second among the ordinary events. */
const ATTACKS_PER_SECOND = 5
/** Before anything is measured: Kafka's JVM and V8 compile what is hot in the first seconds of a start. */
const WARM_UP_SECONDS = 20
const Body = z.object({ alert: z.object({ alert_id: z.string(), entity: z.string() }), reason: z.string() })

/** Pushes `rate` ordinary events a second for `seconds`, and attacks from addresses of their own between them; every one becomes an alert. */
export async function alertLatency(rate: number, seconds: number, say: (line: string) => void): Promise<void> {
  /** Address of an attack by id of its alert. */
  const addressOf = new Map<string, string>()
  const byWebhook = new Map<string, number>()
  const byMail = new Map<string, number>()
  const receiver = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      response.end()
      const { alert } = Body.parse(JSON.parse(Buffer.concat(parts).toString()))
      addressOf.set(alert.alert_id, alert.entity)
      if (!byWebhook.has(alert.entity)) byWebhook.set(alert.entity, performance.now())
    })
  })
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  const mail = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    maxClients: 100,
    onData(stream, _session, done) {
      let text = ''
      stream.on('data', (part: Buffer) => {
        text += part.toString()
      })
      stream.on('end', () => {
        const at = performance.now()
        for (const [id] of text.matchAll(/A-[0-9A-Z]{10}/g)) if (!byMail.has(id)) byMail.set(id, at)
        done()
      })
    },
  })
  const smtp = await new Promise<number>((resolve) => {
    const server = mail.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
  const hook = (receiver.address() as AddressInfo).port
  const siaga = await startSiaga({
    yaml: `
http: {events_per_second: 100000}
rooms: [{id: pusat, region: "00", roster: [{recipients: [mesin, surat]}]}]
alerts:
  # Each attack is a matter of its own, and all of them are told at once: no storm, no climbing.
  storm: {matters: 1000000, region_matters: 1000000}
  thresholds: [{score: 0, severity: informational}]
  quiet_hours: ""
  channels:
    - {id: kait, kind: webhook, url: "http://127.0.0.1:${hook}/"}
    - {id: pos, kind: email, host: 127.0.0.1, port: ${smtp}, starttls: optional, from: siaga@siaga.example}
  recipients:
    - {id: mesin, channel: kait}
    - {id: surat, channel: pos, to: piket@siaga.example}
`,
  })
  try {
    const ordinary = nginxLines(BATCH * 50, Date.now(), 7)
    const acceptedAt = new Map<string, number>()
    const began = performance.now()
    const measuredFrom = began + WARM_UP_SECONDS * 1000
    const ends = measuredFrom + seconds * 1000
    const pace = async (perSecond: number, push: (n: number) => Promise<void>): Promise<void> => {
      const open = new Set<Promise<void>>()
      for (let n = 0; ; n += 1) {
        const wait = began + (n / perSecond) * 1000 - performance.now()
        if (wait > 0) await sleep(wait)
        if (performance.now() > ends) break
        const sent = push(n).finally(() => open.delete(sent))
        open.add(sent)
      }
      await Promise.all(open)
    }
    const post = async (lines: readonly string[]): Promise<void> => {
      const { status, body } = await siaga.post(lines.join('\n'))
      if (status !== 202) throw new Error(`${status} ${body}`)
    }
    await Promise.all([
      pace(rate / BATCH, (n) => {
        const from = (n % 50) * BATCH
        return post(ordinary.slice(from, from + BATCH))
      }),
      pace(ATTACKS_PER_SECOND, async (n) => {
        const address = `198.18.${n >> 8}.${n & 255}`
        await post([attack(address)])
        acceptedAt.set(`source_ip:${address}`, performance.now())
      }),
    ])
    const addressed = () => new Map([...byMail].map(([id, at]) => [addressOf.get(id) ?? id, at]))
    const allTold = () => {
      const mails = addressed()
      return [...acceptedAt.keys()].every((entity) => byWebhook.has(entity) && mails.has(entity))
    }
    for (const end = performance.now() + 60_000; performance.now() < end && !allTold(); ) await sleep(100)
    const mails = addressed()
    for (const [way, seen] of [
      ['webhook', byWebhook],
      ['mail', mails],
    ] as const) {
      for (const [during, isMeasured] of [
        [`for ${seconds} s`, (at: number) => at >= measuredFrom],
        [`in the ${WARM_UP_SECONDS} s before, right after the start`, (at: number) => at < measuredFrom],
      ] as const) {
        const measured = [...acceptedAt].filter(([, at]) => isMeasured(at))
        const took = measured.map(([entity, at]) => (seen.get(entity) ?? Number.NaN) - at).filter(Number.isFinite)
        took.sort((a, b) => a - b)
        const at = (share: number) =>
          Math.round(took[Math.min(took.length - 1, Math.floor(took.length * share))] ?? Number.NaN)
        say(
          `attack accepted → ${way} at ${rate.toLocaleString('en')} events/s ${during}: p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, p99 ${at(0.99)} ms, ` +
            `slowest ${at(1)} ms (${took.length} of ${measured.length} attacks told)`,
        )
      }
    }
  } finally {
    await siaga.stop()
    await siaga.remove()
    receiver.close()
    await new Promise<void>((resolve) => mail.close(resolve))
  }
}

/** A line of nginx that a rule knows. */
function attack(address: string): string {
  const time = new Date().toUTCString().replace(/^\w+, (\d+) (\w+) (\d+) ([\d:]+) GMT$/, '$1/$2/$3:$4 +0000')
  return `${address} - - [${time}] "GET /cari?q=1%27%20UNION%20SELECT%20username,password%20FROM%20users-- HTTP/1.1" 200 512 "-" "sqlmap/1.8"`
}
