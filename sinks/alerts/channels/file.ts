// How does a message become a line of a file? JSON lines, appended and on disk before it counts as delivered.
import { type FileHandle, mkdir, open } from 'node:fs/promises'
import { dirname, isAbsolute, relative, resolve } from 'node:path'
import { errorText, SiagaError } from '../../../runtime/errors.ts'
import type { ChannelOf } from '../../../schemas/alerting.ts'
import type { ChannelParts, ChannelSender, Outgoing } from './channel.ts'
import { recordOf } from './record.ts'

/**
 * A channel that appends one line for each notification to a file, with its idempotency key. The line is on disk (fsync) when it is delivered. Lines
 * never mix; one that a crash tore is left as it is, and the next begins on a line of its own. Throws CONFIG_INVALID for a relative path that leads
 * out of the data directory.
 */
export function createFileChannel(settings: ChannelOf<'file'>, parts: ChannelParts): ChannelSender {
  const path = pathOf(settings.path, parts.dataDir)
  /** Appends go one after the other, so that the look at the last byte holds. */
  let last: Promise<unknown> = Promise.resolve()

  const append = async (line: Buffer, signal: AbortSignal): Promise<void> => {
    // Not begun when time is up: an append that has begun ends, and a disk does not hang for long.
    signal.throwIfAborted()
    await mkdir(dirname(path), { recursive: true, mode: 0o750 })
    const file = await open(path, 'a+', 0o640)
    try {
      const whole = (await endsLine(file)) ? line : Buffer.concat([Buffer.from('\n'), line])
      const { bytesWritten } = await file.write(whole)
      if (bytesWritten < whole.length) throw new Error(`only ${bytesWritten} of ${whole.length} bytes were written`)
      await file.sync()
    } finally {
      await file.close()
    }
  }

  return {
    async send(outgoing, signal) {
      const line = Buffer.from(`${JSON.stringify(lineOf(outgoing, settings.outside, parts.now()))}\n`)
      const mine = last.then(() => append(line, signal))
      last = mine.catch(() => undefined)
      try {
        await mine
        return { kind: 'delivered', detail: `${line.length} bytes appended` }
      } catch (error) {
        // A full disk, a missing right, a folder in its place: somebody can mend each of them.
        return { kind: 'retry', detail: errorText(error) }
      }
    },
    async close() {
      await last
    },
  }
}

function lineOf(outgoing: Outgoing, outside: boolean, now: number): Record<string, unknown> {
  const { notification, recipient, message } = outgoing
  const record = recordOf(outgoing, outside)
  if (outside) return { ...record, written_at: new Date(now).toISOString() }
  return {
    ...record,
    written_at: new Date(now).toISOString(),
    recipient: recipient?.id ?? '',
    room: notification.room,
    level: notification.level,
    text: message.text,
    // The alert behind a warning is another region's.
    ...(notification.warning === undefined ? { alert: notification.alert } : {}),
    ...(notification.warning === undefined ? {} : { warning: notification.warning }),
    ...(notification.summary === undefined ? {} : { summary: notification.summary }),
  }
}

async function endsLine(file: FileHandle): Promise<boolean> {
  const { size } = await file.stat()
  if (size === 0) return true
  const { buffer, bytesRead } = await file.read(Buffer.alloc(1), 0, 1, size - 1)
  return bytesRead === 1 && buffer[0] === 10
}

function pathOf(path: string, dataDir: string): string {
  if (isAbsolute(path)) return path
  const whole = resolve(dataDir, path)
  const inside = relative(resolve(dataDir), whole)
  if (inside === '' || inside.startsWith('..') || isAbsolute(inside)) {
    throw new SiagaError('CONFIG_INVALID', {
      detail: `alerts.channels: path "${path}" leads out of the data directory`,
    })
  }
  return whole
}
