// Does the code keep to its map? Who may import whom (DESIGN §1), and the habits that hold for every file.
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')

/** Files of the project, also those not added yet, without what git ignores. */
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: root })
  .toString()
  .split('\n')
  .filter((file) => file !== '' && existsSync(join(root, file)))
  .sort()
const tracked = new Set(execFileSync('git', ['ls-files'], { cwd: root }).toString().split('\n'))
const read = (file: string): string => readFileSync(join(root, file), 'utf8')
const sources = files.filter((file) => /\.tsx?$/.test(file)).map((file) => ({ file, text: read(file) }))
const isTest = (file: string): boolean => file.startsWith('test/')
const isSettings = (file: string): boolean => !file.includes('/') || file.endsWith('/vite.config.ts')

/** Folders of the map and the other folders that each may import from. */
const map: Readonly<Record<string, readonly string[]>> = {
  schemas: [],
  runtime: ['schemas'],
  ingest: ['schemas', 'runtime'],
  processors: ['schemas', 'runtime'],
  sinks: ['schemas', 'runtime'],
  web: ['schemas', 'runtime'],
  deploy: ['schemas', 'runtime'],
  cli: ['schemas', 'runtime', 'ingest', 'processors', 'sinks', 'web', 'deploy'],
}

/** Packages that these files alone may import, so that everything else speaks of them in our own words. */
const wrapped: Readonly<Record<string, readonly string[]>> = {
  kafkajs: [
    'runtime/kafka-admin.ts',
    'runtime/kafka-consume.ts',
    'runtime/kafka-producer.ts',
    'runtime/kafka-read-all.ts',
    'runtime/kafka-records.ts',
    'runtime/kafka.ts',
    'runtime/kafkajs.ts',
  ],
  '@clickhouse/client': ['runtime/clickhouse.ts'],
}

/** A file answers one question; these take more than 350 lines to do it. */
const longFiles: Readonly<Record<string, string>> = {
  'processors/parse/host/sshd.ts': 'a table of the messages of sshd',
  'processors/parse/values/time.ts': 'every way in which logs write a time',
  'schemas/event.ts': 'the one table of columns, and a blank event of the same shape',
}
const MAX_LINES = 350

