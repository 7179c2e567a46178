// Do Prometheus's files hold: rules that fire when they must and say what to do, jobs that find every role, panels that ask what there is?
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PodMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PodMonitor'
import { describe, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { z } from 'zod'
import { createMetrics } from '../../runtime/metrics.ts'
import { readDocument, root } from '../docs/markdown.ts'
import { dashboards, folder as grafana } from './grafana/dashboards.ts'
import { prometheusDashboards, promql } from './grafana/prometheus.ts'
import { plainObjects, selects, workloadsOf } from './kubernetes/objects.ts'

const folder = join(root, 'deploy/prometheus')
const read = (file: string): unknown => parse(readFileSync(join(folder, file), 'utf8'))

const Rule = z.strictObject({
  alert: z.string().regex(/^Siaga[A-Z]\w+$/),
  expr: z.string().min(1),
  for: z.string().optional(),
  labels: z.strictObject({ severity: z.enum(['critical', 'warning', 'info']) }),
  annotations: z.strictObject({
    ringkasan: z.string().min(1),
    summary: z.string().min(1),
    description: z.string().min(1),
    runbook: z.string(),
  }),
})
const { groups } = z
  .strictObject({ groups: z.array(z.strictObject({ name: z.string(), rules: z.array(Rule) })) })
  .parse(read('siaga.rules.yml'))
const rules = groups.flatMap((group) => group.rules)

const Case = z.object({
  name: z.string(),
  promql_expr_test: z.array(z.looseObject({ expr: z.string(), exp_samples: z.array(z.unknown()) })).length(1),
})
const { tests, ...head } = z
  .looseObject({ tests: z.array(z.looseObject(Case.shape)) })
  .parse(read('siaga.rules.test.yml'))
const alertOf = ({ promql_expr_test: [asked] }: (typeof tests)[number]): string =>
  /alertname="(\w+)"/.exec(asked?.expr ?? '')?.[1] ?? ''

const operations = 'docs/operations.md'
const registry = new Set(
  createMetrics()
    .registry.getMetricsAsArray()
    .map(({ name }) => name),
)

/** Metrics that an expression names and no process of Siaga tells. */
function strangers(expr: string): string[] {
  // Names of jobs begin the same way; what stands in quotes is no metric.
  return [...expr.replace(/"[^"]*"/g, '').matchAll(/\bsiaga_\w+/g)]
    .map(([name]) => name)
    .filter((name) => !registry.has(name) && !registry.has(name.replace(/_(?:bucket|count|sum)$/, '')))
}

describe('the rules about Siaga itself', () => {
  test('have names of their own, and each asks for metrics that there are', () => {
    expect(rules.length).toBeGreaterThan(40)
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length)
    expect(strangers('rate(siaga_nowhere_total[5m]) + siaga_rules{job="siaga_x"}')).toEqual(['siaga_nowhere_total'])
    expect(rules.flatMap(({ expr }) => strangers(expr))).toEqual([])
  })

  test('ask for every metric that the operators are told to watch', () => {
    // Lines of the table: | metrics | what | watch |
    const watched = readDocument('docs/operators.md')
      .split('\n')
      .flatMap((line) => {
        const [, names = '', , watch = ''] = line.split(' | ').length === 3 ? ['', ...line.split(' | ')] : []
        const isWatched = watch.replace(/\s*\|\s*$/, '').trim() !== ''
        return isWatched ? [...names.matchAll(/`(siaga_\w+)/g)].map((match) => match[1] ?? '') : []
      })
    expect(watched.length).toBeGreaterThan(30)
    const asked = rules.map(({ expr }) => expr).join('\n')
    // A rate of 0 is told by findings of silence, source by source; the entries landed stand beside those that were buried.
    const otherwise = ['siaga_collector_received_total', 'siaga_alert_log_landed_total']
    expect(watched.filter((name) => !asked.includes(name) && !otherwise.includes(name))).toEqual([])
  })

  test.each(rules)('$alert names its heading in the operators’ handbook', ({ alert, annotations }) => {
    expect(annotations.runbook).toBe(`${operations}#${alert.toLowerCase()}`)
  })

  test.skipIf(!existsSync(join(root, operations)))(
    'have each a heading in docs/operations.md, and no heading is of a rule that is gone',
    () => {
      const headings = [...readDocument(operations).matchAll(/^#+ (Siaga[A-Z]\w+)$/gm)].map((match) => match[1] ?? '')
      expect(headings.sort()).toEqual(rules.map(({ alert }) => alert).sort())
    },
  )
})

test('a rule has a case in which it fires and one in which it stays quiet', () => {
  const told = (fires: boolean): string[] => {
    const those = tests.filter(({ promql_expr_test }) =>
      promql_expr_test.every((one) => one.exp_samples.length > 0 === fires),
    )
    return [...new Set(those.map(alertOf))].sort()
  }
  const names = rules.map(({ alert }) => alert).sort()
  expect(told(true)).toEqual(names)
  expect(told(false)).toEqual(names)
})

const promtool = spawnSync('promtool', ['--version']).status === 0

describe.skipIf(!promtool)('promtool (Debian: prometheus), which is not installed everywhere', () => {
  const run = (...args: string[]): string => execFileSync('promtool', args, { cwd: folder }).toString()

  test('accepts the configuration and the rules', () => {
    expect(run('check', 'rules', 'siaga.rules.yml')).toContain(`SUCCESS: ${rules.length} rules found`)
    expect(run('check', 'config', 'prometheus.yml')).toContain('is valid prometheus config')
  })

  // Group by group: every rule of a file is evaluated for every case.
  test.each(groups)('finds each rule of $name firing and quiet as its cases say', async (group) => {
    const own = await mkdtemp(join(tmpdir(), 'siaga-promtool-'))
    try {
      const names = group.rules.map(({ alert }) => alert)
      const cases = tests.filter((one) => names.includes(alertOf(one)))
      await writeFile(join(own, 'siaga.rules.yml'), stringify({ groups: [group] }))
      await writeFile(join(own, 'cases.yml'), stringify({ ...head, tests: cases }))
      expect(cases.length).toBeGreaterThanOrEqual(2 * names.length)
      expect(execFileSync('promtool', ['test', 'rules', 'cases.yml'], { cwd: own }).toString()).toContain('SUCCESS')
    } finally {
      await rm(own, { recursive: true, force: true })
    }
  })
})

describe('every role is scraped, under a job that the rules know', () => {
  const jobs = ['siaga-ingest', 'siaga-process', 'siaga-centre']

  test('with compose', () => {
    const Jobs = z.object({ scrape_configs: z.array(z.object({ job_name: z.string() })) })
    expect(Jobs.parse(read('prometheus.yml')).scrape_configs.map(({ job_name }) => job_name)).toEqual(jobs)
  })

  const component = plainObjects('components/prometheus-operator')

  test('on Kubernetes, where the operator would name a job after the monitor', () => {
    const pods = workloadsOf(plainObjects('base'))
    const found = component.flatMap((object) => {
      if (!PodMonitor.is(object)) return []
      const monitored = pods.filter(({ labels }) => selects(object.spec?.selector ?? {}, labels))
      const endpoints = object.spec?.podMetricsEndpoints ?? []
      return monitored.flatMap(({ labels }) =>
        endpoints.map(({ relabelings = [] }) => {
          const known = Object.entries(labels).map(([key, value]) => [key.replace(/[^\w]/g, '_'), value])
          const meta = new Map(known.map(([key, value]) => [`__meta_kubernetes_pod_label_${key}`, value]))
          const job = relabelings.find(({ targetLabel }) => targetLabel === 'job')
          const value = (job?.sourceLabels ?? []).map((label) => meta.get(label) ?? '').join(';')
          return job?.replacement?.replace('$1', value) ?? `siaga/${object.metadata?.name}`
        }),
      )
    })
    expect(found.sort()).toEqual([...jobs].sort())
  })

  test('on Kubernetes the rules are those of compose', () => {
    const shipped = component.filter(({ kind }) => kind === 'PrometheusRule')
    expect(shipped.map(({ spec }) => spec)).toEqual([read('siaga.rules.yml')])
  })
})

describe('the dashboard of Siaga’s own health', () => {
  test('asks for metrics that there are, and lies side by side', () => {
    expect(prometheusDashboards.map(({ file }) => file)).toEqual(['own-health.json'])
    for (const { dashboard } of prometheusDashboards) {
      const taken = new Set<string>()
      for (const { targets, gridPos, title } of dashboard.panels) {
        for (const target of targets) expect(strangers(promql(target)), title).toEqual([])
        expect(title).toContain(' · ')
        expect(gridPos.x + gridPos.w, title).toBeLessThanOrEqual(24)
        for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1)
          for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
            expect(taken.has(`${x},${y}`), title).toBe(false)
            taken.add(`${x},${y}`)
          }
      }
      expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length)
      expect(dashboards.map((other) => other.dashboard.uid)).not.toContain(dashboard.uid)
    }
  })

  test('its data source comes from the environment', () => {
    const text = readFileSync(join(grafana, 'provisioning/datasources/prometheus.yaml'), 'utf8')
    expect(parse(text)).toMatchObject({
      apiVersion: 1,
      datasources: [{ type: 'prometheus', access: 'proxy', editable: false, url: '$GRAFANA_SIAGA_PROMETHEUS' }],
    })
  })
})
