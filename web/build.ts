// Makes the page: web/app into web/dist, each file compressed beside it once, so that no request pays for it. Run by `npm ci` and `npm run build`.
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

const COMPRESSED = /\.(?:js|css|html|svg|json)$/

async function build(): Promise<void> {
  const { build: bundle } = await import('vite')
  await bundle({ configFile: join(import.meta.dirname, 'app/vite.config.ts'), logLevel: 'warn' })
  const folder = join(import.meta.dirname, 'dist')
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const file = join(folder, name)
    if (!COMPRESSED.test(name) || !statSync(file).isFile()) continue
    const content = readFileSync(file)
    writeFileSync(`${file}.br`, brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }))
    writeFileSync(`${file}.gz`, gzipSync(content, { level: 9 }))
  }
}

try {
  await build()
} catch (error) {
  const missing = error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND'
  if (!missing) throw error
  // Installed without development packages: an image brings the built page along.
  process.stderr.write('the page is not built: vite is not installed here\n')
}
