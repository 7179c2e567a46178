// npm run bench [-- throughput|latency|sigma|rules|feeds] [--events N] [--rate N] [--seconds N]: figures with the machine and the command beside them.
import { parseArgs } from 'node:util'
import { feeds } from './feeds.ts'
import { latency } from './latency.ts'
import { machine } from './rig.ts'
import { sigma } from './sigma.ts'
import { rulesCost, throughput } from './throughput.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    events: { type: 'string' },
    rate: { type: 'string', default: '5000' },
    seconds: { type: 'string', default: '30' },
  },
})
const say = (line: string) => process.stdout.write(`${line}\n`)
const wanted = positionals.length === 0 ? ['throughput', 'latency'] : positionals
const unknown = wanted.find((name) => !['throughput', 'latency', 'sigma', 'rules', 'feeds'].includes(name))
if (unknown !== undefined) {
  process.stderr.write(`There is no bench named ${unknown}; there are throughput, latency, sigma, rules and feeds.\n`)
  process.exit(2)
}
say(`machine: ${machine()}`)
say(`command: npm run bench -- ${process.argv.slice(2).join(' ')}`)
// With our rules, and without any: what the main job costs by itself.
if (wanted.includes('throughput')) {
  await throughput(Number(values.events ?? 1_500_000), say)
  await throughput(Number(values.events ?? 1_500_000), say, [])
}
if (wanted.includes('latency')) await latency(Number(values.rate), Number(values.seconds), say)
if (wanted.includes('sigma')) sigma(Number(values.events ?? 5000), say)
if (wanted.includes('rules')) await rulesCost(Number(values.events ?? 1_500_000), say)
if (wanted.includes('feeds')) await feeds(Number(values.events ?? 1_000_000), say)
