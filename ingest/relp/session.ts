// What does the server say on one RELP connection? Offers at `open`, `200 OK` for each message that is in Kafka, an answer to `close`.
import type { CollectorMark } from '../../schemas/raw-event.ts'
import type { CollectorDependencies, Unsealed } from '../collector.ts'
import { type Batcher, eventCost } from '../syslog/batcher.ts'
import type { Connection, Session } from '../syslog/connections.ts'
import { createMessages } from '../syslog/messages.ts'
import { FRAME_LIMIT, marksOf } from '../syslog/tcp.ts'
import { type RelpFrame, RelpFramer } from './framing.ts'

const OFFERS = 'relp_version=0\nrelp_software=siaga\ncommands=syslog'
const OK = 'rsp 6 200 OK\n'

/** Tells the client that the server is about to close; TXNR 0 marks it as a hint. */
export const SERVER_CLOSE = '0 serverclose 0\n'

/** A frame of the server. */
function response(txnr: number, data: string): string {
  const length = Buffer.byteLength(data)
  return length === 0 ? `${txnr} rsp 0\n` : `${txnr} rsp ${length} ${data}\n`
}

/** A message and the number of its transaction. */
interface Message extends Unsealed {
  readonly txnr: number
}

/**
 * One connection. Messages are acknowledged in the order they came, each only after Kafka has it; those that were joined once Kafka has their event. What a lost
 * connection had open is forgotten: none of it was answered, so all of it comes again.
 */
export function openRelpSession(
  connection: Connection,
  batcher: Batcher,
  { sources, metrics }: Pick<CollectorDependencies, 'sources' | 'metrics'>,
  onMalformed: (peer: string, why: string) => void,
): Session {
  const { socket, peer } = connection
  const source = sources.byPeer(peer) ?? sources.unknownPeer
  const marks = marksOf(source, sources.unknownPeer)
  const cutMarks: CollectorMark[] = [...marks, 'truncated']
  /** Transactions of the events on their way, in the order of the batcher. */
  const unanswered: (readonly number[])[] = []
  let isOpen = false
  let isOver = false
  let closeTxnr: number | undefined
  let number = 0
  let events = 0
  let bytes = 0
  let receivedAt = 0

  function send(text: string): void {
    if (socket.writable) socket.write(text)
  }

  function refuse(why: string): void {
    if (isOver) return
    isOver = true
    metrics.received(source.id, 1, 0)
    metrics.refused('relp_malformed', 1)
    onMalformed(peer, why)
    socket.destroySoon()
  }

  function finishClose(): void {
    if (closeTxnr === undefined || unanswered.length > 0) return
    send(response(closeTxnr, '') + SERVER_CLOSE)
    closeTxnr = undefined
    isOver = true
    socket.destroySoon()
  }

  function onSyslog({ txnr, data, truncated }: RelpFrame): void {
    if (data.length === 0) {
      // Nothing to keep, but the client waits for its answer.
      send(`${txnr} ${OK}`)
      return
    }
    number += 1
    messages.add({
      txnr,
      source: source.id,
      format: source.format,
      receivedAt,
      peer,
      id: `${connection.id}-${number.toString(36)}`,
      key: connection.id,
      payload: data,
      marks: truncated ? cutMarks : marks,
    })
  }

  function onOpen({ txnr, data }: RelpFrame): void {
    if (!offersSyslog(data.toString('latin1'))) {
      send(response(txnr, '500 the command syslog is required'))
      isOver = true
      socket.destroySoon()
      return
    }
    isOpen = true
    send(response(txnr, `200 OK\n${OFFERS}`))
  }

  const messages = createMessages<Message>({
    emit(event, rest) {
      events += 1
      bytes += event.payload.length
      if (rest.length > 0) metrics.joined(source.id, rest.length)
      unanswered.push([event.txnr, ...rest.map(({ txnr }) => txnr)])
      connection.adds(eventCost(event))
      batcher.add(event, connection.lane)
    },
    expired: count,
    views: true,
  })
  const framer = new RelpFramer(FRAME_LIMIT, (frame) => {
    if (isOver || closeTxnr !== undefined) return
    if (frame.command === 'open') {
      onOpen(frame)
    } else if (!isOpen) {
      refuse(`${frame.command} before open`)
    } else if (frame.command === 'syslog') {
      onSyslog(frame)
    } else if (frame.command === 'close') {
      closeTxnr = frame.txnr
      messages.settle()
      finishClose()
    } else {
      send(response(frame.txnr, '500 unknown command'))
    }
  })

  function count(): void {
    if (events > 0) metrics.received(source.id, events, bytes)
    events = 0
    bytes = 0
  }

  return {
    data(chunk) {
      if (isOver) return
      receivedAt = Date.now()
      const wrong = framer.push(chunk)
      count()
      if (wrong !== undefined) refuse(wrong)
    },
    end() {
      // What was not acknowledged comes again on the client's next connection.
      const open = messages.forget()
      if (open.events > 0) metrics.received(source.id, open.events, open.bytes)
      const forgotten = batcher.forget(connection.lane) + open.events
      if (forgotten > 0) metrics.refused('relp_connection_lost', forgotten)
    },
    get buffered() {
      return framer.buffered + messages.bytes
    },
    cutShort() {
      framer.cutShort()
      messages.settle()
      count()
    },
    settle() {
      messages.settle()
      count()
    },
    acknowledged(count) {
      send(
        unanswered
          .splice(0, count)
          .flat()
          .map((txnr) => `${txnr} ${OK}`)
          .join(''),
      )
      finishClose()
    },
    abandoned(count) {
      send(
        unanswered
          .splice(0, count)
          .flat()
          .map((txnr) => response(txnr, '500 not stored, send again'))
          .join(''),
      )
      isOver = true
      socket.destroySoon()
    },
  }
}

/** Does the client's offer name the one command that we need? One `name=value` a line; a value may be a comma-separated list. */
function offersSyslog(offers: string): boolean {
  const commands = /^commands=(.*)$/m.exec(offers)?.[1] ?? ''
  return commands.split(',').some((command) => command.trim() === 'syslog')
}
