// Logs that lie, leave out, are away or answer rubbish: it is told, nothing is read past, and what is honest again is read on.
import { generateKeyPairSync } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { CertificateLog } from '../../../schemas/watch.ts'
import { type CertificateMaker, certificateMaker } from './ct-certificates.ts'
import { type Answer, type CtLog, ReferenceTree, startCtLog } from './ct-log.ts'
import { asRfc, asStatic, createRig, filler, type Rig, until } from './rig.ts'

let maker: CertificateMaker
let fill: (log: CtLog, count: number) => void
let rig: Rig
let log: CtLog
beforeAll(async () => {
  maker = await certificateMaker()
  fill = await filler(maker)
})
beforeEach(async () => {
  rig = await createRig()
  log = await startCtLog()
})
afterEach(async () => {
  await rig.close()
  await log.close()
})

const read = (size: number) => until(() => rig.progress.get('one')?.read === size, `read up to ${size}`)
const told = (reason: string) => until(() => rig.progress.get('one')?.distrust === reason, `distrust: ${reason}`)
const errors = () => rig.logged.filter(({ level }) => level >= 50)
const apis: [string, (log: CtLog, id?: string) => CertificateLog][] = [
  ['rfc6962', asRfc],
  ['static', asStatic],
]

/** Another history: the same beginning, then other entries. */
function fork(from: CtLog, same: number, size: number): ReferenceTree {
  const tree = new ReferenceTree()
  tree.leaves.push(...from.tree.leaves.slice(0, same))
  while (tree.leaves.length < size) tree.add(Buffer.from(`other ${tree.leaves.length}`))
  return tree
}

