// Does the page that files a report come through a slow line? All that a phone loads for /laporan, compressed, is at most 120 kB.
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'

const LIMIT = 120_000

interface Part {
  readonly bytes: number
  readonly imports: readonly string[]
  readonly css: readonly string[]
  readonly modules: readonly string[]
  readonly name: string
  readonly isEntry: boolean
}

/** What `npm run build` makes, by file name: built here, so that an old web/dist cannot answer for a new page. */
async function built(): Promise<Map<string, Part>> {
  const { build } = await import('vite')
  const made = await build({
    configFile: join(import.meta.dirname, '../../../web/app/vite.config.ts'),
    logLevel: 'silent',
    build: { write: false },
  })
  const [output] = Array.isArray(made) ? made : [made]
  if (output === undefined || !('output' in output)) throw new Error('nothing was built')
  return new Map(
    output.output.map((file) => {
      const content = file.type === 'chunk' ? file.code : file.source
      // Over http browsers take gzip, over https brotli, which is smaller.
      const bytes = gzipSync(content, { level: 9 }).length
      if (file.type === 'asset')
        return [file.fileName, { bytes, imports: [], css: [], modules: [], name: file.fileName, isEntry: false }]
      const css = [...(file.viteMetadata?.importedCss ?? [])]
      const { imports, name, isEntry } = file
      return [file.fileName, { bytes, imports, css, modules: file.moduleIds, name, isEntry }]
    }),
  )
}

test('the page, its shell and its styles weigh at most 120 kB', { timeout: 300_000 }, async () => {
  const files = await built()
  const begin = [...files].filter(
    ([name, { name: chunk, isEntry, modules }]) =>
      isEntry || name === 'index.html' || (chunk === 'reports' && modules.some((id) => id.endsWith('/reports.tsx'))),
  )
  expect(begin).toHaveLength(3)
  const loaded = new Set<string>()
  const load = (name: string): void => {
    if (loaded.has(name)) return
    loaded.add(name)
    const { imports, css } = files.get(name) ?? { imports: [], css: [] }
    for (const next of [...imports, ...css]) load(next)
  }
  for (const [name] of begin) load(name)
  const parts = [...loaded].map((name) => [name, files.get(name)?.bytes ?? Number.NaN] as const)
  const total = parts.reduce((sum, [, bytes]) => sum + bytes, 0)
  expect(total, JSON.stringify(parts)).toBeLessThanOrEqual(LIMIT)
  // More than nothing was weighed: code, styles and the page itself.
  expect(total).toBeGreaterThan(15_000)
  expect([...loaded].some((name) => name.endsWith('.css'))).toBe(true)
  const heavy = [...loaded]
    .flatMap((name) => files.get(name)?.modules ?? [])
    .filter((id) => /echarts|zrender|codemirror|\/zod\//.test(id))
  expect(heavy).toEqual([])
})
