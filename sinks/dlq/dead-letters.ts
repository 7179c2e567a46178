// Where does a poison event go? Whole to `siaga.dlq`, with reason and cause; from there it is listed, shown and replayed.
import { setTimeout as sleep } from 'node:timers/promises'
import type { IHeaders, KafkaClient, KafkaMessage, OutgoingMessage } from '../../runtime/kafka.ts'
import type { BatchingProducer } from '../../runtime/kafka-producer.ts'
import { deadLetterHeaders as names } from '../../schemas/dead-letter.ts'
import { decodeEnvelope, emptyEnvelope, encodeEnvelope, RAW_HEADER, topics } from '../../schemas/raw-event.ts'

/** A dead letter as people see it. */
export interface DeadLetter {
  /** `<stream>-<partition>-<offset>` of the poison message. */
  id: string
  reason: string
  cause: string
  /** When it was buried, milliseconds since 1970 UTC. */
  at: number
  /** Where it was read from and is replayed to. */
  topic: string
  /** Source of an event; of what is no event its topic. */
  source: string
  format: string
  receivedAt: number
  eventId: string
  replayed: boolean
  key: string
  headers: IHeaders
  payload: Buffer
}

/** The message that buries a poison event: payload and headers as they were, reason and cause added. Causes are cut at 1 KiB. */
export function deadLetterMessage(
  id: string,
  message: Pick<KafkaMessage, 'key' | 'value' | 'headers'>,
  why: { reason: string; cause: string; topic?: string },
  at: number,
): OutgoingMessage {
  return {
    key: id,
    // Copies: the consumer gives the memory of a batch back before this has been sent.
    value: message.value === null ? null : Buffer.from(message.value),
    headers: {
      ...copied(message.headers),
      [names.key]: message.key?.toString('utf8') ?? '',
      [names.id]: id,
      [names.reason]: why.reason,
      [names.cause]: why.cause.slice(0, 1024),
      [names.at]: String(at),
      ...(why.topic === undefined ? {} : { [names.topic]: why.topic }),
    },
  }
}

function copied(headers: IHeaders | undefined): IHeaders {
  const copy = (value: Buffer | string): Buffer | string => (typeof value === 'string' ? value : Buffer.from(value))
  return Object.fromEntries(
    Object.entries(headers ?? {}).map(([name, value]) => {
      return [name, value === undefined ? undefined : Array.isArray(value) ? value.map(copy) : copy(value)]
    }),
  )
}

export interface DeadLetterFilter {
  source?: string
  reason?: string
  /** Also those that were replayed already. */
  all?: boolean
  /** Those of these ids. */
  ids?: ReadonlySet<string>
}

/** The dead letters now on the topic, oldest first, each once. */
export async function listDeadLetters(
  kafka: Pick<KafkaClient, 'readAll'>,
  filter: DeadLetterFilter = {},
): Promise<DeadLetter[]> {
  const letters = new Map<string, DeadLetter>()
  const replayed = new Set<string>()
  await kafka.readAll(topics.deadLetters, (message) => {
    const done = header(message, names.replayed)
    if (done !== '') replayed.add(done)
    else {
      const letter = toDeadLetter(message)
      if (letter === undefined || letters.has(letter.id) || filter.ids?.has(letter.id) === false) return
      letters.set(letter.id, letter)
    }
  })
  for (const id of replayed) {
    const letter = letters.get(id)
    if (letter !== undefined) letter.replayed = true
  }
  return [...letters.values()].filter(
    (letter) =>
      (filter.all === true || !letter.replayed) &&
      (filter.source === undefined || letter.source === filter.source) &&
      (filter.reason === undefined || letter.reason === filter.reason),
  )
}

/** Format that siaga.yaml sets for a source now, '' for auto; undefined for a source that is not there. */
export type FormatOf = (source: string) => string | undefined

export interface ReplayOptions {
  readonly formatOf?: FormatOf
  readonly onProgress?: (done: number) => void
}

/**
 * Sends dead letters to where they were read from again: same payload, same event id, and the same format, unless the format is why they died: then the one
 * that their source has now, or they would die again after it was put right. A letter is marked replayed only after Kafka has
 * acknowledged it; if this process dies between the two, a second replay makes a repeat with the same event id.
 */
export async function replayDeadLetters(
  producer: Pick<BatchingProducer, 'send'>,
  letters: readonly DeadLetter[],
  { formatOf = () => undefined, onProgress }: ReplayOptions = {},
): Promise<number> {
  let done = 0
  for (let i = 0; i < letters.length; i += 500) {
    const page = letters.slice(i, i + 500)
    for (const topic of new Set(page.map((letter) => letter.topic))) {
      await producer.send(
        topic,
        page
          .filter((letter) => letter.topic === topic)
          .map((letter) => ({
            key: letter.key === '' ? 'replay' : letter.key,
            value: letter.payload,
            headers: headersNow(letter, formatOf),
          })),
      )
    }
    await producer.send(
      topics.deadLetters,
      page.map(({ id }) => ({ key: id, value: null, headers: { [names.replayed]: id } })),
    )
    done += page.length
    onProgress?.(done)
    await sleep(0)
  }
  return done
}

function headersNow({ reason, source, headers }: DeadLetter, formatOf: FormatOf): DeadLetter['headers'] {
  const raw = headers[RAW_HEADER]
  const format = reason === 'format_mismatch' ? formatOf(source) : undefined
  if (raw === undefined || format === undefined) return headers
  const envelope = emptyEnvelope()
  decodeEnvelope(raw.toString(), envelope)
  return { ...headers, [RAW_HEADER]: encodeEnvelope({ ...envelope, format }) }
}

const dlqOnly: ReadonlySet<string> = new Set(Object.values(names))

/** A message of `siaga.dlq` as people see it; undefined for one that is no letter. */
export function toDeadLetter(message: KafkaMessage): DeadLetter | undefined {
  const id = header(message, names.id)
  if (id === '' || message.value === null) return undefined
  const envelope = emptyEnvelope()
  decodeEnvelope(header(message, RAW_HEADER), envelope)
  const topic = header(message, names.topic) || topics.raw
  return {
    id,
    topic,
    reason: header(message, names.reason),
    cause: header(message, names.cause),
    at: Number(header(message, names.at)),
    source: topic === topics.raw ? envelope.source : topic,
    format: envelope.format,
    receivedAt: envelope.receivedAt,
    eventId: envelope.id,
    replayed: false,
    key: header(message, names.key),
    headers: Object.fromEntries(Object.entries(message.headers ?? {}).filter(([name]) => !dlqOnly.has(name))),
    payload: message.value,
  }
}

/** A header as text, '' if it is not there. */
export function header(message: KafkaMessage, name: string): string {
  const value = message.headers?.[name]
  return value === undefined ? '' : Array.isArray(value) ? String(value[0]) : value.toString()
}
