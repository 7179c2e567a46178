// How are the routes of accounts called?
import { PASSWORD } from '../accounts/stack.ts'
import type { Calls, Made } from './call.ts'

const proof = { password: PASSWORD }
const link = ({ stack, scratch }: Made): string => `/api/links/${stack.book.accounts.link(scratch)}`
const ofScratch =
  (path: string) =>
  ({ scratch }: Made): string =>
    `/api/users/${scratch}${path}`

export const calls: Calls = {
  'GET /api/login': {},
  'POST /api/login': { body: () => ({ login: 'jalan-daerah', password: PASSWORD }) },
  'POST /api/logout': { body: () => ({}) },
  'GET /api/session': {},
  'GET /api/links/:token': { url: link },
  'POST /api/links/:token': { url: link, body: () => ({ password: PASSWORD }) },

  'GET /api/account': {},
  'PATCH /api/account': { body: () => ({ language: 'id' }) },
  'POST /api/account/password': { body: () => ({ ...proof, chosen: PASSWORD }) },
  'POST /api/account/second-factor/begin': { body: () => proof },
  // No secret waits for a code.
  'POST /api/account/second-factor': { body: () => ({ code: '000000' }), status: 403 },
  'POST /api/account/second-factor/remove': { body: () => proof },
  // There is no second factor.
  'POST /api/account/recovery-codes': { body: () => proof, status: 404 },
  'DELETE /api/account/sessions/:id': {
    url: ({ stack, account }) => {
      const { token } = stack.book.sessions.begin(account === '' ? anybody(stack) : account, 'session', {
        address: '',
        agent: '',
      })
      return `/api/account/sessions/${stack.book.sessions.find(token)?.id}`
    },
  },
  'POST /api/account/sessions/end-others': { body: () => ({}) },
  'POST /api/account/tokens': {
    body: ({ stack, account }) => {
      if (account !== '')
        for (const { id, label } of stack.book.tokens.list(account))
          if (label === 'x') stack.book.tokens.revoke(id, account)
      return { ...proof, label: 'x', verb: 'read', days: 1 }
    },
  },
  'DELETE /api/account/tokens/:id': {
    url: ({ stack, account }) =>
      `/api/account/tokens/${stack.book.tokens.create(account === '' ? anybody(stack) : account, { label: 'x', verb: 'read', days: 1 }).id}`,
  },
  'POST /api/account/walls': {
    body: ({ stack, account }) => {
      if (account !== '') stack.book.walls.revokeAllOf(account)
      return { label: 'x' }
    },
  },
  'DELETE /api/account/walls/:id': {
    url: ({ stack, account }) => {
      if (account !== '') stack.book.walls.revokeAllOf(account)
      return `/api/account/walls/${stack.book.walls.link(account === '' ? anybody(stack) : account, 'x').id}`
    },
  },
  'POST /api/walls/open': { body: ({ stack, scratch }) => ({ token: stack.book.walls.link(scratch, 'x').token }) },

  'GET /api/users': {},
  'POST /api/users': {
    body: ({ scratch }) => ({
      login: `b${scratch.toLowerCase().replaceAll(/[^a-z0-9]/g, 'x')}`,
      name: 'Baru',
      role: 'daerah',
      room: 'bali',
      language: 'id',
    }),
  },
  'PATCH /api/users/:id': { url: ofScratch(''), body: () => ({ name: 'Lain' }) },
  'POST /api/users/:id/disable': { url: ofScratch('/disable'), body: () => ({}) },
  'POST /api/users/:id/enable': { url: ofScratch('/enable'), body: () => ({}) },
  'POST /api/users/:id/end-sessions': { url: ofScratch('/end-sessions'), body: () => ({}) },
  'POST /api/users/:id/reset-second-factor': { url: ofScratch('/reset-second-factor'), body: () => ({}) },
  'POST /api/users/:id/link': { url: ofScratch('/link'), body: () => ({}) },
}

function anybody(stack: Made['stack']): string {
  return stack.book.accounts.byLogin('jalan-daerah')?.id ?? ''
}
