// What leaves for the alerts? Findings of a verdict: a flood wakes people, an outage always does, a crowd is counted and lets them sleep.
import type { Finding, Severity } from '../../schemas/detection.ts'
import type { JudgedPart, Verdict } from './verdict.ts'
import { PRIOR } from './weights.ts'
import { type Words, wordsOf, wordsOfPart, wordsOfSign } from './words.ts'

const ATTACK_RULE = 'siaga-web-flood-attack'
const CROWD_RULE = 'siaga-web-flood-crowd'
const OUTAGE_RULE = 'siaga-web-flood-outage'

const MINUTE_MS = 60_000
const MAX_TITLE = 200
const MAX_VALUE = 300
const MAX_FACTORS = 10
/** A crowd never scores so that a threshold of any phase takes it for a matter of its own. */
const CROWD_SCORE = 15
/** An outage needs no evidence beyond itself. */
const OUTAGE_SCORE = 98

/**
 * The findings of a verdict, ids stable for site and window, dedup keys for site and rule, so that one flood is one alert. `told`: people are told
 * of the flood; a suspicion that is not told leaves as a crowd, and says its reasons.
 */
export function findingsOf(verdict: Verdict, told: boolean): Finding[] {
  const { minute, outage, worst, score } = verdict
  const findings: Finding[] = []
  const { summary } = wordsOf(verdict)
  const critical = minute.criticality === 'critical'
  if (told)
    findings.push(
      finding(verdict, ATTACK_RULE, summary, {
        severity: outage !== undefined || critical ? 'critical' : 'high',
        attack: ['T1498', 'T1499'],
        score,
        factors: worst === undefined ? [] : factorsOf(worst),
      }),
    )
  else if (verdict.verdict !== 'ordinary')
    findings.push(
      finding(verdict, CROWD_RULE, summary, {
        severity: 'informational',
        attack: [],
        score: Math.min(score, CROWD_SCORE),
        factors: worst === undefined ? [] : factorsOf(worst),
      }),
    )
  if (outage !== undefined) {
    const detail = {
      id: `galat 5xx ${Math.round(100 * outage.errors)} %, pemeriksaan gagal ${outage.failures} dari ${outage.probes}`,
      en: `5xx errors ${Math.round(100 * outage.errors)} %, probes failed ${outage.failures} of ${outage.probes}`,
    }
    const words = {
      id: `Situs tidak melayani pengunjung: ${detail.id}`,
      en: `Site does not serve its visitors: ${detail.en}`,
    }
    findings.push(
      finding(verdict, OUTAGE_RULE, words, {
        severity: 'critical',
        attack: ['T1499'],
        score: OUTAGE_SCORE,
        factors: [{ name: 'web_flood:outage', points: 40, detail: both(detail) }],
      }),
    )
  }
  return findings
}

const both = ({ id, en }: Words): string => `${id} / ${en}`

function factorsOf(part: JudgedPart): NonNullable<Finding['factors']> {
  const signs = part.signs.slice(0, MAX_FACTORS).map((sign) => ({
    name: `web_flood:${sign.name}`,
    points: sign.points,
    detail: both(wordsOfSign(sign)),
  }))
  const prior = { name: 'prior', points: PRIOR, detail: `${both(wordsOfPart(part))}`.slice(0, MAX_VALUE) }
  return [...signs, prior]
}

function finding(
  verdict: Verdict,
  rule: string,
  words: Words,
  values: {
    readonly severity: Severity
    readonly attack: string[]
    readonly score: number
    readonly factors: NonNullable<Finding['factors']>
  },
): Finding {
  const { minute, worst, usual } = verdict
  const { reasons } = wordsOf(verdict)
  const place = `${minute.site}|${minute.region}|${minute.owner}`
  const evidence = [
    { field: 'siaga.web_flood.site', value: minute.site },
    { field: 'siaga.web_flood.verdict', value: verdict.verdict },
    { field: 'siaga.web_flood.requests', value: String(minute.requests) },
    { field: 'siaga.web_flood.usual', value: String(usual.requests) },
    { field: 'siaga.web_flood.part', value: worst?.part.part ?? '' },
    ...reasons.flatMap(({ id, en }) => [
      { field: 'siaga.web_flood.alasan', value: id },
      { field: 'siaga.web_flood.reason', value: en },
    ]),
  ]
  return {
    finding_id: `${rule}-${place}-${minute.minute}`,
    rule_id: rule,
    title: both(words).slice(0, MAX_TITLE).toWellFormed(),
    severity: values.severity,
    attack: values.attack,
    event_id: minute.event,
    source_id: minute.source,
    region_code: minute.region,
    owner: minute.owner,
    asset_id: minute.asset,
    entity: minute.site,
    evidence: evidence
      .filter(({ value }) => value !== '')
      .map(({ field, value }) => ({ field, value: value.slice(0, MAX_VALUE).toWellFormed() })),
    window_start: minute.minute,
    window_end: minute.minute + MINUTE_MS - 1,
    score: values.score,
    dedup_key: `${rule}|${place}`,
    factors: values.factors,
  }
}
