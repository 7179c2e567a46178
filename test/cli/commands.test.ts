import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { allCommands, commandLoaders, commandsFor } from '../../cli/commands.ts'
import type { CliCommand } from '../../cli/frame.ts'
import { generatedFiles } from '../../cli/generate.ts'
import {
  createProgress,
  duration,
  languageOf,
  localTime,
  number,
  painter,
  printable,
  table,
} from '../../cli/terminal.ts'
import { loadConfig } from '../../runtime/config.ts'
import { errorTable } from '../../runtime/errors.ts'
import { mainFile, plainEnvironment, type Run, siaga, siagaMany, starterFile } from './run.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'siaga-cli-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const all: CliCommand[] = await allCommands()
const paths = (commands: readonly CliCommand[], before: string[] = []): [string, CliCommand][] =>
  commands.flatMap((command) => [
    [[...before, command.name].join(' '), command] as [string, CliCommand],
    ...paths(command.subcommands ?? [], [...before, command.name]),
  ])

describe('every command', () => {
  // All in one process, for there are dozens; those of the first level also as processes of their own.
  const known = paths(all)
  let helped: Run[] = []
  let misused: Run[] = []
  beforeAll(async () => {
    const lines = (option: string) => known.map(([path]) => [...path.split(' '), option])
    const done = await siagaMany([...lines('--help'), ...lines('--no-such-option')], { cwd: folder })
    helped = done.slice(0, known.length)
    misused = done.slice(known.length)
  })
  const numbered = known.map(([path, command], n): [string, CliCommand, number] => [path, command, n])

  test.each(numbered)('%s has a help with an example, in both languages, and exits 0', (path, command, n) => {
    const done = helped[n]
    expect(done).toMatchObject({ code: 0, stderr: '' })
    expect(done?.stdout).toContain(`Usage: siaga ${path}`)
    expect(done?.stdout).toContain('--config <file>')
    expect(done?.stdout.split('Examples:')[1]).toMatch(/\n {2}\$ .*siaga /)
    expect(done?.stdout.replace(/\s+/g, ' ')).toContain(command.ringkasan)
    for (const { run } of command.examples) expect(run).toContain(`siaga ${path.split(' ')[0]}`)
  })

  test.each(numbered)(
    '%s used wrongly exits 2 with a hint, and says nothing on standard output',
    (_path, _command, n) => {
      expect(misused[n]).toMatchObject({ code: 2, stdout: '' })
      expect(misused[n]?.stderr).toMatch(/--help/)
    },
  )

  test.each(all.map(({ name }) => name))('%s as a process of its own says the same and ends', async (name) => {
    const done = await siaga([name, '--help'], { cwd: folder })
    expect(done).toEqual(helped[known.findIndex(([path]) => path === name)])
  })

  test('is loaded under the name it is called by', () => {
    expect(all.map((command) => command.name)).toEqual(Object.keys(commandLoaders))
  })

  test('only what is asked for is loaded', async () => {
    expect((await commandsFor(['--config', 'send', 'sql', 'SELECT 1'])).map(({ name }) => name)).toEqual(['sql'])
    for (const argv of [[], ['--help'], ['help', 'sql'], ['snd'], ['toString']]) {
      expect(await commandsFor(argv)).toHaveLength(Object.keys(commandLoaders).length)
    }
  })
})

describe('the frame', () => {
  test('siaga alone explains itself and exits 2, with --help 0', async () => {
    const alone = await siaga([], { cwd: folder })
    expect(alone).toMatchObject({ code: 2, stdout: '' })
    const help = await siaga(['--help'], { cwd: folder })
    expect(help).toMatchObject({ code: 0, stderr: '' })
    for (const { name } of all) expect(help.stdout).toMatch(new RegExp(`^ {2}${name}\\b`, 'm'))
    expect(help.stdout).toContain('SIAGA_DATA_DIR')
    expect((await siaga(['help', 'send'], { cwd: folder })).stdout).toContain('--retry-for')
  })

  test('a misspelt command is recognised', async () => {
    expect(await siaga(['sned'], { cwd: folder })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Did you mean send?'),
    })
  })

  test('the version is that of the package', async () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    expect((await siaga(['--version'], { cwd: folder })).stdout).toBe(`${version}\n`)
  })

  test('known errors are a sentence and an advice, without a stack', async () => {
    const done = await siaga(['check', '--config', 'none.yaml'], { cwd: folder })
    expect(done).toMatchObject({
      code: 1,
      stdout: '',
      stderr: `siaga: The configuration file none.yaml was not found.\n  ${errorTable.CONFIG_MISSING.action}\n`,
    })
  })

  test('--config may stand before and after the command', async () => {
    writeFileSync(join(folder, 'other.yaml'), 'htp: {}\n')
    for (const args of [
      ['--config', 'other.yaml', 'check'],
      ['check', '--config', 'other.yaml'],
    ]) {
      expect((await siaga(args, { cwd: folder })).stderr).toContain(
        'other.yaml:1:1 htp is not a setting; did you mean `http`?',
      )
    }
  })

  test('a reader that goes away ends it silently', async () => {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', mainFile, '--help'], {
      cwd: folder,
      env: plainEnvironment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    child.stdout.destroy()
    let stderr = ''
    child.stderr.on('data', (part: Buffer) => {
      stderr += part.toString()
    })
    const [code] = await once(child, 'close')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  })

  test('no colour into a pipe, whatever FORCE_COLOR says', async () => {
    const done = await siaga(['check', '--config', 'none.yaml'], { cwd: folder, env: { FORCE_COLOR: '1' } })
    expect(done.stderr).not.toContain('\u001B')
  })
})

