// How does a dataset that is written as JSON objects of one schema become a parser?
import { miss } from '../../../schemas/outcome.ts'
import type { ObjectSchema, Parser } from '../parser.ts'
import { looksLikeObject, readObject } from './json-guard.ts'

/** The parser of a dataset whose texts are objects for which `is` holds. */
export function objectParser(format: string, is: ObjectSchema['is'], read: ObjectSchema['read']): Parser {
  return {
    format,
    parse(text, event, context) {
      if (!looksLikeObject(text)) return miss
      return readObject(text, event, context, (values) => (is(values) ? read(values, event, context) : miss))
    },
  }
}
