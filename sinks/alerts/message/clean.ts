// How is text that came from outside made fit for a message: nothing invisible, nothing to click on, nothing too long?

/** Longest text that is looked at, as a multiple of what is kept: the rest is never read. */
const SLACK = 4

/**
 * One line of visible text of at most `max` characters, `…` where something was cut: control characters and line ends become blanks;
 * bidirectional overrides, zero-width, unassigned and private characters and heaps of combining marks go (Unicode UAX 44, UTS 39).
 */
export function plainText(text: string, max: number): string {
  const visible = text
    .slice(0, max * SLACK)
    .toWellFormed()
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ' ')
    .replace(/[\p{Cf}\p{Co}\p{Cn}\p{Default_Ignorable_Code_Point}]/gu, '')
    .replace(/(?<=\p{M}{2})\p{M}/gu, '')
    .replace(/\p{Zs}{2,}/gu, ' ')
    .replaceAll('\u00a0', ' ')
    .trim()
  return cut(visible, max, text.length > max * SLACK)
}

/** At most `max` characters, whole ones; `…` is the last of them where something is missing. */
export function cut(text: string, max: number, more = false): string {
  if (text.length <= max && !more) return text
  const characters = Array.from(text)
  if (characters.length <= max && !more) return text
  return `${characters
    .slice(0, Math.max(0, max - 1))
    .join('')
    .trimEnd()}…`
}

/** The dot of a domain, and what some programs take for it (U+3002, U+FF0E, U+FF61, U+2024). */
const domainDot =
  /(?<=[\p{L}\p{N}_-])[.\u3002\uff0e\uff61\u2024](?=\p{L})|(?<=\p{L})[.\u3002\uff0e\uff61\u2024](?=\p{N})/gu

/**
 * The same text with nothing that a mail or chat program would make a link or a mention of: `hxxp://evil[.]example`, `user[@]evil[.]example`.
 * Bare addresses of machines stay as they are, since people copy them into a firewall.
 */
export function defang(text: string): string {
  return text
    .replace(/http(?=s?:)/gi, 'hxxp')
    .replace(/(?<!hxxps?):(?=\/\/)/gi, '[:]')
    .replace(/\b(mailto|tel|sms|file|data|javascript|vbscript):/gi, '$1[:]')
    .replace(domainDot, '[.]')
    .replace(/(?<=\d)\.(?=\d{1,3}(?::\d|\/[^\d\s]))/g, '[.]')
    .replaceAll('@', '[@]')
    .replaceAll('\\\\', '[\\]')
}

/** Text of others for people: one visible line, cut, not to be clicked on. */
export function foreign(text: string, max = 160): string {
  return cut(defang(plainText(text, max)), max + 40)
}

const htmlCharacters: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Text as content or attribute of HTML. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => htmlCharacters[character] ?? '')
}

const gsmAlphabet = new Set(
  '@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
)
const gsmInstead: Readonly<Record<string, string>> = {
  '[': '(',
  ']': ')',
  '{': '(',
  '}': ')',
  '…': '...',
  '–': '-',
  '—': '-',
  '×': 'x',
  '±': '+-',
  '\u2018': "'",
  '\u2019': "'",
  '\u201c': '"',
  '\u201d': '"',
  '|': '/',
  '\\': '/',
  '^': ' ',
  '`': "'",
}

/** The text in the basic alphabet of SMS (3GPP TS 23.038), where each character is one septet; `?` for what has no likeness there. */
export function gsmText(text: string): string {
  let out = ''
  for (const character of text.normalize('NFC')) {
    if (gsmAlphabet.has(character)) out += character
    else if (character === '~') out += '-'
    else out += gsmInstead[character] ?? bare(character)
  }
  return out
}

function bare(character: string): string {
  const letter = character.normalize('NFD').replace(/\p{M}/gu, '')
  return letter.length === 1 && gsmAlphabet.has(letter) ? letter : '?'
}
