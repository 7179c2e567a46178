// Which parts of kafkajs are ours? It is loaded with what it does for each record, and how it sends, replaced; groups, requests and administration stay its own.
import Module, { createRequire } from 'node:module'
import { groupByPartition } from './kafka-partitioner.ts'
import { produceRequest } from './kafka-produce.ts'
import { decodeRecordSet } from './kafka-records.ts'
import { createSendMessages } from './kafka-send.ts'

const require = createRequire(import.meta.url)

const ours: readonly (readonly [id: string, exports: unknown])[] = [
  // Reading: six objects, two big integers and a buffer of each record before anybody asks for it, all alive until the batch is done.
  ['kafkajs/src/protocol/requests/fetch/v4/decodeMessages', decodeRecordSet],
  // Writing: two buffers of 512 bytes and several big integers for each record; lists copied for each message that they get.
  ['kafkajs/src/protocol/requests/produce/v3/request', produceRequest],
  ['kafkajs/src/producer/groupMessagesPerPartition', groupByPartition],
  // Sending: a partition whose leader changes between two tries was left out, and the send succeeded.
  ['kafkajs/src/producer/sendMessages', createSendMessages],
]

/** The part of kafkajs' queue of requests that is looked at here. */
interface RequestQueue {
  readonly pending: readonly unknown[]
  scheduleCheckPendingRequests(): void
}

/** By itself every connection looks a thousand times a second whether a request waits, also when none does (kafkajs issue 1704). */
function lookOnlyWhileOneWaits(): void {
  const { prototype } = require('kafkajs/src/network/requestQueue') as { prototype: RequestQueue }
  const { scheduleCheckPendingRequests } = prototype
  prototype.scheduleCheckPendingRequests = function (this: RequestQueue) {
    if (this.pending.length > 0) scheduleCheckPendingRequests.call(this)
  }
}
lookOnlyWhileOneWaits()

/** Loads kafkajs. The version is pinned; `test/runtime/kafka-records.test.ts` fails if another is installed. */
export function loadKafka(): typeof import('kafkajs') {
  for (const [name, exports] of ours) {
    const id = require.resolve(name)
    require.cache[id] = Object.assign(new Module(id), { filename: id, loaded: true, exports })
  }
  return require('kafkajs') as typeof import('kafkajs')
}

/** Of every consumer. */
export const consumerSettings = {
  /** A broker that has just started may not know yet who leads a topic, and partitions may be added: asked again after this time. Milliseconds. */
  metadataMaxAge: 10_000,
  /** By itself a consumer that asks for a missing topic has the broker make it, with the broker's settings: one copy, and alerts that go after a week. */
  allowAutoTopicCreation: false,
} as const

/** About five minutes in all; after that the batch is given up. */
export const kafkaRetry = { initialRetryTime: 100, maxRetryTime: 1_500, multiplier: 1.6, factor: 0.2, retries: 200 }
