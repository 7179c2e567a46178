// Where does `siaga` begin? Run by Node 26 as it is; cli/siaga.mjs finds that Node.
import { outliveStrayRejections } from '../runtime/kafka-strays.ts'
import { commandsFor } from './commands.ts'
import { endOnSignals } from './first-process.ts'
import { runCli } from './frame.ts'

// Parts of Node that we use on purpose call themselves experimental.
process.removeAllListeners('warning')
process.on('warning', ({ name, message }) => {
  if (name !== 'ExperimentalWarning') process.stderr.write(`warning: ${name}: ${message}\n`)
})

endOnSignals()
outliveStrayRejections()
const argv = process.argv.slice(2)
process.exitCode = await runCli(await commandsFor(argv), argv)

// A command that is done must not hang on a connection that is still trying; what it wrote must get out first.
setInterval(() => {
  if (process.stdout.writableLength === 0 && process.stderr.writableLength === 0) process.exit()
}, 1_000).unref()
