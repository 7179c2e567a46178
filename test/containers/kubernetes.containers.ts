// Does deploy/kubernetes keep its word on a real cluster? Applied as docs/operations.md tells; an attack in, policies that hold, an upgrade that turns nobody away.
import { request } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { findEngine, findImages } from './engine.ts'
import { findCluster, type Installation, marks, prepare } from './kubernetes/installation.ts'
import { waitFor } from './ledger.ts'
import { accessLine } from './pusher.ts'

const where = findCluster()
const found = await findEngine()
const missing = 'missing' in where ? where.missing : 'missing' in found ? found.missing : undefined
const Count = z.object({ rows: z.coerce.number(), lines: z.coerce.number() })

describe.skipIf(missing !== undefined)(
  `Siaga on Kubernetes${missing === undefined ? '' : `: skipped, ${missing}`}`,
  () => {
    let installed: Installation
    let service = ''
    let key = ''

    beforeAll(async () => {
      if ('missing' in where || 'missing' in found) return
      const images = await findImages(found.engine)
      installed = await prepare(where.cluster, images)
    })
    afterAll(() => installed?.stop())

    const post = (body: string): Promise<number> =>
      new Promise((resolve, reject) => {
        const headers = { authorization: `Bearer ${key}`, 'content-type': 'text/plain' }
        const asking = request(
          `http://${service}:8080/v1/events/web-kpu`,
          { method: 'POST', headers, agent: false, timeout: 20_000 },
          (response) => {
            text(response).then(() => resolve(response.statusCode ?? 0), reject)
          },
        )
        asking
          .on('timeout', () => asking.destroy(new Error('no answer')))
          .on('error', reject)
          .end(body)
      })
    const count = async (from: string): Promise<z.infer<typeof Count> | undefined> => {
      const query = `SELECT count() AS rows, uniqExact(message) AS lines FROM siaga.events WHERE source_ip = '${from}'`
      return (await installed.clickhouse.rows(Count, query))[0]
    }

    test('the blocks of the document are those that are run here', () => {
      expect(marks().map((mark) => mark.split(' ')[1])).toEqual([
        'copies',
        'apply',
        'keys',
        'backup',
        'verify',
        'restore',
        'upgrade',
      ])
    })

    test('what is applied comes up: collectors, processors, centre, and the schema', async () => {
      await installed.documented('apply')
      const pods = await installed.kubectl(
        'get',
        'pods',
        '-o',
        'jsonpath={range .items[*]}{.metadata.labels.app\\.kubernetes\\.io/component} {.status.phase}{"\\n"}{end}',
      )
      expect(pods.trim().split('\n').sort()).toEqual([
        'centre Running',
        'ingest Running',
        'ingest Running',
        'migrate Succeeded',
        'process Running',
        'process Running',
      ])
      service = (await installed.kubectl('get', 'service', 'siaga-ingest', '-o', 'jsonpath={.spec.clusterIP}')).trim()
    })

    test('a key made at the centre is known to the collectors, an attack goes in and is an alert', async () => {
      key = /siaga_\w{10}_[\w-]{43}/.exec(await installed.documented('keys'))?.[0] ?? ''
      const attack = accessLine('203.0.113.9', '/cari?q=1%27%20UNION%20SELECT%20username,password%20FROM%20users--')
      // The kubelet brings a changed Secret within a minute or so.
      await waitFor('the collectors do not know the key', async () => (await post(attack)) === 202)
      const alerts = "SELECT count() AS rows, 0 AS lines FROM siaga.alerts WHERE entity = 'source_ip:203.0.113.9'"
      await waitFor('no alert', async () => ((await installed.clickhouse.rows(Count, alerts))[0]?.rows ?? 0) > 0)
    })

    const inCentre = (...command: string[]): Promise<string> =>
      installed.kubectl('exec', 'siaga-centre-0', '--', ...command)

    test('`siaga doctor` finds nothing wrong from within', async () => {
      await inCentre('siaga', 'doctor')
    })

    test('a back-up is made beside the centre, and is whole', async () => {
      const said = await installed.documented('backup')
      const [time = ''] = /\d{8}T\d{6}Z/.exec(said) ?? []
      const whole = await installed.documented('verify', (text) => text.replace('20261129T190000Z', time))
      expect(whole).toMatch(/^whole: /m)
      const jobs = ['siaga-backup-now', 'siaga-verify']
      await installed.kubectl('delete', 'job', ...jobs, '--cascade=foreground', '--wait')
    })

    test('policies hold: a collector reaches Kafka and not ClickHouse, a processor both, nobody the API server', async () => {
      const reaches = async (pod: string, port: number): Promise<string> => {
        const script = `const s=require('node:net').connect(${port},'${installed.address}',()=>{console.log('yes');process.exit()});s.setTimeout(4000,()=>{console.log('no');process.exit()});s.on('error',e=>{console.log(e.code);process.exit()})`
        return (await installed.kubectl('exec', pod, '--', 'node', '-e', script)).trim()
      }
      const { kafkaPort, clickhousePort } = installed
      expect(await reaches('deployment/siaga-ingest', kafkaPort)).toBe('yes')
      expect(await reaches('deployment/siaga-process', kafkaPort)).toBe('yes')
      expect(await reaches('deployment/siaga-process', clickhousePort)).toBe('yes')
      // Refused by the policy, whichever way its enforcer says so.
      expect(await reaches('deployment/siaga-ingest', clickhousePort)).toMatch(/^(?:no|ECONNREFUSED)$/)
      for (const pod of ['deployment/siaga-ingest', 'deployment/siaga-process', 'statefulset/siaga-centre'])
        expect(await reaches(pod, 6443), pod).toMatch(/^(?:no|ECONNREFUSED)$/)
    })

    test('an upgrade replaces everything; no sender is turned away, each line lands once', async () => {
      const from = '198.51.100.44'
      const answers = new Map<string, number>()
      let pushing = true
      let sent = 0
      const push = async (): Promise<void> => {
        while (pushing) {
          sent += 1
          const answer = String(await post(accessLine(from, `/naik/${sent}`)).catch((error: Error) => error.message))
          answers.set(answer, (answers.get(answer) ?? 0) + 1)
        }
      }
      const pushers = Promise.all([push(), push()])
      try {
        await installed.newVersion('0.1.1')
        await installed.documented('upgrade')
      } finally {
        pushing = false
        await pushers
      }
      process.stdout.write(`upgrade: ${sent} lines, answers ${JSON.stringify(Object.fromEntries(answers))}\n`)
      const images = await installed.kubectl('get', 'pods', '-o', 'jsonpath={.items[*].spec.containers[*].image}')
      expect(new Set(images.split(' '))).toEqual(new Set(['docker.io/library/siaga:0.1.1']))
      expect(Object.fromEntries(answers)).toEqual({ 202: sent })
      await waitFor('lines are missing', async () => ((await count(from))?.lines ?? 0) >= sent)
      expect(await count(from)).toEqual({ rows: sent, lines: sent })
    })

    test('a processor that is killed leaves nothing undone', async () => {
      const from = '198.51.100.45'
      await installed.kubectl(
        'delete',
        'pod',
        '-l',
        'app.kubernetes.io/component=process',
        '--grace-period=0',
        '--force',
      )
      for (let n = 0; n < 50; n += 1) expect(await post(accessLine(from, `/putus/${n}`))).toBe(202)
      await waitFor('lines are missing', async () => ((await count(from))?.lines ?? 0) >= 50)
      expect(await count(from)).toEqual({ rows: 50, lines: 50 })
    })

    test('everything but the back-up is lost, and the document brings it back: events, alerts, keys', async () => {
      const state = async (): Promise<unknown> => [
        await count('203.0.113.9'),
        await count('198.51.100.44'),
        await installed.clickhouse.rows(
          z.object({ alert_id: z.string(), title: z.string(), status: z.string(), first_seen: z.string() }),
          "SELECT alert_id, title, status, toString(first_seen) AS first_seen FROM siaga.alerts WHERE entity = 'source_ip:203.0.113.9' ORDER BY alert_id",
        ),
      ]
      const before = await state()
      const [time = ''] = /\d{8}T\d{6}Z/.exec(await installed.documented('backup')) ?? []
      await installed.loseEverything()
      await installed.documented('restore', (text) => text.replace('20261129T190000Z', time))
      expect(await state()).toEqual(before)
      service = (await installed.kubectl('get', 'service', 'siaga-ingest', '-o', 'jsonpath={.spec.clusterIP}')).trim()
      const from = '198.51.100.46'
      await waitFor('the key of before is not known', async () => (await post(accessLine(from, '/kembali'))) === 202)
      await waitFor('what comes now does not land', async () => ((await count(from))?.lines ?? 0) >= 1)
      expect(await count(from)).toEqual({ rows: 1, lines: 1 })
    })
  },
)
