// What are the parts of a Windows event in JSON? `{"Event":{"System":…,"EventData":…}}` as evtx_dump and others write it, taken apart into names and values.
// Source: Microsoft, "Event Schema"; Sigma specification 2.1, "Field Usage" (attributes of System are joined by an underscore: Provider_Name).
import { isObject, type JsonObject } from '../json/json-guard.ts'

/** Takes a name and its value. */
export type Visit = (name: string, value: unknown) => void

/** Whether a JSON value is a Windows event. */
export function isWindowsEvent(value: unknown): value is { readonly Event: JsonObject } {
  return isObject(value) && isObject(value.Event) && isObject(value.Event.System)
}

/** Text of an element that has attributes too. */
export function textOf(value: unknown): unknown {
  if (!isObject(value)) return value
  if (Object.hasOwn(value, '#text')) return value['#text']
  return Object.keys(value).every(isAttribute) ? null : value
}

function isAttribute(name: string): boolean {
  return name === '#attributes' || name.startsWith('@')
}

/** Attributes of an element, however the converter wrote them. */
function attributesOf(element: JsonObject): [string, unknown][] {
  const found = isObject(element['#attributes']) ? Object.entries(element['#attributes']) : []
  for (const [name, value] of Object.entries(element)) {
    if (name.startsWith('@')) found.push([name.slice(1), value])
    else if (!name.startsWith('#') && !isObject(value)) found.push([name, value])
  }
  return found
}

/** The header, `System`: `Channel`, `Provider_Name` … */
export function visitHeader(system: JsonObject, visit: Visit): void {
  for (const [name, value] of Object.entries(system)) {
    if (isAttribute(name)) continue
    if (!isObject(value)) {
      if (value !== null) visit(name, value)
      continue
    }
    if (Object.hasOwn(value, '#text')) visit(name, value['#text'])
    for (const [attribute, one] of attributesOf(value)) visit(`${name}_${attribute}`, one)
  }
}

/** Named data under their names; data without names, as old providers write them, as the list `Data`. */
export function visitData(data: JsonObject, visit: Visit): void {
  for (const [name, value] of Object.entries(data)) {
    if (isAttribute(name)) continue
    if (name !== 'Data') {
      visit(name, textOf(value))
      continue
    }
    const unnamed: unknown[] = []
    for (const one of Array.isArray(value) ? value : [value]) {
      const own = isObject(one) ? attributesOf(one).find(([attribute]) => attribute === 'Name')?.[1] : undefined
      if (typeof own === 'string') visit(own, textOf(one))
      else unnamed.push(textOf(one))
    }
    const flat = unnamed.flat()
    if (flat.length > 0) visit('Data', flat.length === 1 ? flat[0] : flat)
  }
}

/** Providers put a document of their own into UserData; its elements are the fields. */
export function visitUserData(data: JsonObject, visit: Visit): void {
  for (const [name, value] of Object.entries(data)) {
    if (isAttribute(name)) continue
    const text = textOf(value)
    if (isObject(text)) visitUserData(text, visit)
    else visit(name, text)
  }
}
