// What is a contact with a honeypot? Nobody has any business there: each is an alert, a log-in is one as well.
import type { Event } from '../../../schemas/event.ts'

/** Points of a hundred by how far a visitor went. */
export const contactSeverity = { contact: 25, attempt: 50, inside: 80 } as const

/** Set what a visitor did: `contact` looked, `attempt` tried to get in or do something, `inside` got what looked like a system. */
export function setContact(event: Event, action: string, depth: keyof typeof contactSeverity): void {
  event.event_category = 'intrusion_detection'
  event.event_action = action
  event.event_severity = contactSeverity[depth]
}

/** Set a log-in, which a honeypot may let succeed. */
export function setHoneypotLogin(event: Event, user: string, outcome: string): void {
  event.event_category = 'authentication'
  event.event_action = 'honeypot_login'
  event.event_outcome = outcome
  event.event_severity = contactSeverity[outcome === 'success' ? 'inside' : 'attempt']
  event.user_name = user
}
