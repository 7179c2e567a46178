// A Certificate Transparency log for tests: a real Merkle tree and real signatures, both APIs over HTTP, and every way to be wrong.
// The tree is written straight from the definitions of RFC 6962 section 2.1, apart from the code that it tests.
import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import type { Submission } from './ct-certificates.ts'

const sha256 = (...parts: Uint8Array[]): Buffer => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}
const zero = Buffer.of(0)
const one = Buffer.of(1)

/** A tree as RFC 6962 defines it; hashes of whole parts are remembered. */
export class ReferenceTree {
  readonly leaves: Buffer[] = []
  private readonly known = new Map<string, Buffer>()

  add(leaf: Buffer): void {
    this.leaves.push(sha256(zero, leaf))
  }

  /** MTH(D[from:to]) */
  hash(from: number, to: number): Buffer {
    if (from === to) return sha256()
    if (to - from === 1) return this.leaves[from] ?? Buffer.alloc(0)
    const name = `${from}-${to}`
    const known = this.known.get(name)
    if (known !== undefined) return known
    const middle = from + split(to - from)
    const made = sha256(one, this.hash(from, middle), this.hash(middle, to))
    this.known.set(name, made)
    return made
  }

  /** PATH(index, D[from:to]) */
  path(index: number, from: number, to: number): Buffer[] {
    if (to - from <= 1) return []
    const k = split(to - from)
    return index < k
      ? [...this.path(index, from, from + k), this.hash(from + k, to)]
      : [...this.path(index - k, from + k, to), this.hash(from, from + k)]
  }

  /** PROOF(first, D[0:second]) */
  proof(first: number, second: number): Buffer[] {
    return first === 0 || first === second ? [] : this.sub(first, 0, second, true)
  }

  private sub(m: number, from: number, to: number, whole: boolean): Buffer[] {
    const n = to - from
    if (m === n) return whole ? [] : [this.hash(from, to)]
    const k = split(n)
    return m <= k
      ? [...this.sub(m, from, from + k, whole), this.hash(from + k, to)]
      : [...this.sub(m - k, from + k, to, false), this.hash(from, from + k)]
  }
}

function split(n: number): number {
  let k = 1
  while (k * 2 < n) k *= 2
  return k
}

const u16 = (value: number): Buffer => Buffer.of(value >> 8, value & 255)
const u24 = (value: number): Buffer => Buffer.of(value >> 16, (value >> 8) & 255, value & 255)
const u64 = (value: number): Buffer => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt(value))
  return bytes
}

interface Stored {
  readonly leafInput: Buffer
  readonly extraData: Buffer
  readonly tileLeaf: Buffer
}

/** What is answered in place of the true answer. */
export type Answer = { status?: number; headers?: Record<string, string>; body?: string | Buffer } | 'drop'
/** Looks at each request; undefined: the true answer. `log` is what the answer would be made of. */
export type Fault = (path: string, query: URLSearchParams) => Answer | undefined

export interface CtLogOptions {
  readonly key?: 'ec' | 'rsa'
  /** Most entries of one answer of get-entries, and whether answers end at multiples of it. */
  readonly most?: number
  readonly aligned?: boolean
  /** Certificates of the chain that follow each entry. */
  readonly chain?: readonly Buffer[]
}

export interface CtLog {
  readonly tree: ReferenceTree
  /** Base64 of SubjectPublicKeyInfo. */
  readonly key: string
  readonly rfcUrl: string
  readonly staticUrl: string
  readonly origin: string
  /** Requests that were made, by path. */
  readonly requests: string[]
  fault: Fault | undefined
  add(submission: Submission): void
  /** A leaf that holds what is given for a certificate. */
  addRaw(leafInput: Buffer): void
  /** Signs a head of everything that is there, or of a size and root of one's own. */
  publish(size?: number, root?: Buffer): void
  signedHead(size: number, root: Buffer, timestamp: number): { json: string; checkpoint: string }
  close(): Promise<void>
}

const PUBLISHED_FROM = Date.parse('2024-11-20T00:00:00Z')

