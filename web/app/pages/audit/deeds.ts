// What was done, in words? The trail keeps English sentences of a few kinds; whatever is of no known kind is shown as it is kept.
import { t } from '../../language.ts'
import { visible } from '../../parts/hostile.ts'
import { actionText } from './actions.ts'

/** What an entry says: of its record in ECS the message, of anything else all of it. */
export function messageOf(text: string): string {
  const record = recordOf(text)
  return typeof record?.message === 'string' ? record.message : text
}

/** The record as it is kept, a field on each line. */
export function pretty(text: string): string {
  const record = recordOf(text)
  return visible(record === undefined ? text : JSON.stringify(record, undefined, 2))
}

function recordOf(text: string): Readonly<Record<string, unknown>> | undefined {
  if (!text.startsWith('{')) return undefined
  try {
    const record: unknown = JSON.parse(text)
    return typeof record === 'object' && record !== null ? Object.fromEntries(Object.entries(record)) : undefined
  } catch {
    return undefined
  }
}

/** IPv4 as people write it, also where a socket of IPv6 took it. */
export const addressText = (address: string): string => visible(address.replace(/^::ffff:(?=\d+\.)/, ''))

/** An account by its name; a room's user of the store by that of its room. */
export function personText(person: string): string {
  if (person === '') return t('tanpa nama', 'no name')
  return visible(person.replace(/\bsiaga_room_([\w-]+)/, (_, room: string) => t(`ruang ${room}`, `room ${room}`)))
}

type Said = (...parts: string[]) => string

