// Which statements did somebody run in this browser? Texts alone, the newest first; none that begins with a space or holds a number of a citizen.
const KEY = 'siaga.sql.history'
const MOST = 100
const MAX_LENGTH = 8_000

// NIK and NKK have 16 digits, phone numbers begin with 08, 62 or +62.
const citizen = /\d{16}|(?:\+62|\b62|\b0)8\d{7,11}\b/

export function readHistory(): readonly string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]')
    return Array.isArray(kept) ? kept.filter((one): one is string => typeof one === 'string').slice(0, MOST) : []
  } catch {
    return []
  }
}

/** Puts a statement first; answers what is kept then. */
export function keepStatement(text: string): readonly string[] {
  const before = readHistory()
  const trimmed = text.trim()
  if (trimmed === '' || /^\s/.test(text) || text.length > MAX_LENGTH || citizen.test(text)) return before
  const next = [trimmed, ...before.filter((one) => one !== trimmed)].slice(0, MOST)
  try {
    localStorage.setItem(KEY, JSON.stringify(next))
  } catch {
    // The browser gives no room: the history is a help, no duty.
  }
  return next
}

export function forgetHistory(): void {
  localStorage.removeItem(KEY)
}
