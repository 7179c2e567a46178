// What does the owner of a system read, in a message and on the page behind its link? What was found, where, since when, what to do and until when to answer.
import { localTime } from '../../../runtime/local-time.ts'
import type { Notification } from '../../../schemas/alert.ts'
import type { NoticeEnclosed, NoticeState } from '../../../schemas/notice.ts'
import type { MessagePart } from '../channels/channel.ts'
import { ownerAdvice } from './advice/owner.ts'
import { foreign, plainText } from './clean.ts'
import { whenLines } from './facts.ts'
import type { MessageOptions } from './options.ts'
import { regionText, topicFor, whatOf, zoneOf } from './titles.ts'
import { type Label, labels, levelWords, reasonSentence, type Words } from './words.ts'

/** States of a notice, for people. */
export const noticeWords: Readonly<Record<NoticeState, Words>> = {
  sent: { id: 'dikirim, belum diterima', en: 'sent, not received yet' },
  received: { id: 'diterima', en: 'received' },
  answered: { id: 'dijawab', en: 'answered' },
  fixed: { id: 'dinyatakan sudah diperbaiki, sedang diperiksa', en: 'said to be fixed, being checked' },
  verified: { id: 'sudah pulih, sudah diperiksa', en: 'fixed and checked' },
  failed_check: { id: 'diperiksa, belum pulih', en: 'checked, not fixed yet' },
  withdrawn: { id: 'ditarik kembali', en: 'withdrawn' },
}

/** The link of a message to a contact; empty where none can be made. */
export function noticeLink({ notice_id, contact }: NoticeEnclosed, link: MessageOptions['noticeLink']): string {
  return contact === undefined || link === undefined ? '' : link(notice_id, contact.index)
}

/** Parts of a message to the owner (with a contact), or to a room about the owner. */
export function noticeParts(notification: Notification, link: string, options: MessageOptions): MessagePart[] {
  const { notice, reason, alert } = notification
  const { language, reference } = options
  if (notice === undefined) return []
  const parts: MessagePart[] = []
  const add = (label: Label, lines: readonly string[]): void => {
    const said = lines.filter((line) => line !== '')
    if (said.length > 0) parts.push({ label: labels[label][language], lines: said })
  }
  const zone = zoneOf(alert.region_code, reference.regions)
  const isOwner = notice.contact !== undefined
  const sentence = reason === 'notice' && notice.state === 'failed_check' ? 'notice_failed' : reason
  add('what', [`${whatOf(notification, options)}.`, reasonSentence[sentence][language], reminderText(notice, options)])
  if (isOwner) {
    add('answer', [link])
    add('answer_by', [localTime(notice.answer_by, zone)])
  } else add('link', [link])
  add('where', [regionText(alert.region_code, options), systemText(notification, options)])
  add('when', whenLines(alert, options))
  add('owner_text', [foreign(notice.text, 1_000)])
  if (!isOwner) {
    const sent = localTime(notice.sent_at, zone)
    add('notice', [
      `${notice.notice_id}: ${noticeWords[notice.state][language]}`,
      language === 'id' ? `Dikirim ${sent}` : `Sent ${sent}`,
    ])
    add('steps', roomSteps[reason === 'notice_failed' ? 'failed' : 'silent'][language])
    add('told', [toldText(notification, options)])
    return parts
  }
  const about = ownerAdvice(topicFor(alert, options))
  add(
    'steps',
    [...about.steps[language], ...(link === '' ? [] : [confirm[language]])].map((line, n) => `${n + 1}. ${line}`),
  )
  add('specific', [plainText(options.rules?.get(alert.rule_id)?.response?.[language] ?? '', 500)])
  add('never', [about.never[language]])
  return parts
}

const confirm: Words = {
  id: 'Buka tautan di atas: tekan "Sudah saya terima", tulis jawaban, dan setelah pulih tekan "Sudah diperbaiki". Siaga lalu memeriksanya lagi.',
  en: 'Open the link above: press "I have received this", write an answer, and once it is mended press "It is fixed". Siaga then looks again.',
}

const roomSteps: Readonly<Record<'silent' | 'failed', Readonly<Record<'id' | 'en', readonly string[]>>>> = {
  silent: {
    id: [
      'Telepon pemilik sistem sekarang; jangan hanya mengirim pesan lagi.',
      'Bila kontaknya salah, perbaiki contacts aset itu di siaga.yaml dan kirim pemberitahuan baru.',
    ],
    en: [
      'Phone the owner of the system now; do not just send another message.',
      'If the contact is wrong, correct the contacts of the asset in siaga.yaml and send a new notice.',
    ],
  },
  failed: {
    id: [
      'Telepon pemilik sistem: perbaikannya belum berhasil, atau penyerang masuk lagi lewat celah yang sama.',
      'Tawarkan bantuan TTIS provinsi untuk mencari pintu belakang.',
    ],
    en: [
      'Phone the owner of the system: the repair did not work, or the attacker came back through the same hole.',
      'Offer the help of the TTIS of the province to look for back doors.',
    ],
  },
}

function reminderText({ reminder, contact, state }: NoticeEnclosed, { language }: MessageOptions): string {
  if (reminder === 0 || contact === undefined || state !== 'sent') return ''
  return language === 'id'
    ? `Ini pengingat ke-${reminder}: pemberitahuan ini belum diterima.`
    : `This is reminder ${reminder}: nobody has received this notice yet.`
}

function systemText({ alert, notice }: Notification, { language, assets }: MessageOptions): string {
  const name = foreign(notice?.asset_name || (assets?.get(alert.asset_id)?.name ?? ''), 80)
  const id = foreign(alert.asset_id, 64)
  const owner = alert.owner === '' ? '' : `, ${foreign(alert.owner, 80)}`
  return `${language === 'id' ? 'Sistem' : 'System'}: ${name === '' ? id : `${name} (${id})`}${owner}`
}

function toldText({ room, level }: Notification, { language, rooms }: MessageOptions): string {
  const name = foreign(rooms?.get(room)?.name || room, 80)
  const where = level === '' ? '' : levelWords[level][language]
  return [name, where].filter((part) => part !== '').join(', ')
}