/** A Node on the PATH that is not the project's own. */
function systemNode(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((path) => !path.includes('node_modules'))
  return folders.map((path) => join(path, 'node')).find(existsSync)
}

describe('cli/siaga.mjs', () => {
  const nodes: [string, string][] = [['the Node of the package', process.execPath]]
  const system = systemNode()
  if (system) nodes.push(["the machine's Node", system])

  test.each(nodes)('under %s hands over arguments, streams and exit code', async (_name, node) => {
    const command = [node, starterFile]
    expect(await siaga(['sql', '--help'], { cwd: folder, command })).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.stringContaining('Usage: siaga sql'),
    })
    expect((await siaga(['sql', '--bad'], { cwd: folder, command })).code).toBe(2)
    const piped = await siaga(
      ['send', '--source', 'x', '--key', 'k', '--retry-for', '0', '--url', 'http://127.0.0.1:9'],
      { cwd: folder, command, stdin: 'a\nb\n' },
    )
    expect(piped).toMatchObject({ code: 1, stdout: expect.stringMatching(/^accepted 0 of 2 lines/) })
  })

  test.each(nodes)('under %s passes signals on and dies of what its child dies of', async (_name, node) => {
    const child = spawn(node, [starterFile, 'send', '--source', 'x', '--key', 'k', '--url', 'http://127.0.0.1:9'], {
      cwd: folder,
      env: plainEnvironment(),
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    child.stdin.write('line\n')
    await once(child.stderr, 'data')
    child.kill('SIGTERM')
    const [stdout, [code]] = await Promise.all([once(child.stdout, 'data'), once(child, 'exit')])
    expect(String(stdout)).toMatch(/^accepted 0 of 1 lines/)
    expect(code).toBe(130)
  })

  test('works through a link, as npm makes one in node_modules/.bin', async () => {
    const link = join(folder, 'siaga')
    symlinkSync(starterFile, link)
    expect(await siaga(['--version'], { cwd: folder, command: [system ?? process.execPath, link] })).toMatchObject({
      code: 0,
      stderr: '',
    })
  })

  test('keeps what Node compiled in a folder of the user, and does without where there is none', async () => {
    const cache = join(folder, 'cache')
    mkdirSync(cache)
    const command = [system ?? process.execPath, starterFile]
    const under = (env: Record<string, string>): Promise<Run> =>
      siaga(['--version'], { cwd: folder, command, env: { NODE_COMPILE_CACHE: '', ...env } })
    expect(await under({ XDG_CACHE_HOME: cache })).toMatchObject({ code: 0, stderr: '' })
    expect(readdirSync(join(cache, 'siaga', 'compiled'))).not.toEqual([])
    // Under /proc nothing can be made, and Node itself would wait there for ever.
    for (const env of [
      { XDG_CACHE_HOME: '/proc/none' },
      { XDG_CACHE_HOME: '', HOME: '/proc/none' },
      { XDG_CACHE_HOME: 'here' },
    ])
      expect(await under(env), JSON.stringify(env)).toMatchObject({ code: 0, stderr: '' })
    expect(existsSync(join(folder, 'here'))).toBe(false)
  })

  test('without a Node that can, it says what to do', async () => {
    const above = [tmpdir(), '/'].some((path) => existsSync(join(path, 'node_modules', 'node')))
    if (above || !system || spawnSync(system, ['-p', 'process.versions.node'], { encoding: 'utf8' }).stdout >= '26')
      return
    mkdirSync(join(folder, 'bare', 'cli'), { recursive: true })
    const copy = join(folder, 'bare', 'cli', 'siaga.mjs')
    writeFileSync(copy, readFileSync(starterFile))
    expect(await siaga(['--version'], { cwd: folder, command: [system, copy] })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('npm ci'),
    })
  })
})

