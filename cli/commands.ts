// Which commands does `siaga` have? In the order of the help.

import { ingest } from './commands/ingest.ts'
import { migrate } from './commands/migrate.ts'
import { processCommand } from './commands/process.ts'
import { send } from './commands/send.ts'
import { sql } from './commands/sql.ts'
import { start } from './commands/start.ts'
import type { CliCommand } from './frame.ts'

export const commands: readonly CliCommand[] = [start, ingest, processCommand, send, sql, migrate]
