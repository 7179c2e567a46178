// What do the colours, bars and lines of the map mean?
import { t } from '../../language.ts'
import { type Level, levelName } from './level.ts'
import { Bars } from './map.tsx'

const levels: readonly Level[] = [0, 1, 2, 3, 4]

/** @param watched false where the map does not say what was monitored */
export function Legend({ watched = true }: { watched?: boolean }) {
  return (
    <ul class="legend" aria-label={t('Keterangan peta', 'Key of the map')}>
      {levels.map((level) => (
        <li key={level}>
          <svg viewBox="0 0 46 24" aria-hidden="true">
            <rect class={`ground level-${level}`} width={46} height={24} rx={4} />
            <Bars level={level} x={4} y={21} />
          </svg>
          {levelName(level)}
        </li>
      ))}
      {watched && <Watched />}
    </ul>
  )
}

function Watched() {
  return (
    <>
      <li>
        <svg viewBox="0 0 46 24" aria-hidden="true">
          <rect class="ground level-0" width={46} height={24} rx={4} />
          <path class="hatch-sample" d="M2,24l20,-24M12,24l20,-24M22,24l20,-24M32,24l14,-17" />
        </svg>
        {t('tidak terpantau', 'not monitored')}
      </li>
      <li>
        <svg viewBox="0 0 46 24" aria-hidden="true">
          <rect class="ground level-0" width={46} height={24} rx={4} />
          <rect class="rim part" x={1.5} y={1.5} width={43} height={21} rx={3} />
        </svg>
        {t('terpantau sebagian', 'partly monitored')}
      </li>
    </>
  )
}
