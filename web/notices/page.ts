// What does the owner of a system see behind the link? One small page without script or anything that is loaded; every text is escaped.
import { createHash } from 'node:crypto'
import { endedNotices, MAX_NOTICE_TEXT, type Notice } from '../../schemas/notice.ts'
import type { NoticeText } from './desk.ts'

const style =
  'body{font:16px/1.5 sans-serif;margin:0 auto;max-width:40em;padding:12px;color:#111;background:#fff}h1{font-size:20px}h2{font-size:16px;margin:16px 0 4px}p,ol{margin:4px 0}form{margin:12px 0;padding:12px;border:1px solid #999}textarea{width:100%;box-sizing:border-box;font:inherit}button{font:inherit;padding:12px 16px;margin-top:8px;background:#064;color:#fff;border:0}.s{padding:8px 12px;background:#eee}.e{color:#444}hr{margin:24px 0}'

/** Nothing is loaded, nothing runs, forms go to this server alone; the one style is known by its hash. */
export const pagePolicy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`

/** Answers that are shown, and how much of each. */
const MAX_SHOWN = 2
const MAX_SHOWN_TEXT = 200

/** What a button says that it does; a post without it changes nothing. */
export const PRESSED = { name: 'tekan', value: 'ya' } as const
export const TEXT_FIELD = 'teks'

export interface PageParts {
  readonly notice: Notice
  /** Which contact looks at it. */
  readonly contact: number
  readonly token: string
  readonly id: NoticeText
  readonly en: NoticeText
  readonly when: (ms: number) => string
}

/** The page of a notice, at most 20 kB. */
export function noticePage({ notice, contact, token, id, en, when }: PageParts): string {
  const own = notice.answers.filter((answer) => answer.contact === contact).slice(-MAX_SHOWN)
  const times = [
    ['Dikirim / Sent', notice.sent_at],
    ['Diterima / Received', notice.received_at],
    ['Dinyatakan pulih / Said to be fixed', notice.fixed_at],
    ['Diperiksa / Checked', notice.checked_at],
  ] as const
  return page(id.title, [
    `<h1>${text(id.title)}</h1>`,
    `<p class="s"><b>Status: ${text(id.state)}</b><br><span class="e">${text(en.state)}</span>`,
    ...times.filter(([, at]) => at > 0).map(([label, at]) => `<br>${text(label)}: ${text(when(at))}`),
    '</p>',
    ...own.map(
      (answer) =>
        `<p>Jawaban Anda / Your answer (${text(when(answer.at))}):<br>${text(cut(answer.text, MAX_SHOWN_TEXT))}</p>`,
    ),
    ...forms(notice, token),
    ...parts(id),
    `<hr><div lang="en" class="e"><h1>${text(en.title)}</h1>`,
    ...parts(en),
    '</div>',
  ])
}

function forms(notice: Notice, token: string): string[] {
  if (endedNotices.has(notice.state)) return []
  const first = notice.received_at === 0
  const area = (label: string) =>
    `<label>${label}<br><textarea name="${TEXT_FIELD}" rows="4" maxlength="${MAX_NOTICE_TEXT}"></textarea></label><br>`
  return [
    ...(first ? [form(token, 'received', 'Sudah saya terima / I have received this', '')] : []),
    form(
      token,
      'answer',
      'Kirim jawaban / Send answer',
      area('Jawaban kepada Ruang Operasi / Answer to the Operation Room'),
    ),
    ...(notice.state === 'fixed'
      ? []
      : [
          form(
            token,
            'fixed',
            'Sudah diperbaiki / It is fixed',
            area('Apa yang diperbaiki? (boleh kosong) / What was mended? (may be empty)'),
          ),
        ]),
  ]
}

/** Relative to the address of the page, so that it works behind any proxy. */
function form(token: string, step: string, label: string, fields: string): string {
  return `<form method="post" action="${token}/${step}" accept-charset="utf-8">${fields}<button type="submit" name="${PRESSED.name}" value="${PRESSED.value}">${label}</button></form>`
}

function parts({ parts: shown }: NoticeText): string[] {
  return shown.map(({ label, lines }) => `<h2>${text(label)}</h2><p>${lines.map(text).join('<br>')}</p>`)
}

/** A page that says one thing: a wrong link, too many requests, nothing works just now. */
export function plainPage({ judul, title, pesan, message }: Said, back = ''): string {
  return page(judul, [
    `<h1>${text(judul)}</h1><p>${text(pesan)}</p>`,
    `<div lang="en" class="e"><h2>${text(title)}</h2><p>${text(message)}</p></div>`,
    ...(back === '' ? [] : [`<p><a href="${text(back)}">Kembali / Back</a></p>`]),
  ])
}

export interface Said {
  readonly judul: string
  readonly pesan: string
  readonly title: string
  readonly message: string
}

function page(title: string, body: readonly string[]): string {
  return `<!DOCTYPE html>\n<html lang="id"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex,nofollow"><title>${text(title)}</title><style>${style}</style></head>\n<body>\n${body.join('\n')}\n</body></html>\n`
}

const characters: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Text as content or attribute of HTML; what nobody sees is left out, and what turns the direction of writing. */
function text(value: string): string {
  return value
    .toWellFormed()
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/\p{Cf}/gu, '')
    .replace(/[&<>"']/g, (character) => characters[character] ?? '')
}

function cut(value: string, max: number): string {
  return value.length <= max ? value : `${value.slice(0, max - 1)}…`
}
