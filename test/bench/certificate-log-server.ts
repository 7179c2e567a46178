// What does the bench of the reader of certificate logs read? A log with so many entries, in a process of its own: `certificate-log-server.ts COUNT`.
import { certificateMaker, type Submission, serialOf, withSerial } from '../ingest/certificate-log/ct-certificates.ts'
import { startCtLog } from '../ingest/certificate-log/ct-log.ts'

export interface BenchLog {
  readonly rfcUrl: string
  readonly staticUrl: string
  readonly key: string
  /** Names of a certificate, and bytes of an answer for it, on average. */
  readonly names: number
  readonly bytes: number
}

const DISTINCT = 300
const count = Number(process.argv[2])
const maker = await certificateMaker()
const chain = [Buffer.alloc(1306, 0x30), Buffer.alloc(1370, 0x31)]
const log = await startCtLog({ most: 256, aligned: true, chain })
const serial = serialOf(0xffff_0000)
const pool: Submission[] = []
let names = 0
for (let n = 0; n < DISTINCT; n++) {
  // Most have two names, some have a hundred.
  const many = n % 50 === 0 ? 100 : n % 10 === 0 ? 12 : 2
  const list = Array.from(
    { length: many },
    (_, k) => `${['www', 'mail', '*'][k % 3]}.situs-${n}-${k}.example${n % 7}.com`,
  )
  if (n === 7) list.push('cek-dpt-kpu.com')
  names += list.length
  pool.push(n % 2 === 0 ? await maker.certificate(list, { serial }) : await maker.precertificate(list, { serial }))
}
let bytes = 0
for (let n = 0; n < count; n++) {
  const submission = pool[n % DISTINCT]
  if (submission === undefined) continue
  log.add(withSerial(submission, serial, serialOf(n + 1)))
  bytes += ((submission.der.length + (submission.tbs?.length ?? 0) + 2676) * 4) / 3
}
process.on('message', (size) => {
  log.publish(Number(size))
  process.send?.('published')
})
const told: BenchLog = {
  rfcUrl: log.rfcUrl,
  staticUrl: log.staticUrl,
  key: log.key,
  names: names / DISTINCT,
  bytes: Math.round(bytes / count),
}
process.send?.(told)
process.on('disconnect', () => process.exit())
