// What comes first? A binary heap.

export interface Heap<T> {
  readonly size: number
  push(item: T): void
  /** The first item; it stays. */
  peek(): T | undefined
  pop(): T | undefined
}

/** `before` says whether a comes before b. */
export function createHeap<T>(before: (a: T, b: T) => boolean): Heap<T> {
  const items: T[] = []
  const isBefore = (a: number, b: number): boolean => {
    const [x, y] = [items[a], items[b]]
    return x !== undefined && y !== undefined && before(x, y)
  }
  const swap = (a: number, b: number): void => {
    const [x, y] = [items[a], items[b]]
    if (x === undefined || y === undefined) return
    items[a] = y
    items[b] = x
  }
  return {
    get size() {
      return items.length
    },
    push(item) {
      items.push(item)
      for (let at = items.length - 1; at > 0; ) {
        const parent = (at - 1) >> 1
        if (!isBefore(at, parent)) return
        swap(at, parent)
        at = parent
      }
    },
    peek: () => items[0],
    pop() {
      const first = items[0]
      const last = items.pop()
      if (items.length === 0 || last === undefined) return first
      items[0] = last
      for (let at = 0; ; ) {
        let least = at
        for (const child of [2 * at + 1, 2 * at + 2]) if (isBefore(child, least)) least = child
        if (least === at) return first
        swap(at, least)
        at = least
      }
    },
  }
}
