// What is in the image, and what does it do as the first process of a container? Its bill of materials against what is there, its labels, its signals.
import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { promisify } from 'node:util'
import { describe, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { blocksOf, readDocument, root } from '../docs/markdown.ts'
import { findEngine, findImages, labels } from './engine.ts'
import { waitFor } from './ledger.ts'

const found = await findEngine()
const missing = 'missing' in found ? found.missing : undefined
const run = promisify(execFile)
const image = 'siaga:local'
const label = Object.entries(labels).flatMap(([name, value]) => ['--label', `${name}=${value}`])
const inside = async (...command: string[]): Promise<string> => {
  const [program = '', ...args] = command
  const options = ['--rm', '--read-only', '--tmpfs', '/tmp', '--network', 'none', ...label, '--entrypoint', program]
  return (await run('docker', ['run', ...options, image, ...args], { maxBuffer: 64 * 1024 * 1024 })).stdout
}

// What CycloneDX 1.5 requires (schema bom-1.5): the top, each component's type and name, each dependency's reference.
const Ref = z.string().min(1)
const Component = z.object({
  type: z.enum(['application', 'framework', 'library', 'container', 'platform', 'operating-system', 'device', 'file']),
  name: z.string().min(1),
  version: z.string(),
  'bom-ref': Ref,
  purl: z.string().regex(/^pkg:(npm|deb)\//),
})
const Bill = z.object({
  bomFormat: z.literal('CycloneDX'),
  specVersion: z.enum(['1.5', '1.6']),
  serialNumber: z.string().regex(/^urn:uuid:[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/),
  version: z.int().min(1),
  metadata: z.object({ timestamp: z.iso.datetime(), component: Component }),
  components: z.array(Component).min(1),
  dependencies: z.array(z.object({ ref: Ref, dependsOn: z.array(Ref) })),
})
const Networks = z.tuple([z.object({ IPAM: z.object({ Config: z.tuple([z.object({ Gateway: z.string() })]) }) })])
const Manifest = z.object({ name: z.string(), version: z.string() })

describe.skipIf(missing !== undefined)(`the image${missing === undefined ? '' : `: skipped, ${missing}`}`, () => {
  test('its bill of materials is CycloneDX and names every package that is there, and no other', async () => {
    if ('engine' in found) await findImages(found.engine)
    const bill = Bill.parse(JSON.parse(await inside('cat', '/app/sbom.cdx.json')))
    const refs = [bill.metadata.component, ...bill.components].map((component) => component['bom-ref'])
    expect(new Set(refs).size).toBe(refs.length)
    const known = new Set(refs)
    expect(
      bill.dependencies.flatMap(({ ref, dependsOn }) => [ref, ...dependsOn]).filter((ref) => !known.has(ref)),
    ).toEqual([])

    const manifests = await inside(
      'sh',
      '-c',
      'cd /app/node_modules && find . -name package.json -exec echo {} \\; -exec cat {} \\; -exec echo ---- \\;',
    )
    const there = manifests.split('----\n').flatMap((text) => {
      const path = text.slice(0, text.indexOf('\n'))
      // A package's own, not one of its folders'.
      if (!/(^\.|node_modules)\/(@[^/]+\/)?[^/]+\/package\.json$/.test(path)) return []
      const { name, version } = Manifest.parse(JSON.parse(text.slice(path.length)))
      return [`pkg:npm/${name.replace('@', '%40')}@${version}`]
    })
    const debian = (
      await inside('dpkg-query', '-W', '-f', 'pkg:deb/debian/${Package}@${Version}?arch=${Architecture}\n')
    )
      .split('\n')
      .filter(Boolean)
    const named = bill.components.map(({ purl }) => decodeURIComponent(purl).replace('pkg:npm/@', 'pkg:npm/%40'))
    expect(new Set(named.filter((purl) => purl.startsWith('pkg:npm/')))).toEqual(new Set(there))
    expect(new Set(named.filter((purl) => purl.startsWith('pkg:deb/')))).toEqual(new Set(debian))
  })

  test('it holds what roles need and nothing of the tests', async () => {
    const { version } = Manifest.parse(JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')))
    const Inspected = z.array(
      z.object({
        Config: z.object({
          User: z.string(),
          StopSignal: z.string(),
          Entrypoint: z.array(z.string()),
          Labels: z.record(z.string(), z.string()),
          Healthcheck: z.object({ Test: z.array(z.string()) }),
        }),
      }),
    )
    const [inspected] = Inspected.parse(JSON.parse((await run('docker', ['image', 'inspect', image])).stdout))
    expect(inspected?.Config).toMatchObject({
      User: '10001:10001',
      StopSignal: 'SIGTERM',
      Entrypoint: ['siaga'],
      Labels: { 'org.opencontainers.image.title': 'siaga', 'org.opencontainers.image.version': version },
      Healthcheck: { Test: ['CMD', 'node', '/app/deploy/image/health.mjs'] },
    })
    expect((await inside('siaga', '--version')).trim()).toBe(version)
    const names = (await inside('sh', '-c', 'ls -d /app/* /app/node_modules/* /app/node_modules/@*/*')).split('\n')
    for (const name of ['/app/cli', '/app/rules', '/app/node_modules/kafkajs']) expect(names).toContain(name)
    for (const name of [
      '/app/test',
      '/app/web/app',
      '/app/node_modules/vite',
      '/app/node_modules/vitest',
      '/app/node_modules/@chdb',
    ])
      expect(names).not.toContain(name)
    await inside('test', '-f', '/app/web/dist/index.html.br')
  })

  // `migrate` handles no signal, and the kernel would not end the first process of a container for it.
  test.each([
    ['migrate', 143],
    ['process', 0],
    ['ingest', 0],
    ['start', 0],
  ])('SIGTERM ends `siaga %s` while the services that it waits for say nothing', async (command, code) => {
    let reached = 0
    const silent = createServer((socket) => {
      reached += 1
      socket.on('error', () => undefined)
    })
    const network = `siaga-test-image-${process.pid}`
    await run('docker', ['network', 'create', ...label, network])
    onTestFinished(() => run('docker', ['network', 'rm', network]).then(() => undefined))
    const [{ IPAM }] = Networks.parse(JSON.parse((await run('docker', ['network', 'inspect', network])).stdout))
    const host = IPAM.Config[0].Gateway
    await new Promise<void>((resolve) => silent.listen(0, host, resolve))
    const address = silent.address()
    const port = address !== null && typeof address === 'object' ? address.port : 0
    const env = ['--env', `KAFKA_BROKERS=${host}:${port}`, '--env', `CLICKHOUSE_URL=http://u:p@${host}:${port}`]
    const data = ['--tmpfs', '/tmp', '--tmpfs', '/var/lib/siaga:uid=10001,gid=10001,mode=700']
    const { stdout } = await run('docker', [
      'run',
      '--detach',
      '--read-only',
      ...['--network', network],
      ...data,
      ...env,
      ...label,
      image,
      command,
    ])
    const id = stdout.trim()
    try {
      await waitFor('it asks nobody', () => reached > 0)
      await run('docker', ['stop', '--time', '25', id])
      const ended = await run('docker', ['inspect', '--format', '{{.State.ExitCode}}', id])
      expect(ended.stdout.trim()).toBe(String(code))
    } finally {
      await run('docker', ['rm', '--force', '--volumes', id])
      silent.close()
    }
  })

  test('the health check says which port does not answer, and is silent about a command without one', async () => {
    const check = ['/app/deploy/image/health.mjs', '/readyz']
    expect(await inside('node', ...check)).toBe('')
    // `process` among the arguments of the first process: it takes the port of that role, on which nothing listens here.
    const failed = await inside('node', ...check, 'process').catch((error: unknown) => error)
    expect(failed).toMatchObject({ code: 1, stdout: expect.stringMatching(/^\/readyz on port 9464: .*ECONNREFUSED/) })
  })

  const shown = blocksOf(readDocument('docs/operations.md')).filter(({ comment }) => /^image\b/.test(comment))
  test('docs/operations.md has blocks about the image', () => expect(shown.length).toBeGreaterThanOrEqual(3))

  const debootstrap = existsSync('/usr/sbin/debootstrap') && process.getuid?.() === 0
  test.for(shown)('docs/operations.md, line $line: $text', async ({ text, comment }, { skip }) => {
    skip(text.includes('base.sh') && !debootstrap, 'a base is made by debootstrap, as root')
    if (comment.includes('pulled')) {
      const pulled = run('docker', ['pull', '--quiet', 'debian:bookworm-slim'], { timeout: 300_000 })
      skip(
        await pulled.then(
          () => false,
          () => true,
        ),
        'the usual base cannot be pulled here',
      )
    }
    await run('bash', ['-e', '-c', text], { cwd: root, maxBuffer: 64 * 1024 * 1024 })
  })
})
