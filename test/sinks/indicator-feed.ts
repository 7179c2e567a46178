// What do tests take for a feed? As many indicators as wanted, all of one label, made as they are asked for.
import type { Indicator } from '../../schemas/indicator.ts'

export const T0 = Date.parse('2024-11-27T03:00:00Z')

export function indicator(source: string, value: string, values: Partial<Indicator> = {}): Indicator {
  return {
    type: 'domain',
    value,
    source,
    confidence: 80,
    first_seen: T0 - 86_400_000,
    last_seen: T0,
    expires: 0,
    tlp: 'green',
    threat: 'Judol',
    reference: 'https://feed.example/1',
    labels: ['phishing'],
    ...values,
  }
}

/** Addresses, domains and URLs in turn. */
export function* feedOf(source: string, count: number, label: string): Generator<Indicator> {
  for (let n = 0; n < count; n += 1) {
    const host = `host-${n}.evil-${n % 5_000}.example`
    if (n % 3 === 0) yield indicator(source, host, { labels: [label] })
    else if (n % 3 === 1)
      yield indicator(source, `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`, { type: 'ip', labels: [label] })
    else yield indicator(source, `${host}/login.php?id=${n}`, { type: 'url', labels: [label] })
  }
}
