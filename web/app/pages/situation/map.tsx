// Where is it? Provinces or kabupaten/kota as equal tiles or in their outlines: colour, bars and number by risk, hatched where nobody watches.
import { useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import type { Boundaries, Place } from '../../../../schemas/situation-api.ts'
import { number, short } from '../../format.ts'
import { t } from '../../language.ts'
import { width } from '../../parts/screen.ts'
import { type Level, levelName, watchName } from './level.ts'
import type { Watch } from './stand.ts'
import { layOut, type Tile } from './tiles.ts'

/** What is shown of one region. */
export interface Spot {
  readonly level: Level
  /** Written large on the tile; `what` says what it counts. */
  readonly figure: number
  readonly what: string
  /** Open alerts that are critical or high. */
  readonly urgent: number
  readonly watch: Watch
}

export interface MapProps {
  readonly places: readonly Place[]
  readonly spot: (code: string) => Spot
  readonly boundaries?: Boundaries | undefined
  /** Of what is pointed out (wall mode). */
  readonly marked?: string | undefined
  /** False on a wall: nobody clicks there. */
  readonly links?: boolean
}

const SIZE = 100
const GAP = 6
/** As wide as a tile is inside, in ordinary letters. */
const FITS = 6.9
/** Width of a name in ordinary letters, about: no glyph is measured while the map is drawn. */
function widthOf(name: string): number {
  let width = 0
  for (const letter of name) width += /[iljtrf.]/.test(letter) ? 0.55 : /[mwMW]/.test(letter) ? 1.45 : 1
  return width
}

export function RegionMap(props: MapProps) {
  const { boundaries, places } = props
  // Half a map says less than the tiles.
  return boundaries !== undefined && hasMost(boundaries, places) ? (
    <Outlines {...props} boundaries={boundaries} />
  ) : (
    <Tiles {...props} />
  )
}

/** Are most of these places drawn in the operator's file? */
export function hasMost({ paths }: Boundaries, places: readonly Place[]): boolean {
  return places.filter(({ code }) => paths[code] !== undefined).length * 2 > places.length
}

function Tiles({ places, spot, marked, links = true }: MapProps) {
  const { tiles, columns, rows } = layOut(places, width.value)
  const national = places.some(({ code }) => code.length === 2)
  const first = tiles[0]?.code
  const current = useSignal(first)
  const root = useRef<SVGSVGElement>(null)
  const move = (event: KeyboardEvent): void => {
    const from = tiles.find(({ code }) => code === current.value) ?? tiles[0]
    const to = from === undefined ? undefined : neighbour(tiles, from, event.key)
    if (to === undefined) return
    event.preventDefault()
    current.value = to.code
    const next = root.current?.querySelector(`[data-code="${to.code}"]`)
    if (next instanceof SVGElement) next.focus()
  }
  return (
    <fieldset
      class="map-scroll"
      aria-label={t(
        'Peta wilayah; panah untuk berpindah, Enter untuk membuka',
        'Map of regions; arrows to move, Enter to open',
      )}
      onKeyDown={move}
    >
      <svg
        ref={root}
        class={`map tiles${national ? ' nation' : ''}`}
        viewBox={`0 0 ${columns * (SIZE + GAP)} ${rows * (SIZE + GAP)}`}
      >
        <title>{t('Peta wilayah', 'Map of regions')}</title>
        <Hatch />
        {tiles.map((tile) => (
          <TileShape
            key={tile.code}
            tile={tile}
            spot={spot(tile.code)}
            marked={marked === tile.code}
            link={links}
            // One stop for the tabulator; arrows go on from there.
            stop={tile.code === (tiles.some(({ code }) => code === current.value) ? current.value : first)}
            onFocus={() => {
              current.value = tile.code
            }}
          />
        ))}
      </svg>
    </fieldset>
  )
}

interface TileProps {
  readonly tile: Tile
  readonly spot: Spot
  readonly marked: boolean
  readonly link: boolean
  readonly stop: boolean
  readonly onFocus: () => void
}

function TileShape({ tile, spot, marked, link, stop, onFocus }: TileProps) {
  const { level, figure, urgent, watch } = spot
  const x = tile.column * (SIZE + GAP) + GAP / 2
  const y = tile.row * (SIZE + GAP) + GAP / 2
  const blind = watch === 'blind' || watch === 'none'
  const inside = (
    <>
      <rect class={`ground level-${level}`} x={x} y={y} width={SIZE} height={SIZE} rx={8} />
      {blind && <rect class="hatch" x={x} y={y} width={SIZE} height={SIZE} rx={8} fill="url(#hatch)" />}
      <rect
        class={`rim ${watch}${marked ? ' marked' : ''}`}
        x={x + 1.5}
        y={y + 1.5}
        width={SIZE - 3}
        height={SIZE - 3}
        rx={7}
      />
      {tile.lines.map((line, index) => (
        <text
          key={line}
          class="name"
          x={x + 6}
          y={y + 20 + index * 18}
          // A long name is pressed together rather than cut.
          {...(widthOf(line) > FITS ? { textLength: SIZE - 12, lengthAdjust: 'spacingAndGlyphs' } : {})}
        >
          {line}
        </text>
      ))}
      <text class="figure" x={x + SIZE / 2} y={y + 67}>
        {short(figure)}
      </text>
      <Bars level={level} x={x + 7} y={y + SIZE - 9} />
      {urgent > 0 && (
        <>
          <path class="urgent" d={`M${x + 52},${y + SIZE - 8}l9,-16l9,16z`} />
          <text class="count" x={x + 72} y={y + SIZE - 8}>
            {urgent > 99 ? '99+' : urgent}
          </text>
        </>
      )}
    </>
  )
  return link ? (
    <Open code={tile.code} label={labelOf(tile.name, spot)} stop={stop} onFocus={onFocus}>
      {/* biome-ignore lint/a11y/noAriaHiddenOnFocusable: a group takes no focus; the link around it is named by its title */}
      <g aria-hidden="true">{inside}</g>
    </Open>
  ) : (
    <g>
      <title>{labelOf(tile.name, spot)}</title>
      {inside}
    </g>
  )
}

interface OpenProps {
  readonly code: string
  readonly label: string
  readonly stop: boolean
  readonly onFocus?: () => void
  readonly children: ComponentChildren
}

function Open({ code, label, stop, onFocus, children }: OpenProps) {
  const { route } = useLocation()
  const href = `/region/${code}`
  return (
    <a
      class="spot"
      href={href}
      data-code={code}
      tabIndex={stop ? 0 : -1}
      onFocus={onFocus}
      onClick={(event: MouseEvent) => {
        // The router knows links of HTML only.
        if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || event.button !== 0) return
        event.preventDefault()
        route(href)
      }}
    >
      <title>{label}</title>
      {children}
    </a>
  )
}

