// Where may the embedded ClickHouse write? In folders of its own, and it starts no program; the kernel holds it to that (Landlock, Linux 6.2 and later).

import { dlopen, getRawPointer } from 'node:ffi'
import { closeSync, openSync } from 'node:fs'

// The same numbers on x86-64 and arm64.
const LANDLOCK_CREATE_RULESET = 444n
const LANDLOCK_ADD_RULE = 445n
const LANDLOCK_RESTRICT_SELF = 446n
const CREATE_RULESET_VERSION = 1n
const RULE_PATH_BENEATH = 1n
const PR_SET_NO_NEW_PRIVS = 38

/** The first version that knows truncate(2). Before the second no file may be linked or moved between folders, which ClickHouse does all the time. */
const LEAST_VERSION = 3n

// landlock.h: what may be granted beneath a folder. Reading is not among what is held: libraries, /proc and time zones are read all over the machine.
const EXECUTE = 1n << 0n
const WRITE_FILE = 1n << 1n
/** Removing and making folders, files, sockets and links, moving them between folders, and truncating. */
const CHANGE = 0b111_1111_1111_0000n
const HELD = EXECUTE | WRITE_FILE | CHANGE

/**
 * From now on this thread, and whatever it starts, changes no file outside of `folders` and runs no program. It cannot be undone. ClickHouse's
 * table function sqlite() makes the file that it is told before it asks whether the user may use it, and there is no other way to keep it from that.
 *
 * @param folders that are there
 * @returns false where the kernel cannot do it
 */
export function confine(folders: readonly string[]): boolean {
  if (process.platform !== 'linux') return false
  const { functions } = dlopen(null, {
    prctl: { arguments: ['i32', 'u64', 'u64', 'u64', 'u64'], return: 'i32' },
    syscall: { arguments: ['i64', 'u64', 'u64', 'u64', 'u64'], return: 'i64' },
  })
  const version = functions.syscall(LANDLOCK_CREATE_RULESET, 0n, 0n, CREATE_RULESET_VERSION, 0n)
  if (version < LEAST_VERSION) return false
  // struct landlock_ruleset_attr, as long as its first member.
  const held = Buffer.alloc(8)
  held.writeBigUInt64LE(HELD)
  const ruleset = functions.syscall(LANDLOCK_CREATE_RULESET, getRawPointer(held), 8n, 0n, 0n)
  if (ruleset < 0n) return false
  const grant = (folder: string, access: bigint): void => {
    const fd = openSync(folder, 'r')
    // struct landlock_path_beneath_attr, packed: access, file descriptor.
    const rule = Buffer.alloc(12)
    rule.writeBigUInt64LE(access)
    rule.writeInt32LE(fd, 8)
    const added = functions.syscall(LANDLOCK_ADD_RULE, ruleset, RULE_PATH_BENEATH, getRawPointer(rule), 0n)
    closeSync(fd)
    if (added < 0n) throw new Error(`${folder} cannot be granted`)
  }
  for (const folder of folders) grant(folder, WRITE_FILE | CHANGE)
  for (const folder of ['/dev', '/proc']) grant(folder, WRITE_FILE)
  functions.prctl(PR_SET_NO_NEW_PRIVS, 1n, 0n, 0n, 0n)
  const restricted = functions.syscall(LANDLOCK_RESTRICT_SELF, ruleset, 0n, 0n, 0n)
  closeSync(Number(ruleset))
  return restricted === 0n
}
