// Which network does an indicator name, and is an address in it?
import { type Address, emptyAddress, maskWord, parseAddress } from '../../../runtime/address.ts'

/** Reads a network in CIDR form or a single address; answers its length, -1 if it is none (`out` may hold anything then). */
export function readNetwork(text: string, out: Address): number {
  const slash = text.indexOf('/')
  if (!parseAddress(slash < 0 ? text : text.slice(0, slash), out) || out.family === 0) return -1
  if (slash < 0) return fullLength(out.family)
  const length = Number(text.slice(slash + 1))
  return Number.isInteger(length) && length >= 0 && length <= fullLength(out.family) ? length : -1
}

/** Bits of an address. */
export function fullLength(family: number): 32 | 128 {
  return family === 4 ? 32 : 128
}

const own = emptyAddress()

/** True if `text` is the network of this length that holds the address. */
export function isNetworkOf(text: string, length: number, { family, a, b, c, d }: Address): boolean {
  if (readNetwork(text, own) !== length || own.family !== family) return false
  if (maskWord(own.a, length) !== maskWord(a, length)) return false
  return (
    family === 4 ||
    (maskWord(own.b, length - 32) === maskWord(b, length - 32) &&
      maskWord(own.c, length - 64) === maskWord(c, length - 64) &&
      maskWord(own.d, length - 96) === maskWord(d, length - 96))
  )
}
