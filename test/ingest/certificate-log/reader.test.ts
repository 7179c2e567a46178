// Logs that behave: from their end on, in both APIs, one event for a certificate, whatever the size of tree, answers and tiles.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startCertificateLogs } from '../../../ingest/certificate-log/certificate-log.ts'
import type { CertificateLog } from '../../../schemas/watch.ts'
import { fakeDependencies } from '../http/fakes.ts'
import { type CertificateMaker, certificateMaker, serialOf } from './ct-certificates.ts'
import { type CtLog, type CtLogOptions, startCtLog } from './ct-log.ts'
import { asRfc, asStatic, createRig, filler, match, type Rig, until } from './rig.ts'

let maker: CertificateMaker
let fill: (log: CtLog, count: number) => void
let rig: Rig
let logs: CtLog[] = []
beforeAll(async () => {
  maker = await certificateMaker()
  fill = await filler(maker)
})
beforeEach(async () => {
  rig = await createRig()
})
afterEach(async () => {
  await rig.close()
  await Promise.all(logs.map((log) => log.close()))
  logs = []
})

async function newLog(options?: CtLogOptions): Promise<CtLog> {
  const log = await startCtLog(options)
  logs.push(log)
  return log
}

const read = (id: string, size: number) => until(() => rig.progress.get(id)?.read === size, `${id} read up to ${size}`)
const apis: [string, (log: CtLog, id?: string) => CertificateLog][] = [
  ['rfc6962', asRfc],
  ['static', asStatic],
]

describe.each(apis)('a log read by %s', (_api, settings) => {
  test('is begun at its present end and read as it grows', async () => {
    const log = await newLog()
    fill(log, 699)
    log.add(await maker.certificate(['kpu-old.id', 'cek-kpu.com']))
    log.publish()
    await rig.start([settings(log, 'one')])
    await read('one', 700)
    fill(log, 120)
    const found = await maker.certificate(['toko.example', '*.cek-dpt-kpu.com', 'kpu.my.id'], { serial: serialOf(77) })
    log.add(found)
    fill(log, 180)
    log.publish()
    await read('one', 1001)
    const [record, ...more] = rig.records()
    expect(more).toEqual([])
    expect(record).toMatchObject({
      protected: 'kpu.go.id',
      kind: 'added_word',
      domain: 'cek-dpt-kpu.com',
      unicode: 'cek-dpt-kpu.com',
      names: ['toko.example', '*.cek-dpt-kpu.com', 'kpu.my.id'],
      log: 'one',
      index: 820,
      precertificate: false,
      fingerprint: createHash('sha256').update(found.der).digest('hex'),
      serial: serialOf(77),
      issuer: 'C=ID, O=Siaga, CN=Siaga Test CA',
      not_before: '2024-11-01T00:00:00.000Z',
      not_after: '2025-01-30T12:34:56.000Z',
      logged_at: '2024-11-20T00:00:08.200Z',
    })
    expect(rig.writer.events[0]).toMatchObject({ source: 'siaga-certificate', format: 'siaga.certificate', peer: '' })
    const logId = createHash('sha256').update(Buffer.from(log.key, 'base64')).digest('hex')
    expect(rig.ids()).toEqual([`ct.${logId.slice(0, 16)}.820`])
    expect(rig.metrics.counts).toEqual({ received: 1, accepted: 1, refused: 0, lost: 0 })
    // Nothing of what was there before, but its last entry.
    const starts = log.requests.flatMap((path) => /get-entries\?start=(\d+)/.exec(path)?.[1] ?? [])
    expect(starts.every((start) => Number(start) >= 699)).toBe(true)
    expect(log.requests.filter((path) => /^tile\/data\/00[01]/.test(path))).toEqual([])
    expect(rig.logged).toEqual([])
  })

  test('grows by every size of tree from nothing on, and nothing is left out', async () => {
    const log = await newLog({ most: 7, aligned: true })
    log.publish()
    await rig.start([settings(log, 'one')])
    await read('one', 0)
    let expected = 0
    for (const grow of [1, 1, 1, 5, 30, 217, 1, 1, 254, 1, 300]) {
      fill(log, grow - 1)
      log.add(await maker.certificate([`kpu-${grow}.id`]))
      log.publish()
      await read('one', log.tree.leaves.length)
      expect(rig.records()).toHaveLength(++expected)
    }
    expect(rig.records().map(({ index }) => index)).toEqual([0, 1, 2, 7, 37, 254, 255, 256, 510, 511, 811])
    expect(rig.logged).toEqual([])
  })

  test('goes on where it was after a restart, and knows the certificates from before', async () => {
    const log = await newLog()
    fill(log, 10)
    log.publish()
    const first = await rig.start([settings(log, 'one')])
    await read('one', 10)
    const serial = serialOf(5)
    log.add(await maker.precertificate(['kpu-pemilu.com'], { serial }))
    fill(log, 300)
    log.publish()
    await read('one', 311)
    await first.stop()
    log.add(await maker.certificate(['kpu-pemilu.com'], { serial }))
    log.add(await maker.certificate(['kpu-pilkada.com']))
    fill(log, 300)
    log.publish()
    await rig.start([settings(log, 'one')])
    await read('one', 613)
    expect(rig.records().map(({ domain, precertificate }) => [domain, precertificate])).toEqual([
      ['kpu-pemilu.com', true],
      ['kpu-pilkada.com', false],
    ])
  })

  test('has its heads checked with an RSA key too', async () => {
    const log = await newLog({ key: 'rsa' })
    log.publish()
    await rig.start([settings(log, 'one')])
    await read('one', 0)
    log.add(await maker.certificate(['bawaslu-ri.com']))
    log.publish()
    await read('one', 1)
    expect(rig.records()).toHaveLength(1)
  })

  test('certificates that cannot be read are counted, and those behind them are read', async () => {
    const log = await newLog()
    log.publish()
    await rig.start([settings(log, 'one')])
    await read('one', 0)
    const garbage = Buffer.from('30820fff00', 'hex')
    for (let n = 0; n < 3; n++) log.add({ der: garbage, tbs: n === 1 ? garbage : undefined })
    log.add(await maker.certificate([]))
    log.add(await maker.certificate(['kpu-login.com']))
    log.publish()
    await read('one', 5)
    expect(rig.records().map(({ domain }) => domain)).toEqual(['kpu-login.com'])
    expect(rig.metrics.counts).toEqual({ received: 4, accepted: 1, refused: 3, lost: 0 })
    expect(rig.metrics.reasons).toEqual({ certificate_malformed: 3 })
  })

  test('more than one piece is read towards one head, each proven', async () => {
    const log = await newLog()
    log.publish()
    await rig.start([settings(log, 'one')])
    await read('one', 0)
    fill(log, 8_000)
    log.add(await maker.certificate(['kpu-2024.com']))
    fill(log, 9_000)
    log.add(await maker.certificate(['kpu-2024.id']))
    log.publish()
    await read('one', 17_002)
    expect(rig.records().map(({ index }) => index)).toEqual([8_000, 17_001])
  })
})

