// Which generic schemas of JSON are read? They stand behind the schemas of products.
import type { Format } from '../parser.ts'
import { ecs, isEcs, readEcs } from './ecs.ts'
import { json, readAnyJson } from './json.ts'

export const jsonFormats: readonly Format[] = [
  { name: 'ecs', parsers: [ecs], objects: [{ is: isEcs, read: readEcs }] },
  { name: 'json', parsers: [json], objects: [{ is: () => true, read: readAnyJson }] },
]
