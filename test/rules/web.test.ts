// Do the rules on web attacks find attacks, and leave ordinary requests alone? Lines of our own, and real ones of ../shared/corpora (skipped
// where that folder is absent; nothing of it is copied here).
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { migrate } from '../../deploy/clickhouse/migrate.ts'
import { type ClickHouse, createClickHouse } from '../../runtime/clickhouse.ts'
import { getServices } from '../services.ts'
import { crowdsecLines, linesOf, manifest, present, readAll, rulesOn, type Said } from './corpus.ts'

if (!present) process.stdout.write('corpora tests skipped: ../shared/corpora is absent\n')
const corpus = describe.skipIf(!present)

const Request = z.object({ id: z.string(), attack: z.boolean(), line: z.string() })

interface Confusion {
  attacks: number
  found: number
  others: number
  wrong: number
}

/** Counts by category of the requests about which a rule of level medium or more speaks. */
function confusionOf(texts: readonly string[], category: 'class' | 'category') {
  const categories: Record<string, Confusion> = {}
  const all: Confusion = { attacks: 0, found: 0, others: 0, wrong: 0 }
  const missed: string[] = []
  const wrong: string[] = []
  for (const text of texts) {
    const document: unknown = JSON.parse(text)
    const { id, attack, line } = Request.parse(document)
    const name = z.record(z.string(), z.unknown()).parse(document)[category]
    categories[String(name)] ??= { attacks: 0, found: 0, others: 0, wrong: 0 }
    const titles = rulesOn(line, 'nginx').map(({ title }) => title)
    for (const counts of [categories[String(name)] as Confusion, all]) {
      if (attack) {
        counts.attacks += 1
        if (titles.length > 0) counts.found += 1
      } else {
        counts.others += 1
        if (titles.length > 0) counts.wrong += 1
      }
    }
    if (attack && titles.length === 0) missed.push(id)
    if (!attack && titles.length > 0) wrong.push(`${id}: ${titles.join(', ')}`)
  }
  return { categories, all, missed, wrong }
}

function print(title: string, categories: Record<string, Confusion>): void {
  const rows = Object.entries(categories)
    .sort(([a], [b]) => a.localeCompare(b))
    .map(
      ([name, { attacks, found, others, wrong }]) =>
        `  ${name.padEnd(28)} ${String(found).padStart(4)} of ${String(attacks).padStart(4)} attacks, ${String(wrong).padStart(3)} of ${String(others).padStart(4)} others`,
    )
  process.stdout.write(`${title}\n${rows.join('\n')}\n`)
}

test('own lines: at least 98 % of the attacks are found, at most 1 % of their look-alikes', () => {
  const lines = readFileSync(join(import.meta.dirname, '../fixtures/web-attacks.ndjson'), 'utf8')
    .trim()
    .split('\n')
  const { all, missed, wrong } = confusionOf(lines, 'class')
  expect(all.attacks).toBeGreaterThanOrEqual(200)
  expect(all.others).toBeGreaterThanOrEqual(200)
  expect(all.found / all.attacks, missed.join('\n')).toBeGreaterThanOrEqual(0.98)
  expect(all.wrong / all.others, wrong.join('\n')).toBeLessThanOrEqual(0.01)
})

corpus('requests of the OWASP Core Rule Set', () => {
  test('at least 85 % of the attacks get a finding of level medium or more, at most 5 % of the others', () => {
    const { categories, all, missed, wrong } = confusionOf(linesOf('crs/requests.ndjson'), 'category')
    print('crs by category', { ...categories, 'together ': all })
    expect(all.attacks + all.others).toBe(530)
    expect(all.found / all.attacks, missed.join('\n')).toBeGreaterThanOrEqual(0.85)
    expect(all.wrong / all.others, wrong.join('\n')).toBeLessThanOrEqual(0.05)
  })
})

corpus('logs of web servers', () => {
  let clickhouse: ClickHouse

  beforeAll(async () => {
    const services = await getServices()
    clickhouse = createClickHouse({ url: services.clickhouse.url, ...services.clickhouse.users.admin })
    await migrate(clickhouse)
  })
  afterAll(() => clickhouse?.close())

  test.each([
    'nginx-http-sqli-probing',
    'nginx-http-xss-probing',
    'http-wordpress-scan',
    'nginx-http-sensitive-files',
    'nginx-bad-user-agent',
    'apache-http-probing',
    'http-dos-random-uri',
  ])('%s: each source is told, and no other', { timeout: 120_000 }, async (name) => {
    const said = await readAll(crowdsecLines(name), clickhouse)
    const sources = new Set(said.flatMap(({ entity }) => (entity.startsWith('source_ip:') ? [entity.slice(10)] : [])))
    expect([...sources].sort()).toEqual(manifest.find((one) => one.case === name)?.sources.toSorted())
  })

  test('what those are told is what they did', { timeout: 120_000 }, async () => {
    const rules = async (name: string) => (await readAll(crowdsecLines(name), clickhouse)).map(({ rule }) => rule)
    expect(await rules('apache-http-probing')).toContain('One address asks for many pages that are not there')
    expect(await rules('http-dos-random-uri')).toContain('Flood of made-up addresses')
    expect(await rules('nginx-bad-user-agent')).toContain('Attack or audit tool by its User-Agent')
    expect(await rules('http-wordpress-scan')).toContain(
      'One address tries parts of WordPress or Joomla that are not there',
    )
  })

  test('benign logs: fewer than one finding of level high or more in a thousand lines, attacks in them aside', {
    timeout: 120_000,
  }, async () => {
    const web = /^(?:nginx|apache|http-|traefik|caddy|haproxy|modsecurity|iis|pfsense)/
    const names = manifest.filter((one) => one.sources.length === 0 && web.test(one.case)).map((one) => one.case)
    expect(names.length).toBeGreaterThan(5)
    const grave: Record<string, string[]> = {}
    let lines = 0
    const count = (name: string, said: readonly Said[]): void => {
      const found = said.filter(({ level }) => level !== 'medium').map(({ rule, line }) => `${rule}: ${line}`)
      if (found.length > 0) grave[name] = found
    }
    for (const name of names) {
      const texts = crowdsecLines(name)
      lines += texts.length
      count(name, await readAll(texts, clickhouse))
    }
    const apache = linesOf('loghub/Apache_2k.log')
    lines += apache.length
    count('loghub Apache', await readAll(apache, clickhouse))
    expect(lines).toBeGreaterThan(2000)
    // A request of the ProxyNotShell kind really is in the log of IIS.
    expect(grave).toEqual({
      'iis-xml-logs': [expect.stringMatching(/^Known hole of Exchange or SharePoint tried: .*autodiscover\.json/)],
    })
  })
})
