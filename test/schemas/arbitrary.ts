// Which values does a schema of zod allow? A fast-check arbitrary made of the schema itself, so that a field added to it is in the tests at once.
import fc from 'fast-check'
import { z } from 'zod'

export interface ArbitraryOptions {
  /** In place of what the schema says, by the name of the field: for numbers, and for texts. */
  readonly numbers?: Readonly<Record<string, fc.Arbitrary<number>>>
  readonly texts?: Readonly<Record<string, fc.Arbitrary<string>>>
  /** Whole numbers lie from 0 up to this. */
  readonly most?: number
}

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom('\0', "'\\", '"\n\t', 'é'.repeat(30)),
)

/** Values that parse; what may be missing is there. Throws for kinds of schemas that it does not know. */
export function arbitraryOf(schema: unknown, options: ArbitraryOptions = {}, name = ''): fc.Arbitrary<unknown> {
  const inner = (one: unknown): fc.Arbitrary<unknown> => arbitraryOf(one, options, name)
  if (schema instanceof z.ZodObject) {
    const shape: Record<string, unknown> = schema.shape
    return fc.record(
      Object.fromEntries(Object.entries(shape).map(([field, one]) => [field, arbitraryOf(one, options, field)])),
    )
  }
  if (schema instanceof z.ZodArray) return fc.array(inner(schema.element), { maxLength: 4 })
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) return inner(schema.unwrap())
  if (schema instanceof z.ZodUnion) return fc.oneof(...schema.options.map(inner))
  if (schema instanceof z.ZodEnum) return fc.constantFrom(...schema.options)
  if (schema instanceof z.ZodLiteral) return fc.constantFrom(...schema.values)
  if (schema instanceof z.ZodBoolean) return fc.boolean()
  if (schema instanceof z.ZodNumber) {
    const own = options.numbers?.[name]
    if (own !== undefined) return own
    const max = Math.min(schema.maxValue ?? Number.POSITIVE_INFINITY, options.most ?? 4_000_000_000)
    return fc.integer({ min: Math.max(0, schema.minValue ?? 0), max })
  }
  if (schema instanceof z.ZodString)
    return options.texts?.[name] ?? text.filter((value) => value.length >= (schema.minLength ?? 0))
  throw new TypeError(`no arbitrary for ${name}`)
}
