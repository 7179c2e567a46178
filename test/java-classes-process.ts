// What do the many Kafkas of a run load when they start? `node test/java-classes-process.ts FILE` writes it down once, so that Java need not read, check and link it again.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { kafkaService } from '../deploy/embedded/kafka.ts'
import { pickFreePorts } from '../runtime/ports.ts'

const [file] = process.argv.slice(2)
if (file === undefined) throw new Error('usage: java-classes-process.ts FILE')
const dataDir = await mkdtemp(join(tmpdir(), 'siaga-classes-'))
const [port = 0] = await pickFreePorts(1)
const service = await kafkaService({ dataDir, port, onFetch: () => undefined })
const { args, env } = await service.prepare()
const child = spawn(process.execPath, ['--experimental-ffi', '--disable-warning=ExperimentalWarning', ...args], {
  env: { ...env, JAVA_TOOL_OPTIONS: `-XX:TieredStopAtLevel=1 -XX:ArchiveClassesAtExit=${file}` },
  stdio: 'ignore',
})
const ended = once(child, 'exit')
// Whoever waits for this goes on without it rather than wait long; Java takes its time to end when it writes the file.
const tooLate = setTimeout(() => child.kill('SIGKILL'), 100_000)
process.once('SIGTERM', () => child.kill('SIGKILL'))
const answers = () => service.check().catch(() => false)
while (child.exitCode === null && child.signalCode === null && !(await answers())) await sleep(100)
child.kill('SIGTERM')
await ended
clearTimeout(tooLate)
await rm(dataDir, { recursive: true, force: true, maxRetries: 5 })
if (!existsSync(file)) throw new Error('Java did not write the file in time')
