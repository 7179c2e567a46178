// How many datagrams did the kernel throw away because our receive buffer was full? Linux tells in /proc/net/udp.
import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { parseAddress } from '../peer.ts'

/** A function that answers the drops of the socket bound to this address since it was opened; always 0 where the kernel does not tell. */
export function kernelDrops(bound: Pick<AddressInfo, 'address' | 'port' | 'family'>): () => number {
  const file = bound.family === 'IPv6' ? '/proc/net/udp6' : '/proc/net/udp'
  const local = procAddress(bound.address, bound.port)
  return () => {
    try {
      return dropsIn(readFileSync(file, 'latin1'), local)
    } catch {
      return 0
    }
  }
}

/** Sums the last column (`drops`) of the rows whose second is `local`. */
export function dropsIn(table: string, local: string): number {
  let drops = 0
  for (const line of table.split('\n')) {
    const columns = line.trim().split(/\s+/)
    if (columns[1] === local) drops += Number(columns.at(-1))
  }
  return drops
}

/** An address as the kernel prints it on little-endian machines: each 32-bit word with its bytes reversed, then the port. */
export function procAddress(address: string, port: number): string {
  const parsed = parseAddress(address)
  if (parsed === undefined) return ''
  const bytes = Buffer.from(parsed.value.toString(16).padStart(parsed.bits / 4, '0'), 'hex').swap32()
  return `${bytes.toString('hex')}:${port.toString(16).padStart(4, '0')}`.toUpperCase()
}
