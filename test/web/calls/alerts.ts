// How are alerts asked for, and acted on? Whether the state of an alert allows an act is told to those alone who may see it.
import { AlertVerb } from '../../../schemas/alert.ts'
import { theWorld } from '../world.ts'
import type { Answer, Call, Calls, Where } from './call.ts'

const place = (where: Where) => theWorld().of[where]
const shown = ({ status, body }: Answer, where: Where): boolean =>
  status === 200 && body.includes(`"${place(where).alert}"`)
const found = ({ status }: Answer): boolean => status !== 404
const of =
  (rest: string) =>
  (_: unknown, where: Where): string =>
    `/v1/alerts/${place(where).alert}/${rest}`
/** Done, or refused for how it stands. */
const judged = [200, 201, 409, 422]

const acts: Record<string, Call> = {}
for (const verb of AlertVerb.options)
  acts[`POST /v1/alerts/:id/${verb.replace('_', '-')}`] = {
    url: of(verb.replace('_', '-')),
    body: () => ({ reason: 'coba', assignee: 'Budi' }),
    status: judged,
    shows: found,
  }

export const calls: Calls = {
  'GET /v1/alerts/openapi.json': {},
  'GET /v1/alerts': { url: () => '/v1/alerts?status=active', shows: shown },
  'GET /v1/alerts/counts': {
    url: (_, where) => `/v1/alerts/counts?id=${place(where).alert}`,
    shows: ({ body }) => body.includes('"total":1'),
  },
  'GET /v1/alerts/held': { centre: true },
  'GET /v1/alerts/:id': { url: (_, where) => `/v1/alerts/${place(where).alert}`, shows: shown },
  ...acts,
  'GET /v1/cases/:id': {
    url: (_, where) => `/v1/cases/${place(where).case}`,
    status: 200,
    shows: ({ status }) => status === 200,
  },
  'POST /v1/alerts/bulk': {
    body: (_, where) => ({ verb: 'comment', ids: [place(where).alert], reason: 'coba' }),
    shows: ({ body }) => body.includes('"outcome":"done"'),
  },
  'GET /v1/alerts/:id/evidence': {
    url: of('evidence'),
    shows: ({ body }, where) => body.includes(`rahasia-${where}`),
  },
  'GET /v1/alerts/:id/timeline': { url: of('timeline'), shows: found },
  'GET /v1/alerts/stream': {},
  // Of the centre instead of a room beneath: what a room beneath holds back is its own matter.
  'GET /v1/suppressions': {
    shows: ({ status, body }, where) => status === 200 && body.includes(`"${place(where).suppression}"`),
  },
  'POST /v1/suppressions': {
    body: () => ({
      owner: 'Budi',
      reason: 'coba',
      until: new Date(Date.now() + 3_600_000).toISOString(),
      match: { assets: ['tidak-ada'] },
    }),
  },
  'POST /v1/suppressions/:id/approve': {
    url: (_, where) => `/v1/suppressions/${place(where).suppression}/approve`,
    status: [...judged, 403],
    shows: found,
  },
  'POST /v1/suppressions/:id/end': {
    url: (_, where) => `/v1/suppressions/${place(where).suppression}/end`,
    status: [...judged, 403],
    shows: found,
  },
  'GET /v1/alert-policy': { centre: true },
  'POST /v1/alert-policy/approve': { centre: true, body: () => ({ id: 'tidak-ada' }), status: 409 },
  'GET /v1/notices': {
    url: () => '/v1/notices?all=true',
    shows: ({ status, body }, where) => status === 200 && body.includes(`"${place(where).notice}"`),
  },
  'POST /v1/alerts/:id/notice': { url: of('notice'), body: () => ({}), status: judged, shows: found },
  'POST /v1/notices/:id/withdraw': {
    url: (_, where) => `/v1/notices/${place(where).notice}/withdraw`,
    body: () => ({ reason: 'coba' }),
    status: judged,
    shows: found,
  },
  'POST /v1/notices/:id/verify': {
    url: (_, where) => `/v1/notices/${place(where).notice}/verify`,
    body: () => ({ reason: 'coba' }),
    status: judged,
    shows: found,
  },
}
