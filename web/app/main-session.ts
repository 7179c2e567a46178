// Who is logged in? Asked of the server, when the page is loaded and after what changes it.
import { signal } from '@preact/signals'
import type { SessionInfo } from '../../schemas/account.ts'
import { ask } from './api.ts'
import { session } from './session.ts'

const AGAIN_MS = 5_000

/** Why it is not known who is logged in; undefined where it is. */
export const sessionFailure = signal<unknown>(undefined)
let again: ReturnType<typeof setTimeout> | undefined

/** Where no answer comes nobody is taken for logged out: it is asked again by itself. */
export async function readSession(): Promise<void> {
  clearTimeout(again)
  try {
    session.value = (await ask<{ session: SessionInfo | null }>('/api/session')).session
    sessionFailure.value = undefined
  } catch (error) {
    sessionFailure.value = error
    again = setTimeout(() => void readSession(), AGAIN_MS)
  }
}
