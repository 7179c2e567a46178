// How is the situation asked for, and the stream of the page?
import { type Calls, regionOf, type Where } from './call.ts'

const DAY = 86_400_000
const ok = ({ status }: { status: number }): boolean => status === 200

export const calls: Calls = {
  // Who has no part in the situation hears what other parts publish; test/web/live looks at the cut itself.
  'GET /api/live': {},
  'GET /api/situation': {
    url: (_, where) => `/api/situation?region=${regionOf[where]}&span=1h`,
    shows: (answer, where) => ok(answer) && answer.body.includes(`"focus":{"code":"${regionOf[where]}"`),
  },
  'GET /api/situation/replay': {
    url: (_, where: Where) =>
      `/api/situation/replay?region=${regionOf[where]}&from=${Date.now() - DAY}&to=${Date.now()}`,
    shows: ok,
  },
  // No file of outlines is configured.
  'GET /api/situation/boundaries': { status: 404 },
}
