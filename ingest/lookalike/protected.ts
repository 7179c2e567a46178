// Which names are protected? Those of the settings, or the domains of assets and of the election bodies.
import type { Lookalikes } from '../../schemas/watch.ts'

const electionBodies: readonly string[] = ['kpu.go.id', 'bawaslu.go.id']

/** Protected names in the order in which they are looked at, each once. */
export function protectedNames(
  settings: Pick<Lookalikes, 'protected'>,
  assets: readonly { readonly url: string }[],
): string[] {
  if (settings.protected.length > 0) return [...new Set(settings.protected)]
  const hosts = assets.flatMap(({ url }) => {
    const host = URL.canParse(url) ? new URL(url).hostname.replace(/^www\./, '') : ''
    return host.includes('.') && /[a-z]$/.test(host) ? [host] : []
  })
  return [...new Set([...electionBodies, ...hosts])]
}
