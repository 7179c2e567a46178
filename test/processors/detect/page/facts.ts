// How do the tests make a page record? A view with little in it, and whatever a test puts there.
import { fileURLToPath } from 'node:url'
import { createPageJudge } from '../../../../processors/detect/page/judge.ts'
import type { PageRecord } from '../../../../processors/detect/page/judgement.ts'
import { loadPageWords } from '../../../../processors/detect/page/words.ts'
import type { PageBaseline, PageFacts, PageView } from '../../../../schemas/probe.ts'

export const words = loadPageWords([fileURLToPath(new URL('../../../../rules', import.meta.url))])
export const judge = createPageJudge(words)

const HOST = 'kota.go.id'

function facts(page: Partial<PageFacts> = {}): PageFacts {
  return {
    title: '',
    description: '',
    generator: '',
    language: 'id',
    text: '',
    hidden_text: '',
    hidden_links: [],
    links: [],
    link_hosts: [],
    script_hosts: [],
    refresh: '',
    canonical: '',
    script_text: '',
    look: [],
    fingerprint: '0000000000000000',
    ...page,
  }
}

export function view(page: Partial<PageFacts> = {}, more: Partial<PageView> = {}): PageView {
  return {
    agent: 'desktop',
    detail: '',
    status: 200,
    http_version: '1.1',
    redirects: [],
    timing_ms: { dns: 1, connect: 1, tls: 1, first_byte: 1, total: 1 },
    address: '192.0.2.80',
    content_type: 'text/html',
    charset: 'utf-8',
    server: '',
    security_headers: {},
    bytes: 1,
    truncated: false,
    body_hash: 'aa',
    page: facts(page),
    ...more,
  }
}

export function record(views: PageView[], more: Partial<PageRecord> = {}): PageRecord {
  return {
    kind: 'page',
    asset: 'situs-kota',
    url: `https://${HOST}/`,
    host: HOST,
    at: '2026-11-20T00:00:00Z',
    changed: [],
    views,
    added_text: '',
    added_hosts: [],
    views_similarity: {},
    ...more,
  }
}

export function baseline(more: Partial<PageBaseline> = {}): PageBaseline {
  return {
    probes: 900,
    since: '2026-10-01T00:00:00Z',
    title: 'Kota',
    status: 200,
    fingerprint: '0000000000000000',
    generator: '',
    server: '',
    language: 'id',
    link_hosts: [],
    script_hosts: [],
    security_headers: [],
    hidden_links: 0,
    excerpt: '',
    ...more,
  }
}
