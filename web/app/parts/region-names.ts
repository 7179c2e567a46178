// What is a region called? Names of codes, asked for once when a page first needs them.
import { signal } from '@preact/signals'
import type { RegionNames } from '../../../schemas/region-names.ts'
import { ask } from '../api.ts'
import { t } from '../language.ts'

const known = signal<ReadonlyMap<string, string>>(new Map())
let asked = false

/** Codes and names of all, in the order of the codes; empty until they are there. */
export function regionNames(): ReadonlyMap<string, string> {
  if (!asked) {
    asked = true
    ask<RegionNames>('/api/regions').then(
      ({ regions }) => {
        known.value = new Map(regions.map(({ code, name }) => [code, name]))
      },
      () => {
        // Until it is asked again with whatever is drawn next, codes stand for themselves.
        asked = false
      },
    )
  }
  return known.value
}

/** Of a code whose name the server sent along. */
export function placeName(code: string, name: string): string {
  return code === '' || code === '00' ? regionName(code) : name || code
}

/** Name of a code; the code where there is no such region. */
export function regionName(code: string): string {
  if (code === '') return t('tidak diketahui', 'unknown')
  return code === '00' ? t('Nasional', 'National') : (regionNames().get(code) ?? code)
}
