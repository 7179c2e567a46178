// Do our rules keep quiet about an ordinary day? Commands that administrators type, and lines that hosts and devices write all the time.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createLab } from '../../cli/rules/lab.ts'
import { SHIPPED_RULES } from '../../cli/worker/rules.ts'
import { loadRules } from '../../processors/detect/sigma/load.ts'
import { loadConfig } from '../../runtime/config.ts'

const fixtures = join(import.meta.dirname, '../fixtures')
const { config, baseDir } = loadConfig({ env: {}, cwd: fixtures })
const lab = createLab(loadRules([SHIPPED_RULES]).rules, config, baseDir)

/** What is said of level medium or more about a line, as findings leave from there on. */
function said(text: string, phase: string): string[] {
  const answer = lab({ text, format: 'auto', region: '32.04', receivedAt: Date.UTC(2025, 0, 1), set: { phase } })
  if (answer.kind !== 'read') throw new Error(`${answer.reason}: ${text}`)
  return answer.matches
    .filter(({ rule }) => rule.level !== 'informational' && rule.level !== 'low')
    .map(({ rule }) => `${rule.title}: ${text}`)
}

function linesOf(file: string): string[] {
  return readFileSync(join(fixtures, file), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
}

const commands = linesOf('ordinary-commands.txt').map(
  (command) =>
    `2024-10-14T10:12:10+07:00 web1 sudo:     budi : TTY=pts/0 ; PWD=/home/budi ; USER=root ; COMMAND=${command}`,
)

test('commands of administrators in the campaign raise no finding', () => {
  expect(commands.length).toBeGreaterThan(70)
  expect(commands.flatMap((line) => said(line, 'kampanye'))).toEqual([])
})

test('lines that hosts and devices write all the time raise no finding, on the day of the vote neither', () => {
  const lines = linesOf('ordinary-lines.log')
  expect(lines.length).toBeGreaterThan(25)
  expect(lines.flatMap((line) => [...said(line, 'kampanye'), ...said(line, 'pemungutan')])).toEqual([])
})

test('on the day of the vote only commands that change something are told, and none as high', () => {
  const told = new Set(commands.flatMap((line) => said(line, 'pemungutan')).map((text) => text.split(': ')[0]))
  expect([...told].toSorted()).toEqual([
    'Server shut down or restarted at the vote or the count',
    'Web site changed by hand in the quiet days, at the vote or the count',
  ])
})
