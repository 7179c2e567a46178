// Where does somebody go on from here? Addresses of the pages Jelajah and SQL, in words that those pages understand.

/** Names of fields that links ask by. A test holds them to those of the query bar (web/explore/fields.ts). */
export const linkFields = ['source.ip', 'user.name', 'asset_id', 'source_id', 'event.id', 'url.domain'] as const
export type LinkField = (typeof linkFields)[number]

/** A condition in the small language: `name:value` with the value in quotes where it needs them. */
export function condition(name: string, value: string): string {
  return `${name}:${/^[A-Za-z0-9_@.:/-]+$/.test(value) && !value.includes('..') ? value : `"${value.replace(/["\\]/g, '\\$&')}"`}`
}

/** A question of the page Jelajah; from and to in milliseconds since 1970 UTC, the page's usual span without them. */
export function exploreAddress(q: string, from?: number, to?: number): string {
  const iso = (ms: number): string => new Date(ms).toISOString()
  const span = from === undefined || to === undefined ? {} : { dari: iso(from), sampai: iso(to) }
  return `/jelajah?${new URLSearchParams({ q, ...span })}`
}

/** Events with this value of a field. */
export function exploreHref(field: LinkField, value: string, from?: number, to?: number): string {
  return exploreAddress(condition(field, value), from, to)
}

/** The page SQL with a statement that waits to be run. */
export const sqlAddress = (statement: string): string => `/sql?${new URLSearchParams({ q: statement })}`
