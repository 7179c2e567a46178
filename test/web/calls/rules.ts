// How are rules asked about, and tried on what was?
import { randomUUID } from 'node:crypto'
import { theWorld } from '../world.ts'
import { type Calls, type Made, regionOf, type Where } from './call.ts'

const rule = (where: Where): string => theWorld().ruleOf[where]
const question = (where: Where) => ({ from: Date.now() - 60_000, to: Date.now(), region: regionOf[where] })

const jobs = new Map<string, string>()
/** A back-test of that account, which nobody else may see; of nobody one that there is not. */
async function job({ stack, account }: Made): Promise<string> {
  const known = jobs.get(account)
  if (known !== undefined) return known
  if (account === '') return randomUUID()
  const { token } = stack.book.sessions.begin(account, 'session', { address: '', agent: '' })
  const answer = await stack.app.inject({
    method: 'POST',
    url: `/api/rules/by-id/${rule('own')}/backtests`,
    headers: { cookie: `siaga=${token}`, 'x-siaga-csrf': stack.book.sessions.find(token)?.csrf ?? '' },
    payload: { ...question('own'), region: '' },
  })
  const made = /"id":"([^"]+)"/.exec(answer.body)?.[1] ?? randomUUID()
  jobs.set(account, made)
  return made
}

export const calls: Calls = {
  'GET /api/rules': {},
  'GET /api/rules/titles': { url: () => `/api/rules/titles?id=${encodeURIComponent(rule('own'))}` },
  'GET /api/rules/by-id/:id': {
    url: () => `/api/rules/by-id/${rule('own')}`,
    shows: ({ body }, where) => body.includes(`{"region":"${regionOf[where]}"`),
  },
  'GET /api/rules/by-id/:id/events': {
    // The event of each place matched a rule of its own.
    url: (_, where) => `/api/rules/by-id/${rule(where)}/events`,
    shows: ({ body }) => !body.includes('"month":0'),
  },
  'POST /api/rules/by-id/:id/backtests': {
    url: () => `/api/rules/by-id/${rule('own')}/backtests`,
    body: (_, where) => question(where),
    shows: ({ status }) => status === 200,
  },
  'GET /api/rules/backtests/:job': { url: async (made) => `/api/rules/backtests/${await job(made)}` },
  'POST /api/rules/backtests/:job/stop': {
    url: async (made) => `/api/rules/backtests/${await job(made)}/stop`,
    body: () => ({}),
  },
}
