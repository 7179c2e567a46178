// Which autonomous systems are mobile carriers, and which are hosters? The shipped tables.
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { z } from 'zod'
import type { NetworkClass } from './traffic.ts'

const Carriers = z.array(z.object({ systems: z.array(z.int().min(1)) }))
const Hosting = z.strictObject({
  systems: z.array(z.int().min(1)).min(1),
  names: z.array(z.string().regex(/^[a-z0-9 .-]+$/)).min(1),
})

export interface Networks {
  readonly carriers: readonly number[]
  readonly hosters: readonly number[]
  /** Parts of the name of a system, in small letters. */
  readonly hosterNames: readonly string[]
}

/** Tables of `runtime/data`, read anew. */
export function loadNetworks(): Networks {
  const read = (file: string): unknown =>
    parse(readFileSync(new URL(`../../runtime/data/${file}`, import.meta.url), 'utf8'))
  const { systems, names } = Hosting.parse(read('hosting.yaml'))
  return {
    carriers: Carriers.parse(read('carriers.yaml')).flatMap((one) => one.systems),
    hosters: systems,
    hosterNames: names,
  }
}

/** The class of a source, as `classSql` of sql.ts says it in SQL. */
export function classOf(
  networks: Networks,
  {
    scope,
    asn,
    name,
    country,
  }: { readonly scope: string; readonly asn: number; readonly name: string; readonly country: string },
): NetworkClass {
  if (scope !== '' && scope !== 'public' && scope !== 'cgnat') return 'inside'
  if (scope === 'cgnat' || networks.carriers.includes(asn)) return 'mobile'
  const lower = name.toLowerCase()
  if (networks.hosters.includes(asn) || networks.hosterNames.some((part) => lower.includes(part))) return 'hosting'
  if (country === 'ID') return 'indonesia'
  return country === '' ? 'unknown' : 'abroad'
}
