// Which requests of a channel has Kafka acknowledged? Acknowledgement ids of Splunk's HEC, for each key and channel, in bounded memory.

/** A channel that nobody has used for so long is forgotten. */
const IDLE_MS = 10 * 60_000
const MAX_CHANNELS = 10_000
/** Acknowledgements of a channel that nobody has asked for. */
const MAX_UNASKED = 10_000

interface Channel {
  next: number
  readonly acknowledged: Set<number>
  usedAt: number
}

export interface Channels {
  /** The acknowledgement id of a request that Kafka has acknowledged. */
  acknowledged(key: string, channel: string): number
  /** Which of the ids were acknowledged. As with Splunk, an id that was answered true once is then forgotten. */
  ask(key: string, channel: string, ids: readonly number[]): Record<string, boolean>
}

/** `now` in milliseconds. */
export function createChannels(now: () => number): Channels {
  const channels = new Map<string, Channel>()

  function channelOf(key: string, name: string): Channel {
    const place = `${key} ${name}`
    const known = channels.get(place)
    channels.delete(place)
    for (const [oldest, { usedAt }] of channels) {
      if (channels.size < MAX_CHANNELS && now() - usedAt < IDLE_MS) break
      channels.delete(oldest)
    }
    const channel = known ?? { next: 0, acknowledged: new Set(), usedAt: 0 }
    channel.usedAt = now()
    // In the order in which they were used.
    channels.set(place, channel)
    return channel
  }
  return {
    acknowledged(key, name) {
      const channel = channelOf(key, name)
      const id = channel.next++
      channel.acknowledged.add(id)
      const [oldest] = channel.acknowledged
      if (channel.acknowledged.size > MAX_UNASKED && oldest !== undefined) channel.acknowledged.delete(oldest)
      return id
    },
    ask(key, name, ids) {
      const { acknowledged } = channelOf(key, name)
      return Object.fromEntries(ids.map((id) => [id, acknowledged.delete(id)]))
    },
  }
}
