// How often may somebody try to log in? Counted so that whoever guesses is slowed down and nobody else is kept out.
import { WebError } from '../errors.ts'

/** A key has so many tries, and gets one back every so many milliseconds. At most so many keys are kept. */
interface BrakeSettings {
  readonly tries: number
  readonly everyMs: number
  readonly most?: number
}

interface Brake {
  /** Seconds until the next try, 0 if now. */
  wait(key: string): number
  take(key: string): void
  /** A try that was none. */
  give(key: string): void
}

/** @param now milliseconds since 1970 UTC */
export function createBrake({ tries, everyMs, most = 20_000 }: BrakeSettings, now: () => number): Brake {
  /** Time at which all tries are back. */
  const full = new Map<string, number>()
  const set = (key: string, at: number): void => {
    full.delete(key)
    if (at <= now()) return
    if (full.size >= most) {
      for (const [old, until] of full) if (until <= now()) full.delete(old)
      // Still full: the one that was touched longest ago goes.
      const [oldest] = full.keys()
      if (full.size >= most && oldest !== undefined) full.delete(oldest)
    }
    full.set(key, at)
  }
  return {
    wait(key) {
      const missing = (full.get(key) ?? 0) - now() - (tries - 1) * everyMs
      return missing > 0 ? Math.ceil(missing / 1000) : 0
    },
    take: (key) => set(key, Math.max(full.get(key) ?? 0, now()) + everyMs),
    give: (key) => set(key, (full.get(key) ?? 0) - everyMs),
  }
}

const SECOND = 1_000
const MINUTE = 60 * SECOND

interface Try {
  /** As typed; whether there is such an account makes no difference. */
  readonly login: string
  readonly address: string
  /** Of a browser in which this account has logged in before; undefined for others. */
  readonly device: string | undefined
}

export interface LoginBrake {
  /** Takes a try before anything is looked at, so that a thousand at once are a thousand. Throws TOO_MANY_TRIES. Answers how to give it back. */
  enter(attempt: Try): () => void
  /** The same for the code, once the password was right: who knows it shall not guess the rest from a thousand addresses. */
  enterCode(account: string, attempt: Try): () => void
}

/**
 * OWASP, "Slow Down Online Guessing Attacks with Device Cookies". A browser that the account knows has tries of its own, which nobody else can use up.
 * Others have tries by account and address, and by address. Failures from everywhere never close an account: they only leave fewer tries to each
 * address that it does not know. Codes of the second factor are counted by account, which nobody reaches who does not know the password.
 * @param now milliseconds since 1970 UTC
 */
export function createLoginBrake(now: () => number): LoginBrake {
  const devices = createBrake({ tries: 10, everyMs: MINUTE }, now)
  const pairs = createBrake({ tries: 10, everyMs: 2 * MINUTE }, now)
  const pairsUnderAttack = createBrake({ tries: 3, everyMs: 10 * MINUTE }, now)
  const attacked = createBrake({ tries: 60, everyMs: MINUTE }, now)
  const addresses = createBrake({ tries: 40, everyMs: 20 * SECOND }, now)
  const networks = createBrake({ tries: 400, everyMs: 2 * SECOND }, now)
  const codes = createBrake({ tries: 10, everyMs: 3 * MINUTE }, now)

  const enter = (brakes: readonly (readonly [Brake, string])[], checked = brakes): (() => void) => {
    const wait = Math.max(...checked.map(([brake, key]) => brake.wait(key)))
    if (wait > 0) throw new WebError('TOO_MANY_TRIES', {}, wait)
    for (const [brake, key] of brakes) brake.take(key)
    return () => {
      for (const [brake, key] of brakes) brake.give(key)
    }
  }
  return {
    enter({ login, address, device }) {
      if (device !== undefined) return enter([[devices, `${login} ${device}`]])
      const [near, wide] = networksOf(address)
      const pair = `${login} ${near}`
      const always = [
        [pairs, pair],
        [addresses, near],
        [networks, wide],
      ] as const
      const underAttack = attacked.wait(login) > 0
      return enter(
        [...always, [pairsUnderAttack, pair], [attacked, login]],
        underAttack ? [...always, [pairsUnderAttack, pair]] : always,
      )
    },
    enterCode: (account, { device }) => (device === undefined ? enter([[codes, account]]) : () => undefined),
  }
}

/** One subscriber has a whole /64 of IPv6, and many a /48; of IPv4 the address and its /24. */
export function networksOf(address: string): readonly [near: string, wide: string] {
  if (!address.includes(':')) return [address, address.split('.').slice(0, 3).join('.')]
  const [head = '', tail] = address.toLowerCase().split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const groups =
    tail === undefined
      ? before
      : [...before, ...Array<string>(Math.max(0, 8 - before.length - after.length)).fill('0'), ...after]
  const plain = groups.map((group) => group.replace(/^0+(?=.)/, ''))
  return [`${plain.slice(0, 4).join(':')}::/64`, `${plain.slice(0, 3).join(':')}::/48`]
}
