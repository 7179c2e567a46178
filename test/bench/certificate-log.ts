// How many certificates a second does the reader of certificate logs take on one core, HTTP, hashing, proofs, parsing and matching included?
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startCertificateLogs } from '../../ingest/certificate-log/certificate-log.ts'
import { placesOf } from '../../ingest/lookalike/brands.ts'
import { createLookalikeMatcher } from '../../ingest/lookalike/match.ts'
import { loadReference } from '../../runtime/reference.ts'
import { CertificateLogs } from '../../schemas/watch.ts'
import { fakeDependencies } from '../ingest/http/fakes.ts'
import type { BenchLog } from './certificate-log-server.ts'

const PROTECTED = 550

/** Reads `count` certificates of a log in another process, by either API. */
export async function certificateLog(count: number, say: (line: string) => void): Promise<void> {
  const places = placesOf([...loadReference({ calendars: [] }, '.').regions.values()].map(({ name }) => name))
  const guarded = ['kpu.go.id', 'bawaslu.go.id', 'dkpp.go.id', ...places.map((place) => `${place}kab.go.id`)]
  const looking = performance.now()
  const match = createLookalikeMatcher({ protected: guarded.slice(0, PROTECTED), places })
  say(`matcher: ${PROTECTED} protected names, made in ${Math.round(performance.now() - looking)} ms`)
  matcherRate(match, say)
  const server = fork(join(import.meta.dirname, 'certificate-log-server.ts'), [String(count)], {
    execArgv: ['--disable-warning=ExperimentalWarning'],
  })
  const [log] = (await once(server, 'message')) as [BenchLog]
  say(`log: ${count} entries, half precertificates, ${log.names.toFixed(1)} names each, ${log.bytes} bytes each`)
  try {
    for (const api of ['rfc6962', 'static'] as const) await readAll(api)
  } finally {
    server.kill()
  }

  async function readAll(api: 'rfc6962' | 'static'): Promise<void> {
    const dataDir = await mkdtemp(join(tmpdir(), 'siaga-bench-ct-'))
    const { deps, writer } = fakeDependencies()
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
    const { promise: done, resolve: end } = Promise.withResolvers<void>()
    server.send(1)
    await once(server, 'message')
    const url = api === 'static' ? log.staticUrl : log.rfcUrl
    const collector = await startCertificateLogs(
      CertificateLogs.parse({
        logs: [{ id: api, api, url, key: log.key }],
        every_seconds: 1,
        allow_private: ['127.0.0.1'],
      }),
      match,
      deps,
      {
        dataDir,
        onProgress: ({ read }) => {
          if (read === 1) begin()
          if (read === count) end()
        },
      },
    )
    await begun
    server.send(count)
    await once(server, 'message')
    const before = process.cpuUsage()
    const started = performance.now()
    await done
    const wall = (performance.now() - started) / 1000
    const { user, system } = process.cpuUsage(before)
    const cpu = (user + system) / 1e6
    await collector.stop()
    await rm(dataDir, { recursive: true, force: true })
    const rate = (seconds: number): string => Math.round((count - 1) / seconds).toLocaleString('en')
    say(
      `${api}: ${rate(cpu)} certificates a second of CPU (one core), ${rate(wall)} a second by the clock, ${writer.count} matches`,
    )
  }
}

/** Names a second of CPU, of names that match nothing. */
function matcherRate(match: (name: string) => unknown, say: (line: string) => void): void {
  const endings = ['com', 'co.uk', 'de', 'net', 'org', 'id', 'co.id', 'com.br']
  const names = Array.from({ length: 200_000 }, (_, n) => {
    const word = (Math.imul(n + 1, 2_654_435_761) >>> 0).toString(36)
    return `${['www', 'mail', 'cpanel', 'shop-eu'][n % 4]}.${word}-${(n % 977).toString(36)}.${endings[n % endings.length]}`
  })
  let found = 0
  for (const name of names) if (match(name) !== undefined) found++
  const before = process.cpuUsage()
  for (const name of names) if (match(name) !== undefined) found++
  const { user, system } = process.cpuUsage(before)
  say(
    `matcher: ${Math.round(names.length / ((user + system) / 1e6)).toLocaleString('en')} names a second of CPU, ${found} matched`,
  )
}
