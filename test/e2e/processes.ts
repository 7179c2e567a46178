// Which processes belong to a run of `siaga start`, and how much memory do they hold? Read from /proc, so Linux only.
import { readdirSync, readFileSync } from 'node:fs'

/** Processes started by `pid` and theirs, without itself. */
export function descendants(pid: number): number[] {
  const parents = new Map<number, number>()
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    const stat = read(`/proc/${entry}/stat`)
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (stat !== '' && fields[0] !== 'Z') parents.set(Number(entry), Number(fields[1]))
  }
  const found: number[] = []
  for (let level = [pid]; level.length > 0; ) {
    level = [...parents].filter(([, parent]) => level.includes(parent)).map(([child]) => child)
    found.push(...level)
  }
  return found
}

/** Living processes that name this folder in their arguments or their environment, as `pid command`; ours left out. */
export function usersOf(folder: string): string[] {
  return readdirSync('/proc').flatMap((entry) => {
    if (!/^\d+$/.test(entry) || Number(entry) === process.pid) return []
    const command = read(`/proc/${entry}/cmdline`).replaceAll('\0', ' ')
    const names = command.includes(folder) || read(`/proc/${entry}/environ`).includes(folder)
    return names && command !== '' ? [`${entry} ${command.slice(0, 120)}`] : []
  })
}

/** True while the process lives; a zombie does not. */
export function lives(pid: number): boolean {
  const stat = read(`/proc/${pid}/stat`)
  return stat !== '' && stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3) !== 'Z'
}

/** Resident memory in MB; 0 if the process is gone. */
export function residentMb(pid: number): number {
  return Math.round(Number(/^VmRSS:\s+(\d+) kB/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0) / 1024)
}

/** The highest resident memory that the process ever had, in MB. */
export function peakMb(pid: number): number {
  return Math.round(Number(/^VmHWM:\s+(\d+) kB/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0) / 1024)
}

export function commandOf(pid: number): string {
  return read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim()
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
