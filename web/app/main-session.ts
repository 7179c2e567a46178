// Who is logged in? Asked of the server, when the page is loaded and after what changes it.
import type { SessionInfo } from '../../schemas/account.ts'
import { ask } from './api.ts'
import { session } from './session.ts'

export async function readSession(): Promise<void> {
  try {
    session.value = (await ask<{ session: SessionInfo | null }>('/api/session')).session
  } catch {
    session.value = null
  }
}
