// How are events looked for? What is of a place is its event, whose line, user and rule name the place.
import { theWorld } from '../world.ts'
import type { Answer, Calls, Where } from './call.ts'

const span = () => ({ from: Date.now() - 3_600_000, to: Date.now() + 60_000 })
const line = ({ body }: Answer, where: Where): boolean => body.includes(`rahasia-${where}`)
const both = { id: 'teks', en: 'text' }

export const calls: Calls = {
  'GET /api/explore/fields': {},
  'POST /api/explore/search': {
    body: () => ({ ...span(), q: '', columns: ['message'] }),
    shows: line,
  },
  'POST /api/explore/histogram': {
    body: (_, where) => ({ ...span(), q: `user.name:orang-${where}` }),
    shows: ({ body }) => body.includes('"kind":"rows"'),
  },
  'POST /api/explore/event': { body: (_, where) => theWorld().of[where].event, status: 200, shows: line },
  'GET /api/explore/values': {
    url: () => `/api/explore/values?field=asset&to=${Date.now() + 60_000}`,
    shows: ({ body }, where) => body.includes(`"aset-${where}"`),
  },
  'POST /api/explore/entity': {
    body: (_, where) => ({ ...span(), kind: 'user', value: `orang-${where}` }),
    shows: ({ status, body }) => status === 200 && !body.startsWith('{"events":0,'),
  },
  'POST /api/explore/export': { body: () => ({ ...span(), q: '', columns: ['message'], format: 'csv' }), shows: line },
  'POST /api/explore/hunt': {
    body: () => ({
      q: 'user.name:budi',
      id: 'coba_saja',
      category: 'login',
      attack: ['T1110'],
      entity: 'user',
      title: both,
      finds: both,
      matters: both,
      action: both,
      usual: both,
    }),
  },
}
