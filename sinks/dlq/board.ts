// Which dead letters are there, for many who look at once? Read anew only when the topic has grown, in bounded memory, the newest first.
import type { KafkaAdmin, KafkaClient } from '../../runtime/kafka.ts'
import type { BatchingProducer } from '../../runtime/kafka-producer.ts'
import { deadLetterHeaders as names } from '../../schemas/dead-letter.ts'
import { topics } from '../../schemas/raw-event.ts'
import {
  type DeadLetter,
  type FormatOf,
  header,
  listDeadLetters,
  replayDeadLetters,
  toDeadLetter,
} from './dead-letters.ts'

/** A letter without its payload: that may be half a megabyte. */
export interface LetterHead extends Omit<DeadLetter, 'payload' | 'headers' | 'key'> {
  readonly bytes: number
  /** The first bytes as text. */
  readonly head: string
  /** When it was sent again, milliseconds since 1970 UTC; undefined: never. */
  readonly replayedAt: number | undefined
}

export interface LetterList {
  /** Newest first. */
  readonly letters: readonly LetterHead[]
  /** There are older ones that are not kept here. */
  readonly cut: boolean
}

export interface DeadLetterBoard {
  /** As they stand, at most {@link LOOK_MS} old. Rejects if Kafka does not answer. */
  list(): Promise<LetterList>
  /** The whole payload; undefined if it is not there any more. */
  payload(id: string): Promise<Buffer | undefined>
  /**
   * Sends letters through the pipeline again, those that were not replayed yet, one call at a time: who asks for the same letter at the same moment finds
   * it replayed. Answers the ids that were sent.
   */
  replay(ids: readonly string[]): Promise<readonly string[]>
}

const LOOK_MS = 2_000
const HEAD_BYTES = 400
const MOST_LETTERS = 20_000

export interface BoardOptions {
  readonly kafka: Pick<KafkaClient, 'readAll'>
  readonly admin: Pick<KafkaAdmin, 'offsets'>
  readonly producer: BatchingProducer
  readonly now: () => number
  readonly formatOf: FormatOf
  /** Letters kept. */
  readonly most?: number
}

/** Nothing is read before somebody asks. */
export function createDeadLetterBoard({
  kafka,
  admin,
  producer,
  now,
  formatOf,
  most = MOST_LETTERS,
}: BoardOptions): DeadLetterBoard {
  let known: LetterList = { letters: [], cut: false }
  let version = ''
  let lookAt = 0
  let looking: Promise<LetterList> | undefined
  let replaying: Promise<unknown> = Promise.resolve()

  const look = async (): Promise<LetterList> => {
    const offsets = await admin.offsets(topics.deadLetters)
    const newest = offsets.map(({ partition, low, high }) => `${partition}:${low}-${high}`).join(' ')
    const began = now()
    if (newest !== version) {
      known = await read(kafka, most)
      version = newest
    }
    // A topic that grows without end is not read without end.
    lookAt = now() + Math.max(LOOK_MS, 10 * (now() - began))
    return known
  }
  const list = (): Promise<LetterList> => {
    if (version !== '' && now() < lookAt) return Promise.resolve(known)
    looking ??= look().finally(() => {
      looking = undefined
    })
    return looking
  }
  const once = async (ids: readonly string[]): Promise<readonly string[]> => {
    const letters = await listDeadLetters(kafka, { ids: new Set(ids) })
    await replayDeadLetters(producer, letters, { formatOf })
    lookAt = 0
    return letters.map(({ id }) => id)
  }
  return {
    list,
    async payload(id) {
      const [letter] = await listDeadLetters(kafka, { ids: new Set([id]), all: true })
      return letter?.payload
    },
    replay(ids) {
      const next = replaying.then(() => once(ids))
      replaying = next.catch(() => undefined)
      return next
    },
  }
}

async function read(kafka: Pick<KafkaClient, 'readAll'>, most: number): Promise<LetterList> {
  const letters = new Map<string, LetterHead>()
  const replayed = new Map<string, number>()
  let cut = false
  await kafka.readAll(topics.deadLetters, (message) => {
    const done = header(message, names.replayed)
    if (done !== '') {
      const letter = letters.get(done)
      if (letter === undefined) replayed.set(done, message.timestamp)
      else letters.set(done, { ...letter, replayed: true, replayedAt: message.timestamp })
      return
    }
    const letter = toDeadLetter(message)
    if (letter === undefined || letters.has(letter.id)) return
    const { payload, headers: _, key: __, ...rest } = letter
    const head = payload.toString('utf8', 0, Math.min(payload.length, HEAD_BYTES))
    const replayedAt = replayed.get(letter.id)
    letters.set(letter.id, { ...rest, bytes: payload.length, head, replayed: replayedAt !== undefined, replayedAt })
    if (letters.size <= most) return
    const [oldest] = letters.keys()
    if (oldest !== undefined) letters.delete(oldest)
    cut = true
  })
  return { letters: [...letters.values()].sort((a, b) => b.at - a.at), cut }
}
