// Which addresses does a site name to search engines? Those of /sitemap.xml, asked for as ourselves; injected pages are told there first.
import type { Headers } from './agents.ts'
import { decodeBody } from './charset.ts'
import { readMarkup } from './markup.ts'
import { follow, type PageFetchOptions } from './page-fetch.ts'
import { cut, plainText } from './text.ts'

const SAMPLE = 30
const MAX_URLS = 200_000
const MAX_URL = 300

export interface Sitemap {
  readonly urls: number
  readonly sample: string[]
}

/** Reads the sitemap of the site that a page is of; none (404, another kind of page) has no addresses. Undefined where it got no answer. */
export async function readSitemap(
  page: URL,
  headers: Headers,
  options: PageFetchOptions,
): Promise<Sitemap | undefined> {
  const { fetched, failure, loop } = await follow(new URL('/sitemap.xml', page), headers, options)
  if (fetched === undefined || failure !== undefined || loop || fetched.status >= 500 || fetched.status === 429)
    return undefined
  if (fetched.status !== 200) return { urls: 0, sample: [] }
  return sitemapOf(decodeBody(fetched.body, String(fetched.headers['content-type'] ?? '')).text)
}

/** Addresses of a sitemap or an index of sitemaps: how many, and some from its beginning to its end. */
export function sitemapOf(xml: string): Sitemap {
  const urls: string[] = []
  let count = 0
  let text: string[] | undefined
  readMarkup(
    xml,
    {
      open(name) {
        if (name === 'loc') text = []
      },
      close(name) {
        if (name !== 'loc' || text === undefined) return
        const url = cut(plainText(text.join('')), MAX_URL)
        text = undefined
        if (url === '') return
        count++
        if (urls.length < MAX_URLS) urls.push(url)
      },
      text(piece) {
        if (text !== undefined && text.length < 100) text.push(piece)
      },
    },
    { xml: true },
  )
  const step = Math.max(1, urls.length / SAMPLE)
  const sample: string[] = []
  for (let at = 0; at < urls.length && sample.length < SAMPLE; at += step) sample.push(urls[Math.floor(at)] ?? '')
  const last = urls.at(-1)
  // What is put in is often put at the end.
  if (last !== undefined && urls.length > SAMPLE) sample[SAMPLE - 1] = last
  return { urls: count, sample }
}
