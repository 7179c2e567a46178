// Who may enter which part of the page, to read or to write? One table; every route names its part (web/door.ts), and a test walks through all.
import type { Area, Role, Verb } from '../schemas/account.ts'

const read: Verb = 'read'
const write: Verb = 'write'

/**
 * What is not named is closed. Rows are cut by the account's room beside this (runtime/scope.ts), and once more by ClickHouse's row policies.
 * Administrators look after accounts of the centre: they see what it sees.
 */
export const policy: Readonly<Record<Role, Readonly<Partial<Record<Area, Verb>>>>> = {
  pusat: {
    situation: read,
    alerts: write,
    explore: read,
    console: read,
    sources: write,
    reports: write,
    rules: write,
    assets: read,
  },
  daerah: { situation: read, alerts: write, explore: read, sources: write, reports: write, assets: read },
  analis: { situation: read, alerts: read, explore: read, console: read, rules: read },
  petugas: { reports: write },
  admin: {
    situation: read,
    alerts: write,
    explore: read,
    console: read,
    sources: write,
    reports: write,
    rules: write,
    assets: write,
    users: write,
    audit: read,
  },
}

/** A screen on the wall: this page alone, and nothing can be done with it. */
export const wallPolicy: Readonly<Partial<Record<Area, Verb>>> = { situation: read }

/**
 * A program with a token: what its account may, or only to read it. Never who may log in: a token that leaks must not make accounts that stay when it is
 * revoked.
 */
export function tokenPolicy(role: Role, most: Verb): Readonly<Partial<Record<Area, Verb>>> {
  const { users: _, ...areas } = policy[role]
  if (most === 'write') return areas
  return Object.fromEntries(Object.keys(areas).map((area) => [area, read]))
}

/** True if what is granted covers what is asked for. */
export function covers(granted: Verb | undefined, asked: Verb): boolean {
  return granted === 'write' || granted === asked
}
