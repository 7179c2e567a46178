// Where does each province stand on the map of equal tiles, and how is it called in short?

/** Column and row, counted from 0: laid out like the archipelago, none on another. */
const provinces: Readonly<Record<string, readonly [name: string, column: number, row: number]>> = {
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
  '82': ['Malut', 11, 1],
  '91': ['Papua', 14, 1],
  '92': ['P. Barat', 13, 2],
  '93': ['P. Selatan', 14, 4],
  '94': ['P. Tengah', 13, 3],
  '95': ['P. Peg.', 14, 3],
  '96': ['P. B. Daya', 12, 1],
}

export interface Tile {
  readonly code: string
  readonly name: string
  /** What is written on the tile, in one or two lines. */
  readonly lines: readonly string[]
  readonly column: number
  readonly row: number
}

/** Tiles of what lies beneath a region, and how many columns and rows they take: provinces like the archipelago, others in the order of their codes. */
export function layOut(places: readonly { readonly code: string; readonly name: string }[]): {
  readonly tiles: readonly Tile[]
  readonly columns: number
  readonly rows: number
} {
  const national = places.some(({ code }) => code.length === 2)
  const wide = Math.max(4, Math.min(10, Math.ceil(Math.sqrt(places.length * 1.8))))
  // A province that is founded anew and has no place yet stands in a row of its own beneath.
  let strangers = 0
  const tiles = places.map(({ code, name }, index): Tile => {
    const known = provinces[code]
    if (known !== undefined) return { code, name, lines: [known[0]], column: known[1], row: known[2] }
    if (national) {
      strangers += 1
      return { code, name, lines: linesOf(name), column: strangers - 1, row: 7 }
    }
    return { code, name, lines: linesOf(name), column: index % wide, row: Math.floor(index / wide) }
  })
  return {
    tiles,
    columns: national ? 15 : Math.min(wide, Math.max(1, places.length)),
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
