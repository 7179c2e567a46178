// What does an element say of its page besides its text? Language, meta, canonical address, frames, hidden forms, sound.
import { dataPage } from './codes.ts'
import { FRAME_FALLBACK, type Link, type PageDocument } from './document.ts'

/** Keeps what an element says of the page, and frames and forms that are hidden. */
export function remember(
  page: PageDocument,
  name: string,
  attributes: ReadonlyMap<string, string>,
  why: string,
  addLink: (link: Link) => void,
): void {
  const get = (attribute: string): string => attributes.get(attribute) ?? ''
  for (const [attribute, value] of attributes) {
    if (/^on[a-z]{3,20}$/.test(attribute) && value !== '') add(page.scripts, value)
    else if (attribute === 'srcdoc') add(page.inner, value)
    else if (addresses.has(attribute)) {
      add(page.inner, dataPage(value))
      if (/^\s{0,9}javascript:/i.test(value)) add(page.scripts, value.replace(/^\s{0,9}javascript:/i, ''))
    }
  }
  switch (name) {
    case 'html':
      page.language ||= get('lang') || get('xml:lang')
      break
    case 'base':
      page.base ||= get('href')
      break
    case 'meta': {
      const key = (get('name') || get('property') || get('itemprop')).trim().toLowerCase()
      if (key !== '' && !page.meta.has(key) && page.meta.size < 200) page.meta.set(key, get('content'))
      if (get('http-equiv').trim().toLowerCase() === 'refresh') page.refresh ||= refreshOf(get('content'))
      break
    }
    case 'link':
      if (/(?:^|\s)canonical(?:\s|$)/i.test(get('rel').slice(0, 100))) page.canonical ||= get('href')
      // The same page for phones or in another language: only search engines follow these.
      else if (/(?:^|\s)(?:alternate|amphtml)(?:\s|$)/i.test(get('rel').slice(0, 100)) && isPage(get('type')))
        addLink({ href: get('href'), text: get('title'), why: 'alternate' })
      break
    case 'area':
      if (attributes.has('href')) addLink({ href: get('href'), text: get('alt'), why })
      break
    case 'iframe':
    case 'frame':
    case 'embed':
    case 'object': {
      const source = get(name === 'object' ? 'data' : 'src')
      if (source === '') break
      page.embedded.push(source)
      // The content of a frame is for those that have none; the frame itself is seen all the same.
      addLink({ href: source, text: get('title'), why: why === FRAME_FALLBACK ? '' : why })
      break
    }
    case 'audio':
    case 'bgsound':
      if (name === 'bgsound' || attributes.has('autoplay')) page.look.add('sound')
      break
    case 'body':
      if (/return\s{1,9}false/.test(get('oncontextmenu'))) page.look.add('no menu')
      break
    case 'form':
      if (why !== '' && attributes.has('action')) addLink({ href: get('action'), text: '', why })
  }
}

const addresses: ReadonlySet<string> = new Set(['href', 'src', 'data', 'action'])
const MAX_KEPT = 300
const MAX_INNER = 100_000

function add(list: string[], text: string): void {
  if (text !== '' && list.length < MAX_KEPT) list.push(text.slice(0, MAX_INNER))
}

/** Feeds and data are no pages. */
function isPage(type: string): boolean {
  return type === '' || /html/i.test(type)
}

function refreshOf(content: string): string {
  const semicolon = content.search(/[;,]/)
  if (semicolon < 0) return ''
  return content
    .slice(semicolon + 1)
    .replace(/^\s*url\s*=\s*/i, '')
    .trim()
    .replace(/^["']|["']$/g, '')
}
