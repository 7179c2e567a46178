// How is the audit trail read?
import type { Calls } from './call.ts'

const span = 'from=2026-01-01T00:00:00Z&to=2026-12-31T00:00:00Z'

export const calls: Calls = { 'GET /api/audit': { url: () => `/api/audit?${span}` } }
