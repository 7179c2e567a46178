// How high is the risk of what this page is about? Of the nation as high as that of its worst part, so that it agrees with the map beneath it.
import type { Situation } from '../../../../schemas/situation-api.ts'
import { t } from '../../language.ts'
import { type Level, levelOfPoints } from './level.ts'
import { named, type Stand, sumOf } from './stand.ts'

export interface Risk {
  readonly level: Level
  /** Of the nation: the part with most points, whose level it has. */
  readonly worst: { readonly name: string; readonly points: number } | undefined
  /** Of a province: points that are on no tile, since they are of its own systems. */
  readonly own: number | undefined
}

export function riskOf({ focus, places }: Pick<Situation, 'focus' | 'places'>, regions: Stand['regions']): Risk {
  const pointsOf = (code: string): number => named(sumOf(regions, code)).points
  if (focus !== null) {
    const beneath = places.reduce((sum, { code }) => sum + pointsOf(code), 0)
    const points = pointsOf(focus.code)
    return {
      level: levelOfPoints(points),
      worst: undefined,
      own: places.length === 0 ? undefined : Math.max(0, points - beneath),
    }
  }
  const parts = [
    ...places.map(({ code, name }) => ({ name, points: pointsOf(code) })),
    { name: t('sistem nasional', 'national systems'), points: pointsOf('00') },
    { name: t('tanpa wilayah', 'no region'), points: pointsOf('') },
  ]
  const worst = parts.reduce((a, b) => (b.points > a.points ? b : a))
  return { level: levelOfPoints(worst.points), worst, own: undefined }
}
