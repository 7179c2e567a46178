// Which formats are read? The registry: every format, in the order in which texts that show their own format are tried.
import { applicationFormats } from './application/formats.ts'
import { containerFormats } from './container/formats.ts'
import { databaseFormats } from './database/formats.ts'
import { dnsFormats } from './dns/formats.ts'
import { ftpFormats } from './ftp/formats.ts'
import { hostFormats } from './host/formats.ts'
import { jsonFormats } from './json/formats.ts'
import { mailFormats } from './mail/formats.ts'
import { networkFormats } from './network/formats.ts'
import { outsideFormats } from './outside/formats.ts'
import type { Format, ObjectSchema, Parser, TextReader } from './parser.ts'
import { reportFormats } from './report/formats.ts'
import { securityFormats } from './security/formats.ts'
import { webFormats } from './web/formats.ts'

/** Formats of products; a generic one (any access line, any JSON) stands behind those that it could be taken for. */
const formats: readonly Format[] = [
  ...databaseFormats,
  ...networkFormats,
  ...dnsFormats,
  ...securityFormats,
  ...containerFormats,
  // IIS can log as events of Windows: they are requests.
  ...webFormats,
  ...hostFormats,
  ...applicationFormats,
  ...mailFormats,
  ...ftpFormats,
  ...jsonFormats,
  ...reportFormats,
  ...outsideFormats,
]

/** What a configured format allows. */
export interface Allowed {
  readonly parsers: readonly Parser[]
  /** How its texts are read, in the order in which it is tried; datasets may share a reader, which is tried once. */
  readonly readers: readonly TextReader[]
  readonly datasets: ReadonlySet<string>
}

export const allowed: ReadonlyMap<string, Allowed> = new Map(
  formats.map(({ name, parsers }) => [
    name,
    {
      parsers,
      readers: [...new Set(parsers.map(({ parse }) => parse))],
      datasets: new Set(parsers.map(({ format }) => format)),
    },
  ]),
)

/** Readers for a text by its first character; what begins otherwise than all formats has none. */
export const byFirstCharacter: ReadonlyMap<number, readonly TextReader[]> = firstCharacters()

/** The format of a program's messages, by the name in the syslog header. */
export const byProgram: ReadonlyMap<string, Format> = new Map(
  formats.flatMap((format) => (format.syslog?.programs ?? []).map((program) => [program, format] as const)),
)

/** Formats that find some of their messages among those of a program that is not theirs. */
export const guestsOf: ReadonlyMap<string, readonly Format[]> = guests()

/** Schemas of JSON objects, those of products before generic ones. */
export const objectSchemas: readonly ObjectSchema[] = formats.flatMap(({ objects = [] }) => objects)

function guests(): Map<string, Format[]> {
  const table = new Map<string, Format[]>()
  for (const format of formats) {
    for (const program of format.syslog?.guestOf ?? []) table.set(program, [...(table.get(program) ?? []), format])
  }
  return table
}

function firstCharacters(): Map<number, TextReader[]> {
  const table = new Map<number, TextReader[]>()
  for (const { begins = '', recognise, parsers } of formats) {
    const readers = recognise ?? parsers.map(({ parse }) => parse)
    for (const character of begins) {
      const code = character.charCodeAt(0)
      table.set(code, [...(table.get(code) ?? []), ...readers])
    }
  }
  return table
}
