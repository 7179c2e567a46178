// Do requests go where deploy/systemd/nginx/siaga.conf says? A real nginx before two servers that say who they are.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { selfSignedCertificate } from '../../ingest/syslog/certificate.ts'
import { pickFreePorts } from '../../runtime/ports.ts'
import { readDocument } from '../docs/markdown.ts'

const nginx = ['/usr/sbin/nginx', 'nginx'].find((path) => spawnSync(path, ['-v']).error === undefined)
const shipped = readDocument('deploy/systemd/nginx/siaga.conf')

test('its paths are those of the edge in compose', () => {
  const locations = (conf: string): string[] =>
    [...conf.matchAll(/location (~ \S+) \{$/gm)].map(([, path = '']) => path)
  expect(locations(shipped)).toEqual(locations(readDocument('deploy/compose/edge/routes.conf')))
})

describe.skipIf(nginx === undefined)('nginx (Debian package nginx; skipped where it is not)', () => {
  let folder: string
  let proxy: ChildProcess
  let ca = ''
  let https = 0
  const servers: Server[] = []

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'siaga-nginx-'))
    const [http = 0, tls = 0, collectors = 0, centre = 0] = await pickFreePorts(4)
    https = tls
    for (const [name, port] of Object.entries({ collectors, centre })) {
      const server = createServer((incoming, outgoing) => {
        const { host, ...headers } = incoming.headers
        outgoing.end(
          JSON.stringify({
            name,
            path: incoming.url,
            from: headers['x-forwarded-for'],
            proto: headers['x-forwarded-proto'],
            host,
          }),
        )
      })
      await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
      servers.push(server)
    }
    const { key, cert } = selfSignedCertificate({
      commonName: 'siaga.example',
      dnsNames: ['siaga.example'],
      addresses: ['127.0.0.1'],
      notBefore: new Date(Date.now() - 3_600_000),
      notAfter: new Date(Date.now() + 86_400_000),
      usage: 'server',
    })
    ca = cert
    writeFileSync(join(folder, 'web.crt'), cert)
    writeFileSync(join(folder, 'web.key'), key, { mode: 0o600 })
    const server = shipped
      .replaceAll('/etc/siaga/tls', folder)
      .replace('listen 80;', `listen 127.0.0.1:${http};`)
      .replace('listen 443 ssl;', `listen 127.0.0.1:${tls} ssl;`)
      .replace('127.0.0.1:8080', `127.0.0.1:${collectors}`)
      .replace('127.0.0.1:8081', `127.0.0.1:${centre}`)
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
      (name) => `${name}_temp_path ${folder}/${name};`,
    )
    writeFileSync(
      join(folder, 'nginx.conf'),
      `daemon off; pid ${folder}/pid; error_log stderr warn; events {}\nhttp { access_log off; ${temporary.join(' ')}\n${server}}\n`,
    )
    const checked = spawnSync(nginx ?? '', ['-t', '-e', 'stderr', '-c', join(folder, 'nginx.conf')], {
      encoding: 'utf8',
    })
    expect(checked.stderr).toContain('test is successful')
    proxy = spawn(nginx ?? '', ['-e', 'stderr', '-c', join(folder, 'nginx.conf')], { stdio: 'ignore' })
    await vi.waitUntil(
      () =>
        ask('/').then(
          () => true,
          () => false,
        ),
      { timeout: 20_000, interval: 50 },
    )
  })
  afterAll(async () => {
    if (proxy !== undefined) {
      const ended = new Promise((resolve) => proxy.once('exit', resolve))
      proxy.kill('SIGTERM')
      await ended
    }
    for (const server of servers) server.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const ask = (path: string): Promise<{ status: number | undefined; body: string }> =>
    new Promise((resolve, reject) => {
      const headers = { 'x-forwarded-for': '203.0.113.1', host: 'siaga.example' }
      request(
        { host: '127.0.0.1', port: https, path, ca, servername: 'siaga.example', headers, agent: false },
        (answer) => {
          text(answer).then((body) => resolve({ status: answer.statusCode, body }), reject)
        },
      )
        .on('error', reject)
        .end()
    })

  test.each([
    '/v1/events/web',
    '/v1/logs',
    '/elastic/_bulk',
    '/services/collector/event',
    '/loki/api/v1/push',
    '/readyz',
  ])('%s goes to the collectors', async (path) => {
    expect(JSON.parse((await ask(path)).body)).toEqual({
      name: 'collectors',
      path,
      from: '127.0.0.1',
      proto: 'https',
      host: 'siaga.example',
    })
  })

  test.each(['/', '/v1/reports', '/v1/watch', '/v1/alerts', '/api/live'])('%s goes to the centre', async (path) => {
    expect(JSON.parse((await ask(path)).body)).toMatchObject({ name: 'centre', path, from: '127.0.0.1' })
  })

  test.each(['/metrics', '/status', '/status.js', '/v1/status'])('%s is for this machine alone', async (path) => {
    expect((await ask(path)).status).toBe(404)
  })
})
