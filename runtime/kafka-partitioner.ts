// To which partition does a message go? By its key as Java's producer does it, so that one key stays in one partition whoever sends it.

interface Assignment<M> {
  readonly topic: string
  readonly partitionMetadata: readonly { readonly partitionId: number }[]
  readonly message: M
}

const SEED = 0x9747b28c
const M = 0x5bd1e995

const scratch = Buffer.allocUnsafeSlow(1_024)

/** MurmurHash2 of a text's UTF-8 bytes, 32 bits, as `org.apache.kafka.common.utils.Utils.murmur2` computes it. */
export function murmur2(key: string): number {
  const fits = key.length * 3 <= scratch.length
  const data = fits ? scratch : Buffer.from(key)
  const length = fits ? scratch.write(key, 0, 'utf8') : data.length
  let h = SEED ^ length
  const whole = length & ~3
  for (let i = 0; i < whole; i += 4) {
    let k =
      (data[i] as number) |
      ((data[i + 1] as number) << 8) |
      ((data[i + 2] as number) << 16) |
      ((data[i + 3] as number) << 24)
    k = Math.imul(k, M)
    k ^= k >>> 24
    h = Math.imul(h, M) ^ Math.imul(k, M)
  }
  const left = length - whole
  if (left >= 3) h ^= (data[whole + 2] as number) << 16
  if (left >= 2) h ^= (data[whole + 1] as number) << 8
  if (left >= 1) h = Math.imul(h ^ (data[whole] as number), M)
  h = Math.imul(h ^ (h >>> 13), M)
  return h ^ (h >>> 15)
}

/** A partitioner for kafkajs, whose own computes the same with big integers. Each message has a key. */
export function createPartitioner() {
  return ({ partitionMetadata, message }: Assignment<{ readonly key?: unknown }>): number =>
    (murmur2(String(message.key)) & 0x7fffffff) % partitionMetadata.length
}

/** The messages of each partition, in order; kafkajs' own copies a partition's list for each message that it adds. */
export function groupByPartition<T>({
  topic,
  partitionMetadata,
  messages,
  partitioner,
}: {
  readonly topic: string
  readonly partitionMetadata: Assignment<T>['partitionMetadata']
  readonly messages: readonly T[]
  readonly partitioner: (assignment: Assignment<T>) => number
}): Record<number, T[]> {
  const groups: Record<number, T[]> = {}
  if (partitionMetadata.length === 0) return groups
  for (const message of messages) {
    const partition = partitioner({ topic, partitionMetadata, message })
    const group = groups[partition]
    if (group === undefined) groups[partition] = [message]
    else group.push(message)
  }
  return groups
}
