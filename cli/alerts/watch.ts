// What happens to alerts now? The stream of changes as lines, going on where it broke off.
import { setTimeout as sleep } from 'node:timers/promises'
import { errorText } from '../../runtime/errors.ts'
import { AlertItem } from '../../schemas/alert-api.ts'
import { CommandError, type Frame } from '../frame.ts'
import { localTime } from '../terminal.ts'
import { type AccessOptions, accessOf } from './access.ts'
import { AlertRefused } from './client.ts'
import { alertLine } from './show.ts'

export interface WatchOptions extends AccessOptions {
  /** Id behind which to begin; from now on unless told. */
  readonly after?: string
}

/** One event of a stream. */
export interface StreamEvent {
  readonly id: string
  readonly event: string
  readonly data: string
}

const PAUSE_MS = 2_000
/** The server says something every quarter of a minute; a line that is silent for longer is dead. */
const SILENT_MS = 60_000
const MAX_LINE = 4 * 1024 * 1024

/** Events of a stream as it arrives in any pieces; WHATWG HTML, section 9.2.6. An id without data is told with an empty event. */
export async function* readEvents(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<StreamEvent> {
  const decoder = new TextDecoder()
  let rest = ''
  let [id, event, data] = ['', '', '']
  for await (const chunk of chunks) {
    rest += decoder.decode(chunk, { stream: true })
    // A line break of CR LF may come in two pieces.
    const end = rest.endsWith('\r') ? rest.length - 1 : rest.length
    const parts = rest.slice(0, end).split(/\r\n|\n|\r/)
    rest = (parts.pop() ?? '') + rest.slice(end)
    if (rest.length > MAX_LINE) throw new Error('a line of the stream is too long')
    for (const line of parts) {
      if (line === '') {
        if (id !== '' || data !== '') yield { id, event, data: data.replace(/\n$/, '') }
        ;[event, data] = ['', '']
        continue
      }
      const [, name = '', value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? []
      if (name === 'id') id = value
      else if (name === 'event') event = value
      else if (name === 'data') data += `${value}\n`
    }
  }
}

/** Follows until the process is told to end. */
export async function watch(options: WatchOptions, frame: Frame): Promise<void> {
  const { client, language } = await accessOf(options, frame)
  const ending = new AbortController()
  const end = (): void => ending.abort()
  process.once('SIGINT', end)
  process.once('SIGTERM', end)
  let after = options.after
  let connected = false
  const tell = ({ id, event, data }: StreamEvent): void => {
    if (id !== '') after = id
    if (data === '') return
    if (options.json === true) {
      frame.stdout.write(`${JSON.stringify({ id: Number(id), event, data: JSON.parse(data) })}\n`)
      return
    }
    const time = frame.paint('gray', localTime(Date.now()))
    const alert = event === 'alert' ? AlertItem.safeParse(JSON.parse(data)).data : undefined
    const text = alert === undefined ? `${event} ${data}` : alertLine(alert, language, frame.paint)
    frame.stdout.write(`${time}  ${text}\n`)
  }
  if (options.json !== true) {
    frame.stderr.write(
      language === 'id'
        ? `Mengikuti ${client.host}; Ctrl-C mengakhiri.\n`
        : `Following ${client.host}; Ctrl-C ends it.\n`,
    )
  }
  try {
    while (!ending.signal.aborted) {
      const silence = new AbortController()
      let timer = setTimeout(() => silence.abort(), SILENT_MS)
      try {
        const signal = AbortSignal.any([ending.signal, silence.signal])
        const stream = await client.stream(after, signal)
        connected = true
        for await (const one of readEvents(alive(stream))) tell(one)
      } catch (error) {
        if (ending.signal.aborted) break
        if (error instanceof CommandError && (!connected || isFinal(error))) throw error
        frame.stderr.write(
          `${language === 'id' ? 'sambungan terputus' : 'the connection broke'} (${errorText(error)})\n`,
        )
      } finally {
        clearTimeout(timer)
      }
      await sleep(PAUSE_MS, undefined, { signal: ending.signal }).catch(() => undefined)

      async function* alive(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
        for await (const chunk of chunks) {
          clearTimeout(timer)
          timer = setTimeout(() => silence.abort(), SILENT_MS)
          yield chunk
        }
      }
    }
  } finally {
    process.off('SIGINT', end)
    process.off('SIGTERM', end)
  }
}

/** Trying again does not help: the key was revoked, or the room taken out. */
function isFinal(error: CommandError): boolean {
  return error instanceof AlertRefused && /^(?:KEY|ROOM)_/.test(error.code)
}
