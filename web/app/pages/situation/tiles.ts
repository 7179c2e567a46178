// Where does each province stand on the map of equal tiles, and how is it called in short?

/** Column and row, counted from 0: laid out like the archipelago, none on another. */
const provinces: Readonly<Record<string, readonly [name: string, column: number, row: number, beneath?: string]>> = {
  '11': ['Aceh', 0, 0],
  '12': ['Sumut', 1, 1],
  '13': ['Sumbar', 1, 2],
  '14': ['Riau', 2, 1],
  '15': ['Jambi', 2, 2],
  '16': ['Sumsel', 3, 3],
  '17': ['Bengkulu', 2, 3],
  '18': ['Lampung', 3, 4],
  '19': ['Babel', 4, 2],
  '21': ['Kepri', 3, 1],
  '31': ['Jakarta', 5, 4],
  '32': ['Jabar', 5, 5],
  '33': ['Jateng', 6, 5],
  '34': ['DIY', 6, 6],
  '35': ['Jatim', 7, 5],
  '36': ['Banten', 4, 5],
  '51': ['Bali', 8, 5],
  '52': ['NTB', 9, 5],
  '53': ['NTT', 10, 5],
  '61': ['Kalbar', 5, 1],
  '62': ['Kalteng', 6, 2],
  '63': ['Kalsel', 7, 2],
  '64': ['Kaltim', 7, 1],
  '65': ['Kaltara', 7, 0],
  '71': ['Sulut', 10, 0],
  '72': ['Sulteng', 9, 2],
  '73': ['Sulsel', 9, 3],
  '74': ['Sultra', 10, 3],
  '75': ['Gorontalo', 9, 1],
  '76': ['Sulbar', 8, 3],
  '81': ['Maluku', 11, 2],
  '82': ['Malut', 11, 0],
  '91': ['Papua', 13, 2],
  '92': ['Papua', 12, 2, 'Barat'],
  '93': ['Papua', 13, 4, 'Selatan'],
  '94': ['Papua', 12, 3, 'Tengah'],
  '95': ['Papua', 13, 3, 'Peg.'],
  '96': ['Papua', 12, 1, 'B. Daya'],
}

export interface Tile {
  readonly code: string
  readonly name: string
  /** What is written on the tile, in one or two lines. */
  readonly lines: readonly string[]
  readonly column: number
  readonly row: number
}

/** So many tiles stand beside each other where the archipelago would be too small to read. */
const NARROW: Readonly<Record<'phone' | 'tablet', { readonly nation: number; readonly province: number }>> = {
  phone: { nation: 5, province: 4 },
  tablet: { nation: 8, province: 6 },
}

/**
 * Tiles of what lies beneath a region, and how many columns and rows they take: provinces like the archipelago, others, and all on a narrow screen, in the
 * order of their codes.
 */
export function layOut(
  places: readonly { readonly code: string; readonly name: string }[],
  width: 'phone' | 'tablet' | 'desk' = 'desk',
): {
  readonly tiles: readonly Tile[]
  readonly columns: number
  readonly rows: number
} {
  const national = places.some(({ code }) => code.length === 2)
  const narrow = width === 'desk' ? undefined : NARROW[width][national ? 'nation' : 'province']
  const wide = narrow ?? Math.max(4, Math.min(10, Math.ceil(Math.sqrt(places.length * 1.8))))
  const inOrder = narrow !== undefined || !national
  // A province that is founded anew and has no place yet stands in a row of its own beneath.
  let strangers = 0
  const tiles = places.map(({ code, name }, index): Tile => {
    const [short, column, row, beneath] = provinces[code] ?? []
    const lines = short === undefined ? linesOf(name) : beneath === undefined ? [short] : [short, beneath]
    if (inOrder) return { code, name, lines, column: index % wide, row: Math.floor(index / wide) }
    if (column !== undefined && row !== undefined) return { code, name, lines, column, row }
    strangers += 1
    return { code, name, lines, column: strangers - 1, row: 7 }
  })
  return {
    tiles,
    columns: inOrder
      ? Math.min(wide, Math.max(1, places.length))
      : Math.max(1, ...tiles.map(({ column }) => column + 1)),
    rows: Math.max(1, ...tiles.map(({ row }) => row + 1)),
  }
}

/** Letters that fit on a tile. */
const LINE = 11
const WORD = 12

/** `Kabupaten Hulu Sungai Selatan` as `Hulu Sungai`, `Selatan`; a Kota keeps its word, since its Kabupaten is often named alike. */
function linesOf(name: string): readonly string[] {
  const words = name
    .replace(/^Kabupaten (?:Administrasi )?/, '')
    .replace(/^Kota (?:Administrasi )?/, 'Kota ')
    .replace(/^Kepulauan /, 'Kep. ')
    .split(' ')
  const lines: string[] = []
  for (const word of words) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + word.length < LINE) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  const [first = '', ...rest] = lines
  const second = rest.join(' ')
  return second === '' ? [cut(first)] : [cut(first), cut(second)]
}

const cut = (text: string): string => (text.length > WORD ? `${text.slice(0, WORD - 1)}…` : text)