function Outlines({ places, spot, boundaries, marked, links = true }: MapProps & { readonly boundaries: Boundaries }) {
  const shapes = useRef<SVGGElement>(null)
  const root = useRef<SVGSVGElement>(null)
  const codes = places.map(({ code }) => code).join()
  useEffect(() => {
    // As near as what is shown fills the frame.
    const box = shapes.current?.getBBox()
    if (box !== undefined && box.width > 0)
      root.current?.setAttribute('viewBox', `${box.x - 8} ${box.y - 8} ${box.width + 16} ${box.height + 16}`)
  }, [codes, boundaries])
  return (
    <fieldset class="map-scroll" aria-label={t('Peta wilayah menurut batasnya', 'Map of regions in their outlines')}>
      <svg ref={root} class="map outlines" viewBox={`0 0 ${boundaries.width} ${boundaries.height}`}>
        <title>{t('Peta wilayah', 'Map of regions')}</title>
        <Hatch />
        <g ref={shapes}>
          {places.map(({ code, name }) => {
            const path = boundaries.paths[code]
            if (path === undefined) return null
            const seen = spot(code)
            const blind = seen.watch === 'blind' || seen.watch === 'none'
            const inside = (
              <>
                <path class={`ground level-${seen.level}${marked === code ? ' marked' : ''}`} d={path} />
                {blind && <path class="hatch" d={path} fill="url(#hatch)" />}
              </>
            )
            return links ? (
              <Open key={code} code={code} label={labelOf(name, seen)} stop>
                {inside}
              </Open>
            ) : (
              <g key={code}>
                <title>{labelOf(name, seen)}</title>
                {inside}
              </g>
            )
          })}
        </g>
      </svg>
    </fieldset>
  )
}

/** As many bars as the level, of four. */
export function Bars({ level, x = 0, y = 20 }: { level: Level; x?: number; y?: number }) {
  return (
    <>
      {[1, 2, 3, 4].map((bar) => (
        <rect
          key={bar}
          class={bar <= level ? 'bar-on' : 'bar-off'}
          x={x + (bar - 1) * 10}
          y={y - 4 - bar * 4}
          width={7}
          height={4 + bar * 4}
        />
      ))}
    </>
  )
}

function Hatch() {
  return (
    <defs>
      <pattern id="hatch" width={9} height={9} patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <rect class="hatch-line" width={3} height={9} />
      </pattern>
    </defs>
  )
}

function labelOf(name: string, { level, figure, what, urgent, watch }: Spot): string {
  const alerts = urgent > 0 ? t(`, ${urgent} peringatan kritis atau tinggi`, `, ${urgent} critical or high alerts`) : ''
  return `${name}: ${t('risiko', 'risk')} ${levelName(level)}, ${number(figure)} ${what}${alerts}, ${watchName(watch)}`
}

/** The nearest tile in the direction of an arrow key. */
function neighbour(tiles: readonly Tile[], from: Tile, key: string): Tile | undefined {
  const ahead = (tile: Tile): number => {
    switch (key) {
      case 'ArrowRight':
        return tile.column - from.column
      case 'ArrowLeft':
        return from.column - tile.column
      case 'ArrowDown':
        return tile.row - from.row
      case 'ArrowUp':
        return from.row - tile.row
      default:
        return 0
    }
  }
  const aside = (tile: Tile): number =>
    key === 'ArrowUp' || key === 'ArrowDown' ? Math.abs(tile.column - from.column) : Math.abs(tile.row - from.row)
  return tiles
    .filter((tile) => ahead(tile) > 0)
    .toSorted((a, b) => ahead(a) + 2 * aside(a) - ahead(b) - 2 * aside(b))[0]
}
