// How is the SQL console asked?
import { type Calls, regionOf } from './call.ts'

export const calls: Calls = {
  'GET /api/sql/catalog': {},
  'GET /api/sql/hunts': {},
  'POST /api/sql/run': {
    body: (_, where) => ({
      query: 'SELECT message FROM siaga.events WHERE region_code = {region:String}',
      params: { region: regionOf[where] },
    }),
    shows: ({ body }, where) => body.includes(`rahasia-${where}`),
  },
}
