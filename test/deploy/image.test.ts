// Do the parts of the images keep their word without an engine? The bill of materials, and how KAFKA_* becomes a broker's settings. Images themselves: test/containers.
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { withDebian } from '../../deploy/image/sbom.ts'

const start = new URL('../../deploy/image/services/kafka/start.sh', import.meta.url).pathname

/** Runs the start of the broker with a Java that only says how it was called; answers server.properties and the calls. */
async function startBroker(environment: Record<string, string>, meta = false) {
  const folder = await mkdtemp(join(tmpdir(), 'siaga-broker-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const bin = join(folder, 'bin')
  const data = join(folder, 'data')
  await mkdir(bin)
  await mkdir(data)
  if (meta) await writeFile(join(data, 'meta.properties'), '')
  await writeFile(join(bin, 'java'), '#!/bin/bash\nprintf "%s|" "$@"; echo\n', { mode: 0o755 })
  const env = { PATH: `${bin}:/usr/bin:/bin`, TMPDIR: folder, KAFKA_LOG_DIRS: data, ...environment }
  const { stdout } = await promisify(execFile)('bash', [start], { env })
  const text = await readFile(join(folder, 'kafka', 'server.properties'), 'utf8')
  const entries = text
    .trim()
    .split('\n')
    .map((line): [string, string] => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)])
  return { settings: Object.fromEntries(entries), calls: stdout.trim().split('\n') }
}

test('a broker takes its settings from the environment of the official image', async () => {
  const { settings, calls } = await startBroker({
    KAFKA_PROCESS_ROLES: 'broker,controller',
    KAFKA_NODE_ID: '7',
    KAFKA_CONTROLLER_QUORUM_VOTERS: '7@kafka:9093',
    KAFKA_LISTENER_NAME_OUT__SIDE_SCRAM___SHA___512_SASL_JAAS_CONFIG: 'a\\b required;',
    KAFKA_HEAP_OPTS: '-Xmx1g -Xms1g',
    CLUSTER_ID: '4L6g3nShT-eMCtK--X86sw',
  })
  expect(settings).toMatchObject({
    'process.roles': 'broker,controller',
    'node.id': '7',
    'controller.quorum.voters': '7@kafka:9093',
    // A backslash is doubled: in a file of properties one alone is an escape.
    'listener.name.out_side.scram-sha-512.sasl.jaas.config': 'a\\\\b required;',
  })
  expect(Object.keys(settings)).not.toContain('heap.opts')
  expect(Object.keys(settings)).not.toContain('listeners')
  const [format = '', run = ''] = calls
  expect(format).toContain('|format|--ignore-formatted|--cluster-id|4L6g3nShT-eMCtK--X86sw|')
  expect(format).not.toContain('--standalone')
  expect(run).toMatch(/^-Xmx1g\|-Xms1g\|.*\|kafka\.Kafka\|.*server\.properties\|$/)
})

test('with no setting it is a broker of its own, and what is formatted stays as it is', async () => {
  const { settings, calls } = await startBroker({}, true)
  expect(settings).toMatchObject({
    'process.roles': 'broker,controller',
    'advertised.listeners': 'PLAINTEXT://localhost:9092',
  })
  expect(calls).toHaveLength(1)
  const fresh = await startBroker({})
  // 16 bytes in base64url, and no dash in front: it would read as an option.
  expect(fresh.calls[0]).toMatch(/\|--cluster-id\|[0-9A-Za-z_][0-9A-Za-z_-]{21}\|/)
})

test('Debian’s packages join npm’s bill of materials', () => {
  const npm = {
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    metadata: { component: { 'bom-ref': 'siaga@0.1.0', name: 'siaga' } },
    components: [{ 'bom-ref': 'zod@4.0.0', name: 'zod', purl: 'pkg:npm/zod@4.0.0' }],
    dependencies: [
      { ref: 'siaga@0.1.0', dependsOn: ['zod@4.0.0'] },
      { ref: 'zod@4.0.0', dependsOn: [] },
    ],
  }
  const bill = withDebian(JSON.stringify(npm), 'libc6\t2.36-9+deb12u14\tamd64\nlibjpeg\t1:2.1.5-2\tamd64\n')
  expect(bill.components.slice(1)).toEqual([
    {
      'bom-ref': 'pkg:deb/debian/libc6@2.36-9%2Bdeb12u14?arch=amd64',
      type: 'library',
      name: 'libc6',
      version: '2.36-9+deb12u14',
      purl: 'pkg:deb/debian/libc6@2.36-9%2Bdeb12u14?arch=amd64',
    },
    expect.objectContaining({ purl: 'pkg:deb/debian/libjpeg@1%3A2.1.5-2?arch=amd64' }),
  ])
  const refs = new Set(['siaga@0.1.0', ...bill.components.map((component) => component['bom-ref'])])
  expect(new Set(bill.dependencies.map(({ ref }) => ref))).toEqual(refs)
  expect(bill.dependencies[0]?.dependsOn).toHaveLength(3)
  expect(bill).toMatchObject({ specVersion: '1.5' })
  expect(() => withDebian('{"bomFormat":"SPDX"}', '')).toThrow()
})
