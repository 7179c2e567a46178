// What are the smallest parts that alerts are made of? Cells: findings of one matter, or of one storm, of one rule in one place and hour.
import type { Finding } from '../../../schemas/detection.ts'
import { hash53 } from './hash.ts'
import type { Group, Session } from './sessions.ts'
import { createTally, type Tally } from './tally.ts'
import { identity } from './worst.ts'

const HOUR_MS = 3_600_000

/** What a storm is about. */
export type Scope = 'asset' | 'entity' | 'region'

/** Where and when: findings of a rule about an asset (or no asset) in a region and an hour since 1970 UTC. */
export interface Place {
  readonly rule: string
  readonly asset: string
  readonly region: string
  readonly hour: number
}

/** What is told apart within a place. Nearly always the dedup key alone names it; the entity bounds those that don't. */
export interface Matter {
  readonly dedup: string
  readonly entity: string
  /** Of the dedup key. */
  readonly hash: number
}

/**
 * Why a cell stays filed as it is, whatever storms: `pinned` since people have touched its alert; `frozen` since findings that made the storm
 * have been forgotten, or because it has handed over to an older cell.
 */
export type Hold = '' | 'pinned' | 'frozen'

export interface Cell {
  readonly place: Place
  /** Missing for the cell of a storm, which takes all matters of its place. */
  readonly matter: Matter | undefined
  readonly tally: Tally
  /** Which storm it belongs to; empty: to an alert of its own matter. */
  filed: '' | Scope
  hold: Hold
  /** Id of its alert; empty until it has one. */
  alert: string
  group: Group | undefined
  session: Session | undefined
  /** Key of its record; empty while it has none. */
  record: string
}

export function createCell(place: Place, matter: Matter | undefined): Cell {
  return {
    place,
    matter,
    tally: createTally(),
    filed: '',
    hold: '',
    alert: '',
    group: undefined,
    session: undefined,
    record: '',
  }
}

export function placeOf(finding: Finding): Place {
  return {
    rule: identity(finding.rule_id),
    asset: identity(finding.asset_id),
    region: identity(finding.region_code),
    hour: Math.floor(finding.window_end / HOUR_MS),
  }
}

export function matterOf(finding: Finding): Matter {
  const dedup = identity(finding.dedup_key)
  return { dedup, entity: identity(finding.entity), hash: hash53(dedup) }
}

/** A critical finding is only taken by a storm of its own hour, not by that of an hour beside it. */
export function isCritical({ tally }: Pick<Cell, 'tally'>): boolean {
  return tally.worst[0]?.finding.severity === 'critical'
}

/** What the alerts of a cell's group have in common, as it is filed. */
export function groupKeyOf({ place, matter, filed }: Pick<Cell, 'place' | 'matter' | 'filed'>): string {
  switch (filed) {
    case '':
      return matter?.dedup ?? ''
    case 'asset':
      return `storm|asset:${place.asset}`
    case 'entity':
      return `storm|${matter?.entity ?? ''}`
    case 'region':
      return `storm|region:${place.region}`
  }
}
