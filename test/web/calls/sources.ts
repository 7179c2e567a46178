// How are sources asked about, their keys and their dead letters?
import { theWorld } from '../world.ts'
import { type Answer, type Calls, regionOf, type Where } from './call.ts'

const id = (where: Where): string => `sumber-${where}`
const named = ({ status, body }: Answer, where: Where): boolean => status === 200 && body.includes(`"${id(where)}"`)
const ok = ({ status }: Answer): boolean => status === 200
const letter = ({ status, body }: Answer, where: Where): boolean =>
  status === 200 && body.includes(`rahasia-surat-${where}`)
const byId =
  (rest = '') =>
  (_: unknown, where: Where): string =>
    `/api/sources/by-id/${id(where)}${rest}`

export const calls: Calls = {
  'GET /api/sources': { shows: named },
  'GET /api/sources/regions': {
    // Regions are told by the state of their sources, which the judge of silence says.
    shows: ({ body }, where) => body.includes(`"region":"${regionOf[where]}"`),
  },
  'GET /api/sources/by-id/:id': { url: byId(), shows: named },
  'GET /api/sources/devices': { shows: named },
  'GET /api/sources/by-id/:id/recipe': {
    url: byId('/recipe?device=curl&way=key&host=siaga.example&url=https://siaga.example'),
    shows: ok,
  },
  'GET /api/sources/proposal': {
    // Lines are proposed for the region of whoever asks, and beneath; that a name is taken is not said of a foreign source.
    url: (_, where) => `/api/sources/proposal?id=${id(where)}&region=${regionOf[where]}&owner=pemda`,
    shows: ({ status, body }) => status === 200 && body.includes('"taken":true'),
  },
  'GET /api/sources/by-id/:id/arrival': {
    url: byId('/arrival?since=0'),
    shows: ({ body }, where) => body.includes(`rahasia-${where}`),
  },
  'GET /api/sources/letters': { url: (_, where) => `/api/sources/letters?source=${id(where)}&all=1`, shows: letter },
  'GET /api/sources/letters/:id': { url: (_, where) => `/api/sources/letters/surat-${where}-0`, shows: letter },
  'POST /api/sources/letters/replay': {
    body: (_, where) => ({ ids: [theWorld().letter(where)] }),
    shows: ({ body }) => body.includes('"replayed":1'),
  },
  'POST /api/sources/by-id/:id/keys': { url: byId('/keys'), body: () => ({ label: 'x' }), shows: ok },
  'POST /api/sources/by-id/:id/keys/:key/revoke': {
    url: async (_, where) => `/api/sources/by-id/${id(where)}/keys/${await theWorld().key(id(where))}/revoke`,
    body: () => ({}),
    shows: ok,
  },
}
