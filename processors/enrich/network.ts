// Where are the two ends of an event? Country, autonomous system, scope and known scanner of each address.

import { compileNetworks, emptyAddress, MAX_ADDRESS_LENGTH, parseAddress } from '../../runtime/address.ts'
import { scopeOf } from '../../runtime/address-scope.ts'
import type { Scanner } from '../../runtime/reference.ts'
import type { Event } from '../../schemas/event.ts'
import { type AutonomousSystem, noAutonomousSystem } from './asn.ts'
import { bounded } from './bounded.ts'

type NetworkFields = Pick<
  Event,
  | 'source_ip'
  | 'source_country'
  | 'source_asn'
  | 'source_as_name'
  | 'source_scope'
  | 'source_scanner'
  | 'destination_ip'
  | 'destination_country'
>

interface AddressFacts {
  readonly country: string
  readonly system: AutonomousSystem
  readonly scope: string
  readonly scanner: string
}

/** Databases about addresses; tests give their own. */
export interface AddressDatabases {
  /** ISO 3166-1 code by the text of an address, '' unknown. */
  readonly country: (ip: string) => string
  readonly system: (address: ReturnType<typeof emptyAddress>) => AutonomousSystem
}

const unknown: AddressFacts = Object.freeze({ country: '', system: noAutonomousSystem, scope: '', scanner: '' })

/** Writes what is known about source and destination address. A text that is no address leaves the fields as they are. */
export function createNetworkEnricher(
  databases: AddressDatabases,
  scanners: readonly Scanner[],
): (event: NetworkFields) => void {
  const scannerBySystem = new Map(scanners.flatMap(({ name, systems }) => systems.map((number) => [number, name])))
  const scannerByNetwork = compileNetworks(
    scanners.flatMap(({ name, networks }) => networks.map((cidr) => ({ cidr, value: name }))),
  )
  const address = emptyAddress()
  const factsOf = bounded(
    (ip): AddressFacts => {
      if (!parseAddress(ip, address)) return unknown
      const scope = scopeOf(address)
      if (scope !== 'public') return { ...unknown, scope }
      const system = databases.system(address)
      const country = databases.country(address.family === 4 && ip.includes(':') ? dotted(address.a) : ip)
      return { country, system, scope, scanner: scannerByNetwork(address) ?? scannerBySystem.get(system.number) ?? '' }
    },
    50_000,
    MAX_ADDRESS_LENGTH,
  )
  return (event) => {
    if (event.source_ip !== '') {
      const facts = factsOf(event.source_ip)
      if (facts !== unknown) {
        event.source_country = facts.country
        event.source_asn = facts.system.number
        event.source_as_name = facts.system.name
        event.source_scope = facts.scope
        event.source_scanner = facts.scanner
      }
    }
    if (event.destination_ip !== '') {
      const facts = factsOf(event.destination_ip)
      if (facts !== unknown) event.destination_country = facts.country
    }
  }
}

function dotted(word: number): string {
  return `${word >>> 24}.${(word >>> 16) & 255}.${(word >>> 8) & 255}.${word & 255}`
}
