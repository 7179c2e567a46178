// Child entry: a ClickHouse server in this process, out of libchdb.so. Arguments: the library, the folders that it may write to as JSON, then ClickHouse's own.
import { dlopen, getRawPointer } from 'node:ffi'
import { confine } from './confine.ts'
import { dieWithParent } from './die-with-parent.ts'
import { openTerminalInput } from './terminal-input.ts'

const [library, folders, ...args] = process.argv.slice(2)
if (!library || !folders) throw new Error('usage: clickhouse-server.ts LIBRARY FOLDERS [ARGUMENT…]')
dieWithParent()
const interactive = openTerminalInput()
if (!interactive)
  process.stderr.write('No terminal can be opened: whoever hangs up on the native port ends ClickHouse for a second.\n')
if (!confine(JSON.parse(folders)))
  // Into logs/clickhouse.out.log, beside what the server itself says at its start.
  process.stderr.write(
    'The kernel cannot hold ClickHouse to its own folders (Landlock, Linux 6.2 or later); see docs/access.md.\n',
  )

const { functions } = dlopen(library, {
  chdb_query_cmdline: { arguments: ['i32', 'pointer'], return: 'i32' },
})
// A C argv: pointers to NUL-ended strings, ended by a null pointer. Both buffers must outlive the call.
const strings = ['clickhouse', ...args, ...(interactive ? ['--interactive'] : [])].map((text) =>
  Buffer.from(`${text}\0`),
)
const argv = Buffer.alloc((strings.length + 1) * 8)
for (const [index, text] of strings.entries()) argv.writeBigUInt64LE(getRawPointer(text), index * 8)

// Blocks until the server ends; signals are ClickHouse's own to handle meanwhile.
const status = functions.chdb_query_cmdline(strings.length, getRawPointer(argv))
process.exit(status === 0 ? 0 : 1)
