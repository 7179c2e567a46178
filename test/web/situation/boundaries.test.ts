// Are outlines of an operator's TopoJSON file drawn where they lie, shared borders and islands included?
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { drawBoundaries, loadBoundaries } from '../../../web/situation/boundaries.ts'

/** Two squares side by side that share a border, and an island too small to see; quantised, as files are. */
const topology = {
  type: 'Topology',
  transform: { scale: [0.01, 0.01], translate: [100, -5] },
  arcs: [
    [
      [100, 0],
      [0, 100],
    ],
    [
      [100, 100],
      [-100, 0],
      [0, -100],
      [100, 0],
    ],
    [
      [100, 0],
      [100, 0],
      [0, 100],
      [-100, 0],
    ],
    [
      [0, 0],
      [0, 0],
    ],
  ],
  objects: {
    any: {
      type: 'GeometryCollection',
      geometries: [
        { type: 'Polygon', id: '32', arcs: [[0, 1]] },
        { type: 'MultiPolygon', properties: { kode: '3173' }, arcs: [[[2, -1]], [[3, 3]]] },
        { type: 'Polygon', id: 'elsewhere', arcs: [[0, 1]] },
      ],
    },
  },
}

test('squares become paths in a box as wide as the map, north above', () => {
  const { width, height, paths } = drawBoundaries(topology)
  expect([width, height]).toEqual([2000, 1000])
  expect(Object.keys(paths).toSorted()).toEqual(['31.73', '32'])
  expect(paths['32']).toBe('M1000,1000l0,-1000l-1000,0l0,1000l1000,0z')
  // The shared border is the same arc read backwards.
  expect(paths['31.73']).toBe('M1000,1000l1000,0l0,-1000l-1000,0l0,1000z')
})

test('a file that is none is refused by its name', () => {
  const dir = mkdtempSync(join(tmpdir(), 'siaga-topo-'))
  onTestFinished(() => rmSync(dir, { recursive: true }))
  const file = join(dir, 'batas.json')
  for (const text of ['{', '{"type":"FeatureCollection"}', JSON.stringify({ ...topology, arcs: [['x']] })]) {
    writeFileSync(file, text)
    expect(() => loadBoundaries({ web: { boundaries: file } })).toThrow(file)
  }
  writeFileSync(file, JSON.stringify(topology))
  expect(loadBoundaries({ web: { boundaries: file } })?.paths).toHaveProperty('32')
  expect(loadBoundaries({ web: { boundaries: '' } })).toBeUndefined()
})
