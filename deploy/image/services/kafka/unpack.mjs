// Where is the library of zstd inside its jar? unpack.mjs JAR FILE writes that of this machine's processor to FILE.
import { readFileSync, writeFileSync } from 'node:fs'
import { arch } from 'node:process'
import { Uint8ArrayReader, Uint8ArrayWriter, ZipReader } from '@zip.js/zip.js'

const [jar, file] = process.argv.slice(2)
const folder = { x64: 'linux/amd64/', arm64: 'linux/aarch64/' }[arch]
const reader = new ZipReader(new Uint8ArrayReader(readFileSync(jar)))
const entry = (await reader.getEntries()).find(
  ({ filename }) => filename.startsWith(folder) && filename.endsWith('.so'),
)
if (entry === undefined) throw new Error(`${jar} has no library for ${arch}`)
writeFileSync(file, await entry.getData(new Uint8ArrayWriter()))
await reader.close()
