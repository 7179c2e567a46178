// What did the agents of a probe get for a page? Status, redirects, headers, what changed, and how the page is judged.
import { getDomain } from 'tldts'
import type { Event } from '../../../schemas/event.ts'
import type { PageBaseline, PageView, ProbeRecord } from '../../../schemas/probe.ts'
import type { JudgePage, PageJudgement } from '../../detect/page/judgement.ts'
import { toAddress } from '../values/address.ts'
import { put } from '../values/fields.ts'
import { listed, putChange, putListChange } from './change.ts'

type PageRecord = Extract<ProbeRecord, { kind: 'page' }>

/** Longest texts of a page in a field: enough to see what it is about. */
const MAX_TEXT = 1000
const MAX_TITLE = 300

/** Writes a page record into the event. Without `judge` the facts are there and no judgement. */
export function readPage(record: PageRecord, event: Event, judge: JudgePage | undefined): void {
  const { views, before, changed } = record
  event.event_category = 'web'
  // What people see; the others show whether it is all that there is.
  const view = views.find(({ agent }) => agent === 'desktop') ?? views[0]
  event.event_outcome = view === undefined || view.failure !== undefined ? 'failure' : 'success'
  if (view !== undefined) readView(view, record.host, event)
  for (const { agent, status, failure, body_hash } of views) {
    if (agent === view?.agent) continue
    put(event, `siaga.probe.${agent}.failure`, failure ?? '')
    if (status > 0 && status !== view?.status) put(event, `siaga.probe.${agent}.status`, String(status))
    if (body_hash !== view?.body_hash) put(event, `siaga.probe.${agent}.body_hash`, body_hash)
  }
  const { phone, crawler } = record.views_similarity
  putNumber(event, 'siaga.probe.phone.similarity', phone)
  putNumber(event, 'siaga.probe.crawler.similarity', crawler)
  if (view !== undefined && before !== undefined && changed.length > 0) readChanges(record, view, before, event)
  if (record.sitemap !== undefined) {
    const { urls, before: known, sample } = record.sitemap
    put(event, 'siaga.probe.sitemap.urls', String(urls))
    putNumber(event, 'siaga.probe.sitemap.before', known)
    if (known !== undefined && changed.some((name) => name === 'sitemap'))
      put(event, 'siaga.probe.sitemap.added', String(urls - known))
    put(event, 'siaga.probe.sitemap.sample', sample.slice(0, 10).join(' '))
  }
  if (judge !== undefined) putJudgement(judge(record), event)
}

function readView(view: PageView, host: string, event: Event): void {
  const { page, redirects, timing_ms } = view
  event.http_status_code = view.status
  event.http_version = view.http_version
  event.http_response_bytes = view.bytes
  event.destination_ip = toAddress(view.address)
  put(event, 'siaga.probe.failure', view.failure ?? '')
  put(event, 'siaga.probe.failure.detail', view.detail)
  put(event, 'siaga.probe.server', view.server)
  put(event, 'siaga.probe.content_type', view.content_type)
  put(event, 'siaga.probe.body_hash', view.body_hash)
  put(event, 'siaga.probe.timing.first_byte_ms', String(timing_ms.first_byte))
  put(event, 'siaga.probe.timing.total_ms', String(timing_ms.total))
  put(event, 'siaga.probe.security_headers', listed(Object.keys(view.security_headers)))
  putRedirect(redirects, host, event)
  if (page === undefined) return
  put(event, 'siaga.probe.title', cut(page.title, MAX_TITLE))
  put(event, 'siaga.probe.generator', page.generator)
  put(event, 'siaga.probe.language', page.language)
  put(event, 'siaga.probe.refresh', page.refresh)
  put(event, 'siaga.probe.fingerprint', page.fingerprint)
  if (page.hidden_links.length > 0) put(event, 'siaga.probe.hidden_links', String(page.hidden_links.length))
}

/** Where a visitor is sent, and to whom if it is no name of the site itself. */
function putRedirect(redirects: PageView['redirects'], host: string, event: Event): void {
  if (redirects.length === 0) return
  put(event, 'siaga.probe.redirect', redirects.map(({ location }) => location).join(' '))
  const away = redirects.find(({ followed, location }) => !followed && hostOf(location) !== '')
  if (away === undefined) return
  const other = hostOf(away.location)
  if (other === host.toLowerCase()) return
  put(event, 'siaga.probe.redirect.other_host', other)
  // A name beneath the same domain (www) is the site's own.
  if ((getDomain(other) ?? other) !== (getDomain(host) ?? host)) put(event, 'siaga.probe.redirect.other_domain', other)
}

