// How do tests install Siaga on Kubernetes? As docs/operations.md tells, on the one-node cluster of cluster.sh, with a Kafka and a ClickHouse behind TLS on this machine.
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, chown, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { StartedTestContainer } from 'testcontainers'
import { parse, stringify } from 'yaml'
import { createClickHouse } from '../../../runtime/clickhouse.ts'
import { pickFreePorts } from '../../../runtime/ports.ts'
import { blockMarked, blocksOf, readDocument, root } from '../../docs/markdown.ts'
import { makeAuthority } from '../../ingest/probe/certificates.ts'
import { behindTls } from '../../runtime/behind-tls.ts'
import { startSecureKafka, user } from '../../runtime/secure-kafka.ts'
import { type Images, labels } from '../engine.ts'
import { clickhouseContainer, LOGIN } from '../parts.ts'

export type Installation = Awaited<ReturnType<typeof prepare>>

const execute = promisify(execFile)
const operations = 'docs/operations.md'
const kafkaName = 'kafka1.jabar.example'
const clickhouseName = 'clickhouse.jabar.example'
const namespace = 'siaga'

/** Folder of the cluster (cluster.sh up), where `SIAGA_TEST_CLUSTER` names one; or why there is none. */
export function findCluster(): { readonly cluster: string } | { readonly missing: string } {
  const cluster = process.env.SIAGA_TEST_CLUSTER
  if (!cluster) return { missing: 'SIAGA_TEST_CLUSTER names no cluster (test/containers/kubernetes/cluster.sh)' }
  return existsSync(join(cluster, 'kubeconfig')) ? { cluster } : { missing: `${cluster} holds no kubeconfig` }
}

/** The block of the document that is marked so. */
const shown = (mark: string): string => blockMarked('docs/operations.md', `kubernetes ${mark}`)

