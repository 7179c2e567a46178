// What does a line of Suricata's fast.log say? One alert, on one line.
import { miss, ok } from '../../../schemas/outcome.ts'
import type { Parser } from '../parser.ts'
import { toAddress, toPort } from '../values/address.ts'
import { put } from '../values/fields.ts'
import { readFastTime, setLocalTime, stamp } from '../values/time.ts'
import { prioritySeverity } from './suricata-eve.ts'

/** `192.0.2.7:4711`, `2001:db8::1:4711`, or an address alone (ICMP). */
function endpoint(text: string): [address: string, port: number] {
  const colon = text.lastIndexOf(':')
  const address = colon > 0 ? toAddress(text.slice(0, colon)) : ''
  return address === '' ? [toAddress(text), 0] : [address, toPort(text.slice(colon + 1))]
}

/**
 * `07/11/2022-10:29:01.860293  [**] [1:2200074:2] NAME [**] [Classification: …] [Priority: 3] {TCP} 192.0.2.7:1 -> 198.51.100.1:80`,
 * with `[Drop]` before the signature when Suricata blocks.
 */
export const suricataFast: Parser = {
  format: 'suricata.fast',
  parse(text, event, context) {
    if (text.charCodeAt(2) !== 47 || !readFastTime(text, 0, context.zoneMinutes)) return miss
    const { ms, end } = stamp
    const stars = text.indexOf('[**] [', end)
    if (stars < 0 || stars - end > 16) return miss
    const idEnd = text.indexOf('] ', stars + 6)
    const nameEnd = text.indexOf(' [**]', idEnd)
    const ids = text.slice(stars + 6, idEnd).split(':', 4)
    if (idEnd < 0 || nameEnd < 0 || ids.length !== 3) return miss
    event.dataset = 'suricata.fast'
    event.event_category = 'intrusion_detection'
    event.event_action = text.slice(end, stars).includes('[Drop]') ? 'ids_block' : 'ids_alert'
    event.observer_vendor = 'OISF'
    event.observer_product = 'Suricata'
    setLocalTime(event, ms)
    event.event_code = ids[1] ?? ''
    event.rule_name = text.slice(idEnd + 2, nameEnd)
    put(event, 'suricata.alert.gid', ids[0] ?? '')
    put(event, 'suricata.alert.rev', ids[2] ?? '')
    const classification = text.indexOf('[Classification: ', nameEnd)
    if (classification > 0) {
      put(event, 'suricata.alert.category', text.slice(classification + 17, text.indexOf(']', classification)))
    }
    const priority = text.indexOf('[Priority: ', nameEnd)
    if (priority > 0) event.event_severity = prioritySeverity[text.charCodeAt(priority + 11) - 48] ?? 5
    const open = text.indexOf('{', nameEnd)
    const close = text.indexOf('} ', open)
    if (open < 0 || close < 0) return ok
    event.network_transport = text.slice(open + 1, close).toLowerCase()
    const arrow = text.indexOf(' -> ', close)
    if (arrow < 0) return ok
    ;[event.source_ip, event.source_port] = endpoint(text.slice(close + 2, arrow))
    ;[event.destination_ip, event.destination_port] = endpoint(text.slice(arrow + 4).trimEnd())
    return ok
  },
}
