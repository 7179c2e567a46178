import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Collector } from '../../../ingest/collector.ts'
import { selfSignedCertificate } from '../../../ingest/syslog/certificate.ts'
import { startSyslog } from '../../../ingest/syslog/syslog.ts'
import { certificateNames } from '../../../ingest/syslog/tcp.ts'
import { loadTls, ownCertificatePath } from '../../../ingest/syslog/tls.ts'
import { silentLog } from '../../../runtime/log.ts'
import { pickFreePorts } from '../../../runtime/ports.ts'
import { Config } from '../../../schemas/config.ts'
import { dial, portOf, type TestDependencies, testDependencies, until } from './support.ts'

let directory = ''
const running: Collector[] = []
const sockets: TLSSocket[] = []

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'siaga-tls-'))
})

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await Promise.all(running.splice(0).map((collector) => collector.stop()))
  await rm(directory, { recursive: true, force: true })
})

function syslogConfig(settings: object = {}): Config['syslog'] {
  return Config.parse({ syslog: { port: 0, tls_port: 0, ...settings } }).syslog
}

async function start(dependencies: TestDependencies, settings: object = {}): Promise<{ port: number; ca: string }> {
  const collector = await startSyslog(syslogConfig(settings), dependencies, directory)
  running.push(collector)
  const ca = await readFile(ownCertificatePath(directory), 'utf8').catch(() => '')
  return { port: portOf(collector.addresses, 'tls'), ca }
}

async function client(options: ConnectionOptions): Promise<TLSSocket> {
  const socket = connect({ host: '127.0.0.1', servername: 'localhost', ...options })
  sockets.push(socket)
  await once(socket, 'secureConnect')
  socket.on('error', () => {})
  return socket
}

function newCertificate(commonName: string, dnsNames: string[], usage: 'server' | 'client') {
  const day = 86_400_000
  return selfSignedCertificate({
    commonName,
    dnsNames,
    addresses: ['127.0.0.1', '::1'],
    notBefore: new Date(Date.now() - day),
    notAfter: new Date(Date.now() + 60 * day),
    usage,
  })
}

/** Files of a server certificate, and as CA the one client certificate that it is to believe. */
async function tlsFiles(ca?: string) {
  const server = newCertificate('collector.example', ['localhost'], 'server')
  const files = {
    cert: join(directory, 'server.crt'),
    key: join(directory, 'server.key'),
    ca: join(directory, 'ca.crt'),
  }
  await writeFile(files.cert, server.cert)
  await writeFile(files.key, server.key)
  if (ca !== undefined) await writeFile(files.ca, ca)
  return { settings: ca === undefined ? { cert: files.cert, key: files.key } : files, serverCert: server.cert }
}

