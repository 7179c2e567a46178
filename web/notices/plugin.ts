// How does the owner of a system say that a notice was received, answered, fixed? Pages at /n/<token>: looking changes nothing, buttons do.
import { randomUUID, timingSafeEqual } from 'node:crypto'
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import { errorText } from '../../runtime/errors.ts'
import type { Log } from '../../runtime/log.ts'
import { looksLikeNoticeToken, noticeTokenHash } from '../../runtime/notice-token.ts'
import { normalizeAddress } from '../../runtime/peer-address.ts'
import { createRateLimiter } from '../../runtime/rate.ts'
import { isNoticeShown, MAX_NOTICE_TEXT, type Notice, type NoticeRequest } from '../../schemas/notice.ts'
import type { NoticeDesk } from './desk.ts'
import { noticePage, PRESSED, pagePolicy, plainPage, TEXT_FIELD } from './page.ts'
import { said } from './said.ts'

export interface NoticePagesOptions {
  readonly desk: NoticeDesk
  readonly log: Log
  /** Milliseconds since 1970 UTC. */
  readonly now?: () => number
  /** Longest wait for the answer to a press, milliseconds. */
  readonly answerMs?: number
}

const ANSWER_MS = 10_000
/** A text of the longest kind, each of its characters as up to four bytes of three signs. */
const MAX_BODY_BYTES = 16 * 1024
/** Presses of one link in a second, bursts of ten seconds. */
const PRESSES_PER_SECOND = 0.5
const LOOKS_PER_SECOND = 5
/** Wrong links of everybody together: a right one is never held up by them. */
const MISSES_PER_SECOND = 50

const steps = { received: 'received', answer: 'answer', fixed: 'fixed' } as const satisfies Readonly<
  Record<string, NoticeRequest['what']>
>
type Step = keyof typeof steps

interface Found {
  readonly notice: Notice
  readonly contact: number
  readonly token: string
  readonly hash: string
}

/** The pages as a plugin for the web server. */
export function noticePages({
  desk,
  log,
  now = Date.now,
  answerMs = ANSWER_MS,
}: NoticePagesOptions): FastifyPluginAsync {
  const presses = createRateLimiter(PRESSES_PER_SECOND, now)
  const looks = createRateLimiter(LOOKS_PER_SECOND, now)
  const misses = createRateLimiter(MISSES_PER_SECOND, now)
  let isReady = false
  void desk.ready.then(() => {
    isReady = true
  })

  const say = (reply: FastifyReply, which: keyof typeof said, back = '') =>
    html(reply.code(said[which].status), plainPage(said[which], back))
  const taken = (limiter: typeof looks, key: string): boolean => {
    if (limiter.wait(key, 1) > 0) return false
    limiter.take(key, 1)
    return true
  }
  /** The notice of a token that is right and still valid. Found by its hash, from which nothing can be learnt of the token. */
  const find = (token: string): Found | undefined => {
    const hash = noticeTokenHash(token)
    const notice = looksLikeNoticeToken(token) ? desk.noticeOf(hash) : undefined
    if (notice === undefined || !isNoticeShown(notice, now())) return undefined
    const contact = notice.contacts.findIndex(({ token_hashes }) => token_hashes.some((known) => isSame(known, hash)))
    return contact < 0 ? undefined : { notice, contact, token, hash }
  }
  /** Finds, or says why not. */
  const admit = (token: string, limiter: typeof looks, reply: FastifyReply): Found | undefined => {
    if (!isReady) {
      say(reply, 'unavailable')
      return undefined
    }
    const found = find(token)
    if (found === undefined) say(reply, taken(misses, '') ? 'unknown' : 'often')
    else if (!taken(limiter, found.hash)) say(reply, 'often')
    else return found
    return undefined
  }

  async function press(request: FastifyRequest<{ Params: { token: string; step: string } }>, reply: FastifyReply) {
    const { token, step } = request.params
    const found = admit(token, presses, reply)
    if (found === undefined) return reply
    const back = `../${token}`
    if (!isStep(step)) return say(reply, 'unknown')
    const form = request.body instanceof URLSearchParams ? request.body : new URLSearchParams()
    // A scanner that sends every form off has pressed nothing.
    if (form.get(PRESSED.name) !== PRESSED.value) return say(reply, 'unpressed', back)
    const text = step === 'received' ? '' : (form.get(TEXT_FIELD) ?? '').toWellFormed().trim()
    if (step === 'answer' && text === '') return say(reply, 'empty', back)
    // Browsers count a line end as one character and send it as two.
    const counted = text.replaceAll('\r\n', '\n')
    if (counted.length > MAX_NOTICE_TEXT) return say(reply, 'long', back)
    const from = normalizeAddress(request.raw.socket.remoteAddress ?? '')
    const asked: NoticeRequest = {
      kind: 'notice',
      request_id: randomUUID(),
      at: now(),
      actor: { name: '', room: '', region: '', from },
      what: steps[step],
      alert_id: '',
      notice_id: found.notice.notice_id,
      token_hash: found.hash,
      text: counted,
      fixed_at: 0,
    }
    try {
      const answer = await desk.ask(asked, answerMs)
      if (answer === undefined) return say(reply, 'underWay', back)
      if (!answer.ok) return say(reply, 'refused', back)
      return reply.code(303).header('location', back).send()
    } catch (error) {
      log.warn({ error: errorText(error) }, 'what the owner of a system sent could not be kept')
      return say(reply, 'unavailable', back)
    }
  }

  return async (app) => {
    // Behind the headers of the web server: these are stricter.
    app.addHook('onSend', async (_request, reply) => {
      reply
        .header('content-security-policy', pagePolicy)
        .header('cache-control', 'no-store')
        .header('x-robots-tag', 'noindex, nofollow')
    })
    app.removeAllContentTypeParsers()
    app.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string', bodyLimit: MAX_BODY_BYTES },
      (_request, body, done) => done(null, new URLSearchParams(String(body))),
    )
    app.setErrorHandler((error, _request, reply) => {
      const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500
      if (status === 413) return say(reply, 'long')
      if (status >= 400 && status < 500) return say(reply, 'unreadable')
      log.error({ cause: errorText(error) }, 'page of a notice failed')
      return say(reply, 'unavailable')
    })
    app.get<{ Params: { token: string } }>('/n/:token', async (request, reply) => {
      const found = admit(request.params.token, looks, reply)
      if (found === undefined) return reply
      const { notice, contact, token } = found
      const [id, en] = [desk.text(notice, 'id'), desk.text(notice, 'en')]
      return html(reply, noticePage({ notice, contact, token, id, en, when: (ms) => desk.when(notice, ms) }))
    })
    // Whoever opens the address of a form, as scanners do and phones that come back, sees the page.
    app.get<{ Params: { token: string; step: string } }>('/n/:token/:step', async (request, reply) => {
      const found = admit(request.params.token, looks, reply)
      return found === undefined ? reply : reply.code(303).header('location', `../${found.token}`).send()
    })
    app.post<{ Params: { token: string; step: string } }>('/n/:token/:step', press)
  }
}

function html(reply: FastifyReply, page: string): FastifyReply {
  return reply.type('text/html; charset=utf-8').send(page)
}

function isStep(text: string): text is Step {
  return Object.hasOwn(steps, text)
}

function isSame(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}
