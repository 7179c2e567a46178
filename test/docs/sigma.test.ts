// Does docs/sigma.md name the log sources and the causes of differences that the code knows?
import { expect, test } from 'vitest'
import { windowsServices } from '../../processors/detect/sigma/windows-source.ts'
import { causes, ruleCauses } from '../differential/explained.ts'
import { readDocument } from './markdown.ts'

const rows = readDocument('docs/sigma.md')
  .split('\n')
  .filter((line) => line.startsWith('| '))

test('every channel of Windows stands beside its services', () => {
  const pairs = Object.entries(windowsServices).flatMap(([channel, services]) =>
    services.map((service) => ({ channel, service })),
  )
  const wrong = pairs.filter(
    ({ channel, service }) =>
      !rows.some((row) => row.startsWith(`| \`${service}\` |`) && row.includes(`\`${channel}\``)),
  )
  expect(wrong).toEqual([])
})

test('every cause of a difference from sigma-reference is told with who is right and why', () => {
  const wrong = [...causes, ...ruleCauses].filter(
    ({ name, right, why }) =>
      !rows.some((row) => row.startsWith(`| ${cell(name)} | ${right} |`) && row.includes(cell(why))),
  )
  expect(wrong.map(({ name }) => name)).toEqual([])
})

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('*', '\\*')
}
