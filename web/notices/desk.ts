// What does the page of a notice need? The notice behind a token, its words, and a way to say what the owner has done; cli wires it.
import type { AlertAnswer, AlertRequest } from '../../schemas/alert.ts'
import type { Language } from '../../schemas/language.ts'
import type { Notice } from '../../schemas/notice.ts'

/** What the page says in one language; plain text. */
export interface NoticeText {
  readonly title: string
  /** State in words. */
  readonly state: string
  readonly parts: readonly { readonly label: string; readonly lines: readonly string[] }[]
}

export interface NoticeDesk {
  /** Resolves when everything that was there at the start is there. */
  readonly ready: Promise<void>
  /** The notice of which a contact has a token with this hash (SHA-256, hex). */
  noticeOf(tokenHash: string): Notice | undefined
  /** Resolves with undefined if there is no answer after this time; rejects with KAFKA_UNAVAILABLE. */
  ask(request: AlertRequest, timeoutMs: number): Promise<AlertAnswer | undefined>
  text(notice: Notice, language: Language): NoticeText
  /** A time where the notice is about, with its zone; milliseconds since 1970 UTC. */
  when(notice: Notice, ms: number): string
}
