// What does the page of a notice say? The same as the message to the owner, without a link to itself.
import { localTime } from '../../../runtime/local-time.ts'
import type { Notice } from '../../../schemas/notice.ts'
import type { MessagePart } from '../channels/channel.ts'
import { renderMessage } from '../message/message.ts'
import { noticeWords } from '../message/notice.ts'
import type { MessageOptions } from '../message/options.ts'
import { zoneOf } from '../message/titles.ts'
import { labels } from '../message/words.ts'
import { shownNotification } from './mail.ts'

/** Title, state and parts in the language of the options; plain text. */
export function noticeText(
  notice: Notice,
  options: Omit<MessageOptions, 'outside' | 'publicUrl' | 'deadline' | 'noticeLink'>,
): { readonly title: string; readonly state: string; readonly parts: readonly MessagePart[] } {
  const { title, parts } = renderMessage(shownNotification(notice), { ...options, outside: false, publicUrl: '' })
  // What a person wrote is of one language: it stands once on the page.
  const shown = parts.filter(({ label }) => label !== labels.owner_text.en)
  return { title, state: noticeWords[notice.state][options.language], parts: shown }
}

/** A time of a notice where it is about, with its zone. */
export function noticeTime(
  { region_code }: Pick<Notice, 'region_code'>,
  ms: number,
  { reference }: Pick<MessageOptions, 'reference'>,
): string {
  return localTime(ms, zoneOf(region_code, reference.regions))
}
