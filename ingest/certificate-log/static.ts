// How is a static log read? Checkpoint, hash tiles and data tiles of the static CT API (https://c2sp.org/static-ct-api).
import type { Ask } from './ask.ts'
import { type Entry, readDataTile } from './entry.ts'
import { consistencyProof, frontierOfParts, HASH_BYTES, nodeHash } from './merkle.ts'
import { MissingEntry, Refused, Unreadable } from './problems.ts'
import { type LogSource, MAX_ENTRIES_BYTES, MAX_SMALL_BYTES, PARALLEL } from './source.ts'
import { type LogKey, readCheckpoint } from './tree-head.ts'

const TILE = 256
const TILE_HEIGHT = 8
/** Hash tiles that are kept for the proofs of one head. */
const MAX_TILES = 64

/** A source over the static CT API. */
export function createStaticSource(ask: Ask, key: LogKey, origin: string): LogSource {
  /** A tile of a tree of `size` leaves; where the partial one is gone, the full one is there (it may hold more). */
  async function tile(kind: string, index: number, width: number, maxBytes: number, signal: AbortSignal) {
    const path = `tile/${kind}/${tilePath(index)}`
    try {
      if (width === TILE) return await ask(path, maxBytes, signal)
      return await ask(`${path}.p/${width}`, maxBytes, signal).catch((error: unknown) => {
        if (isMissing(error)) return ask(path, maxBytes, signal)
        throw error
      })
    } catch (error) {
      if (isMissing(error)) throw new MissingEntry(`tile ${path} is not answered`)
      throw error
    }
  }

  /** Answers hashes of complete parts of the tree of `size` leaves; each tile is asked for once. */
  function parts(size: number, signal: AbortSignal): (level: number, index: number) => Promise<Buffer> {
    const tiles = new Map<string, Promise<Buffer>>()
    return async (level, index) => {
      const row = Math.floor(level / TILE_HEIGHT)
      const height = level % TILE_HEIGHT
      const first = index * 2 ** height
      const number = Math.floor(first / TILE)
      const width = Math.min(TILE, Math.floor(size / TILE ** row) - number * TILE)
      const name = `${row}/${number}`
      let bytes = tiles.get(name)
      if (bytes === undefined) {
        if (tiles.size >= MAX_TILES) tiles.clear()
        bytes = tile(String(row), number, width, MAX_SMALL_BYTES, signal)
        tiles.set(name, bytes)
      }
      const answered = await bytes
      // The full tile may stand in for the partial one.
      if (answered.length !== width * HASH_BYTES && answered.length !== TILE * HASH_BYTES) {
        throw new Unreadable(`hash tile ${name} has not the bytes of ${width} hashes`)
      }
      const from = first - number * TILE
      let hashes = Array.from({ length: 2 ** height }, (_, n) =>
        answered.subarray((from + n) * HASH_BYTES, (from + n + 1) * HASH_BYTES),
      )
      while (hashes.length > 1) {
        const below = hashes
        hashes = below.flatMap((left, n) => (n % 2 === 0 ? [nodeHash(left, below[n + 1] ?? left)] : []))
      }
      return hashes[0] ?? Buffer.alloc(0)
    }
  }

  return {
    async head(signal) {
      return readCheckpoint((await ask('checkpoint', MAX_SMALL_BYTES, signal)).toString(), origin, key)
    },

    consistency: (first, second, signal) => consistencyProof(first, second, parts(second, signal)),

    frontier: ({ size }, signal) => frontierOfParts(size, parts(size, signal)),

    async *entries(from, to, size, outer) {
      const stop = new AbortController()
      const signal = AbortSignal.any([outer, stop.signal])
      const waiting: Promise<Entry[]>[] = []
      let next = Math.floor(from / TILE)
      const end = Math.ceil(to / TILE)
      const read = async (index: number): Promise<Entry[]> => {
        const begin = index * TILE
        const width = Math.min(TILE, size - begin)
        const bytes = await tile('data', index, width, MAX_ENTRIES_BYTES, signal)
        return readDataTile(bytes, begin, Math.min(width, to - begin)).slice(Math.max(0, from - begin))
      }
      try {
        while (waiting.length > 0 || next < end) {
          while (next < end && waiting.length < PARALLEL) {
            const answer = read(next++)
            answer.catch(() => undefined)
            waiting.push(answer)
          }
          const first = waiting.shift()
          if (first === undefined) return
          yield await first
        }
      } finally {
        stop.abort()
      }
    },
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Refused && error.status >= 400 && error.status < 500
}

/** 1234067 is x001/x234/067. */
function tilePath(index: number): string {
  const digits = String(index)
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, '0')
  const groups = padded.match(/\d{3}/g) ?? []
  return groups.map((group, n) => (n === groups.length - 1 ? group : `x${group}`)).join('/')
}
