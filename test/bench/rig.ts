// What does the bench run against? The parts of `siaga start` in the same shape: own services, worker processes, HTTP collector.
import { readFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import type { Rig } from '../faults/rig.ts'

/** The machine, to stand beside every figure. */
export function machine(): string {
  const [first] = cpus()
  return `${cpus().length} × ${first?.model.trim() ?? 'unknown CPU'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}, load before ${readFileSync('/proc/loadavg', 'utf8').split(' ')[0]}`
}

/** Resident memory of processes in MB, now and at its highest. */
export function memory(pids: readonly number[]): { now: number; peak: number } {
  let now = 0
  let peak = 0
  for (const pid of pids) {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    now += Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024
    peak += Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024
  }
  return { now: Math.round(now), peak: Math.round(peak) }
}

/** CPU seconds that processes have used. */
export function cpuSeconds(pids: readonly number[]): number {
  let ticks = 0
  for (const pid of pids) {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    ticks += Number(fields[11]) + Number(fields[12])
  }
  return ticks / 100
}

export function serverPids(rig: Rig): { kafka: number[]; clickhouse: number[] } {
  const { kafka, clickhouse } = rig.services.embedded
  const one = (pid: number | undefined) => (pid === undefined ? [] : [pid])
  return { kafka: one(kafka?.pid()), clickhouse: one(clickhouse?.pid()) }
}
