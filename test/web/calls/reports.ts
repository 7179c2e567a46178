// How are reports filed and read, and daily reports asked for?
import { randomUUID } from 'node:crypto'
import { theWorld } from '../world.ts'
import type { Answer, Calls, Where } from './call.ts'

const room: Readonly<Record<Where, string>> = { own: 'jabar', child: 'bandung', foreign: 'bali' }
const key = () => ({ 'idempotency-key': randomUUID() })
const receipt = ({ status, body }: Answer, where: Where): boolean =>
  status === 200 && body.includes(theWorld().of[where].receipt)
const ok = ({ status }: Answer): boolean => status === 200
const daily = (path: string) => (_: unknown, where: Where) => `${path}?day=${theWorld().day}&room=${room[where]}`

export const calls: Calls = {
  'GET /api/reports/desk': {},
  // Both are filed for the room of whoever files.
  'POST /api/reports/incident': {
    headers: key,
    body: () => ({
      contact: { name: 'Rina', phone: '0812-3456-7890' },
      category: 'web_defacement',
      severity: 'high',
      asset: 'aset-own',
      discovered_at: '2026-11-20T05:00:00Z',
      description: `Halaman depan diganti ${randomUUID()}`,
      chronology: 'Pukul delapan terlihat.',
      impact: 'Situs tidak dapat dipakai.',
      iiv: false,
      personal_data: false,
    }),
    status: 201,
  },
  'POST /api/reports/nihil': { headers: key, body: () => ({ note: 'aman' }), status: [200, 201] },
  'GET /api/reports': { shows: receipt },
  'GET /api/reports/item/:receipt': {
    url: (_, where) => `/api/reports/item/${theWorld().of[where].receipt}`,
    shows: receipt,
  },
  'GET /api/reports/duties': { shows: ({ body }, where) => body.includes(`"room":"${room[where]}"`) },
  'GET /api/reports/daily/days': { url: (_, where) => `/api/reports/daily/days?room=${room[where]}`, shows: ok },
  'GET /api/reports/daily': {
    url: daily('/api/reports/daily'),
    shows: ({ body }, where) => body.includes(`rahasia-hal-${where}`),
  },
  'GET /api/reports/daily/pdf': { url: daily('/api/reports/daily/pdf'), shows: ok },
}
