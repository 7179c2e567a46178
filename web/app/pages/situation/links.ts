// Where does somebody go on from here? Addresses of other pages.

/** Events of a field's value from and to a time, milliseconds since 1970 UTC, on the page Jelajah. */
export function exploreHref(field: string, value: string, from: number, to: number): string {
  const word = /^[\w.@:/-]+$/.test(value) ? value : `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
  const iso = (ms: number): string => new Date(ms).toISOString()
  return `/jelajah?${new URLSearchParams({ q: `${field}:${word}`, dari: iso(from), sampai: iso(to) })}`
}
