// Which commands does `siaga` have? In the order of the help.
import { send } from './commands/send.ts'
import { sql } from './commands/sql.ts'
import type { CliCommand } from './frame.ts'

export const commands: readonly CliCommand[] = [send, sql]
