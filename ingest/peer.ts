// Which source does a peer belong to? Networks (the most specific wins) and certificate names of the configuration.
import { isIPv4, isIPv6 } from 'node:net'
import { SiagaError } from '../runtime/errors.ts'
import { normalizeAddress } from '../runtime/peer-address.ts'
import type { Source } from '../schemas/config.ts'
import { envelopeFormat, UNKNOWN_PEER_SOURCE } from '../schemas/raw-event.ts'
import type { SourceDirectory, SourceRef } from './collector.ts'

/** Answers kept; beyond it the cache starts anew, so that spoofed addresses cannot fill the memory. */
const CACHE_ADDRESSES = 10_000

type DirectorySource = Pick<Source, 'id' | 'format' | 'networks' | 'certificates' | 'loopback_only'>

interface ParsedAddress {
  readonly bits: 32 | 128
  readonly value: bigint
}

/** The networks of one family and one prefix length, by their leading bits. */
interface PrefixTable {
  readonly length: number
  readonly networks: Map<bigint, SourceRef>
}

/**
 * Builds the directory from the configured sources. Throws CONFIG_INVALID for a network that is none, and for one network or
 * certificate name that two sources claim.
 */
export function createSourceDirectory(sources: readonly DirectorySource[]): SourceDirectory {
  const ids = new Map<string, SourceRef>()
  const certificates = new Map<string, SourceRef>()
  const tables = { 32: [] as PrefixTable[], 128: [] as PrefixTable[] }

  for (const source of sources) {
    const ref: SourceRef = {
      id: source.id,
      format: envelopeFormat(source.format),
      loopbackOnly: source.loopback_only,
    }
    ids.set(ref.id, ref)
    for (const name of source.certificates) claim(certificates, name.toLowerCase(), ref, name)
    for (const network of source.networks) {
      const { bits, length, prefix } = parseNetwork(network, source.id)
      let table = tables[bits].find((candidate) => candidate.length === length)
      if (table === undefined) {
        table = { length, networks: new Map() }
        tables[bits].push(table)
      }
      claim(table.networks, prefix, ref, network)
    }
  }
  for (const family of Object.values(tables)) family.sort((left, right) => right.length - left.length)

  const cache = new Map<string, SourceRef | undefined>()
  return {
    unknownPeer: ids.get(UNKNOWN_PEER_SOURCE) ?? { id: UNKNOWN_PEER_SOURCE, format: '' },
    byId: (id) => ids.get(id),
    byCertificate(names) {
      for (const name of names) {
        const ref = certificates.get(name.toLowerCase())
        if (ref !== undefined) return ref
      }
      return undefined
    },
    byPeer(address) {
      const known = cache.get(address)
      if (known !== undefined || cache.has(address)) return known
      const found = lookUp(tables, address)
      if (cache.size >= CACHE_ADDRESSES) cache.clear()
      cache.set(address, found)
      return found
    },
  }
}

/** The address as a number of 32 or 128 bits, `undefined` if it is none. IPv4 inside IPv6 counts as IPv4. */
export function parseAddress(text: string): ParsedAddress | undefined {
  const address = normalizeAddress(text)
  if (isIPv4(address)) return { bits: 32, value: BigInt(ipv4Number(address)) }
  if (!isIPv6(address)) return undefined
  const value = ipv6Number(address)
  return value >> 32n === 0xffffn ? { bits: 32, value: value & 0xffff_ffffn } : { bits: 128, value }
}

function claim<K>(map: Map<K, SourceRef>, key: K, ref: SourceRef, shown: string): void {
  const owner = map.get(key)
  if (owner !== undefined && owner.id !== ref.id) {
    throw new SiagaError('CONFIG_INVALID', { detail: `${shown} is claimed by two sources, ${owner.id} and ${ref.id}.` })
  }
  map.set(key, ref)
}

function lookUp(tables: Record<32 | 128, PrefixTable[]>, text: string): SourceRef | undefined {
  const address = parseAddress(text)
  if (address === undefined) return undefined
  for (const { length, networks } of tables[address.bits]) {
    const ref = networks.get(address.value >> BigInt(address.bits - length))
    if (ref !== undefined) return ref
  }
  return undefined
}

function parseNetwork(text: string, source: string): { bits: 32 | 128; length: number; prefix: bigint } {
  const [base = '', lengthText] = text.split('/')
  const address = parseAddress(base)
  // ::ffff:10.0.0.0/104 is 10.0.0.0/8 in IPv6 clothes.
  const shift = address?.bits === 32 && base.includes(':') ? 96 : 0
  const length = lengthText === undefined ? address?.bits : Number(lengthText) - shift
  if (address === undefined || length === undefined || !(length >= 0 && length <= address.bits)) {
    throw new SiagaError('CONFIG_INVALID', { detail: `Source ${source}: ${text} is not an address or network.` })
  }
  return { bits: address.bits, length, prefix: address.value >> BigInt(address.bits - length) }
}

function ipv4Number(address: string): number {
  let value = 0
  for (const part of address.split('.')) value = value * 256 + Number(part)
  return value
}

function ipv6Number(address: string): bigint {
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(address)
  const text =
    dotted?.[1] && dotted[2]
      ? `${dotted[1]}${(ipv4Number(dotted[2]) >>> 16).toString(16)}:${(ipv4Number(dotted[2]) & 0xffff).toString(16)}`
      : address
  const [head = '', tail] = text.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const groups = [...left, ...Array<string>(8 - left.length - right.length).fill('0'), ...right]
  let value = 0n
  for (const group of groups) value = (value << 16n) | BigInt(`0x${group}`)
  return value
}
