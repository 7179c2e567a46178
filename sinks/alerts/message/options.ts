// What does a message need to know beside the notification?
import type { Reference } from '../../../runtime/reference.ts'
import type { Asset } from '../../../schemas/config.ts'
import type { Language } from '../../../schemas/language.ts'
import type { Room } from '../../../schemas/room.ts'

/** What a rule says for people; our own and the operator's words, never those of an event. */
export interface RuleText {
  /** English. */
  readonly title: string
  /** Indonesian; missing in rules that others wrote. */
  readonly judul?: string | undefined
  readonly response?: { readonly id: string; readonly en: string } | undefined
}

export interface MessageOptions {
  readonly language: Language
  /** The message leaves government networks: severity, region, title and link only. */
  readonly outside: boolean
  /** Links begin with it; none are made without. */
  readonly publicUrl: string
  /** Link of a contact (by its index) to a notice; none are made without. */
  readonly noticeLink?: ((noticeId: string, contact: number) => string) | undefined
  readonly reference: Pick<Reference, 'regions'>
  readonly assets?: ReadonlyMap<string, Pick<Asset, 'name' | 'kind' | 'criticality'>> | undefined
  /** Texts of the rules in force, by rule id. Without it Indonesian titles are those of the kind of attack. */
  readonly rules?: ReadonlyMap<string, RuleText> | undefined
  /** Operation Rooms by id, for their names, and the region of the room that is warned. */
  readonly rooms?: ReadonlyMap<string, Pick<Room, 'name' | 'region'>> | undefined
  /** Somebody must have acknowledged by then, milliseconds since 1970 UTC. */
  readonly deadline?: number | undefined
}
