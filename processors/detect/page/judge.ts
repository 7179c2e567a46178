// How is a page judged? Each agent's view by both models; what only some agents are shown is cloaked.
import type { PageView, ProbeAgent } from '../../../schemas/probe.ts'
import { defacementOf } from './defacement.ts'
import { type Evidence, scoreOf, strongest, total } from './evidence.ts'
import { gamblingAddresses, gamblingHosts, gamblingOf } from './gambling.ts'
import { hostName, isForeign } from './host.ts'
import type { JudgePage, Opinion, PageRecord } from './judgement.ts'
import type { PageWords, WordModel } from './words.ts'

/** More likely than not. */
export const LIKELY = 0.5
/** So much surer in one view than in the other is no accident of the day. */
const CLOAKED_GAP = 0.3
/** Addresses of a sitemap that make it an injected one, and what each gives. */
const MIN_ADDRESSES = 2
const ADDRESS_POINTS = 4
const MAX_ADDRESS_POINTS = 16
const UNSEEN_SHARE = 0.5

interface SeenBy {
  readonly agent: ProbeAgent
  readonly evidence: readonly Evidence[]
  readonly score: number
}

/** A function that judges pages by these words. */
export function createPageJudge(words: PageWords): JudgePage {
  return (record) => {
    const sitemap = gamblingAddresses(record.sitemap?.sample ?? [], words.gambling)
    const injected = sitemap.length >= MIN_ADDRESSES ? sitemap : []
    const points = Math.min(injected.length * ADDRESS_POINTS, MAX_ADDRESS_POINTS)
    const listed: Evidence[] = injected.slice(0, 1).map((word) => ({ word, place: 'sitemap', points, unseen: true }))
    const gambling = seenBy(record, words.gambling, gamblingOf)
    const defacement = seenBy(record, words.defacement, defacementOf)
    const opinion = opinionOf(gambling, listed, words.gambling)
    const cloaked = cloakedOf(record, gambling, defacement)
    return {
      gambling: {
        ...opinion,
        hidden: isHidden(opinion, gambling, listed),
        hosts: [
          ...new Set(
            record.views.flatMap(({ page }) =>
              page === undefined ? [] : gamblingHosts(page, record.host, words.gambling),
            ),
          ),
        ],
        sitemap: injected,
      },
      defacement: opinionOf(defacement, [], words.defacement),
      cloaked,
    }
  }
}

type Judge = typeof gamblingOf

function seenBy(record: PageRecord, model: WordModel, judge: Judge): SeenBy[] {
  return record.views.flatMap(({ agent, page }) => {
    if (page === undefined) return []
    const evidence = judge(page, record, agent === 'desktop', model)
    return [{ agent, evidence, score: scoreOf(total(evidence), model) }]
  })
}

/** The worst of the views, with what holds for all of them. */
function opinionOf(views: readonly SeenBy[], common: readonly Evidence[], model: WordModel): Opinion {
  const worst = views.reduce<SeenBy | undefined>((a, b) => (a === undefined || b.score > a.score ? b : a), undefined)
  const evidence = [...(worst?.evidence ?? []), ...common]
  return {
    score: scoreOf(total(evidence), model),
    ...strongest(evidence),
    views: views.filter(({ score }) => score >= LIKELY).map(({ agent }) => agent),
  }
}

/** Whether people who look at the page would not see most of it. */
function isHidden({ score }: Opinion, views: readonly SeenBy[], common: readonly Evidence[]): boolean {
  if (score < LIKELY) return false
  const desktop = views.find(({ agent }) => agent === 'desktop')
  const evidence = [...(desktop?.evidence ?? []), ...common]
  const seen = total(evidence.filter(({ unseen }) => !unseen))
  const unseen = total(evidence.filter((one) => one.unseen))
  // What other agents alone are shown is hidden from people too.
  return desktop === undefined || desktop.score < LIKELY || unseen > UNSEEN_SHARE * (seen + unseen)
}

function cloakedOf(
  record: PageRecord,
  gambling: readonly SeenBy[],
  defacement: readonly SeenBy[],
): { agents: ProbeAgent[]; how: string[] } | undefined {
  const how = new Map<ProbeAgent, string>()
  for (const [name, views] of [
    ['gambling', gambling],
    ['defacement', defacement],
  ] as const) {
    const desktop = views.find(({ agent }) => agent === 'desktop')
    if (desktop === undefined) continue
    for (const { agent, score, evidence } of views) {
      if (agent === 'desktop' || score < LIKELY || score - desktop.score < CLOAKED_GAP) continue
      const { words } = strongest(evidence)
      how.set(agent, `${agent}: ${name} (${words.slice(0, 4).join(', ')}), desktop: none`)
    }
  }
  const desktop = record.views.find(({ agent }) => agent === 'desktop')
  for (const view of record.views) {
    if (view.agent === 'desktop' || desktop === undefined || how.has(view.agent)) continue
    const sent = sentAway(view, record.host)
    if (sent !== '' && sentAway(desktop, record.host) === '' && desktop.status > 0)
      how.set(view.agent, `${view.agent}: sent to ${sent}, desktop: not`)
  }
  return how.size === 0 ? undefined : { agents: [...how.keys()], how: [...how.values()] }
}

/** The host of another organisation that a view is sent to, '' none: by a redirect that was not followed, or by the page. */
function sentAway({ redirects, page }: PageView, own: string): string {
  const away = redirects.find(({ followed }) => !followed)?.location ?? page?.refresh ?? ''
  return isForeign(away, own) ? hostName(away) : ''
}
