// Is what is packed one frame with the same bytes, whatever their size, and however many are packed at once by the same compressors?
import { randomBytes } from 'node:crypto'
import { zstdDecompressSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { packZstd } from '../../runtime/zstd.ts'

const logs = (bytes: number): Buffer => Buffer.alloc(bytes, '192.0.2.7 - - "GET /hasil HTTP/1.1" 200\n')

test('each comes back as it went, in turn and all at once', async () => {
  const sizes = [0, 1, 100, 4_096, 65_535, 65_536, 65_537, 300_000, 3_000_000]
  const all = sizes.flatMap((size) => [logs(size), randomBytes(size)])
  for (const bytes of all) expect(zstdDecompressSync(await packZstd(bytes)).equals(bytes)).toBe(true)
  const packed = await Promise.all([...all, ...all].map(packZstd))
  expect(packed.every((one, n) => zstdDecompressSync(one).equals(all[n % all.length] as Buffer))).toBe(true)
})

test('it is one frame, smaller than what it packs by far, that ends where it should', async () => {
  const packed = await packZstd(logs(100_000))
  expect(packed.length).toBeLessThan(1_000)
  expect(packed.readUInt32LE(0)).toBe(0xfd2fb528)
  expect(() => zstdDecompressSync(packed.subarray(0, -1))).toThrow()
})

test('a hundred pages leave no buffer of theirs behind that only a marking of the whole heap would take', async () => {
  const page = logs(40_000)
  await packZstd(page)
  const before = process.memoryUsage().arrayBuffers
  for (let n = 0; n < 300; n += 1) await packZstd(page)
  // A new compressor for each would have left 300 times the tens of kilobytes into which it writes.
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(3_000_000)
})
