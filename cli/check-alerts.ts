// Can people be told? What `siaga check` says of channels: secrets that are missing, evidence that leaves the house, rooms that nobody is in.
import type { ResolvedConfig } from '../runtime/config.ts'
import type { Channel } from '../schemas/alerting.ts'
import { inspectSecrets } from '../sinks/alerts/channels/secrets.ts'

/** Receivers that are usually services of others on the internet. */
const clouds: ReadonlySet<string> = new Set(['slack', 'teams', 'pagerduty'])

/** What keeps messages from being sent, and what is only worth a thought. */
export function checkChannels(
  { alerts, rooms }: Pick<ResolvedConfig, 'alerts' | 'rooms'>,
  env: NodeJS.ProcessEnv,
  baseDir: string,
): { readonly problems: readonly string[]; readonly warnings: readonly string[] } {
  const found = inspectSecrets(alerts.channels, env, baseDir)
  const told = rooms.some(({ roster }) => roster.length > 0) || alerts.fallback.length > 0
  return {
    problems: found.filter(({ kind }) => kind === 'missing').map(({ message }) => message),
    warnings: [
      ...found.filter(({ kind }) => kind === 'open').map(({ message }) => message),
      ...alerts.channels.filter(carriesEvidenceOut).map(({ id }) => {
        return `Channel \`${id}\` sends evidence to a service of others; with \`outside: true\` it sends severity, region, title and link only.`
      }),
      ...(alerts.enabled && alerts.channels.length > 0 && !told
        ? ['No room has a roster and alerts.fallback is empty: alerts are made, and no person is told.']
        : []),
    ],
  }
}

function carriesEvidenceOut(channel: Channel): boolean {
  return channel.kind === 'webhook' && clouds.has(channel.preset) && !channel.outside
}
