// What is the object, the objects or the texts in a JSON value, whatever it really is?
import { asText, isObject, type JsonObject } from './json-guard.ts'

const none: JsonObject = Object.freeze({})

/** The object that a value is, or an empty one. */
export function object(value: unknown): JsonObject {
  return isObject(value) ? value : none
}

/** The objects of a list. */
export function objects(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : []
}

/** The texts of a list; numbers become texts. */
export function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.map(asText).filter((text) => text !== '') : []
}

/** The first text of a list, or the text itself: how programs write the values of HTTP headers. */
function firstText(value: unknown): string {
  return Array.isArray(value) ? asText(value[0]) : asText(value)
}

/** Value of an HTTP header, whatever the case of its name. Written for objects of few keys. */
export function headerOf(headers: unknown, name: string): string {
  const values = object(headers)
  for (const key in values) {
    if (key.length === name.length && key.toLowerCase() === name) return firstText(values[key])
  }
  return ''
}