describe('several logs', () => {
  test('a certificate in all of them is one event', async () => {
    const [one, two] = [await newLog(), await newLog()]
    for (const log of [one, two]) log.publish()
    await rig.start([asRfc(one, 'one'), asStatic(two, 'two')])
    await Promise.all([read('one', 0), read('two', 0)])
    const serial = serialOf(9)
    const precertificate = await maker.precertificate(['hasil-kpu.com'], { serial })
    for (const log of [one, two]) {
      log.add(precertificate)
      log.add(await maker.certificate(['hasil-kpu.com'], { serial }))
      log.publish()
    }
    await Promise.all([read('one', 2), read('two', 2)])
    expect(rig.records()).toHaveLength(1)
  })

  test('one that is away holds up no other', async () => {
    const [one, two] = [await newLog(), await newLog()]
    one.fault = () => 'drop'
    two.publish()
    await rig.start([asRfc(one, 'one'), asRfc(two, 'two')])
    await read('two', 0)
    two.add(await maker.certificate(['kpu-info.com']))
    two.publish()
    await read('two', 1)
    expect(rig.records()).toHaveLength(1)
    expect(rig.logged.some(({ msg }) => msg.includes('cannot be read for now'))).toBe(true)
  })
})

describe('what is kept', () => {
  test('a state that is damaged is set aside, and the log is begun at its end', async () => {
    const log = await newLog()
    log.publish()
    const first = await rig.start([asRfc(log, 'one')])
    await read('one', 0)
    await first.stop()
    const file = join(rig.dataDir, 'certificate-logs', 'one.json')
    writeFileSync(file, readFileSync(file, 'utf8').replace(/"root":"../, '"root":"ff'))
    fill(log, 3)
    log.publish()
    await rig.start([asRfc(log, 'one')])
    await read('one', 3)
    expect(readdirSync(join(rig.dataDir, 'certificate-logs')).sort()).toEqual(['one.json', 'one.json.damaged'])
    expect(rig.logged.map(({ msg }) => msg)).toEqual([
      'what was known of a certificate log cannot be used; it is read from its present end',
    ])
  })

  test('while Kafka is away nothing is passed over, and every certificate is told once', async () => {
    const log = await newLog()
    log.publish()
    await rig.start([asRfc(log, 'one')])
    await read('one', 0)
    rig.writer.failures = 3
    for (const name of ['kpu-a.id', 'kpu-login.com', 'loginkpu.com']) log.add(await maker.certificate([name]))
    log.publish()
    await read('one', 3)
    expect(rig.records().map(({ domain }) => domain)).toEqual(['kpu-a.id', 'kpu-login.com', 'loginkpu.com'])
    const { received, accepted, refused } = rig.metrics.counts
    expect({ received, accepted, refused }).toEqual({ received: 12, accepted: 3, refused: 9 })
  })

  test('a key that is none is refused at the start', async () => {
    const { deps } = fakeDependencies()
    const settings = {
      logs: [{ id: 'one', api: 'rfc6962' as const, url: 'https://ct.example/', key: 'AAAA', origin: '' }],
      every_seconds: 1,
      timeout_seconds: 1,
      allow_private: [],
    }
    await expect(startCertificateLogs(settings, match, deps, { dataDir: rig.dataDir })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
    })
  })

  test('a log at a private address that is not allowed is not asked', async () => {
    const log = await newLog()
    log.publish()
    const { deps } = fakeDependencies()
    const settings = { logs: [asRfc(log)], every_seconds: 0.02, timeout_seconds: 1, allow_private: [] }
    const collector = await startCertificateLogs(settings, match, deps, { dataDir: rig.dataDir, retryMs: 10 })
    await new Promise((resolve) => setTimeout(resolve, 200))
    await collector.stop()
    expect(log.requests).toEqual([])
  })
})