describe('reference', () => {
  test('generated pages are those in the tree; npm run generate writes them', async () => {
    for (const [path, text] of await generatedFiles()) {
      const there = existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : ''
      expect(there === text, `${path} is stale: npm run generate`).toBe(true)
    }
  })

  test('siaga.example.yaml is valid, says nothing that is not in the schema, and names a region, a source and an asset', () => {
    const { config, warnings } = loadConfig({ cwd: root, file: 'siaga.example.yaml', env: {} })
    expect(warnings).toEqual([])
    expect(config.sources.length).toBeGreaterThan(4)
    expect(config.assets.length).toBeGreaterThan(0)
  })

  test('what is commented out in siaga.example.yaml is valid too', () => {
    const text = readFileSync(join(root, 'siaga.example.yaml'), 'utf8')
    const settings = /^(\s*)# ((?: {2})*(?:- )?[a-z_]+:(?: .*)?)$/
    const uncommented = text
      .split('\n')
      .map((line) => (line.includes('yaml-language-server') ? line : line.replace(settings, '$1$2')))
      .join('\n')
    expect(uncommented).toMatch(/^kafka:$/m)
    writeFileSync(join(folder, 'siaga.yaml'), uncommented)
    const { config } = loadConfig({ cwd: folder, env: {} })
    rmSync(join(folder, 'siaga.yaml'))
    expect(config.kafka.replication).toBe(3)
    expect(config.syslog.tls?.require_client_certificate).toBe(true)
    expect(config.score.rule.high).toBe(45)
  })
})

describe('speaking to people', () => {
  const plain = painter({ write: () => {} }, {})
  const written = (isTTY: boolean, run: (output: { write(text: string): void; isTTY: boolean }) => void): string => {
    let text = ''
    run({
      isTTY,
      write(part) {
        text += part
      },
    })
    return text
  }

  test('a table is aligned, whatever colours are in it', () => {
    const red = painter({ write: () => {}, isTTY: true }, {})
    const text = table(
      [{ title: 'a' }, { title: 'n', align: 'right' }],
      [
        ['x', red('red', '5')],
        ['long', '12'],
      ],
      plain,
    )
    expect(stripVTControlCharacters(text)).toBe('a      n\nx      5\nlong  12\n')
  })

  test('progress is plain lines into a pipe, each once', () => {
    const text = written(false, (output) => {
      const progress = createProgress(output, plain)
      progress.doing('Kafka: starting')
      progress.doing('Kafka: starting')
      progress.done('Kafka 127.0.0.1:9092')
      progress.stop()
    })
    expect(text).toBe('… Kafka: starting\n✓ Kafka 127.0.0.1:9092\n')
  })

  test('on a terminal the moving line goes and the done line stays', () => {
    const text = written(true, (output) => {
      const progress = createProgress(output, plain)
      progress.doing('Kafka: starting')
      progress.done('Kafka')
      progress.stop()
    })
    expect(text).toContain('Kafka: starting')
    expect(text).toContain('\r\u001B[2K✓ Kafka\n')
    expect(text.endsWith('\r\u001B[2K')).toBe(true)
  })

  test('colours: terminals only, NO_COLOR honoured', () => {
    const terminal = { write: () => {}, isTTY: true }
    expect(painter(terminal, {})('red', 'x')).toBe('\u001B[31mx\u001B[39m')
    expect(painter(terminal, { NO_COLOR: '1' })('red', 'x')).toBe('x')
    expect(painter(terminal, { NO_COLOR: '' })('red', 'x')).toBe('\u001B[31mx\u001B[39m')
    expect(painter(terminal, { TERM: 'dumb' })('red', 'x')).toBe('x')
    expect(painter({ write: () => {} }, {})('red', 'x')).toBe('x')
  })

  test('what comes from outside cannot steer the terminal', () => {
    expect(printable('a\u001B[31mb\u0007\u009Bc\u202Ed\te\n')).toBe('a\\u001b[31mb\\u0007\\u009bc\\u202ed\te\n')
  })

  test('Indonesian unless English is asked for', () => {
    expect(languageOf(undefined, {})).toBe('id')
    expect(languageOf(undefined, { LANG: 'C.UTF-8' })).toBe('id')
    expect(languageOf(undefined, { LANG: 'en_GB.UTF-8' })).toBe('en')
    expect(languageOf(undefined, { LANG: 'en_GB.UTF-8', SIAGA_LANG: 'id' })).toBe('id')
    expect(languageOf('en', { SIAGA_LANG: 'id' })).toBe('en')
    expect(number(1234567.5, 'id', 1)).toBe('1.234.567,5')
    expect(number(1234567.5, 'en', 1)).toBe('1,234,567.5')
  })

  test('durations and times with their zone', () => {
    expect([0.25, 9.99, 12.4, 60, 200, 7500, 172_800].map(duration)).toEqual([
      '0.3 s',
      '10 s',
      '12 s',
      '1 min',
      '3 min 20 s',
      '2 h 5 min',
      '2 d',
    ])
    expect(localTime(Date.UTC(2024, 10, 27, 1, 0, 0))).toBe('2024-11-27 08:00:00 WIB')
    expect(localTime(Date.UTC(2024, 10, 26, 23, 0, 0), 'WIT')).toBe('2024-11-27 08:00:00 WIT')
    expect(localTime(Number.NaN)).toBe('-')
  })
})