export async function startCtLog({
  key = 'ec',
  most = 256,
  aligned = false,
  chain = [],
}: CtLogOptions = {}): Promise<CtLog> {
  const keys: { publicKey: KeyObject; privateKey: KeyObject } =
    key === 'ec'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : generateKeyPairSync('rsa', { modulusLength: 2048 })
  const spki = keys.publicKey.export({ format: 'der', type: 'spki' })
  const certificates = Buffer.concat(chain.flatMap((der) => [u24(der.length), der]))
  const chainBytes = Buffer.concat([u24(certificates.length), certificates])
  const tree = new ReferenceTree()
  const stored: Stored[] = []
  const requests: string[] = []
  let head = { json: '', checkpoint: '' }
  let heads = 0
  let origin = ''

  function signedHead(size: number, root: Buffer, timestamp: number) {
    const data = Buffer.concat([Buffer.of(0, 1), u64(timestamp), u64(size), root])
    const signature = sign('sha256', data, keys.privateKey)
    const digitally = Buffer.concat([Buffer.of(4, key === 'ec' ? 3 : 1), u16(signature.length), signature])
    const keyId = sha256(Buffer.from(`${origin}\n`), Buffer.of(5), sha256(spki)).subarray(0, 4)
    const note = Buffer.concat([keyId, u64(timestamp), digitally]).toString('base64')
    const other = Buffer.alloc(40, 7).toString('base64')
    return {
      json: JSON.stringify({
        tree_size: size,
        timestamp,
        sha256_root_hash: root.toString('base64'),
        tree_head_signature: digitally.toString('base64'),
      }),
      checkpoint: `${origin}\n${size}\n${root.toString('base64')}\n\n\u2014 witness.example ${other}\n\u2014 ${origin} ${note}\n`,
    }
  }

  function entries(query: URLSearchParams): Answer {
    const [start, end] = [Number(query.get('start')), Number(query.get('end'))]
    if (!(start <= end) || start >= stored.length) return { status: 400, body: 'no such entries' }
    let to = Math.min(end + 1, stored.length, start + most)
    if (aligned) to = Math.min(to, (Math.floor(start / most) + 1) * most)
    return {
      body: JSON.stringify({
        entries: stored.slice(start, to).map(({ leafInput, extraData }) => ({
          leaf_input: leafInput.toString('base64'),
          extra_data: extraData.toString('base64'),
        })),
      }),
    }
  }

  function rfc(path: string, query: URLSearchParams): Answer {
    const b64 = (hashes: Buffer[]): string[] => hashes.map((hash) => hash.toString('base64'))
    if (path === 'get-sth') return { body: head.json }
    if (path === 'get-entries') return entries(query)
    if (path === 'get-sth-consistency') {
      const [first, second] = [Number(query.get('first')), Number(query.get('second'))]
      if (second > stored.length || first > second) return { status: 400 }
      return { body: JSON.stringify({ consistency: b64(tree.proof(first, second)) }) }
    }
    if (path === 'get-proof-by-hash') {
      const size = Number(query.get('tree_size'))
      const index = tree.leaves.findIndex((leaf) => leaf.toString('base64') === query.get('hash'))
      if (index < 0 || size > stored.length) return { status: 404 }
      return { body: JSON.stringify({ leaf_index: index, audit_path: b64(tree.path(index, 0, size)) }) }
    }
    return { status: 404 }
  }

  const TILE = /^tile\/(data|\d)\/((?:x\d{3}\/)*\d{3})(?:\.p\/(\d+))?$/
  function tiles(path: string): Answer {
    if (path === 'checkpoint') return { body: head.checkpoint }
    const [, kind = '', number = '', partial] = TILE.exec(path) ?? []
    if (kind === '') return { status: 404 }
    const index = Number(number.replaceAll(/[x/]/g, ''))
    const level = kind === 'data' ? 0 : Number(kind)
    const there = Math.floor(stored.length / 256 ** level) - index * 256
    const width = partial === undefined ? 256 : Number(partial)
    // A partial tile goes when the full one is there.
    if (there < width || (partial !== undefined && there >= 256)) return { status: 404 }
    const all = Array.from({ length: width }, (_, n) => index * 256 + n)
    if (kind === 'data') {
      const bytes = Buffer.concat(all.map((n) => stored[n]?.tileLeaf ?? Buffer.alloc(0)))
      return { body: gzipSync(bytes, { level: 1 }), headers: { 'content-encoding': 'gzip' } }
    }
    return { body: Buffer.concat(all.map((n) => tree.hash(n * 256 ** level, (n + 1) * 256 ** level))) }
  }

  const server = http.createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://log')
    const path = url.pathname.replace(/^\/(?:rfc\/ct\/v1|static)\//, '')
    requests.push(`${path}${url.search}`)
    const answer =
      log.fault?.(path, url.searchParams) ??
      (url.pathname.startsWith('/rfc/') ? rfc(path, url.searchParams) : tiles(path))
    if (answer === 'drop') {
      request.socket.destroy()
      return
    }
    response.writeHead(answer.status ?? 200, answer.headers)
    response.end(answer.body ?? '')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  origin = `127.0.0.1:${port}/static`

  const log: CtLog = {
    tree,
    key: spki.toString('base64'),
    rfcUrl: `http://127.0.0.1:${port}/rfc/`,
    staticUrl: `http://127.0.0.1:${port}/static/`,
    origin,
    requests,
    fault: undefined,
    add({ der, tbs }) {
      const timestamp = u64(PUBLISHED_FROM + stored.length * 10)
      const entry =
        tbs === undefined
          ? Buffer.concat([timestamp, u16(0), u24(der.length), der, u16(0)])
          : Buffer.concat([timestamp, u16(1), Buffer.alloc(32, 9), u24(tbs.length), tbs, u16(0)])
      const leafInput = Buffer.concat([Buffer.of(0, 0), entry])
      tree.add(leafInput)
      stored.push({
        leafInput,
        extraData: tbs === undefined ? chainBytes : Buffer.concat([u24(der.length), der, chainBytes]),
        tileLeaf: Buffer.concat([
          entry,
          ...(tbs === undefined ? [] : [u24(der.length), der]),
          u16(32),
          Buffer.alloc(32, 8),
        ]),
      })
    },
    addRaw(leafInput) {
      tree.add(leafInput)
      stored.push({ leafInput, extraData: Buffer.alloc(0), tileLeaf: Buffer.concat([leafInput.subarray(2), u16(0)]) })
    },
    publish(size = stored.length, root = tree.hash(0, size)) {
      head = signedHead(size, root, PUBLISHED_FROM + 3_600_000 + heads++ * 1000)
    },
    signedHead,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  return log
}
