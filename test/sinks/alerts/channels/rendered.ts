// A message on its way, as the deliverer hands it to a channel.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { SiagaError } from '../../../../runtime/errors.ts'
import type { Alert, Notification } from '../../../../schemas/alert.ts'
import type { ChannelParts, Outgoing } from '../../../../sinks/alerts/channels/channel.ts'
import { renderMessage } from '../../../../sinks/alerts/message/message.ts'
import type { MessageOptions } from '../../../../sinks/alerts/message/options.ts'
import { notification, options } from '../message/notification.ts'

const folders: string[] = []
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

export function outgoing(
  changed: Partial<Notification> = {},
  ofAlert: Partial<Alert> = {},
  of: Partial<MessageOptions> = {},
): Outgoing {
  const about = notification(changed, ofAlert)
  return {
    notification: about,
    recipient: { id: 'budi', name: 'Budi', channel: 'surel', to: 'budi@kpu.example', language: 'id' },
    message: renderMessage(about, options(of)),
  }
}

/** Secrets stand in `secrets`, and can be changed while a channel is open. */
export function channelParts(secrets: Record<string, string> = {}): ChannelParts & { secrets: Record<string, string> } {
  const folder = mkdtempSync(join(tmpdir(), 'siaga-kanal-'))
  folders.push(folder)
  return {
    secrets,
    secret: (secret) => {
      const value = 'env' in secret ? secrets[secret.env] : undefined
      if (value === undefined) throw new SiagaError('CONFIG_INVALID', { detail: 'a secret has no value' })
      return value
    },
    dataDir: folder,
    baseDir: folder,
    now: () => Date.UTC(2024, 10, 27, 1, 0),
  }
}

export const forever = (): AbortSignal => new AbortController().signal
