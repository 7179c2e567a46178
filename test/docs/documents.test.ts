// Is what the documents name there? Links, commands, settings, variables, errors, metrics, and the settings they show.
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { allCommands } from '../../cli/commands.ts'
import type { CliCommand } from '../../cli/frame.ts'
import { httpErrors } from '../../ingest/http/errors.ts'
import { reportErrors } from '../../ingest/report/errors.ts'
import { loadConfig } from '../../runtime/config.ts'
import { environmentSettings } from '../../runtime/config-environment.ts'
import { errorTable } from '../../runtime/errors.ts'
import { createMetrics } from '../../runtime/metrics.ts'
import { eventColumns } from '../../schemas/event.ts'
import { blocksOf, codeOf, documents, handWritten, readDocument, root } from './markdown.ts'

const operators = readDocument('docs/operators.md')
const configuration = readDocument('docs/reference/configuration.md')

test.each([...documents])('%s: every relative link leads to a file, and to a heading that is there', (file) => {
  const prose = readDocument(file).replace(/^```[\s\S]*?^```$/gm, '')
  const broken = [...prose.matchAll(/\]\(([^)\s]+)\)|<img src="([^"]+)"/g)]
    .map((match) => match[1] ?? match[2] ?? '')
    .filter((link) => !/^[a-z]+:/.test(link))
    .filter((link) => {
      const [path = '', anchor] = link.split('#')
      const target = path === '' ? file : join(dirname(file), path)
      if (!existsSync(join(root, target))) return true
      return anchor !== undefined && !anchorsOf(readDocument(target)).includes(anchor)
    })
  expect(broken).toEqual([])
})

/** Anchors as forges make them of headings. */
function anchorsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map((match) =>
    (match[1] ?? '')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

test.each([...handWritten])('%s: every command and npm script that it names exists', async (file) => {
  const commands = new Map((await allCommands()).map((command) => [command.name, command]))
  const { scripts }: { scripts: Record<string, string> } = JSON.parse(readDocument('package.json'))
  const wrong: string[] = []
  for (const code of codeOf(readDocument(file))) {
    for (const [named, first = '', second] of code.matchAll(/(?<![\w./=-])siaga (?!-)([a-z]+)(?: ([a-z]+)\b)?/g)) {
      const command = commands.get(first)
      if (command === undefined || !takes(command, second)) wrong.push(named)
    }
    for (const [named, script = ''] of code.matchAll(/\bnpm run ([\w:]+)/g)) {
      if (!Object.hasOwn(scripts, script)) wrong.push(named)
    }
  }
  expect(wrong).toEqual([])
})

function takes({ subcommands }: CliCommand, word: string | undefined): boolean {
  return subcommands === undefined || word === undefined || subcommands.some(({ name }) => name === word)
}

test.each([...handWritten])('%s: every setting and variable that it names is on the reference page', (file) => {
  const sections = /^(?:http|syslog|relp|kafka|clickhouse|processors|score|retention|reports|correlations)\.[a-z_.]+$/
  // Set by tests and by people's shells, not settings of Siaga.
  // SIAGA_IMAGE is compose's (deploy/compose/compose.yaml).
  const others = new Set([
    'SIAGA_IMAGE',
    'SIAGA_TEST_BASE',
    'SIAGA_TEST_CLUSTER',
    'SIAGA_TEST_IMAGES',
    'SIAGA_TEST_SERVICES',
    'SIAGA_SIGMA_REFERENCE',
    'SIAGA_TENZIR',
  ])
  const wrong = codeOf(readDocument(file)).flatMap((code) => {
    const settings = sections.test(code) && !configuration.includes(`\`${code}\``) ? [code] : []
    const variables = (code.match(/\b(?:SIAGA_[A-Z_]+|KAFKA_BROKERS|CLICKHOUSE_URL)\b/g) ?? []).filter(
      (name) =>
        !others.has(name) && !environmentSettings.some((setting) => setting.name === name.replace(/_FILE$/, '')),
    )
    return [...settings, ...variables]
  })
  expect(wrong).toEqual([])
})

test.each([...handWritten])('%s: siaga.yaml as it shows it is accepted', async (file) => {
  for (const { text, line } of blocksOf(readDocument(file)).filter(({ language }) => language === 'yaml')) {
    const folder = await mkdtemp(join(tmpdir(), 'siaga-docs-'))
    try {
      const yaml = join(folder, 'siaga.yaml')
      await writeFile(yaml, text)
      expect(() => loadConfig({ file: yaml, env: {}, cwd: folder }), `${file}:${line}`).not.toThrow()
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }
})

test('the operators read what every error means and what to do', () => {
  const codes = [errorTable, httpErrors, reportErrors].flatMap((table) => Object.keys(table))
  expect(codes.filter((code) => !operators.includes(`\`${code}\``))).toEqual([])
})

test('the operators read of every metric, and of none that is not there', async () => {
  const { registry } = createMetrics()
  const ours = registry.getMetricsAsArray().map(({ name }) => name)
  const named = [...operators.matchAll(/`(siaga_[a-z_]+)(?:\{[^}]*\})?`/g)].map((match) => match[1] ?? '')
  const own = ours.filter((name) => !/^siaga_(?:process_(?!or)|nodejs_)/.test(name))
  expect(own.filter((name) => !named.includes(name))).toEqual([])
  expect(named.filter((name) => name !== 'siaga_' && !ours.includes(name))).toEqual([])
})

test('the analysts read of every column', () => {
  const analysts = readDocument('docs/analysts.md')
  expect(Object.keys(eventColumns).filter((column) => !analysts.includes(`\`${column}\``))).toEqual([])
})
