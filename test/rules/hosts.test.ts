// Do our rules find the attacks on hosts in the real logs of ../shared/corpora, and let ordinary lines pass? None of those logs is copied here:
// where the folder is absent, these tests are skipped.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readCorrelations } from '../../cli/rules/correlation-cases.ts'
import { createLab } from '../../cli/rules/lab.ts'
import { SHIPPED_RULES } from '../../cli/worker/rules.ts'
import { migrate } from '../../deploy/clickhouse/migrate.ts'
import { runCorrelationCase } from '../../processors/correlate/cases.ts'
import { type LinkedCorrelation, linkCorrelations } from '../../processors/correlate/link.ts'
import { loadRules } from '../../processors/detect/sigma/load.ts'
import { type ClickHouse, createClickHouse } from '../../runtime/clickhouse.ts'
import { loadConfig } from '../../runtime/config.ts'
import type { Severity } from '../../schemas/detection.ts'
import type { Event } from '../../schemas/event.ts'
import { getServices } from '../services.ts'

const root = join(import.meta.dirname, '../../../shared/corpora')
const present = existsSync(join(root, 'crowdsec/manifest.json'))
if (!present) process.stdout.write(`corpora tests skipped: ${root} is absent\n`)
const corpus = describe.skipIf(!present)

interface Case {
  case: string
  log: string
  sources: string[]
}

const manifest: Case[] = present ? JSON.parse(readFileSync(join(root, 'crowdsec/manifest.json'), 'utf8')) : []

/** Cases of web servers and proxies: web.test.ts looks at them. */
const web = /^(?:nginx|apache|http-|traefik|caddy|haproxy|modsecurity|iis|pfsense)/

const set = loadRules([SHIPPED_RULES])
const { config, baseDir } = loadConfig({ env: {}, cwd: join(import.meta.dirname, '../fixtures') })
const lab = createLab(set.rules, config, baseDir)
const correlations = readCorrelations(set).rules

/** Something said of level medium or more, by a rule about one event or by a correlation. */
interface Said {
  readonly rule: string
  readonly level: Severity
  /** As in findings: source_ip:192.0.2.1, user:budi. */
  readonly entity: string
}

interface Read {
  readonly lines: number
  readonly events: readonly Event[]
  readonly said: readonly Said[]
}

function linesOf(path: string): string[] {
  return readFileSync(join(root, path), 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
}

function pathOf(name: string): string {
  const found = manifest.find((one) => one.case === name)
  if (found === undefined) throw new Error(`${name} is not in the manifest`)
  return `crowdsec/${name}/${found.log}`
}

/** A correlation behind those that it names, as if it were the only one. */
function chainOf(id: string): readonly LinkedCorrelation[] {
  const { correlations: all } = linkCorrelations(correlations, set.rules)
  const needed = new Set([id])
  // Inner ones stand before outer ones, so one pass from the end finds all.
  for (const { rule, roles } of [...all].reverse())
    if (needed.has(rule.id)) for (const role of roles) if (role.kind === 'correlation') needed.add(role.id)
  return linkCorrelations(
    correlations.filter((rule) => needed.has(rule.id)),
    set.rules,
  ).correlations
}

const notable = new Set<Severity>(['medium', 'high', 'critical'])

/** Reads lines as a source of format `auto` would, and gathers what is said about them. */
async function readAll(lines: readonly string[], clickhouse: ClickHouse): Promise<Read> {
  const events: Event[] = []
  const said: Said[] = []
  for (const text of lines) {
    const answer = lab({ text, format: 'auto', region: '', receivedAt: Date.UTC(2025, 0, 1), set: {} })
    if (answer.kind !== 'read') throw new Error(`${answer.reason}: ${text}`)
    const { event, matches } = answer
    const ids = matches.map(({ rule }) => rule.id)
    events.push({
      ...event,
      event_id: `line-${events.length}`,
      tags: [...event.tags],
      fields: new Map(event.fields),
      rule_ids: ids,
    })
    for (const { rule } of matches)
      if (notable.has(rule.level))
        said.push({ rule: rule.title, level: rule.level, entity: `source_ip:${event.source_ip}` })
  }
  for (const { id, title, level, pattern } of correlations) {
    // Baselines ask for weeks of the same source, which none of these files has; every hour between the years of their lines would be looked at.
    const chain = notable.has(level) && pattern.type !== 'baseline' ? chainOf(id) : []
    const bases = new Set(chain.flatMap(({ roles }) => roles.map((role) => role.id)))
    const own = events.filter(({ rule_ids }) => rule_ids.some((rule) => bases.has(rule)))
    if (own.length === 0) continue
    for (const { entity } of await runCorrelationCase(chain, own, clickhouse)) said.push({ rule: title, level, entity })
  }
  return { lines: lines.length, events, said }
}

/** How often each rule of level high or more spoke. */
function grave({ said }: Read): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { rule, level } of said) if (level !== 'medium') counts[rule] = (counts[rule] ?? 0) + 1
  return counts
}

