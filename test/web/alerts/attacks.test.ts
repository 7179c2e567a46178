// What can a room do to others by the API, and what does it hear while parts are away? The plugin over the real engine.
import fastify from 'fastify'
import { expect, test } from 'vitest'
import { silentLog } from '../../../runtime/log.ts'
import type { Case } from '../../../schemas/alert.ts'
import { Config } from '../../../schemas/config.ts'
import { createEngine } from '../../../sinks/alerts/engine.ts'
import type { AlertDesk, CaseSight } from '../../../web/alerts/desk.ts'
import { alertApi } from '../../../web/alerts/plugin.ts'

const T0 = Date.parse('2026-11-20T03:00:00Z')
const config = Config.parse({ rooms: [{ id: 'kota', region: '32.04' }] })
const found: Case = {
  ...{ case_id: 'K-1', title: 'x', kind: 'campaign', keys: [], alerts: [], regions: ['11.01', '12.01', '13.01'] },
  ...{ attack: [], severity: 'high', first_seen: T0, last_seen: T0, warned: ['kota|'], merged_into: '', version: 1 },
}

const key = { id: 'k1', source: '', label: 'Budi', room: 'kota', hash: '', tail: '', created: '' }

const nothing = { why: [], steps: [], rule: [], call: [], never: [], report: [] }

async function serving(changed: Partial<AlertDesk> = {}) {
  const engine = createEngine({
    ...{ config, assets: [], reference: { regions: new Map(), phases: new Map() } },
    shared: { address: () => false, domain: () => false, agent: () => false },
  })
  engine.restore(new Map(), T0)
  const finding = (n: number) => ({
    ...{ finding_id: `f-${n}`, rule_id: `r${n}`, title: 'x', severity: 'high' as const, attack: [], event_id: '' },
    ...{ source_id: 's', region_code: '32.04', owner: '', asset_id: '', entity: '', evidence: [] },
    ...{ window_start: T0, window_end: T0, score: 90, dedup_key: `r${n}` },
  })
  engine.findings([finding(1), finding(2)], 2, T0)
  let next = 0
  const alertOf = (id: string) => [...engine.alerts()].find(({ alert_id }) => alert_id === id)
  const desk: AlertDesk = {
    ...{ ready: Promise.resolve(), alerts: engine.alerts, alert: alertOf, case: () => found },
    ...{ notices: () => [], notice: () => undefined, last: () => -1, policy: () => undefined },
    guidance: () => ({ id: nothing, en: nothing }),
    ...{
      deadline: () => undefined,
      judul: () => '',
      verbs: () => [],
      factorWords: () => ({ id: '', en: '' }),
      literals: () => [],
      standing: () => ({ waits: false, verbs: [] }),
    },
    ...{ suppressions: () => [], suppression: () => undefined, notifications: () => [] },
    ...{ follow: () => () => undefined, attempts: async () => [], held: async () => [], sight: () => undefined },
    async ask(request) {
      next += 1
      engine.requests([request], next, T0)
      const record = engine.take().records.get(`answer/${request.request_id}`)
      const ok = { request_id: request.request_id, at: T0, ok: true, code: '', message: '', alerts: [] }
      return record?.kind === 'answer' ? record.answer : ok
    },
    ...changed,
  }
  const app = fastify()
  await app.register(
    alertApi({
      ...{ desk, rooms: config.rooms, reference: { regions: new Map() }, log: silentLog, version: '0', now: () => T0 },
      clickhouseOf: () => {
        throw new Error('no store is asked here')
      },
      keys: {
        verify: (text) => (text === 'good' ? key : undefined),
      },
      ...{ onRefused: () => undefined, onAgreed: () => undefined, onStreams: () => undefined },
    }),
  )
  const headers = { authorization: 'Bearer good' }
  return {
    ids: [...engine.alerts()].map(({ alert_id }) => alert_id),
    alertOf,
    get: (url: string) => app.inject({ url, headers }),
    post: (url: string, key: string) =>
      app.inject({
        method: 'POST',
        url,
        headers: { ...headers, 'idempotency-key': key },
        payload: { reason: 'sebab' },
      }),
  }
}

test('an Idempotency-Key that is used for something else does not answer as if that had been done', async () => {
  const { ids, alertOf, post } = await serving()
  const [one = '', other = ''] = ids
  for (const id of [one, one, other]) expect((await post(`/v1/alerts/${id}/resolve`, 'k')).statusCode).toBe(200)
  expect([one, other].map((id) => alertOf(id)?.status)).toEqual(['resolved', 'resolved'])
  expect(alertOf(one)?.actions).toHaveLength(1)
})

test('a room that was warned reads the case; one without a part in it hears that there is none', async () => {
  const blank: CaseSight = {
    alerts: [],
    regions: [],
    attack: [],
    indicators: [],
    title: 'x',
    first_seen: 0,
    last_seen: 0,
  }
  const warned = await serving({ sight: () => blank })
  expect((await warned.get('/v1/cases/K-1')).statusCode).toBe(200)
  const stranger = await serving()
  expect((await stranger.get('/v1/cases/K-1')).statusCode).toBe(404)
})
