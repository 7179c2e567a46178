// Who does a probe say it is? Browsers and a crawler where cloaking is tested, since hacked sites show each another page; itself everywhere else.
import type { ProbeAgent } from '../../schemas/probe.ts'

/** Headers of a request as each agent sends it. */
export type Headers = Readonly<Record<string, string>>

const HTML = 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8'
const INDONESIAN = 'id-ID,id;q=0.9,en-US;q=0.8,en;q=0.7'

export const agentHeaders: Readonly<Record<ProbeAgent, Headers>> = {
  desktop: {
    'user-agent':
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
    accept: HTML,
    'accept-language': INDONESIAN,
    'upgrade-insecure-requests': '1',
  },
  // Comes from a search, as people do: some hacked sites show their other page to nobody else.
  phone: {
    'user-agent':
      'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36',
    accept: HTML,
    'accept-language': INDONESIAN,
    referer: 'https://www.google.com/',
    'upgrade-insecure-requests': '1',
  },
  crawler: {
    'user-agent': 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
    accept: HTML,
    from: 'googlebot(at)googlebot.com',
  },
}

/** Headers of requests that say who asks: name, version, and where owners of sites reach the operator. */
export function ownHeaders(version: string, contact: string): Headers {
  // Only what may stand in a header, and no brackets that would end the comment.
  const plain = contact.replace(/[^\x20-\x7e]|[()\\]/g, '').trim()
  const name = version === '' ? 'Siaga' : `Siaga/${version}`
  return { 'user-agent': plain === '' ? name : `${name} (+${plain})`, accept: '*/*' }
}
