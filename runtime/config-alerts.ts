// Do the settings of alerts fit together? Channels and recipients named once, everybody who is to be told exists and can be reached.
import type { Channel } from '../schemas/alerting.ts'
import type { Asset } from '../schemas/config.ts'
import type { ResolvedConfig } from './config.ts'
import { nearest } from './config-nearest.ts'
import { checkOnce } from './config-outside.ts'
import type { SettingPath } from './config-problems.ts'

type Report = (path: SettingPath, message: string) => void

/** Kinds of channel that need to know to whom, and what that is. */
const addressOf: Readonly<Partial<Record<Channel['kind'], { what: string; pattern: RegExp }>>> = {
  email: { what: 'an e-mail address', pattern: /^[^\s@<>]{1,64}@[^\s@<>]{1,253}$/ },
  telegram: { what: 'the id of a chat, or @ and the name of a channel', pattern: /^(?:-?\d{1,20}|@\w{1,64})$/ },
  whatsapp: { what: 'a phone number with + and the code of the country', pattern: /^\+?[\d ()-]{6,24}$/ },
  sms: { what: 'a phone number', pattern: /^\+?[\d ()-]{3,24}$/ },
}

/** Reports references of alerts, rosters and forwards that lead nowhere. `unknownRegion` says what is wrong with a region, if anything. */
export function checkAlerts(
  { alerts, rooms }: Pick<ResolvedConfig, 'alerts' | 'rooms'>,
  unknownRegion: (code: string) => string | undefined,
  report: Report,
): void {
  const { channels, recipients, fallback, forward } = alerts
  checkOnce(channels, ['alerts', 'channels'], 'channel', report)
  checkOnce(recipients, ['alerts', 'recipients'], 'recipient', report)
  const kinds = new Map(channels.map(({ id, kind }) => [id, kind]))
  const known = new Set(recipients.map(({ id }) => id))
  const reportUnknown = (id: string, word: string, ids: Iterable<string>, path: SettingPath): void => {
    const near = nearest(id, ids)
    const hint = near === undefined ? '' : `; did you mean \`${near}\`?`
    report(path, `names ${word} ${JSON.stringify(id)}, which does not exist${hint}`)
  }
  recipients.forEach(({ channel, to }, index) => {
    const at = (setting: string): SettingPath => ['alerts', 'recipients', index, setting]
    const kind = kinds.get(channel)
    if (kind === undefined) reportUnknown(channel, 'channel', kinds.keys(), at('channel'))
    const address = kind && addressOf[kind]
    if (address !== undefined && !address.pattern.test(to))
      report(at('to'), `must be ${address.what}: \`${channel}\` is a channel of the kind ${kind}`)
  })
  fallback.forEach((id, index) => {
    if (!known.has(id)) reportUnknown(id, 'recipient', known, ['alerts', 'fallback', index])
  })
  forward.forEach(({ channel, regions }, index) => {
    if (!kinds.has(channel)) reportUnknown(channel, 'channel', kinds.keys(), ['alerts', 'forward', index, 'channel'])
    regions.forEach((code, position) => {
      const wrong = unknownRegion(code)
      if (wrong) report(['alerts', 'forward', index, 'regions', position], wrong)
    })
  })
  rooms.forEach(({ roster }, room) => {
    roster.forEach((entry, index) => {
      entry.recipients.forEach((id, position) => {
        if (!known.has(id))
          reportUnknown(id, 'recipient', known, ['rooms', room, 'roster', index, 'recipients', position])
      })
    })
  })
}

/** What is wrong with the contacts of an asset, in words; nothing if they can be reached. */
export function contactProblems(
  { contacts = [] }: Pick<Asset, 'contacts'>,
  channels: readonly Pick<Channel, 'id' | 'kind'>[],
): string[] {
  return contacts.flatMap(({ channel, to }) => {
    const kind = channels.find(({ id }) => id === channel)?.kind
    if (kind === undefined) return [`names channel ${JSON.stringify(channel)}, which does not exist`]
    const address = addressOf[kind]
    if (address === undefined || address.pattern.test(to)) return []
    return [`must have ${address.what} in \`to\`: \`${channel}\` is a channel of the kind ${kind}`]
  })
}
