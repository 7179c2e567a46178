// A reader in a process of its own, to be killed: `reader-process.ts SETTINGS DATA_DIR FILE [DIES]`. The file is its Kafka: a line is acknowledged when it is on the disk.
// DIES: `before`, `after` or `half`: it kills itself at a write, before the line is there, behind it, or with one of two pieces written.
import { open, readFile, stat } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { startCertificateLogs } from '../../../ingest/certificate-log/certificate-log.ts'
import type { ReadBack } from '../../../ingest/certificate-log/reader.ts'
import type { RawWriter } from '../../../ingest/collector.ts'
import { CertificateLogs } from '../../../schemas/watch.ts'
import { fakeDependencies } from '../http/fakes.ts'
import { match } from './rig.ts'

const [settings = '', dataDir = '', file = '', dies = ''] = process.argv.slice(2)
const die = () => process.kill(process.pid, 'SIGKILL')

const writer: RawWriter = {
  async write(events) {
    if (dies === 'before') die()
    const lines = events.map(({ id }) => `${id}\n`)
    const kept = dies === 'half' ? lines.slice(0, Math.ceil(lines.length / 2)) : lines
    const handle = await open(file, 'a')
    await handle.write(kept.join(''))
    await handle.sync()
    await handle.close()
    if (dies !== '') die()
    // As long as an acknowledgement is on its way.
    await sleep(5)
  },
}
const readBack: ReadBack = {
  async mark() {
    const { size } = await stat(file)
    return [{ partition: 0, offset: size }]
  },
  async since([mark], ids) {
    const text = (await readFile(file)).subarray(mark?.offset ?? 0).toString()
    const there = new Set(text.split('\n'))
    return new Set(ids.filter((id) => there.has(id)))
  },
}
const { deps } = fakeDependencies()
await startCertificateLogs(
  CertificateLogs.parse(JSON.parse(settings)),
  match,
  { ...deps, writer },
  {
    dataDir,
    retryMs: 20,
    onProgress: ({ read }) => process.send?.(read),
    ...(process.env.NO_READ_BACK === '1' ? {} : { readBack }),
  },
)
// Its parent is gone: nobody will kill it any more.
process.on('disconnect', () => process.exit())
