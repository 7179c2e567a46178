// Where does `siaga` begin? Run by Node 26 as it is; cli/siaga.mjs finds that Node.
import { commands } from './commands.ts'
import { runCli } from './frame.ts'

process.exitCode = await runCli(commands, process.argv.slice(2))
