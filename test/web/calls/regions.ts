// How are the names of regions asked for? They are the same for everybody who is logged in.
import type { Calls } from './call.ts'

export const calls: Calls = { 'GET /api/regions': {} }
