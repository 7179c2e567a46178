// Whose key, which Siaga, in which language? What every command about alerts begins with.
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Command, Option } from 'commander'
import { errorText } from '../../runtime/errors.ts'
import { operatorKey } from '../../runtime/keys.ts'
import { isCentre } from '../../runtime/scope.ts'
import { CommandError, type Frame } from '../frame.ts'
import { langOption, webAddress } from '../options.ts'
import { type Language, languageOf } from '../terminal.ts'
import { type AlertClient, createAlertClient } from './client.ts'

export interface AccessOptions {
  readonly url?: URL
  readonly keyFile?: string
  readonly json?: boolean
  readonly lang?: string
}

export interface Access {
  readonly client: AlertClient
  readonly language: Language
}

/** Adds the options that {@link accessOf} reads. */
export function connecting(command: Command): Command {
  return command
    .addOption(
      new Option('--url <address>', 'address of Siaga (default: http://127.0.0.1 with the configured port)').argParser(
        webAddress,
      ),
    )
    .option('--key-file <file>', 'berkas kunci ruang / file with the key of a room (default: SIAGA_KEY)')
    .option('--json', 'as JSON')
    .addOption(langOption())
}

/** A running server reads new keys within half a second. */
const KEY_READ_MS = 800

/**
 * The key is that of --key-file or SIAGA_KEY. Without either, whoever may read the data directory of the centre has one of their own; it is sent to this machine
 * only. Rejects with CommandError.
 */
export async function accessOf(options: AccessOptions, frame: Frame): Promise<Access> {
  const language = languageOf(options.lang, frame.env)
  const base = options.url ?? new URL(`http://127.0.0.1:${frame.config().config.http.port}`)
  const given = readKey(options.keyFile, frame)
  const key = given ?? (options.url === undefined ? await ownKey(language, frame) : undefined)
  if (key === undefined) throw noKey(language)
  const trouble = (text: string): void => void frame.stderr.write(`${text}\n`)
  return { client: createAlertClient({ base, key, language, trouble }), language }
}

function readKey(file: string | undefined, frame: Frame): string | undefined {
  if (file === undefined) return frame.env.SIAGA_KEY?.trim() || undefined
  try {
    const text = readFileSync(file === '-' ? 0 : file, 'utf8').trim()
    if (text !== '') return text
  } catch (error) {
    throw new CommandError(`${file} cannot be read: ${errorText(error)}`, 'It holds the key of a room.', 2)
  }
  throw new CommandError(`${file} holds no key.`, 'The centre makes one with: siaga keys create --room ROOM', 2)
}

async function ownKey(language: Language, frame: Frame): Promise<string> {
  const { config } = frame.config()
  const room = config.rooms.find(isCentre)
  if (room === undefined) {
    throw language === 'id'
      ? new CommandError(
          'Tidak ada ruang pusat, jadi tidak ada kunci untuk peringatan.',
          'Tambahkan di siaga.yaml: rooms: [{id: pusat, region: "00"}], lalu mulai ulang Siaga. Atau berikan kunci ruang dengan --key-file atau SIAGA_KEY.',
          2,
        )
      : new CommandError(
          'There is no room of the centre, and so no key for alerts.',
          'Add one to siaga.yaml: rooms: [{id: pusat, region: "00"}], then restart Siaga. Or give the key of a room with --key-file or SIAGA_KEY.',
          2,
        )
  }
  const own = await operatorKey(config.data_dir, room.id)
  if (own === undefined) {
    throw language === 'id'
      ? new CommandError(
          'Kunci operator mesin ini sudah dicabut.',
          `Buat kunci atas nama Anda: siaga keys create --room ${room.id} --label NAMA, lalu berikan dengan SIAGA_KEY.`,
        )
      : new CommandError(
          'The key of the operator of this machine was revoked.',
          `Make one of your own: siaga keys create --room ${room.id} --label NAME, and give it with SIAGA_KEY.`,
        )
  }
  if (own.made) await sleep(KEY_READ_MS)
  return own.text
}

function noKey(language: Language): CommandError {
  return language === 'id'
    ? new CommandError(
        'Kunci ruang belum diberikan.',
        'Berikan dengan --key-file atau SIAGA_KEY; pusat membuatnya: siaga keys create --room RUANG --label NAMA',
        2,
      )
    : new CommandError(
        'The key of the room is missing.',
        'Give it with --key-file or SIAGA_KEY; the centre makes it: siaga keys create --room ROOM --label NAME',
        2,
      )
}