/** What a file imports: static, re-exported, of types, and dynamic. Statements begin a line, as Biome formats them. */
function importsOf(text: string): string[] {
  const found = [
    ...text.matchAll(/^(?:import|export)\b[^'"`;]*?\bfrom\s+['"]([^'"]+)['"]/gm),
    ...text.matchAll(/^import\s+['"]([^'"]+)['"]/gm),
    ...text.matchAll(/\bimport\(\s*['"]([^'"]+)['"]/g),
  ]
  return found.map((match) => match[1] ?? '')
}

/** The package of a specifier: `@scope/name/sub` is of `@scope/name`. */
function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

const imports = sources.flatMap(({ file, text }) => importsOf(text).map((specifier) => ({ file, specifier })))
const relative = imports
  .filter(({ specifier }) => specifier.startsWith('.'))
  .map(({ file, specifier }) => ({ file, specifier, target: normalize(join(dirname(file), specifier)) }))

describe('imports', () => {
  test('the scanner sees every kind', () => {
    expect(
      importsOf(
        "import a from 'a'\nimport {\n  b,\n} from './b.ts'\nimport 'c'\nexport * from 'd'\nconst e = await import('e')\n",
      ).sort(),
    ).toEqual(['./b.ts', 'a', 'c', 'd', 'e'])
    expect(imports.length).toBeGreaterThan(300)
  })

  test('a stage imports what the map allows and no other stage', () => {
    const wrong = relative.filter(({ file, target }) => {
      const [from = '', to = ''] = [file, target].map((path) => path.split('/')[0])
      const allowed = map[from]
      return allowed !== undefined && from !== to && !allowed.includes(to)
    })
    expect(wrong).toEqual([])
  })

  test('a folder of code is on the map', () => {
    const folders = new Set(sources.map(({ file }) => (file.includes('/') ? (file.split('/')[0] ?? '') : 'test')))
    expect([...folders].filter((folder) => folder !== 'test' && !Object.hasOwn(map, folder))).toEqual([])
  })

  test('schemas know zod and nothing else', () => {
    const wrong = imports.filter(
      ({ file, specifier }) => file.startsWith('schemas/') && !specifier.startsWith('.') && specifier !== 'zod',
    )
    expect(wrong).toEqual([])
  })

  test.each(Object.entries(wrapped))('%s is imported by %s alone', (name, owners) => {
    const users = imports
      .filter(({ file, specifier }) => packageOf(specifier) === name && !isTest(file))
      .map(({ file }) => file)
    expect([...new Set(users)]).toEqual(owners)
  })

  test('product code imports no development package and no test', () => {
    const { dependencies }: { dependencies: Record<string, string> } = JSON.parse(read('package.json'))
    // The page is made once (web/build.ts): its packages end up in web/dist and are not looked for at run time.
    const isBuilt = (file: string): boolean => file.startsWith('web/app/') || file === 'web/build.ts'
    const product = imports.filter(({ file }) => !isTest(file) && !isSettings(file) && !isBuilt(file))
    const wrong = product.filter(({ file, specifier }) =>
      specifier.startsWith('.')
        ? normalize(join(dirname(file), specifier)).startsWith('test/')
        : !specifier.startsWith('node:') && !Object.hasOwn(dependencies, packageOf(specifier)),
    )
    expect(wrong).toEqual([])
  })

  test('relative imports name a file that is there, with its ending', () => {
    expect(relative.filter(({ target }) => !existsSync(join(root, target)))).toEqual([])
    expect(relative.filter(({ specifier }) => !/\.(?:tsx?|mjs|json|css)$/.test(specifier))).toEqual([])
  })
})

describe('every file', () => {
  test('says in its first line which question it answers', () => {
    const silent = sources.filter(
      ({ file, text }) => !file.endsWith('.test.ts') && !/^\/\/ \S.{10,}/.test(text.split('\n')[0] ?? ''),
    )
    expect(silent.map(({ file }) => file)).toEqual([])
  })

  test('exports by name', () => {
    const wrong = sources.filter(({ file, text }) => !isSettings(file) && /^export default\b/m.test(text))
    expect(wrong.map(({ file }) => file)).toEqual([])
  })

  test('knows its types: no `any`, no silenced compiler', () => {
    const wrong = sources.flatMap(({ file, text }) =>
      code(text)
        .split('\n')
        .flatMap((line, at) => (/(?::|<|\bas|\||,)\s*any\b(?!\s*[:(=])/.test(line) ? [`${file}:${at + 1}`] : [])),
    )
    const silenced = new RegExp(['@ts-', '(?:ignore|nocheck|expect-error)'].join(''))
    expect([...wrong, ...sources.filter(({ text }) => silenced.test(text)).map(({ file }) => file)]).toEqual([])
  })

  test(`has at most ${MAX_LINES} lines, or a reason`, () => {
    const lines = new Map(sources.map(({ file, text }) => [file, text.trimEnd().split('\n').length]))
    const long = [...lines].filter(([file, count]) => !isTest(file) && count > MAX_LINES).map(([file]) => file)
    expect(long.filter((file) => !Object.hasOwn(longFiles, file))).toEqual([])
    expect(Object.keys(longFiles).filter((file) => (lines.get(file) ?? MAX_LINES + 1) <= MAX_LINES)).toEqual([])
  })

  test('can be cloned anywhere: no registry host, no path of one machine', () => {
    const host = String.raw`https?://[\w.-]*(?:registry|artifact|nexus|mirror|proxy)[\w.-]*\.\w+`
    const place = String.raw`(?:^|[\s"'\x60(=])/(?:work|root|Users)/`
    const private_ = new RegExp(`${host}|${place}`, 'im')
    const wrong = files
      .filter(
        (file) =>
          tracked.has(file) &&
          !file.startsWith('test/fixtures/') &&
          // Cases of rules are lines as hosts write them, home folders of root and all.
          !file.startsWith('rules/') &&
          /\.(?:[cm]?[jt]s|json|ya?ml|md|sql|xml|sh)$|^[^.]+$|^\.ci\//.test(file),
      )
      .filter((file) => private_.test(read(file)))
    expect(wrong).toEqual([])
    expect(read('package-lock.json')).not.toContain('"resolved"')
  })

  // npm leaves out of the lock what its registry does not have at that moment, and `npm ci` then refuses the lock.
  test('is in a lock that holds every optional package, of other platforms too', () => {
    const lock: { packages: Record<string, { optionalDependencies?: Record<string, string> }> } = JSON.parse(
      read('package-lock.json'),
    )
    const missing = Object.entries(lock.packages).flatMap(([place, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter(
        (name) => !lock.packages[`node_modules/${name}`] && !lock.packages[`${place}/node_modules/${name}`],
      ),
    )
    expect(missing).toEqual([])
  })
})

test('migrations are numbered from 1 without gaps', () => {
  const numbers = readdirSync(join(root, 'deploy/clickhouse/migrations'))
    .sort()
    .map((file) => Number(/^(\d{4})_\w+\.sql$/.exec(file)?.[1]))
  expect(numbers).toEqual(numbers.map((_, at) => at + 1))
})

/** The text without comments and strings, line for line; good enough to look for a word of TypeScript. */
function code(text: string): string {
  return text.replace(
    /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\[\s\S]|[^`\\])*`/g,
    (part) => part.replace(/[^\n]/g, ' '),
  )
}
