// How are bytes packed with zstd time and again? By compressors that are kept: each new one is seen as in use by V8's small collections, so that
// it and its buffers stay until the whole heap is marked (megabytes a second at a busy collector).
import { constants, createZstdCompress, type ZstdCompress } from 'node:zlib'

interface Packer {
  pack(bytes: Buffer): Promise<Buffer>
  close(): void
}

const idle: Packer[] = []
const MAX_IDLE = 2
const CHUNK = 64 * 1024

/** One whole zstd frame (RFC 8878), at level 1: logs pack to a tenth. The bytes must stay as they are until it is there. */
export async function packZstd(bytes: Buffer): Promise<Buffer> {
  const packer = idle.pop() ?? createPacker()
  try {
    const packed = await packer.pack(bytes)
    if (idle.length < MAX_IDLE) idle.push(packer)
    else packer.close()
    return packed
  } catch (error) {
    packer.close()
    throw error
  }
}

function createPacker(): Packer {
  let pieces: Buffer[] = []
  let failed: (error: Error) => void = () => {}
  const stream: ZstdCompress = createZstdCompress({
    chunkSize: CHUNK,
    params: { [constants.ZSTD_c_compressionLevel]: 1 },
  })
  stream.on('data', (piece: Buffer) => pieces.push(piece))
  stream.on('error', (error) => failed(error))
  return {
    pack: (bytes) =>
      new Promise((resolve, reject) => {
        failed = reject
        stream.write(bytes)
        // The end of the frame, not of the stream: the next bytes begin another frame.
        stream.flush(constants.ZSTD_e_end, () => {
          const [first] = pieces
          resolve(pieces.length === 1 && first !== undefined ? first : Buffer.concat(pieces))
          pieces = []
        })
      }),
    close: () => stream.destroy(),
  }
}
