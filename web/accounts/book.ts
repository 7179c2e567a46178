// What is known of accounts, and what is done with it? All parts over one store.
import type { Room } from '../../schemas/room.ts'
import type { Accounts } from './accounts.ts'
import { createLoginBrake, type LoginBrake } from './brake.ts'
import { createDevices, type Devices } from './devices.ts'
import { createManage, type Manage } from './manage.ts'
import { createSecondFactor, type SecondFactor } from './second-factor.ts'
import type { Sessions } from './sessions.ts'
import type { Store } from './store.ts'
import { createTokens, type Tokens } from './tokens.ts'
import { createWalls, type Walls } from './walls.ts'

export interface BookParts {
  readonly store: Store
  readonly accounts: Accounts
  readonly sessions: Sessions
  /** Of the installation; secrets of second factors are encrypted under a key derived from it. */
  readonly masterKey: Buffer
  readonly rooms: readonly Room[]
  /** Milliseconds since 1970 UTC. */
  readonly now: () => number
}

export interface Book extends Pick<BookParts, 'accounts' | 'sessions' | 'rooms' | 'now'> {
  readonly factors: SecondFactor
  readonly tokens: Tokens
  readonly devices: Devices
  readonly walls: Walls
  readonly manage: Manage
  readonly brake: LoginBrake
}

export function openBook({ store, accounts, sessions, masterKey, rooms, now }: BookParts): Book {
  const tokens = createTokens(store, now)
  const walls = createWalls(store, sessions, now)
  return {
    accounts,
    sessions,
    rooms,
    now,
    tokens,
    walls,
    factors: createSecondFactor(store, masterKey, now),
    devices: createDevices(store, now),
    manage: createManage({ store, accounts, sessions, tokens, walls, rooms, now }),
    brake: createLoginBrake(now),
  }
}
