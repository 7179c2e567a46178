// What does @peculiar/x509 need of the metadata proposal? Keys and values on classes; imported before it, in place of a polyfill.
type Key = string | symbol

const stores = new WeakMap<object, Map<Key, unknown>>()
const own = (key: Key, target: object): unknown => stores.get(target)?.get(key)

function define(key: Key, value: unknown, target: object): void {
  const store = stores.get(target) ?? new Map<Key, unknown>()
  stores.set(target, store.set(key, value))
}

function inherited(key: Key, target: object): unknown {
  for (let at: object | null = target; at !== null; at = Object.getPrototypeOf(at)) {
    const value = own(key, at)
    if (value !== undefined) return value
  }
  return undefined
}

Object.assign(Reflect, {
  defineMetadata: define,
  getOwnMetadata: own,
  getMetadata: inherited,
  hasOwnMetadata: (key: Key, target: object) => own(key, target) !== undefined,
  hasMetadata: (key: Key, target: object) => inherited(key, target) !== undefined,
  metadata: (key: Key, value: unknown) => (target: object) => define(key, value, target),
})