/** A sentence of the trail, and what stands behind the name of whoever did it. */
const deeds: readonly (readonly [RegExp, Said])[] = [
  [/^logged in$/, () => t('masuk', 'logged in')],
  [/^logged in by link$/, () => t('masuk lewat tautan', 'logged in by a link')],
  [/^logged in by (.+)$/, (by) => t(`masuk lewat ${by}`, `logged in by ${by}`)],
  [/^logged out$/, () => t('keluar', 'logged out')],
  [
    /^log-in refused: too many tries(.*)$/,
    (n) => t(`ditolak masuk: terlalu sering mencoba${nameless(n)}`, `was refused: too many tries${nameless(n)}`),
  ],
  [
    /^log-in refused: wrong code(.*)$/,
    (n) => t(`ditolak masuk: kode salah${nameless(n)}`, `was refused: wrong code${nameless(n)}`),
  ],
  [/^log-in refused(.*)$/, (n) => t(`ditolak masuk${nameless(n)}`, `was refused${nameless(n)}`)],
  [/^password chosen by link$/, () => t('memilih kata sandi lewat tautan', 'chose a password by a link')],
  [
    /^own password changed, all sessions ended$/,
    () => t('mengganti kata sandinya; semua sesinya berakhir', 'changed their password; all their sessions ended'),
  ],
  [
    /^account (\S+): (\w+) of (\S+), with a link$/,
    (who, role, room) =>
      t(
        `membuat akun ${who} (peran ${role}, ruang ${room}) beserta tautannya`,
        `made the account ${who} (role ${role}, room ${room}) with a link`,
      ),
  ],
  [
    /^account (\S+) disabled, everything of it ended$/,
    (who) =>
      t(`menonaktifkan akun ${who}; semua sesinya berakhir`, `disabled the account ${who}; all of its sessions ended`),
  ],
  [/^account (\S+) enabled$/, (who) => t(`mengaktifkan akun ${who}`, `enabled the account ${who}`)],
  [
    /^account (\S+): (.+)$/,
    (who, what) => t(`mengubah akun ${who}: ${changes(what)}`, `changed the account ${who}: ${what}`),
  ],
  [
    /^own account: (.+)$/,
    (what) => t(`mengubah akunnya sendiri: ${changes(what)}`, `changed their own account: ${what}`),
  ],
  [
    /^link for (\S+), good for three days$/,
    (who) => t(`membuat tautan untuk ${who}, berlaku tiga hari`, `made a link for ${who}, good for three days`),
  ],
  [
    /^sessions, screens and tokens of (\S+) ended$/,
    (who) => t(`mengakhiri semua sesi, layar, dan token ${who}`, `ended all sessions, screens and tokens of ${who}`),
  ],
  [
    /^second factor of (\S+) reset$/,
    (who) => t(`menghapus faktor kedua ${who}`, `removed the second factor of ${who}`),
  ],
  [/^second factor switched on$/, () => t('menyalakan faktor kedua', 'switched the second factor on')],
  [/^second factor switched off$/, () => t('mematikan faktor kedua', 'switched the second factor off')],
  [
    /^new recovery codes, the old ones ended$/,
    () => t('membuat kode cadangan baru; yang lama tidak berlaku', 'made new recovery codes; the old ones ended'),
  ],
  [/^own session (\S+) ended$/, () => t('mengakhiri satu sesinya', 'ended a session of their own')],
  [
    /^(\d+) other sessions of the own account ended$/,
    (n) => t(`mengakhiri ${n} sesinya yang lain`, `ended ${n} other sessions of their own`),
  ],
  [
    /^token \S+ "(.*)" \((\w+), (\d+) days\)$/,
    (label, verb, days) =>
      t(
        `membuat token “${label}” (${verb === 'write' ? 'boleh mengubah' : 'hanya membaca'}, ${days} hari)`,
        `made the token “${label}” (${verb === 'write' ? 'may change' : 'reads only'}, ${days} days)`,
      ),
  ],
  [/^token (\S+) revoked$/, (id) => t(`mencabut token ${id}`, `revoked the token ${id}`)],
  [/^screen "(.*)" opened$/, (label) => t(`membuka layar dinding “${label}”`, `opened the wall screen “${label}”`)],
  [
    /^key (\S+) of source (\S+), by .+$/,
    (key, source) => t(`· kunci ${key} dari sumber ${source}`, `· key ${key} of the source ${source}`),
  ],
  [
    /^(\S+) filed for room (\S+) on the page$/,
    (receipt, room) =>
      t(`mengirim laporan ${receipt} untuk ruang ${room}`, `filed the report ${receipt} for the room ${room}`),
  ],
  [
    /^a report of room (\S+) named another region than its own$/,
    (room) =>
      t(
        `mengirim laporan ruang ${room} yang menyebut wilayah lain`,
        `filed a report of the room ${room} that named another region`,
      ),
  ],
  [
    /^room (\S+) lists (\d+) addresses to be probed$/,
    (room, n) =>
      t(`mendaftarkan ${n} alamat untuk diperiksa (ruang ${room})`, `lists ${n} addresses to be probed (room ${room})`),
  ],
  [
    /^room (\S+) listed (\d+) addresses that may not be probed$/,
    (room, n) =>
      t(
        `mendaftarkan ${n} alamat yang tidak boleh diperiksa (ruang ${room})`,
        `listed ${n} addresses that may not be probed (room ${room})`,
      ),
  ],
  [
    /^the configuration has changed \(digest (\S+)\)$/,
    (digest) =>
      t(
        `dimulai dengan konfigurasi yang berubah (sidik ${digest})`,
        `started with a changed configuration (digest ${digest})`,
      ),
  ],
  [
    /^API key refused for (.+)$/,
    (place) =>
      t(`menawarkan kunci API yang tidak berlaku di ${place}`, `offered an API key that is not valid at ${place}`),
  ],
  [
    /^Feed (.+?): (\d+) indicators, (\d+) of them new, (\d+) gone$/,
    (feed, all, fresh, gone) =>
      t(
        `memperbarui umpan ${feed}: ${all} indikator, ${fresh} baru, ${gone} hilang`,
        `updated the feed ${feed}: ${all} indicators, ${fresh} new, ${gone} gone`,
      ),
  ],
  [/^siaga (\w+)$/, (command) => t(`menjalankan siaga ${command}`, `ran siaga ${command}`)],
  [
    /^(\S+ \S+) is not for (\S+)$/,
    (route, role) => t(`meminta ${route}, yang bukan untuk ${role}`, `asked for ${route}, which is not for ${role}`),
  ],
  [
    /^(\S+ \S+) came from another site$/,
    (route) => t(`meminta ${route} dari situs lain`, `asked for ${route} from another site`),
  ],
  [
    /^(\S+ \S+) without the token of its page$/,
    (route) => t(`meminta ${route} tanpa token halamannya`, `asked for ${route} without the token of its page`),
  ],
]

const nameless = (rest: string): string =>
  rest.includes('no such name') ? t(' (nama tidak dikenal)', ' (no such name)') : ''

const fields: readonly (readonly [RegExp, string])[] = [
  [/\bname: /g, 'nama: '],
  [/\brole: /g, 'peran: '],
  [/\broom: /g, 'ruang: '],
  [/\blanguage: /g, 'bahasa: '],
  [/\bsubject: /g, 'subjek OIDC: '],
]
const changes = (text: string): string => fields.reduce((said, [word, id]) => said.replace(word, id), text)

/** What stands behind the name of whoever did it. */
export function deedText(message: string, action: string): string {
  // What is repeated within a second is one entry (ingest/audit/audit.ts).
  const [, once = message, more] = /^(.*) \(and (\d{1,9}) more within a second\)$/s.exec(message) ?? []
  const again =
    more === undefined ? '' : t(`, dan ${more} kali lagi dalam sedetik`, `, and ${more} more within a second`)
  for (const [pattern, say] of deeds) {
    const found = pattern.exec(once)
    if (found !== null) return visible(say(...found.slice(1)) + again)
  }
  return visible(message === '' ? actionText(action) : `· ${message}`)
}
