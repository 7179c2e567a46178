// The process that makes the address databases in a folder and ends: `addresses-prepare.ts FOLDER`.
import { prepareEnrich } from '../../processors/enrich/index.ts'

const [folder = ''] = process.argv.slice(2)
prepareEnrich(folder)
