// How is a route of the page called? Each part says it for its own, in a file of its name beside this one; test/web/policy.test.ts walks through all.
import type { Stack } from '../accounts/stack.ts'

/** Of which region is what the call names, as seen from the room of region 32: itself, 32.73 beneath it, or 51. */
export type Where = 'own' | 'child' | 'foreign'
export const regionOf: Readonly<Record<Where, string>> = { own: '32', child: '32.73', foreign: '51' }

/** What a call may use: the server's store, and who asks. */
export interface Made {
  readonly stack: Stack
  /** Account of whoever asks; empty for nobody. */
  readonly account: string
  /** An account that may come to harm. */
  readonly scratch: string
}

export interface Answer {
  readonly status: number
  readonly body: string
}

export interface Call {
  /** The address with its values; default: the route's own, where it has no parameters. */
  readonly url?: (made: Made, where: Where) => string | Promise<string>
  readonly body?: (made: Made, where: Where) => object | Promise<object>
  readonly headers?: (made: Made, where: Where) => Readonly<Record<string, string>>
  /** Status for whoever may, or several; default: any below 400. */
  readonly status?: number | readonly number[]
  /** For the centre alone: rooms of regions whose role may enter are told CENTRE_ONLY. */
  readonly centre?: true
  /**
   * For a route that takes a region, or the id of something in one. It is asked of all three places. True if the answer shows what the place holds; who may not read
   * the place must be shown nothing of it.
   */
  readonly shows?: (answer: Answer, where: Where) => boolean
}

/** By method and path as Fastify knows them, such as `GET /api/users`. */
export type Calls = Readonly<Record<string, Call>>