test('docs/detections-hosts.md names every rule and correlation that is not about web requests, with its level', () => {
  const text = readFileSync(join(import.meta.dirname, '../../docs/detections-hosts.md'), 'utf8')
  const named = [...set.rules, ...correlations].filter(({ file }) => !file.startsWith(join(SHIPPED_RULES, 'web')))
  expect(named.length).toBeGreaterThanOrEqual(160)
  const missing = named.filter(({ title, level }) => !text.includes(`| ${title} | ${level} |`))
  expect(missing.map(({ title, level }) => `| ${title} | ${level} |`)).toEqual([])
})

corpus('logs of hosts, firewalls and services', () => {
  let clickhouse: ClickHouse

  beforeAll(async () => {
    const services = await getServices()
    clickhouse = createClickHouse({ url: services.clickhouse.url, ...services.clickhouse.users.admin })
    await migrate(clickhouse)
  })
  afterAll(() => clickhouse?.close())

  test('ssh-bf: the address that tries one user name after the other is told', async () => {
    const { said } = await readAll(linesOf(pathOf('ssh-bf')), clickhouse)
    expect(said).toContainEqual({
      rule: 'User names tried out from one address',
      level: 'medium',
      entity: 'source_ip:35.188.49.176',
    })
    expect(new Set(said.map(({ entity }) => entity))).toEqual(new Set(['source_ip:35.188.49.176']))
  })

  test('sshd-impossible-travel: the user who is in two countries within seconds is told', async () => {
    const { said, events } = await readAll(linesOf(pathOf('sshd-impossible-travel')), clickhouse)
    expect(said).toContainEqual({
      rule: 'One user in two countries within hours',
      level: 'high',
      entity: 'user:vagrant',
    })
    const sources = events.filter(({ user_name }) => user_name === 'vagrant').map(({ source_ip }) => source_ip)
    expect(new Set(sources)).toEqual(new Set(manifest.find((one) => one.case === 'sshd-impossible-travel')?.sources))
  })

  test('k8s-audit-pod-exec: the address that runs a command inside a pod is told', async () => {
    const { said } = await readAll(linesOf(pathOf('k8s-audit-pod-exec-file')), clickhouse)
    expect(said).toEqual([{ rule: 'Command run inside a pod', level: 'medium', entity: 'source_ip:192.168.49.1' }])
  })

  test('pgsql-bf: the address that guesses the password of a database is told', async () => {
    const { said } = await readAll(linesOf(pathOf('pgsql-logs')), clickhouse)
    expect(said).toContainEqual({
      rule: 'Database password guessed from one address',
      level: 'medium',
      entity: 'source_ip:1.2.3.4',
    })
  })

  test('palo-alto-threat: each source of an attack is told', async () => {
    const { said } = await readAll(linesOf(pathOf('palo-alto-threat')), clickhouse)
    expect(new Set(said.map(({ rule, entity }) => `${rule} ${entity}`))).toEqual(
      new Set(['1.2.3.2', '1.2.3.6'].map((address) => `Palo Alto firewall saw an attack source_ip:${address}`)),
    )
  })

  test('benign logs of services: fewer than one finding of level high or more in a thousand lines', async () => {
    const names = manifest.filter((one) => one.sources.length === 0 && !web.test(one.case)).map((one) => one.case)
    expect(names.length).toBeGreaterThan(10)
    const counts: Record<string, Record<string, number>> = {}
    for (const name of names) {
      const found = grave(await readAll(linesOf(pathOf(name)), clickhouse))
      if (Object.keys(found).length > 0) counts[name] = found
    }
    expect(counts).toEqual({
      // The device itself calls it an attack of severity 9 by a host with a private address.
      'cef-logs': { 'IDS alert about one of our own hosts': 1 },
      // The probe is really in the log: GET /cgi-bin/.%2e/.%2e/…/bin/sh (CVE-2021-41773).
      'suricata-logs-evelog': {
        'Path traversal in a request': 2,
        'Dots or slashes hidden by an encoding no browser uses': 2,
      },
      // `ubuntu` came in from France: at home there, but what the rule is for here. One in all the 6,401 lines.
      'vsftpd-logs': { 'Administrator logged in from abroad': 1 },
    })
  })

  test('loghub Linux: whatever is of level high or more is an attack', { timeout: 120_000 }, async () => {
    const read = await readAll(linesOf('loghub/Linux_2k.log'), clickhouse)
    expect(read.lines).toBe(2000)
    expect(grave(read)).toEqual({})
  })

  test('loghub OpenSSH: whatever is of level high or more is an attack', { timeout: 120_000 }, async () => {
    const lines = linesOf('loghub/OpenSSH_2k.log')
    const read = await readAll(lines, clickhouse)
    expect(read.lines).toBe(2000)
    expect(grave(read)).toEqual({ 'One address tries many accounts': 4 })
    for (const { entity } of read.said.filter(({ level }) => level === 'high')) {
      const address = entity.replace('source_ip:', '')
      const tried = lines.flatMap((line) =>
        line.includes(` from ${address} `)
          ? (/Failed password for (?:invalid user )?(\S+) from/.exec(line)?.[1] ?? [])
          : [],
      )
      expect(new Set(tried).size, address).toBeGreaterThanOrEqual(10)
    }
  })
})