/** Services, a copy of the tree with an overlay of one's own, and secrets; nothing is applied yet. The images are in the engine of this machine. */
export async function prepare(cluster: string, images: Images) {
  const work = await mkdtemp(join(tmpdir(), 'siaga-kubernetes-'))
  const ending: (() => Promise<unknown>)[] = [() => rm(work, { recursive: true, force: true })]
  const stop = async (): Promise<void> => {
    for (const end of ending.splice(0).reverse()) await end()
  }
  const env = {
    HOME: work,
    PATH: `${join(cluster, 'bin')}:${process.env.PATH}`,
    KUBECONFIG: join(cluster, 'kubeconfig'),
  }
  const run = async (command: string, ...args: string[]): Promise<string> => {
    const options = { cwd: work, env, maxBuffer: 64 * 1024 * 1024, timeout: 900_000 }
    return (await execute(command, args, options)).stdout
  }
  const kubectl = (...args: string[]): Promise<string> => run('kubectl', `--namespace=${namespace}`, ...args)
  const documented = (mark: string, change = (text: string): string => text): Promise<string> =>
    run('bash', '-e', '-o', 'pipefail', '-c', change(shown(mark)))
  const load = (name: string): Promise<string> =>
    run(join(import.meta.dirname, 'cluster.sh'), 'load', cluster, images.siaga, name)

  try {
    // Pods are on a bridge, whose own address is that of the node.
    const address = (await kubectl('get', 'nodes', '-o', 'jsonpath={.items[0].status.addresses[0].address}')).trim()
    const masterKey = randomBytes(32)
    const kafka = await startSecureKafka(kafkaName, address)
    ending.push(() => kafka.stop())
    const clickhouse = await startClickHouse(work, images.clickhouse, address)
    ending.push(() => clickhouse.stop())

    await cp(join(root, 'deploy/kubernetes'), join(work, 'deploy/kubernetes'), { recursive: true })
    await rm(join(work, 'deploy/kubernetes/overlays/ours'), { recursive: true, force: true })
    await documented('copies')
    const kafkaPort = Number(kafka.sasl.split(':')[1])
    await makeOurs(join(work, 'deploy/kubernetes/overlays/ours'), {
      address,
      kafkaPort,
      clickhousePort: clickhouse.port,
    })
    const syslog = await (await makeAuthority()).issue(['siaga.jabar.example'])
    const secrets = {
      'master-key': `${masterKey.toString('base64')}\n`,
      'kafka-username': user.username,
      'kafka-password': user.password,
      'kafka-ca.crt': await readFile(join(kafka.folder, 'ca.pem'), 'utf8'),
      'clickhouse-password': LOGIN.password,
      'clickhouse-ca.crt': clickhouse.ca,
      'syslog.crt': syslog.cert,
      'syslog.key': syslog.key,
      'keys.json': '{"version":1,"keys":[]}',
      'smtp-password': 'x',
      'telegram-token': '1:x',
    }
    for (const [name, text] of Object.entries(secrets)) await writeFile(join(work, 'siaga-secrets', name), text)
    await makeVolume(work, run, 'siaga-test', '20Gi')
    await makeVolume(work, run, 'siaga-test-backups', '50Gi')
    const noNamespace = () => kubectl('delete', 'namespace', namespace, '--ignore-not-found', '--wait')
    ending.push(noNamespace)
    for (const name of ['siaga-test', 'siaga-test-backups'])
      ending.push(() => kubectl('delete', 'persistentvolume', name, '--ignore-not-found', '--wait=false'))
    const { version }: { version: string } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
    await load(`siaga:${version}`)
    const rows = createClickHouse({ url: clickhouse.url, ...LOGIN })
    ending.push(() => rows.close())
    return {
      address,
      kafkaPort,
      clickhousePort: clickhouse.port,
      clickhouse: rows,
      kubectl,
      /** Runs the document's block of this mark, as it stands, or with what an operator puts in. */
      documented,
      /** The same image under a new version, and the manifests set to it, as for an upgrade. */
      async newVersion(next: string): Promise<void> {
        await load(`siaga:${next}`)
        const change = async (name: string, from: string, to: string): Promise<void> => {
          const file = join(work, 'deploy/kubernetes', name, 'kustomization.yaml')
          const text = await readFile(file, 'utf8')
          if (!text.includes(from)) throw new Error(`${name}/kustomization.yaml has no ${from}`)
          await writeFile(file, text.replace(from, to))
        }
        await change('base', `newTag: "${version}"`, `newTag: "${next}"`)
        const suffix = (of: string): string => `nameSuffix: -${of.replaceAll('.', '-')}`
        await change('base/migrate', suffix(version), suffix(next))
      },
      /** Everything but the back-ups and what an operator keeps apart: what the cluster has of Siaga, the centre's volume, the disks of Kafka and ClickHouse. */
      async loseEverything(): Promise<void> {
        await noNamespace()
        await kubectl('delete', 'persistentvolume', 'siaga-test', '--wait')
        await rm(join(work, 'siaga-test'), { recursive: true })
        await Promise.all([kafka.startOver(), clickhouse.startOver()])
        await makeVolume(work, run, 'siaga-test', '20Gi')
        // Its disk is there; the claim that it was of is not.
        const free = '{"spec":{"claimRef":null}}'
        await kubectl('patch', 'persistentvolume', 'siaga-test-backups', '--type=merge', '-p', free)
      },
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** A server with the settings that compose's has, behind TLS at the node's address; its disk for back-ups lies apart from its data. */
async function startClickHouse(work: string, image: string, address: string) {
  const [port = 0] = await pickFreePorts(1)
  const backups = join(work, 'clickhouse-backups')
  await mkdir(backups)
  // The user of its image.
  await chown(backups, 101, 101)
  // Docker reads it for the container.
  await chmod(work, 0o755)
  const start = (): Promise<StartedTestContainer> =>
    clickhouseContainer(image, port)
      .withLabels(labels)
      .withBindMounts([
        { source: backups, target: '/var/lib/clickhouse/backups' },
        {
          source: join(root, 'deploy/compose/clickhouse/server.xml'),
          target: '/etc/clickhouse-server/config.d/siaga.xml',
          mode: 'ro',
        },
      ])
      .start()
  const end = (container: StartedTestContainer): Promise<unknown> => container.stop({ removeVolumes: true })
  let running = await start()
  const authority = await makeAuthority()
  const url = `http://127.0.0.1:${port}`
  const proxy = await behindTls(url, await authority.issue([clickhouseName]), address)
  return {
    ca: authority.ca,
    port: proxy.port,
    url,
    /** The same server after the loss of its data. */
    async startOver() {
      await end(running)
      running = await start()
    },
    async stop() {
      await proxy.close()
      await end(running)
    },
  }
}

interface Place {
  readonly address: string
  readonly kafkaPort: number
  readonly clickhousePort: number
}

/** What an operator sets in a copy of the overlay `province`: addresses, networks, image, sizes; here also names, since this cluster has no DNS. */
async function makeOurs(folder: string, { address, kafkaPort, clickhousePort }: Place): Promise<void> {
  const change = async (name: string, to: (text: string) => string): Promise<void> => {
    const file = join(folder, name)
    await writeFile(file, to(await readFile(file, 'utf8')))
  }
  await change('siaga.yaml', (text) => {
    const settings = parse(text)
    Object.assign(settings.kafka, { brokers: [`${kafkaName}:${kafkaPort}`], replication: 1 })
    Object.assign(settings.clickhouse, { url: `https://${clickhouseName}:${clickhousePort}`, user: LOGIN.username })
    settings.sources.push({ id: 'web-kpu', name: 'Web', format: 'nginx', region: '32', owner: 'pemda' })
    return stringify(settings)
  })
  await change('networks.yaml', (text) =>
    text
      .replace('10.32.9.16/30', `${address}/32`)
      .replace('10.32.9.20/32', `${address}/32`)
      .replace('port: 9093', `port: ${kafkaPort}`)
      .replace('port: 8443', `port: ${clickhousePort}`),
  )
  await change('kustomization.yaml', (text) => {
    const settings = parse(text)
    settings.images = [{ name: 'siaga', newName: 'docker.io/library/siaga' }]
    const named = [{ ip: address, hostnames: [kafkaName, clickhouseName] }]
    for (const kind of ['Deployment', 'StatefulSet', 'Job'])
      settings.patches.push({
        target: { kind, labelSelector: 'app.kubernetes.io/name=siaga' },
        patch: stringify([{ op: 'add', path: '/spec/template/spec/hostAliases', value: named }]),
      })
    settings.components = ['../../components/backup']
    const job = '/spec/jobTemplate/spec/template/spec'
    settings.patches.push({
      target: { kind: 'CronJob', name: 'siaga-backup' },
      patch: stringify([{ op: 'add', path: `${job}/hostAliases`, value: named }]),
    })
    // Two cores are all that there is.
    settings.patches.push({
      target: { kind: 'Deployment', name: 'siaga-process' },
      patch: stringify([
        { op: 'replace', path: '/spec/template/spec/containers/0/resources/requests/cpu', value: '100m' },
      ]),
    })
    return stringify(settings)
  })
}

/** A disk for a claim of this size: this cluster has nothing that makes one. */
async function makeVolume(
  work: string,
  run: (command: string, ...args: string[]) => Promise<string>,
  name: string,
  storage: string,
): Promise<void> {
  const path = join(work, name)
  await mkdir(path)
  const node = (await run('kubectl', 'get', 'nodes', '-o', 'jsonpath={.items[0].metadata.name}')).trim()
  const volume = {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name },
    spec: {
      capacity: { storage },
      accessModes: ['ReadWriteOnce'],
      persistentVolumeReclaimPolicy: 'Retain',
      local: { path },
      nodeAffinity: {
        required: {
          nodeSelectorTerms: [
            { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [node] }] },
          ],
        },
      },
    },
  }
  await writeFile(join(work, `${name}.yaml`), stringify(volume))
  await run('kubectl', 'apply', '-f', `${name}.yaml`)
}

/** Marks of the document's blocks about Kubernetes, in order. */
export const marks = (): string[] =>
  blocksOf(readDocument(operations))
    .map(({ comment }) => comment)
    .filter((comment) => comment.startsWith('kubernetes '))