describe('syslog over TLS (RFC 5425)', () => {
  test('works at the first start with a certificate of its own, which stays', async () => {
    const dependencies = testDependencies([{ id: 'kpu', networks: ['127.0.0.1'] }])
    const { port, ca } = await start(dependencies)
    const socket = await client({ port, ca })
    expect(socket.authorized).toBe(true)
    socket.write('6 <1>a\nb<2>line\n')
    await until(() => dependencies.counts.accepted === 2)
    expect(dependencies.writer.texts).toEqual(['<1>a\nb', '<2>line'])
    expect(dependencies.writer.events[0]).toMatchObject({ source: 'kpu', peer: '127.0.0.1' })

    await running.pop()?.stop()
    expect((await stat(join(directory, 'tls', 'syslog.key'))).mode & 0o777).toBe(0o600)
    expect((await start(dependencies)).ca).toBe(ca)
  })

  test('a client certificate decides the source before the network does', async () => {
    const agent = newCertificate('agent', ['log.jatim.example'], 'client')
    const { settings, serverCert } = await tlsFiles(agent.cert)
    const dependencies = testDependencies([
      { id: 'by-network', networks: ['127.0.0.1'] },
      { id: 'by-certificate', certificates: ['log.jatim.example'] },
    ])
    const { port } = await start(dependencies, { tls: settings })
    const withCertificate = await client({ port, ca: serverCert, cert: agent.cert, key: agent.key })
    withCertificate.write('4 <1>a')
    await until(() => dependencies.counts.accepted === 1)
    const without = await client({ port, ca: serverCert })
    without.write('4 <1>b')
    await until(() => dependencies.counts.accepted === 2)
    expect(dependencies.writer.events.map((event) => event.source)).toEqual(['by-certificate', 'by-network'])
  })

  test('the names of a certificate that nobody vouches for count for nothing', async () => {
    const { settings, serverCert } = await tlsFiles(newCertificate('agent', [], 'client').cert)
    const forged = newCertificate('agent', ['log.jatim.example'], 'client')
    const dependencies = testDependencies([{ id: 'by-certificate', certificates: ['log.jatim.example', 'agent'] }])
    const { port } = await start(dependencies, { tls: settings })
    const socket = await client({ port, ca: serverCert, cert: forged.cert, key: forged.key })
    socket.write('4 <1>a')
    await until(() => dependencies.counts.accepted === 1)
    expect(dependencies.writer.events[0]).toMatchObject({ source: 'unknown-peer', marks: ['unknown_peer'] })
  })

  test('where a client certificate is required, none or a forged one is refused', async () => {
    const agent = newCertificate('agent', [], 'client')
    const { settings, serverCert } = await tlsFiles(agent.cert)
    const dependencies = testDependencies([{ id: 'agent', certificates: ['agent'] }])
    const { port } = await start(dependencies, { tls: { ...settings, require_client_certificate: true } })
    const forged = newCertificate('agent', [], 'client')
    for (const credentials of [{}, { cert: forged.cert, key: forged.key }]) {
      // In TLS 1.3 the client is told after its side of the handshake.
      const socket = connect({ host: '127.0.0.1', servername: 'localhost', port, ca: serverCert, ...credentials })
      sockets.push(socket)
      socket.on('error', () => {})
      socket.write('4 <1>a')
      await new Promise((resolve) => socket.once('close', resolve))
    }
    const socket = await client({ port, ca: serverCert, cert: agent.cert, key: agent.key })
    socket.write('4 <1>b')
    await until(() => dependencies.counts.accepted === 1)
    expect(dependencies.writer.texts).toEqual(['<1>b'])
    expect(dependencies.writer.events[0]?.source).toBe('agent')
  })

  test('TLS before 1.2 is refused', async () => {
    const { port, ca } = await start(testDependencies())
    const old = client({ port, ca, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' })
    await expect(old).rejects.toThrow()
    const socket = await client({ port, ca, maxVersion: 'TLSv1.2' })
    expect(socket.getProtocol()).toBe('TLSv1.2')
  })

  test('plain text, and silence in the handshake, hinder nobody and do not hold up a stop', async () => {
    const dependencies = testDependencies()
    const { port, ca } = await start(dependencies)
    const plain = await dial(port)
    plain.write('<1>not encrypted\n')
    await once(plain.resume(), 'close')
    const silent = await dial(port)
    const socket = await client({ port, ca })
    socket.write('4 <1>a')
    await until(() => dependencies.counts.accepted === 1)
    const begin = performance.now()
    await running.pop()?.stop()
    expect(performance.now() - begin).toBeLessThan(2_000)
    silent.destroy()
    expect(dependencies.writer.texts).toEqual(['<1>a'])
  })

  test('a port that is taken closes the others again', async () => {
    const dependencies = testDependencies()
    const { port } = await start(dependencies)
    const [plain = 0] = await pickFreePorts(1)
    const settings = syslogConfig({ port: plain, tls_port: port })
    await expect(startSyslog(settings, dependencies, directory)).rejects.toMatchObject({
      code: 'PORT_TAKEN',
      action: expect.stringContaining('SIAGA_SYSLOG_TLS_PORT'),
    })
    await expect(dial(plain)).rejects.toThrow(/ECONNREFUSED/)
  })

  test('settings that cannot work are told before a port is opened', async () => {
    const { settings } = await tlsFiles()
    const load = (tls: object) => loadTls(syslogConfig({ tls }).tls, directory, silentLog)
    await expect(load({ ...settings, cert: join(directory, 'none.crt') })).rejects.toThrow(
      /syslog.tls.cert: .* cannot be read/,
    )
    await expect(load({ ...settings, require_client_certificate: true })).rejects.toThrow(/needs syslog.tls.ca/)
    const other = newCertificate('other', [], 'server')
    await writeFile(join(directory, 'other.key'), other.key)
    await expect(load({ ...settings, key: join(directory, 'other.key') })).rejects.toThrow(/cannot be used/)
    await writeFile(join(directory, 'file'), '')
    await expect(loadTls(undefined, join(directory, 'file'), silentLog)).rejects.toMatchObject({
      code: 'DATA_DIR_UNWRITABLE',
    })
  })
})

describe('self-signed certificate (RFC 5280)', () => {
  test('is what Node reads', () => {
    const { cert, key } = newCertificate('kolektor.example', ['kolektor.example', 'localhost'], 'server')
    const read = new X509Certificate(cert)
    expect(read.subject).toBe('CN=kolektor.example')
    expect(read.issuer).toBe(read.subject)
    expect(read.verify(read.publicKey)).toBe(true)
    expect(read.ca).toBe(false)
    expect(read.checkHost('localhost')).toBe('localhost')
    expect(read.checkIP('127.0.0.1')).toBe('127.0.0.1')
    expect(read.checkIP('::1')).toBe('::1')
    expect(read.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1'])
    expect(Math.abs(read.validToDate.getTime() - Date.now() - 60 * 86_400_000)).toBeLessThan(60_000)
    expect(key).toMatch(/^-----BEGIN PRIVATE KEY-----/)
  })

  test('two are never the same, and a date from 2050 on is written long', () => {
    const serials = new Set(
      Array.from({ length: 50 }, () => new X509Certificate(newCertificate('a', [], 'server').cert).serialNumber),
    )
    expect(serials.size).toBe(50)
    const late = selfSignedCertificate({
      commonName: 'x'.repeat(64),
      dnsNames: Array.from({ length: 40 }, (_, n) => `host-${n}.example`),
      addresses: [],
      notBefore: new Date('2026-01-01T00:00:00Z'),
      notAfter: new Date('2051-02-03T04:05:06Z'),
      usage: 'client',
    })
    expect(new X509Certificate(late.cert).validToDate.toISOString()).toBe('2051-02-03T04:05:06.000Z')
  })

  test('names of a certificate that could pass for two are nobody’s', () => {
    const names = (subjectaltname: string, authorized = true) =>
      certificateNames({ authorized, getPeerCertificate: () => ({ subject: { CN: 'cn' }, subjectaltname }) } as never)
    expect(names('DNS:a.example, IP Address:1.2.3.4, DNS:b.example')).toEqual(['cn', 'a.example', 'b.example'])
    expect(names('DNS:"a.example, DNS:evil.example"')).toEqual(['cn'])
    expect(names('DNS:a.example', false)).toEqual([])
  })
})
