// npm run bench [-- NAME …] [--events N] [--rate N] [--seconds N] [--viewers N] [--keep DIR]: figures with the machine and the command beside them.
import { parseArgs } from 'node:util'
import { alertLatency } from './alerts.ts'
import { analysts } from './analysts.ts'
import { certificateLog } from './certificate-log.ts'
import { queries } from './election-year/run.ts'
import { feeds } from './feeds.ts'
import { indicatorsCost } from './indicators.ts'
import { latency } from './latency.ts'
import { machine } from './rig.ts'
import { sigma } from './sigma.ts'
import { rulesCost, throughput } from './throughput.ts'
import { viewers } from './viewers.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    events: { type: 'string' },
    keep: { type: 'string' },
    rate: { type: 'string', default: '5000' },
    seconds: { type: 'string', default: '30' },
    viewers: { type: 'string', default: '300' },
  },
})
const say = (line: string) => process.stdout.write(`${line}\n`)
const events = (usual: number): number => Number(values.events ?? usual)

const benches: Readonly<Record<string, () => void | Promise<void>>> = {
  // With our rules, and without any: what the main job costs by itself.
  async throughput() {
    await throughput(events(1_500_000), say)
    await throughput(events(1_500_000), say, [])
  },
  latency: () => latency(Number(values.rate), Number(values.seconds), say),
  analysts: () => analysts(events(5_000_000), Number(values.rate), Number(values.seconds), say),
  alerts: () => alertLatency(Number(values.rate), Number(values.seconds), say),
  sigma: () => sigma(events(5000), say),
  rules: () => rulesCost(events(1_500_000), say),
  indicators: () => indicatorsCost(1_000_000, events(2_000_000), say),
  feeds: () => feeds(events(1_000_000), say),
  // 100 million events of an election year: the machine should be free for more than an hour, with 50 GB of disk.
  queries: () =>
    queries({ events: events(100_000_000), rate: 10_000, seconds: Number(values.seconds), keep: values.keep }, say),
  viewers: () => viewers(Number(values.viewers), Number(values.rate), Number(values.seconds), say),
  'certificate-log': () => certificateLog(events(30_000), say),
}

const wanted = new Set(positionals.length === 0 ? ['throughput', 'latency'] : positionals)
const unknown = [...wanted].find((name) => !Object.hasOwn(benches, name))
if (unknown !== undefined) {
  process.stderr.write(`There is no bench named ${unknown}; there are ${Object.keys(benches).join(', ')}.\n`)
  process.exit(2)
}
say(`machine: ${machine()}`)
say(`command: npm run bench -- ${process.argv.slice(2).join(' ')}`)
for (const [name, run] of Object.entries(benches)) if (wanted.has(name)) await run()
