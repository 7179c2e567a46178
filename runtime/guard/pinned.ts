// How does a connection go where the guard looked, and nowhere else? Addresses in place of a name, and a check of what was connected to.
import { isIPv6, type LookupFunction } from 'node:net'
import { emptyAddress, parseAddress } from '../address.ts'

/** A look-up for node:net and node:tls that answers these addresses whatever name is asked for. */
export function pinnedLookup(addresses: readonly string[]): LookupFunction {
  const all = addresses.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }))
  return (_host, { all: wanted }, done) => {
    if (wanted === true) done(null, all)
    else done(null, all[0]?.address ?? '', all[0]?.family)
  }
}

/** True if the address is one of those, however either is written: ::ffff:192.0.2.1 is 192.0.2.1. */
export function isOneOf(addresses: readonly string[], connected: string): boolean {
  const one = emptyAddress()
  const other = emptyAddress()
  if (!parseAddress(connected, one)) return false
  return addresses.some(
    (address) =>
      parseAddress(address, other) &&
      one.family === other.family &&
      one.a === other.a &&
      one.b === other.b &&
      one.c === other.c &&
      one.d === other.d,
  )
}

/** IPv4 inside IPv6 is IPv4 here. */
export function plainAddress(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address
}
