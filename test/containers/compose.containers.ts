// Does deploy/compose/compose.yaml keep its word on a real engine? An attack in by HTTPS, an alert out of a webhook, every role scraped, collectors replaced under way.
import { request } from 'node:https'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { z } from 'zod'
import { legendLabels, prometheusDashboards, promql } from '../deploy/grafana/prometheus.ts'
import { blocksOf, readDocument } from '../docs/markdown.ts'
import { composeMissing, type Project, startProject } from './compose-project.ts'
import { findEngine, findImages, findService } from './engine.ts'
import { waitFor } from './ledger.ts'
import { accessLine } from './pusher.ts'

const found = await findEngine()
const missing = 'missing' in found ? found.missing : await composeMissing()

/** The configuration that is shipped, with a webhook and the networks of this run. */
function configuration(webhook: string, edgeNetwork: string): string {
  const shipped: { http: object; alerts: { channels: object[]; recipients: object[] } } = parse(
    readDocument('deploy/compose/config/siaga.yaml'),
  )
  const { channels, recipients } = shipped.alerts
  return stringify({
    ...shipped,
    http: { ...shipped.http, trusted_proxies: [edgeNetwork] },
    alerts: {
      channels: [...channels, { id: 'kait', kind: 'webhook', url: webhook }],
      recipients,
      forward: [{ channel: 'kait', severity: 'low' }],
    },
  })
}

const Targets = z.object({
  data: z.object({
    activeTargets: z.array(
      z.object({
        labels: z.looseObject({ job: z.string(), instance: z.string() }),
        health: z.string(),
        lastError: z.string(),
      }),
    ),
  }),
})
const Rules = z.object({
  data: z.object({
    groups: z.array(
      z.object({ rules: z.array(z.object({ name: z.string(), health: z.string(), state: z.string() })) }),
    ),
  }),
})
const Answer = z.object({
  status: z.literal('success'),
  data: z.object({ result: z.array(z.object({ metric: z.record(z.string(), z.string()) })) }),
})

