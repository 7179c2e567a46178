// Which of several processes has a partition? A Kafka group on a topic of one partition, which stays with its member while that one lives.
import { consumerSettings, type loadKafka } from './kafkajs.ts'

type Kafkajs = ReturnType<typeof loadKafka>
type Kafka = InstanceType<Kafkajs['Kafka']>
type PartitionAssigner = NonNullable<Parameters<Kafka['consumer']>[0]['partitionAssigners']>[number]

export interface MemberOptions {
  readonly groupId: string
  /** A topic of one partition; its messages are not read. */
  readonly topic: string
  /** Milliseconds since 1970 UTC. */
  readonly now: () => number
  /** What `holds` says may have changed. */
  onChange(): void
  /** This member is dead; `leave` and join anew. */
  onCrash(error: unknown): void
}

/** A process in a group of which one at a time has the partition. */
export interface Member {
  /**
   * True while the partition is this member's, as far as it can know: it has been assigned, and the coordinator has confirmed it so lately
   * that nobody else can have been given it since.
   */
  holds(): boolean
  /** Gives the partition away at once. */
  leave(): Promise<void>
}

/** The coordinator gives the partition of a member that is silent for so long to another one. */
const SESSION_TIMEOUT_MS = 10_000
/** So long after the last confirmed request a member must take itself for dead. */
const LET_GO_MS = SESSION_TIMEOUT_MS - 500
/** Longer than a session: whoever lives is waited for when the group gathers anew, and what has died is not. */
const REBALANCE_TIMEOUT_MS = 20_000
const HEARTBEAT_INTERVAL_MS = 500
const LOOK_MS = 250
const LEAVE_MS = 3_000
/** About ten seconds; whoever joined joins anew. */
const retry = { initialRetryTime: 100, maxRetryTime: 1_500, multiplier: 1.6, factor: 0.2, retries: 10 }

/** Joins the group; resolves when it has been told whose the partition is. */
export async function joinGroup(kafkajs: Kafkajs, kafka: Kafka, options: MemberOptions): Promise<Member> {
  const { groupId, topic, now, onChange, onCrash } = options
  /** When it was assigned, as this process's clock tells it; 0 while it is not. */
  let assignedAt = 0
  let joining = true
  let sent = { wall: 0, steady: 0 }
  let confirmed = sent
  // The one clock stands still while the machine sleeps, the other may be set back: the longer time counts.
  const silentMs = (): number => Math.max(now() - confirmed.wall, performance.now() - confirmed.steady)
  const holds = (): boolean => assignedAt > 0 && silentMs() < LET_GO_MS

  const consumer = kafka.consumer({
    ...consumerSettings,
    groupId,
    sessionTimeout: SESSION_TIMEOUT_MS,
    rebalanceTimeout: REBALANCE_TIMEOUT_MS,
    heartbeatInterval: HEARTBEAT_INTERVAL_MS,
    maxWaitTimeInMs: LOOK_MS,
    partitionAssigners: [
      stickyAssigner(kafkajs, () => {
        // Asked when a request to join is about to be sent. What is confirmed from here on is of another generation.
        joining = true
        return holds() ? assignedAt : 0
      }),
    ],
    retry: { ...retry, restartOnFailure: async () => false },
  })
  const { events } = consumer
  consumer.on(events.REQUEST, ({ payload: { apiName, duration } }) => {
    // When it was sent, not when it was answered: the session runs from somewhere between.
    if (apiName === 'Heartbeat' || apiName === 'SyncGroup')
      sent = { wall: now() - duration, steady: performance.now() - duration }
  })
  consumer.on(events.HEARTBEAT, () => {
    if (joining) return
    confirmed = sent
    onChange()
  })
  consumer.on(events.GROUP_JOIN, ({ payload }) => {
    joining = false
    const mine = payload.memberAssignment[topic]?.includes(0) === true
    if (!mine) assignedAt = 0
    else if (!holds()) assignedAt = now()
    confirmed = sent
    // Nobody wants its messages; without a fetch the heartbeats go on.
    if (mine) consumer.pause([{ topic }])
    onChange()
  })
  consumer.on(events.CRASH, ({ payload }) => {
    assignedAt = 0
    onChange()
    onCrash(payload.error)
  })
  const look = setInterval(onChange, LOOK_MS)
  look.unref()
  const leave = async (): Promise<void> => {
    clearInterval(look)
    assignedAt = 0
    const left = consumer
      .stop()
      .then(() => consumer.disconnect())
      .catch(() => undefined)
    await Promise.race([left, new Promise<void>((resolve) => setTimeout(resolve, LEAVE_MS).unref())])
  }
  try {
    await consumer.connect()
    await consumer.subscribe({ topics: [topic], fromBeginning: true })
    await consumer.run({ autoCommit: false, eachBatchAutoResolve: false, eachBatch: async () => undefined })
  } catch (error) {
    await leave()
    throw error
  }
  return { holds, leave }
}

/**
 * Gives the partition to whoever has it: kafkajs' own assigner would move it whenever a member joins. `claim` answers since when this member has
 * it, 0 if it has not; of several claims the latest counts, since the earlier ones have lost it without knowing.
 */
function stickyAssigner({ AssignerProtocol }: Kafkajs, claim: () => number): PartitionAssigner {
  const { MemberMetadata, MemberAssignment } = AssignerProtocol
  const name = 'siaga-lease'
  const version = 0
  return () => ({
    name,
    version,
    protocol({ topics }) {
      const userData = Buffer.alloc(8)
      userData.writeDoubleBE(claim())
      return { name, metadata: MemberMetadata.encode({ version, topics, userData }) }
    },
    async assign({ members, topics }) {
      const claims = members.map(({ memberId, memberMetadata }) => {
        const userData = MemberMetadata.decode(memberMetadata)?.userData
        return { memberId, since: userData?.length === 8 ? userData.readDoubleBE() : 0 }
      })
      claims.sort((a, b) => b.since - a.since || (a.memberId < b.memberId ? -1 : 1))
      return claims.map(({ memberId }, place) => ({
        memberId,
        memberAssignment: MemberAssignment.encode({
          version,
          userData: Buffer.alloc(0),
          assignment: place === 0 ? Object.fromEntries(topics.map((topic) => [topic, [0]])) : {},
        }),
      }))
    },
  })
}
