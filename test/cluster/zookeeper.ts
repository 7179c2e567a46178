// A real ZooKeeper for the tests of replicated tables: one process, fetched from Maven once per user.
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { findJava, mavenJars } from '../../deploy/embedded/kafka-jars.ts'
import { pickFreePorts } from '../../runtime/ports.ts'

const pom = fileURLToPath(new URL('./zookeeper/pom.xml', import.meta.url))
const run = promisify(execFile)
const START_MS = 60_000

/** Starts it with its data in `folder` and makes these nodes; `address` is host:port. */
export async function startZooKeeper(
  folder: string,
  nodes: readonly string[],
): Promise<{ address: string; stop(): Promise<void> }> {
  const [java, jars, [port = 0]] = await Promise.all([
    findJava(),
    mavenJars({ pom, artifact: 'zookeeper' }, () => undefined),
    pickFreePorts(1),
  ])
  await mkdir(join(folder, 'data'), { recursive: true })
  const settings = {
    dataDir: join(folder, 'data'),
    clientPort: port,
    clientPortAddress: '127.0.0.1',
    tickTime: 500,
    'admin.enableServer': false,
    '4lw.commands.whitelist': 'ruok',
  }
  const file = join(folder, 'zoo.cfg')
  await writeFile(
    file,
    Object.entries(settings)
      .map(([key, value]) => `${key}=${value}\n`)
      .join(''),
  )
  const main = 'org.apache.zookeeper.server.quorum.QuorumPeerMain'
  const child = spawn(java, ['-Xmx256m', '-cp', join(jars, '*'), main, file], { stdio: 'ignore' })
  const exited = once(child, 'exit')
  const deadline = Date.now() + START_MS
  while (!(await isOk(port))) {
    if (child.exitCode !== null || Date.now() > deadline) {
      child.kill('SIGKILL')
      throw new Error(`ZooKeeper did not start (exit code ${child.exitCode})`)
    }
    await sleep(100)
  }
  for (const node of nodes)
    await run(java, [
      '-cp',
      join(jars, '*'),
      'org.apache.zookeeper.ZooKeeperMain',
      '-server',
      `127.0.0.1:${port}`,
      'create',
      node,
    ])
  return {
    address: `127.0.0.1:${port}`,
    async stop() {
      child.kill('SIGKILL')
      await exited
    },
  }
}

/** "Are you OK?" – "imok". */
function isOk(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => socket.write('ruok'))
    let answer = ''
    socket.setTimeout(2_000, () => socket.destroy())
    socket.on('data', (chunk: Buffer) => {
      answer += chunk.toString()
    })
    socket.on('error', () => resolve(false))
    socket.on('close', () => resolve(answer === 'imok'))
  })
}
