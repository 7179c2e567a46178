// A prober against local sites: names by a local DNS server, time by hand, records read by their schema.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Answer } from 'dns-packet'
import { type ProbeOptions, startProbes, type Watched } from '../../../ingest/probe/probe.ts'
import { ProbeRecord } from '../../../schemas/probe.ts'
import { Probes } from '../../../schemas/watch.ts'
import { closeAll, serveDns, type Zone } from '../../runtime/guard/serve.ts'
import { fakeDependencies } from '../http/fakes.ts'

const cleanups: (() => Promise<unknown>)[] = []

/** Stops probers, servers and removes their folders. */
export async function endAll(): Promise<void> {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
  await closeAll()
}

export type Page = Extract<ProbeRecord, { kind: 'page' }>

/** Every name is at 127.0.0.1, with name servers and mail; `others` first. */
export function localZone(others: Zone = () => 3): Zone {
  return (name, type, times): Answer[] | number => {
    const answer = others(name, type, times)
    if (answer !== 3) return answer
    if (type === 'A') return [{ name, type, ttl: 1, data: '127.0.0.1' }]
    if (type === 'NS') return [{ name, type, ttl: 1, data: `ns1.${name}` }]
    if (type === 'MX') return [{ name, type, ttl: 1, data: { preference: 10, exchange: `mail.${name}` } }]
    return []
  }
}

export interface ProbingOptions extends Partial<ProbeOptions> {
  readonly settings?: Record<string, unknown>
  readonly rooms?: Watched['rooms']
  readonly zone?: Zone
}

/** A prober of these addresses, by the names of assets. */
export async function probing(urls: Readonly<Record<string, string>>, options: ProbingOptions = {}) {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'siaga-probe-')))
  cleanups.push(() => rm(dataDir, { recursive: true, force: true }))
  const { settings = {}, rooms = [], zone = localZone() } = options
  const dns = await serveDns(zone)
  const clock = { now: Date.parse('2024-11-20T08:00:00Z') }
  const fakes = fakeDependencies()
  const probes = Probes.parse({
    when: '0 0 1 1 *',
    timeout_seconds: 5,
    host_interval_ms: 0,
    contact: 'csirt@siaga.example',
    allow_private: ['127.0.0.1/32'],
    resolvers: [dns.address],
    ...settings,
  })
  const collector = startProbes(
    probes,
    { assets: Object.entries(urls).map(([id, url]) => ({ id, url, hosts: [] })), rooms },
    fakes.deps,
    { version: '9.9', now: () => clock.now, ...options, dataDir },
  )
  cleanups.push(() => collector.stop())

  /** One round; answers what it wrote. */
  async function round(): Promise<ProbeRecord[]> {
    const before = fakes.writer.events.length
    await collector.round()
    return fakes.writer.events.slice(before).map(({ value }) => ProbeRecord.parse(JSON.parse(value.toString())))
  }
  const only = async <K extends ProbeRecord['kind']>(kind: K): Promise<Extract<ProbeRecord, { kind: K }>> => {
    const found = (await round()).filter((one): one is Extract<ProbeRecord, { kind: K }> => one.kind === kind)
    if (found[0] === undefined) throw new Error(`no record of kind ${kind}`)
    return found[0]
  }
  return {
    ...fakes,
    dataDir,
    clock,
    dns,
    probes,
    collector,
    round,
    page: () => only('page'),
    tls: () => only('tls'),
    dnsRecord: () => only('dns'),
  }
}

/** A page of an office, long enough to have a face. */
export const officePage = `<!doctype html><html lang="id"><head><title>KPU Kabupaten Uji</title>
<meta name="generator" content="WordPress 6.4"><meta name="description" content="Situs resmi"></head><body>
<nav><a href="/">Beranda</a> <a href="/profil">Profil</a> <a href="https://jdih.kpu.go.id/">JDIH</a></nav>
<main><h1>Selamat datang di KPU Kabupaten Uji</h1>
<p>Pengumuman daftar pemilih tetap untuk pemilihan bupati dan wakil bupati tahun ini telah ditetapkan dalam rapat pleno terbuka.</p>
<p>Masyarakat dapat memeriksa namanya di kantor desa atau kelurahan setempat pada jam kerja.</p>
<p>Jadwal kampanye, masa tenang dan pemungutan suara dimuat dalam keputusan komisi.</p></main>
<footer>Alamat kantor: Jalan Merdeka, telepon kantor tersedia pada jam kerja.</footer></body></html>`
