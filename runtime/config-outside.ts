// Do the settings of what looks outside fit together? Feeds and logs named once, schedules that are schedules, keys that are keys.
import { createPublicKey } from 'node:crypto'
import cron from 'node-cron'
import type { Feed } from '../schemas/feed.ts'
import type { ResolvedConfig } from './config.ts'
import type { SettingPath } from './config-problems.ts'

type Report = (path: SettingPath, message: string) => void

/** Reports what is wrong with probes, look-alikes, certificate logs and feeds. */
export function checkOutside(
  config: Pick<ResolvedConfig, 'probes' | 'lookalikes' | 'certificate_logs' | 'intelligence'>,
  report: Report,
): void {
  const { probes, lookalikes, certificate_logs, intelligence } = config
  checkCron(probes.when, ['probes', 'when'], report)
  checkCron(lookalikes.when, ['lookalikes', 'when'], report)
  checkCron(intelligence.history_when, ['intelligence', 'history_when'], report)
  checkOnce(certificate_logs.logs, ['certificate_logs', 'logs'], 'log', report)
  certificate_logs.logs.forEach(({ key }, index) => {
    if (!isPublicKey(key)) report(['certificate_logs', 'logs', index, 'key'], 'must be a public key, base64 of DER')
  })
  checkOnce(intelligence.feeds, ['intelligence', 'feeds'], 'feed', report)
  intelligence.feeds.forEach((feed, index) => {
    const at = (setting: string): SettingPath => ['intelligence', 'feeds', index, setting]
    checkCron(feed.when, at('when'), report)
    checkFeed(feed, at, report)
  })
}

function checkFeed(feed: Feed, at: (setting: string) => SettingPath, report: Report): void {
  const { format, columns, url, allow_private } = feed
  if (format === 'csv' && columns?.value === undefined) report(at('columns'), 'must say which column holds the `value`')
  if (format !== 'csv' && columns !== undefined) report(at('columns'), 'is only for the format csv')
  const remote = /^https?:\/\//i.test(url)
  if (!remote && (format === 'taxii' || /^[a-z][a-z0-9+.-]*:\/\//i.test(url)))
    report(at('url'), 'must begin with http:// or https://')
  if (!remote && allow_private.length > 0)
    report(at('allow_private'), 'is for feeds that are fetched; this one is a file')
}

export function checkOnce(
  list: readonly { readonly id: string }[],
  path: SettingPath,
  word: string,
  report: Report,
): void {
  const seen = new Set<string>()
  list.forEach(({ id }, index) => {
    if (seen.has(id)) report([...path, index, 'id'], `is the id of another ${word}`)
    seen.add(id)
  })
}

function checkCron(when: string, path: SettingPath, report: Report): void {
  if (!cron.validate(when)) report(path, 'must be a cron expression such as */5 * * * * (UTC)')
}

function isPublicKey(text: string): boolean {
  try {
    createPublicKey({ key: Buffer.from(text, 'base64'), format: 'der', type: 'spki' })
    return true
  } catch {
    return false
  }
}
