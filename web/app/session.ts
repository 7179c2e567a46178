// Who is logged in on this page?
import { computed, signal } from '@preact/signals'
import type { Area, SessionInfo, Verb } from '../../schemas/account.ts'

/** `null`: nobody. `undefined`: not known yet. */
export const session = signal<SessionInfo | null | undefined>(undefined)

export const csrf = (): string => session.value?.csrf ?? ''

export function forgetSession(): void {
  session.value = null
}

const areas = computed(() => session.value?.areas ?? {})

/** May the viewer see this part, or change something in it? The server decides again. */
export function may(area: Area, verb: Verb = 'read'): boolean {
  const granted = areas.value[area]
  return granted === 'write' || granted === verb
}
