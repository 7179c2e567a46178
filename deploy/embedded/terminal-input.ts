// Why does the embedded server have a terminal as its input, of which nobody reads or writes? So that it survives who hangs up on it.
import { dlopen, getRawPointer } from 'node:ffi'

const O_RDWR = 0o2
const O_NOCTTY = 0o400
const PATH_BYTES = 128n

/**
 * Makes the input of this process a pseudo terminal of its own (pty(7)). Without one clickhouse-local installs a handler of errors that ends the whole
 * process when a client of the native port hangs up at the wrong moment (ClickHouse/ClickHouse#115666); told that it is interactive, with a terminal, it
 * does not. False where there is none to be had. Call it before the process is confined.
 */
export function openTerminalInput(): boolean {
  const { functions: libc } = dlopen(null, {
    posix_openpt: { arguments: ['i32'], return: 'i32' },
    grantpt: { arguments: ['i32'], return: 'i32' },
    unlockpt: { arguments: ['i32'], return: 'i32' },
    ptsname_r: { arguments: ['i32', 'pointer', 'u64'], return: 'i32' },
    open: { arguments: ['pointer', 'i32'], return: 'i32' },
    dup2: { arguments: ['i32', 'i32'], return: 'i32' },
  })
  // Its other side stays open for as long as the process lives: a terminal without one is at its end.
  const other = libc.posix_openpt(O_RDWR | O_NOCTTY)
  const path = Buffer.alloc(Number(PATH_BYTES))
  if (other < 0 || libc.grantpt(other) !== 0 || libc.unlockpt(other) !== 0) return false
  if (libc.ptsname_r(other, getRawPointer(path), PATH_BYTES) !== 0) return false
  const terminal = libc.open(getRawPointer(path), O_RDWR | O_NOCTTY)
  return terminal >= 0 && libc.dup2(terminal, 0) === 0
}