describe.each(apis)('a log read by %s', (api, settings) => {
  async function begin(size = 10): Promise<void> {
    fill(log, size)
    log.publish()
    await rig.start([settings(log, 'one')])
    await read(size)
  }

  test('that signs two roots for one size is told once, and trusted again when it takes that back', async () => {
    await begin()
    log.publish(10, fork(log, 5, 10).hash(0, 10))
    await told('equivocation')
    await sleep(200)
    expect(errors().map(({ msg }) => msg)).toEqual(['a certificate log cannot be trusted and is not read further'])
    expect(rig.audited).toMatchObject([{ action: 'certificate_log_checked', outcome: 'failure' }])
    expect(rig.audited[0]?.message).toContain(
      'certificate log one is not read further: equivocation: two roots for 10 entries',
    )
    log.add(await maker.certificate(['kpu-login.com']))
    log.publish()
    await read(11)
    await told('')
    expect(rig.audited.map(({ outcome }) => outcome)).toEqual(['failure', 'success'])
    expect(rig.records()).toHaveLength(1)
  })

  test('whose new tree does not begin with the old one is not read past, over restarts too', async () => {
    await begin()
    const other = fork(log, 9, 14)
    fill(log, 4)
    log.publish(14, other.hash(0, 14))
    await until(() => (rig.progress.get('one')?.distrust ?? '') !== '', 'distrust')
    expect(['inconsistent', 'root_mismatch']).toContain(rig.progress.get('one')?.distrust)
    await rig.start([settings(log, 'one')])
    await sleep(200)
    expect(rig.progress.get('one')?.read).toBe(10)
    expect(rig.audited).toHaveLength(1)
  })

  test('that changes an entry is told, and nothing of what it answered counts', async () => {
    await begin()
    const other = await startCtLog()
    try {
      fill(other, 12)
      other.add(await maker.certificate(['kpu-palsu.id']))
      log.add(await maker.certificate(['kpu-login.com']))
      fill(log, 2)
      const swapped = async (path: string): Promise<Buffer> => {
        const base = api === 'static' ? other.staticUrl : `${other.rfcUrl}ct/v1/`
        return Buffer.from(await (await fetch(`${base}${path}`)).arrayBuffer())
      }
      const lie =
        api === 'static'
          ? { 'tile/data/000.p/13': await swapped('tile/data/000.p/13') }
          : { 'get-entries': await swapped('get-entries?start=10&end=12') }
      log.fault = (path) => {
        const body = new Map(Object.entries(lie)).get(path)
        return body === undefined ? undefined : { body }
      }
      log.publish()
      await told('root_mismatch')
      expect(rig.records()).toEqual([])
      expect(rig.progress.get('one')?.read).toBe(10)
      log.fault = undefined
      await read(13)
      expect(rig.records().map(({ domain }) => domain)).toEqual(['kpu-login.com'])
    } finally {
      await other.close()
    }
  })

  test('that leaves entries out is told after it was asked again', async () => {
    await begin()
    fill(log, 5)
    log.publish()
    log.fault = (path) =>
      path.startsWith('get-entries') || path.startsWith('tile/data') ? { status: 404, body: 'gone' } : undefined
    await told('missing_entries')
    expect(
      log.requests.filter((path) => /get-entries|tile\/data\/000\.p\/15/.test(path)).length,
    ).toBeGreaterThanOrEqual(3)
    expect(errors()).toHaveLength(1)
    log.fault = undefined
    await read(15)
    expect(rig.audited.map(({ outcome }) => outcome)).toEqual(['failure', 'success'])
  })

  test('whose heads another key has signed is told, at the first look as well', async () => {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    log.publish()
    const key = publicKey.export({ format: 'der', type: 'spki' }).toString('base64')
    await rig.start([{ ...settings(log, 'one'), key }])
    await told('bad_signature')
    await sleep(100)
    expect(errors()).toHaveLength(1)
  })

  test('that lags behind itself is waited for', async () => {
    await begin(20)
    log.publish(12)
    const asked = log.requests.length
    await until(() => log.requests.length > asked + 6, 'asked again')
    expect(rig.progress.get('one')).toMatchObject({ read: 20, size: 12, distrust: '' })
    expect(rig.logged).toEqual([])
    log.add(await maker.certificate(['kpu-login.com']))
    log.publish()
    await read(21)
    expect(rig.records()).toHaveLength(1)
  })

  test('that lags behind itself and cannot show what it does not have yet is waited for', async () => {
    await begin(300)
    log.publish(12)
    log.fault = (path) =>
      path.startsWith('get-sth-consistency') || path.startsWith('tile') ? { status: 404, body: 'not yet' } : undefined
    const asked = log.requests.length
    await until(() => log.requests.length > asked + 12, 'asked again')
    expect(rig.logged).toEqual([])
  })

  test('that lags behind with another history is told', async () => {
    await begin(20)
    log.publish(12, fork(log, 5, 12).hash(0, 12))
    await told('inconsistent')
    log.publish(13)
    const asked = log.requests.length
    await until(() => log.requests.length > asked + 6, 'asked again')
    // What it said is not taken back by a smaller head.
    expect(rig.audited.map(({ outcome }) => outcome)).toEqual(['failure'])
  })

  test('that leaves entries out for a short while is asked again, and nothing is told', async () => {
    fill(log, 10)
    log.publish()
    await rig.start([settings(log, 'one')], { missingMs: 60_000 })
    await read(10)
    fill(log, 5)
    log.publish()
    log.fault = (path) => (/^get-entries|^tile.data/.test(path) ? { status: 404, body: 'not yet' } : undefined)
    await until(() => rig.logged.length >= 4, 'warnings')
    expect(errors()).toEqual([])
    log.fault = undefined
    await read(15)
    expect(rig.audited).toEqual([])
  })

  test('that asks to come later is left alone as long as it says', async () => {
    await begin()
    const answers: Answer[] = [
      { status: 429, headers: { 'retry-after': '1' } },
      { status: 503, headers: { 'retry-after': new Date(Date.now() + 3_600_000 * 5).toUTCString() } },
    ]
    log.fault = () => answers[0]
    await until(() => rig.logged.length === 1, 'a warning')
    log.fault = () => answers[1]
    await until(() => rig.logged.length === 2, 'another warning')
    expect(rig.logged.map(({ error }) => error)).toEqual(['answered 429', 'answered 503'])
    expect(rig.logged[0]?.again_in_ms).toBe(1000)
    expect(rig.logged[1]?.again_in_ms).toBe(3_600_000)
  })

  const rubbish: [string, Answer][] = [
    ['a page', { body: '<html>502 Bad Gateway</html>', headers: { 'content-type': 'text/html' } }],
    ['nothing', { body: '' }],
    ['JSON of another form', { body: '{"entries": [{"leaf": 1}], "tree_size": "5"}' }],
    ['an error', { status: 500, body: 'oops' }],
    ['a redirect', { status: 302, headers: { location: 'http://169.254.169.254/latest' } }],
    ['a broken compression', { body: 'no gzip', headers: { 'content-encoding': 'gzip' } }],
    ['a cut connection', 'drop'],
    ['binary', { body: Buffer.alloc(3000, 0xfe) }],
  ]
  test.each(rubbish)('that answers %s everywhere for a while is read on behind it', async (_, answer) => {
    await begin()
    log.fault = () => answer
    await until(() => rig.logged.length >= 2, 'two warnings')
    // The head is fine again, what is behind it is not.
    log.add(await maker.certificate(['kpu-login.com']))
    log.publish()
    log.fault = (path) => (path === 'get-sth' || path === 'checkpoint' ? undefined : answer)
    const warnings = rig.logged.length
    await until(() => rig.logged.length >= warnings + 2, 'more warnings')
    expect(errors()).toEqual([])
    log.fault = undefined
    await read(11)
    expect(rig.records()).toHaveLength(1)
    expect(rig.audited).toEqual([])
  })
})

test('answers that are too large are asked for in smaller parts', async () => {
  fill(log, 10)
  log.publish()
  await rig.start([asRfc(log, 'one')])
  await read(10)
  fill(log, 50)
  log.add(await maker.certificate(['kpu-login.com']))
  log.publish()
  const huge = Buffer.alloc(33 * 1024 * 1024, 32)
  log.fault = (path, query) =>
    path === 'get-entries' && Number(query.get('end')) - Number(query.get('start')) > 3 ? { body: huge } : undefined
  await read(61)
  expect(rig.records()).toHaveLength(1)
  expect(rig.logged).toEqual([])
})

test('a head that is huge is not taken', async () => {
  fill(log, 10)
  log.publish()
  await rig.start([asRfc(log, 'one')])
  await read(10)
  log.fault = () => ({ body: Buffer.alloc(5 * 1024 * 1024, 32) })
  await until(() => rig.logged.length >= 1, 'a warning')
  expect(rig.logged[0]?.error).toContain('more than')
})
