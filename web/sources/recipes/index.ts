// Which devices can be added, and in which ways? The list, in the order in which it is shown.
import type { Source } from '../../../schemas/config.ts'
import type { Device, Way } from '../../../schemas/sources-api.ts'
import { applianceDevices } from './appliances.ts'
import type { DeviceRecipes } from './recipe.ts'
import { shipperDevices } from './shippers.ts'
import { syslogDevices } from './syslog.ts'

const order: readonly Device[] = [
  'rsyslog',
  'nginx',
  'apache',
  'winlogbeat',
  'nxlog',
  'fortigate',
  'mikrotik',
  'syslog-ng',
  'fluent-bit',
  'vector',
  'filebeat',
  'otlp',
  'curl',
]

export const devices: readonly DeviceRecipes[] = [...syslogDevices, ...applianceDevices, ...shipperDevices].toSorted(
  (a, b) => order.indexOf(a.device) - order.indexOf(b.device),
)

/** The ways in that a source is configured for. Without networks and certificates nobody knows its senders by their address. */
export function waysIn({ networks, certificates, loopback_only }: Source): Way[] {
  return [
    ...(networks.length + certificates.length > 0 ? (['address'] as const) : []),
    ...(loopback_only ? [] : (['key'] as const)),
  ]
}