function readChanges(record: PageRecord, view: PageView, before: PageBaseline, event: Event): void {
  const { page } = view
  const has = (name: string): boolean => record.changed.some((one) => one === name)
  if (has('status')) putChange(event, 'siaga.probe.status', String(before.status), String(view.status))
  if (has('server')) putChange(event, 'siaga.probe.server', before.server, view.server)
  if (has('security_headers_missing'))
    putListChange(event, 'siaga.probe.security_headers', before.security_headers, Object.keys(view.security_headers))
  if (has('redirect')) {
    // What is known of a site says whether it redirected, not where to.
    const sent = before.status >= 300 && before.status < 400
    put(event, 'siaga.probe.redirect.before', sent ? '(elsewhere)' : '(none)')
    put(
      event,
      'siaga.probe.redirect.after',
      view.redirects.map(({ location }) => location).join(' ') || page?.refresh || '',
    )
  }
  if (page === undefined) return
  if (has('title')) putChange(event, 'siaga.probe.title', cut(before.title, MAX_TITLE), cut(page.title, MAX_TITLE))
  if (has('generator')) putChange(event, 'siaga.probe.generator', before.generator, page.generator)
  if (has('language')) putChange(event, 'siaga.probe.language', before.language, page.language)
  if (has('script_hosts')) putListChange(event, 'siaga.probe.script_hosts', before.script_hosts, page.script_hosts)
  if (has('link_hosts')) putListChange(event, 'siaga.probe.link_hosts', before.link_hosts, page.link_hosts)
  if (has('hidden_links')) {
    // As many as before, to other hosts, is a change too.
    put(event, 'siaga.probe.hidden_links.before', String(before.hidden_links))
    put(event, 'siaga.probe.hidden_links.after', String(page.hidden_links.length))
    put(
      event,
      'siaga.probe.hidden_links.to',
      listed(page.hidden_links.map(({ href }) => hostOf(href)).filter((host) => host !== '')),
    )
  }
  putNumber(event, 'siaga.probe.text.similarity', record.similarity)
  put(event, 'siaga.probe.added_hosts', listed(record.added_hosts))
  if (!has('text')) return
  put(event, 'siaga.probe.text.before', cut(before.excerpt, MAX_TEXT))
  put(event, 'siaga.probe.text.after', cut(record.added_text || page.text, MAX_TEXT))
}

function putJudgement({ gambling, defacement, cloaked }: PageJudgement, event: Event): void {
  if (gambling.words.length > 0) {
    putNumber(event, 'siaga.probe.gambling.score', gambling.score)
    put(event, 'siaga.probe.gambling.words', gambling.words.join(', '))
    put(event, 'siaga.probe.gambling.places', gambling.places.join(', '))
    put(event, 'siaga.probe.gambling.views', gambling.views.join(', '))
    put(event, 'siaga.probe.gambling.hidden', gambling.hidden ? 'true' : '')
    put(event, 'siaga.probe.gambling.sitemap', gambling.sitemap.join(' '))
    put(event, 'siaga.probe.gambling.hosts', gambling.hosts.join(', '))
  }
  if (defacement.words.length > 0) {
    putNumber(event, 'siaga.probe.defacement.score', defacement.score)
    put(event, 'siaga.probe.defacement.words', defacement.words.join(', '))
    put(event, 'siaga.probe.defacement.places', defacement.places.join(', '))
    put(event, 'siaga.probe.defacement.views', defacement.views.join(', '))
  }
  if (cloaked !== undefined) {
    put(event, 'siaga.probe.cloaked', cloaked.agents.join(', '))
    put(event, 'siaga.probe.cloaked.how', cloaked.how.join('; '))
  }
}

function putNumber(event: Event, name: string, value: number | undefined): void {
  if (value !== undefined) put(event, name, String(Math.round(value * 100) / 100))
}

function hostOf(location: string): string {
  return URL.canParse(location) ? new URL(location).hostname.toLowerCase() : ''
}

function cut(text: string, length: number): string {
  return text.slice(0, length).toWellFormed()
}
