// A DNS server for tests, over UDP: answers what its table says.
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import dnsPacket, { type Answer, type Packet } from 'dns-packet'

/** Records of a name by type; `missing`: NXDOMAIN; `broken`: SERVFAIL; `silent`: no answer at all. */
export type Zone =
  | { NS?: string[]; A?: string[]; AAAA?: string[]; MX?: string[]; broken?: string[] }
  | 'broken'
  | 'silent'
  | 'missing'

export interface DnsServer {
  /** Address and port, as settings have it. */
  readonly address: string
  /** Questions that were asked: `type name`. */
  readonly asked: string[]
  /** What a name answers; undefined: NXDOMAIN. */
  answer: (name: string) => Zone | undefined
  close(): Promise<void>
}

const NXDOMAIN = 3
const SERVFAIL = 2

export async function startDns(answer: (name: string) => Zone | undefined): Promise<DnsServer> {
  const socket = createSocket('udp4')
  const asked: string[] = []
  const server: DnsServer = {
    address: '',
    asked,
    answer,
    async close() {
      socket.close()
      await once(socket, 'close')
    },
  }
  socket.on('message', (message, { port, address }) => {
    const query = dnsPacket.decode(message)
    const [question] = query.questions ?? []
    if (question === undefined) return
    const name = question.name.toLowerCase()
    asked.push(`${question.type} ${name}`)
    const zone = server.answer(name) ?? 'missing'
    if (zone === 'silent') return
    const { type } = question
    const broken = zone === 'broken' || (typeof zone === 'object' && (zone.broken ?? []).includes(type))
    const reply: Packet = {
      type: 'response',
      id: query.id ?? 0,
      flags:
        dnsPacket.RECURSION_DESIRED |
        dnsPacket.RECURSION_AVAILABLE |
        (zone === 'missing' ? NXDOMAIN : broken ? SERVFAIL : 0),
      questions: [question],
      answers: typeof zone === 'object' && !broken ? answersOf(name, type, zone) : [],
    }
    socket.send(dnsPacket.encode(reply), port, address)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return Object.assign(server, { address: `127.0.0.1:${socket.address().port}` })
}

function answersOf(name: string, type: string, zone: Exclude<Zone, string>): Answer[] {
  // No time to live: every round asks anew.
  const ttl = 0
  if (type === 'A') return (zone.A ?? []).map((data) => ({ name, type: 'A', ttl, data }))
  if (type === 'AAAA') return (zone.AAAA ?? []).map((data) => ({ name, type: 'AAAA', ttl, data }))
  if (type === 'NS') return (zone.NS ?? []).map((data) => ({ name, type: 'NS', ttl, data }))
  if (type === 'MX')
    return (zone.MX ?? []).map((exchange) => ({ name, type: 'MX', ttl, data: { preference: 10, exchange } }))
  return []
}
