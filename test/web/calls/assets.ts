// How are assets asked about?
import type { Answer, Calls, Where } from './call.ts'

const named = ({ status, body }: Answer, where: Where): boolean => status === 200 && body.includes(`"aset-${where}"`)

export const calls: Calls = {
  'GET /api/assets': { shows: named },
  'GET /api/assets/by-id/:id': { url: (_, where) => `/api/assets/by-id/aset-${where}`, shows: named },
}
