// Scratch
import { startSite } from './site.ts'

const site = await startSite({ events: 4000, say: (line) => process.stdout.write(`${line}\n`) })
process.stdout.write(`${site.web} ${site.firstLink}\n`)
await new Promise<void>((resolve) => process.once('SIGINT', () => resolve()))
await site.stop()
