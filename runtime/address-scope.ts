// Is an address public, private or special? The IANA special-purpose registries for IPv4 and IPv6 (RFC 6890 and its updates).
import { type Address, compileNetworks } from './address.ts'

export type Scope = 'public' | 'private' | 'loopback' | 'link_local' | 'cgnat' | 'reserved'

const special: readonly (readonly [cidr: string, scope: Scope])[] = [
  ['0.0.0.0/8', 'reserved'], // this network, RFC 791
  ['10.0.0.0/8', 'private'], // RFC 1918
  ['100.64.0.0/10', 'cgnat'], // shared address space, RFC 6598
  ['127.0.0.0/8', 'loopback'], // RFC 1122
  ['169.254.0.0/16', 'link_local'], // RFC 3927
  ['172.16.0.0/12', 'private'], // RFC 1918
  ['192.0.0.0/24', 'reserved'], // IETF protocol assignments, RFC 6890
  ['192.0.0.9/32', 'public'], // port control protocol anycast, RFC 7723
  ['192.0.0.10/32', 'public'], // TURN anycast, RFC 8155
  ['192.0.2.0/24', 'reserved'], // documentation, RFC 5737
  ['192.88.99.0/24', 'reserved'], // 6to4 relay anycast, withdrawn by RFC 7526
  ['192.168.0.0/16', 'private'], // RFC 1918
  ['198.18.0.0/15', 'reserved'], // benchmarking, RFC 2544
  ['198.51.100.0/24', 'reserved'], // documentation, RFC 5737
  ['203.0.113.0/24', 'reserved'], // documentation, RFC 5737
  ['224.0.0.0/4', 'reserved'], // multicast, RFC 5771
  ['240.0.0.0/4', 'reserved'], // future use and broadcast, RFC 1112
  ['::/0', 'reserved'], // not allocated
  ['2000::/3', 'public'], // global unicast, RFC 4291
  ['::/128', 'reserved'], // unspecified
  ['::1/128', 'loopback'],
  ['64:ff9b::/96', 'public'], // translated IPv4, RFC 6052
  ['64:ff9b:1::/48', 'private'], // local translation, RFC 8215
  ['100::/64', 'reserved'], // discard only, RFC 6666
  ['2001::/23', 'reserved'], // IETF protocol assignments, RFC 2928
  ['2001:1::1/128', 'public'], // port control protocol anycast, RFC 7723
  ['2001:1::2/128', 'public'], // TURN anycast, RFC 8155
  ['2001:3::/32', 'public'], // AMT, RFC 7450
  ['2001:4:112::/48', 'public'], // AS112, RFC 7535
  ['2001:20::/28', 'public'], // ORCHIDv2, RFC 7343
  ['2001:30::/28', 'public'], // drone remote ids, RFC 9374
  ['2001:db8::/32', 'reserved'], // documentation, RFC 3849
  ['2002::/16', 'public'], // 6to4, RFC 3056
  ['3fff::/20', 'reserved'], // documentation, RFC 9637
  ['5f00::/16', 'reserved'], // segment routing, RFC 9602
  ['fc00::/7', 'private'], // unique local, RFC 4193
  ['fe80::/10', 'link_local'], // RFC 4291
  ['ff00::/8', 'reserved'], // multicast
]

const find = compileNetworks(special.map(([cidr, value]) => ({ cidr, value })))

/** Scope of a parsed address. */
export function scopeOf(address: Address): Scope {
  return find(address) ?? 'public'
}
