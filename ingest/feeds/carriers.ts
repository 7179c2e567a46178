// Which mobile carrier's shared addresses is an address among? By its autonomous system and the shipped table.
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { z } from 'zod'
import type { Address } from '../../runtime/address.ts'

const Carriers = z.array(z.strictObject({ name: z.string().min(1), systems: z.array(z.int().min(1)) }))

/** A look-up by `systemOf`, which answers the number of the autonomous system of an address, 0 for none. */
export function createCarrierLookup(systemOf: (address: Address) => number): (address: Address) => string | undefined {
  const text = readFileSync(new URL('../../runtime/data/carriers.yaml', import.meta.url), 'utf8')
  const carriers = new Map(
    Carriers.parse(parse(text)).flatMap(({ name, systems }) => systems.map((system) => [system, name] as const)),
  )
  return (address) => carriers.get(systemOf(address))
}
