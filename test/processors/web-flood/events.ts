// How do generated requests become rows? As the parsers and enrichers of web logs would have written them.
import { type Event, emptyEvent } from '../../../schemas/event.ts'
import type { Request } from './generate.ts'

let made = 0

/** The event of a request to an asset. */
export function eventOfRequest(request: Request, values: Partial<Event> = {}): Event {
  const { t, ip, network, agent, method, path, query, status, referrer, http } = request
  made += 1
  return Object.assign(emptyEvent(), {
    event_id: `web-${made}`,
    timestamp: t,
    received_at: t + 200,
    source_id: 'nginx-1',
    dataset: 'nginx.access',
    region_code: '31',
    owner: 'kpu',
    asset_id: 'portal',
    asset_criticality: 'high',
    election: 'pilkada-2024',
    phase: 'pemungutan',
    event_category: 'web',
    source_ip: ip,
    source_asn: network.asn,
    source_as_name: network.name,
    source_country: network.country,
    source_scope: 'public',
    http_method: method,
    url_original: `${path}${query}`,
    url_path: path,
    url_domain: 'portal.kpu.example',
    http_status_code: status,
    http_version: http,
    http_referrer: referrer,
    user_agent_original: agent.text,
    user_agent_name: agent.name,
    user_agent_os: agent.os,
    user_agent_bot: agent.bot,
    ...values,
  })
}