describe.skipIf(missing !== undefined)(
  `Siaga by compose${missing === undefined ? '' : `: skipped, ${missing}`}`,
  () => {
    let project: Project
    let edge: string
    let prometheus: string
    let key: string

    beforeAll(async () => {
      if ('missing' in found) return
      const images = await findImages(found.engine)
      const [edgeImage, prometheusImage] = [
        await findService(found.engine, 'edge'),
        await findService(found.engine, 'prometheus'),
      ]
      const began = performance.now()
      project = await startProject(
        { ...images, siaga: process.env.SIAGA_IMAGE ?? images.siaga, edge: edgeImage, prometheus: prometheusImage },
        configuration,
      )
      process.stdout.write(`compose is up after ${((performance.now() - began) / 1000).toFixed(0)} s\n`)
      edge = await project.address('edge', 8443)
      prometheus = `http://${await project.address('prometheus', 9090)}`
      // The last that the document's beginning says: the key of its source.
      key = project.greeting.trim().split('\n').at(-1) ?? ''
    })
    afterAll(() => project?.stop())

    /** By HTTPS at the edge, its certificate checked. */
    const ask = (
      path: string,
      options: { body?: string; key?: string } = {},
    ): Promise<{ status: number; body: string }> =>
      new Promise((resolve, reject) => {
        const [host = '', port = ''] = edge.split(':')
        const asking = request(
          {
            ...{ host, port, path, ca: project.certificate, servername: 'localhost' },
            method: options.body === undefined ? 'GET' : 'POST',
            headers: {
              ...(options.key && { authorization: `Bearer ${options.key}` }),
              ...(options.body !== undefined && { 'content-type': 'text/plain' }),
            },
            agent: false,
          },
          (response) => {
            text(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject)
          },
        )
        asking.on('error', reject).end(options.body)
      })
    const post = (body: string) => ask('/v1/events/web-kpu', { body, key })

    const api = async (path: string): Promise<unknown> => (await fetch(`${prometheus}/api/v1/${path}`)).json()
    const evaluate = async (query: string) =>
      Answer.parse(await api(`query?query=${encodeURIComponent(query)}`)).data.result
    const targets = async () => Targets.parse(await api('targets?state=active')).data.activeTargets
    const states = async () => Rules.parse(await api('rules')).data.groups.flatMap((group) => group.rules)

    const count = async (where: string): Promise<number> => {
      const query = `SELECT count() AS n FROM events WHERE ${where}`
      return Number(await project.inside('centre', 'siaga', 'sql', '--format', 'TSV', query))
    }

    test('an attack goes in at the edge by HTTPS and an alert comes out of the webhook', async () => {
      await waitFor(
        'the collectors do not know the new key',
        async () => (await post(accessLine('198.51.100.7', '/'))).status === 202,
      )
      const attack = '/cari?q=1%27%20UNION%20SELECT%20username,password%20FROM%20users--'
      expect(await post(accessLine('203.0.113.9', attack))).toEqual({ status: 202, body: '{"accepted":1}' })
      await waitFor('nobody was told', () =>
        project.receiver.told.some(({ alert }) => alert.entity === 'source_ip:203.0.113.9'),
      )
    })

    test('the log of the centre has the link of the first administrator, as the document says', () => {
      expect(project.greeting).toMatch(/https?:\/\/\S+\/\S*[\w-]{20,}/)
    })

    test('the edge shows people the page, and nobody what is for the machine alone', async () => {
      expect((await ask('/')).body).toContain('<!doctype html>')
      expect((await ask('/v1/alerts')).status).toBe(401)
      expect(await ask('/readyz')).toMatchObject({ status: 200 })
      for (const path of ['/metrics', '/status', '/v1/status']) expect((await ask(path)).status, path).toBe(404)
      expect((await ask('/v1/events/demo', { body: 'x', key: 'siaga_none' })).status).toBe(401)
    })

    test('every process of Siaga is confined as the file says', async () => {
      const ids = (await project.compose('ps', '--quiet', 'ingest-1', 'ingest-2', 'process', 'centre'))
        .trim()
        .split('\n')
      expect(ids).toHaveLength(4)
      if ('missing' in found) return
      for (const id of ids) {
        const { Config, HostConfig } = await found.engine.container.dockerode.getContainer(id).inspect()
        expect(Config.User).toBe('10001:10001')
        expect(HostConfig).toMatchObject({
          ReadonlyRootfs: true,
          CapDrop: ['ALL'],
          SecurityOpt: ['no-new-privileges:true'],
        })
        expect(HostConfig.Memory).toBeGreaterThan(0)
        expect(Config.Env.join('\n')).not.toMatch(/^(?:SIAGA_MASTER_KEY|CLICKHOUSE_PASSWORD)=/m)
      }
    })

    test('users of ClickHouse are those of siaga.yaml, each with its own rights', async () => {
      const password = (await project.inside('centre', 'siaga', 'access', 'password', 'pusat')).trim()
      const asked = async (user: string, secret: string, query: string): Promise<string> =>
        project.inside(
          'centre',
          'node',
          '-e',
          'fetch("http://clickhouse:8123/?database=siaga", { method: "POST", headers: { "x-clickhouse-user": process.argv[1], "x-clickhouse-key": process.argv[2] }, body: process.argv[3] }).then(a => a.text()).then(t => process.stdout.write(t))',
          ...[user, secret, query],
        )
      expect(await asked('siaga_room_pusat', password, 'SELECT count() > 0 FROM events')).toBe('1\n')
      expect(await asked('siaga_room_pusat', password, 'SELECT * FROM streams')).toContain('ACCESS_DENIED')
      expect(await asked('siaga_room_pusat', 'wrong', 'SELECT 1')).toContain('Authentication failed')
      // From another container nobody is `default`.
      expect(await asked('default', '', 'SELECT 1')).toContain('Authentication failed')
    })

    test('Prometheus reads every role and has the rules; while all is well no rule fires', async () => {
      await waitFor('a role is not scraped', async () => {
        const seen = await targets()
        return seen.length === 4 && seen.every(({ health }) => health === 'up')
      })
      expect((await targets()).map(({ labels }) => labels.job).sort()).toEqual([
        'siaga-centre',
        'siaga-ingest',
        'siaga-ingest',
        'siaga-process',
      ])
      const shipped = [...readDocument('deploy/prometheus/siaga.rules.yml').matchAll(/- alert: (\w+)/g)].map(
        ([, name]) => name,
      )
      await waitFor('rules are not evaluated', async () => (await states()).every(({ health }) => health === 'ok'))
      const seen = await states()
      expect(seen.map(({ name }) => name).sort()).toEqual(shipped.sort())
      expect(seen.filter(({ state }) => state === 'firing').map(({ name }) => name)).toEqual([])
    })

    test('every panel of Siaga’s own health asks what Prometheus can answer, and is not empty where there is something to show', async () => {
      // What happens from time to time, or where feeds are set.
      const quiet = /refused|lost|dead|feed|findings_total|ALERTS/
      await waitFor(
        'two scrapes of everything',
        async () => (await evaluate('rate(siaga_processor_landed_total[1m])')).length > 0,
      )
      for (const { dashboard } of prometheusDashboards)
        for (const { title, targets: asked } of dashboard.panels)
          for (const target of asked) {
            const query = promql(target)
            // Some figures are first taken when a schedule comes round.
            if (!quiet.test(query))
              await waitFor(`nothing: ${title}: ${query}`, async () => (await evaluate(query)).length > 0)
            for (const { metric } of await evaluate(query))
              for (const label of legendLabels(target)) expect(metric, title).toHaveProperty(label)
          }
    })

    test('collectors are replaced one after the other and no sender is turned away; each line lands once', async () => {
      const answers = new Map<number, number>()
      let pushing = true
      let sent = 0
      const push = async (): Promise<void> => {
        while (pushing) {
          sent += 1
          const { status } = await post(accessLine('198.51.100.44', `/ganti/${sent}`))
          answers.set(status, (answers.get(status) ?? 0) + 1)
        }
      }
      const pushers = Promise.all([push(), push()])
      const enough = async (more: number): Promise<void> => {
        const until = sent + more
        await waitFor('nobody is answered', () => sent >= until)
      }
      try {
        await enough(50)
        for (const name of ['ingest-1', 'ingest-2']) {
          await project.up('--no-deps', '--force-recreate', name)
          await enough(50)
        }
      } finally {
        pushing = false
        await pushers
      }
      process.stdout.write(
        `replaced under way: ${sent} lines, answers ${JSON.stringify(Object.fromEntries(answers))}\n`,
      )
      expect(Object.fromEntries(answers)).toEqual({ 202: sent })
      const ours = "source_ip = '198.51.100.44'"
      await waitFor('lines are missing', async () => (await count(ours)) >= sent)
      const paths = Number(
        await project.inside(
          'centre',
          'siaga',
          'sql',
          '--format',
          'TSV',
          `SELECT uniqExact(url_path) FROM events WHERE ${ours}`,
        ),
      )
      expect(paths).toBe(sent)
      // Whoever was let in is answered before a collector ends, so that nobody has to send again.
      expect(await count(ours)).toBe(sent)
    })

    test('what docs/operations.md tells to do with compose can be done', async () => {
      const shown = blocksOf(readDocument('docs/operations.md')).filter(({ comment }) => comment === 'compose')
      // Once each; one after the other, as a person does.
      const lines = shown.flatMap((block) => block.text.split('\n'))
      const commands = new Set(lines.filter((line) => line !== '' && !line.startsWith('#')))
      expect(commands.size).toBeGreaterThan(20)
      for (const command of commands) await project.shell(command)
      await waitFor('not everything is well again', async () =>
        (await targets()).every(({ health }) => health === 'up'),
      )
    })

    test('without processors nothing is lost, and Prometheus tells', async () => {
      await project.compose('kill', 'process')
      expect((await post(accessLine('198.51.100.55', '/menunggu'))).status).toBe(202)
      await waitFor('no rule notices', async () => {
        const known = (await states()).find(({ name }) => name === 'SiagaNoWorkers')
        return known?.state === 'firing'
      })
      await project.up('--no-deps', 'process')
      await waitFor('what waited has not landed', async () => (await count("source_ip = '198.51.100.55'")) === 1)
      await waitFor('the rule does not fall silent', async () =>
        (await states()).every(({ name, state }) => name !== 'SiagaNoWorkers' || state === 'inactive'),
      )
    })

    test('a back-up is whole, and after the loss of everything else the document brings all of it back', async () => {
      await waitFor(
        'the key is not known',
        async () => (await post(accessLine('198.51.100.65', '/sebelum'))).status === 202,
      )
      await waitFor('the line has not landed', async () => (await count("source_ip = '198.51.100.65'")) > 0)
      const before = await count('true')
      // Until here they were in volumes.
      await project.folders()
      const said = await project.compose('run', '--rm', 'backup')
      const [time = ''] = /\d{8}T\d{6}Z/.exec(said) ?? []
      const at = `/var/backups/siaga/${time}`
      expect(await project.compose('run', '--rm', '--no-deps', 'backup', 'restore', at, '--verify')).toMatch(/^whole: /)
      await project.loseEverything()
      await project.restore(time)
      edge = await project.address('edge', 8443)
      // Events of Siaga's own go on.
      expect(await count('true')).toBeGreaterThanOrEqual(before)
      expect(await count("source_ip = '198.51.100.65'")).toBe(1)
      await waitFor(
        'the key of before is not known',
        async () => (await post(accessLine('198.51.100.66', '/kembali'))).status === 202,
      )
      await waitFor('what comes now does not land', async () => (await count("source_ip = '198.51.100.66'")) > 0)
    })
  },
)
