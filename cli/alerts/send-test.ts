// Does a channel work? One real test message through the code that alerts go through, and what came of it.
import { randomUUID } from 'node:crypto'
import { nearest } from '../../runtime/config-nearest.ts'
import { loadReference } from '../../runtime/reference.ts'
import type { Alerts, Recipient } from '../../schemas/alerting.ts'
import { blankAlert } from '../../sinks/alerts/blank.ts'
import { createChannel } from '../../sinks/alerts/channels/index.ts'
import { secretReader } from '../../sinks/alerts/channels/secrets.ts'
import { createRenderer } from '../../sinks/alerts/render.ts'
import { CommandError, type Frame } from '../frame.ts'
import { duration, languageOf, printable } from '../terminal.ts'

export interface TestOptions {
  readonly to?: string
  readonly json?: boolean
  readonly lang?: string
}

/** Sends it; exit code 1 if it was not delivered. */
export async function sendTest(channelId: string, options: TestOptions, frame: Frame): Promise<void> {
  const { config, baseDir } = frame.config()
  const language = languageOf(options.lang, frame.env)
  const settings = config.alerts.channels.find(({ id }) => id === channelId)
  if (settings === undefined) throw unknown('channel', channelId, config.alerts.channels)
  const recipient = recipientOf(config.alerts, channelId, options.to)
  const reference = loadReference(config, baseDir)
  const now = Date.now()
  const notification = {
    notification_id: `N-test-${randomUUID()}`,
    alert_id: '',
    channel: channelId,
    recipient: recipient?.id ?? '',
    room: '',
    level: '',
    reason: 'test',
    created_at: now,
    due_at: now,
    attempts: 0,
    last_error: '',
    status: 'pending',
    alert: blankAlert(now),
  } as const
  const outgoing = createRenderer(config, reference, () => new Map())(notification)
  const sender = createChannel(settings, {
    secret: secretReader(frame.env, baseDir),
    dataDir: config.data_dir,
    baseDir,
    now: Date.now,
  })
  const to = recipient === undefined ? channelId : `${recipient.id}${recipient.to === '' ? '' : ` <${recipient.to}>`}`
  const progress = frame.progress()
  if (options.json !== true) progress.doing(`${settings.kind} ${channelId} → ${to}`)
  const began = performance.now()
  try {
    const outcome = await sender.send(outgoing, AbortSignal.timeout(settings.timeout_seconds * 1000))
    const seconds = (performance.now() - began) / 1000
    progress.stop()
    const delivered = outcome.kind === 'delivered'
    if (options.json === true) {
      const { notification_id } = notification
      const said = { channel: channelId, kind: settings.kind, recipient: recipient?.id ?? '', notification_id }
      frame.stdout.write(
        `${JSON.stringify({ ...said, outcome: outcome.kind, detail: outcome.detail }, undefined, 2)}\n`,
      )
    } else {
      const mark = delivered ? frame.paint('green', '✓') : frame.paint('red', '✗')
      const detail = printable(outcome.detail)
      frame.stdout.write(`${mark} ${saidOf[outcome.kind][language]}: ${printable(to)} (${duration(seconds)})\n`)
      if (detail !== '') frame.stdout.write(`  ${detail}\n`)
      if (delivered) frame.stdout.write(`  ${confirm[language]}\n`)
    }
    if (!delivered) frame.failed()
  } finally {
    progress.stop()
    await sender.close()
  }
}

const saidOf = {
  delivered: { id: 'Diterima oleh saluran', en: 'Taken by the channel' },
  retry: { id: 'Tidak sampai; peringatan akan dicoba lagi', en: 'Not delivered; an alert would be tried again' },
  refused: { id: 'Ditolak; mencoba lagi tidak menolong', en: 'Refused; trying again would not help' },
} as const

const confirm = {
  id: 'Tanyakan kepada penerima apakah pesan uji coba itu terbaca.',
  en: 'Ask the recipient whether the test message can be read.',
} as const

/** Whom to send to: who is named, else the first of the channel; nobody for a channel to a machine. */
function recipientOf({ recipients }: Alerts, channel: string, wanted: string | undefined): Recipient | undefined {
  const those = recipients.filter((recipient) => recipient.channel === channel)
  if (wanted === undefined) return those[0]
  const found = recipients.find(({ id }) => id === wanted)
  if (found === undefined) throw unknown('recipient', wanted, those.length > 0 ? those : recipients)
  if (found.channel === channel) return found
  throw new CommandError(
    `${wanted} is told by the channel \`${found.channel}\`.`,
    `Try: siaga alerts test ${found.channel} --to ${wanted}`,
    2,
  )
}

function unknown(kind: 'channel' | 'recipient', wanted: string, all: readonly { readonly id: string }[]): CommandError {
  const ids = all.map(({ id }) => id)
  const near = nearest(wanted, ids)
  const known = ids.length === 0 ? `Add it under alerts.${kind}s in siaga.yaml.` : `There are: ${ids.join(', ')}.`
  return new CommandError(
    `There is no ${kind} \`${printable(wanted)}\`.`,
    near === undefined ? known : `Did you mean \`${near}\`?`,
    2,
  )
}
