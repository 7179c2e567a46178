// How does a child end when its supervisor is killed without a chance to say so? The kernel tells it (Linux only).
import { dlopen } from 'node:ffi'

const PR_SET_PDEATHSIG = 1
const SIGTERM = 15n

/**
 * Asks the kernel to send SIGTERM to this process when its parent dies (prctl(2)); it outlives execve. Where that is not
 * possible the next start finds the orphan by its record (supervisor.ts). Call it first in a child.
 */
export function dieWithParent(): void {
  if (process.platform !== 'linux') return
  try {
    const { functions } = dlopen(null, {
      prctl: { arguments: ['i32', 'u64', 'u64', 'u64', 'u64'], return: 'i32' },
    })
    functions.prctl(PR_SET_PDEATHSIG, SIGTERM, 0n, 0n, 0n)
  } catch {
    return
  }
  // The parent may have died before the request was in.
  if (process.env.SIAGA_SUPERVISOR_PID && Number(process.env.SIAGA_SUPERVISOR_PID) !== process.ppid) process.exit(1)
}
