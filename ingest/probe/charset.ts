// In which characters is a page written? Its byte order mark, then the header, then its own word, then UTF-8 if it is that; a wrong word never throws.
import { isUtf8 } from 'node:buffer'

const META_BYTES = 4096
const FALLBACK = 'windows-1252'

/** Decodes a body; `charset` is the one that was used, as the Encoding Standard calls it. Bytes that are none become U+FFFD. */
export function decodeBody(body: Buffer, contentType: string): { text: string; charset: string } {
  const decoder = bomDecoder(body) ?? named(headerCharset(contentType)) ?? named(metaCharset(body))
  const used = decoder ?? decoderOf(isUtf8(body) ? 'utf-8' : FALLBACK)
  return { text: used.decode(body), charset: used.encoding }
}

function bomDecoder(body: Buffer): TextDecoder | undefined {
  if (body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf) return decoderOf('utf-8')
  if (body[0] === 0xfe && body[1] === 0xff) return decoderOf('utf-16be')
  if (body[0] === 0xff && body[1] === 0xfe) return decoderOf('utf-16le')
  return undefined
}

function headerCharset(contentType: string): string {
  return /charset\s{0,9}=\s{0,9}["']?([\w:.-]{1,40})/i.exec(contentType.slice(0, 500))?.[1] ?? ''
}

/** The charset that the page names itself, or an XML declaration. UTF-16 in a text that could be read as ASCII is UTF-8 (HTML standard). */
function metaCharset(body: Buffer): string {
  const start = body.subarray(0, META_BYTES).toString('latin1')
  const name =
    /<meta\s[^>]{0,300}?charset\s{0,9}=\s{0,9}["']?([\w:.-]{1,40})/i.exec(start)?.[1] ??
    /^\s{0,20}<\?xml\s[^>]{0,200}?encoding\s{0,9}=\s{0,9}["']([\w:.-]{1,40})/i.exec(start)?.[1] ??
    ''
  return /^utf-16/i.test(name) ? 'utf-8' : name
}

/** Undefined for a name that nobody knows, and for "replacement", which would read nothing. */
function named(label: string): TextDecoder | undefined {
  if (label === '') return undefined
  try {
    return decoderOf(label)
  } catch {
    return undefined
  }
}

function decoderOf(label: string): TextDecoder {
  return new TextDecoder(label, { fatal: false })
}
