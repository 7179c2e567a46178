// Which formats are read? The registry: every format, in the order in which texts that show their own format are tried.
import { containerFormats } from './container/formats.ts'
import { databaseFormats } from './database/formats.ts'
import { hostFormats } from './host/formats.ts'
import { jsonFormats } from './json/formats.ts'
import { networkFormats } from './network/formats.ts'
import type { Format, ObjectSchema, Parser, TextReader } from './parser.ts'
import { reportFormats } from './report/formats.ts'
import { webFormats } from './web/formats.ts'

/** Formats of products; a generic one (any access line, any JSON) stands behind those that it could be taken for. */
const formats: readonly Format[] = [
  ...databaseFormats,
  ...networkFormats,
  ...containerFormats,
  ...hostFormats,
  ...webFormats,
  ...jsonFormats,
  ...reportFormats,
]

/** The parsers that a configured format allows, in the order in which they are tried. */
export const allowed: ReadonlyMap<string, readonly Parser[]> = new Map(
  formats.map(({ name, parsers }) => [name, parsers]),
)

/** Readers for a text by its first character; what begins otherwise than all formats has none. */
export const byFirstCharacter: ReadonlyMap<number, readonly TextReader[]> = firstCharacters()

/** The format of a program's messages, by the name in the syslog header. */
export const byProgram: ReadonlyMap<string, Format> = new Map(
  formats.flatMap((format) => (format.syslog?.programs ?? []).map((program) => [program, format] as const)),
)

/** Schemas of JSON objects, those of products before generic ones. */
export const objectSchemas: readonly ObjectSchema[] = formats.flatMap(({ objects = [] }) => objects)

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
