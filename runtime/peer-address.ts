// Which address does a socket name? Without a zone, and IPv4 as IPv4.

/** An address as people write it: IPv4 inside IPv6 (`::ffff:10.1.2.3`) becomes IPv4, a zone (`%eth0`) goes. */
export function normalizeAddress(address: string): string {
  const zone = address.indexOf('%')
  const bare = zone === -1 ? address : address.slice(0, zone)
  if (!bare.includes(':')) return bare
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare)
  return mapped?.[1] ?? bare
}
