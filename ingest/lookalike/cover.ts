// Is what stands beside a brand made of words that go with it? `cekdpt` is; `hit` of hitkpu is not.
import { skeletonOf } from './confusables.ts'
import { baitWords, electionWords, placeWords } from './words.ts'

/** `none`: something else is in it. `empty`: nothing there. `bait`: words, places and numbers. `election`: a word of elections among them. */
export type Cover = 'none' | 'empty' | 'bait' | 'election'

const MAX_LABEL = 63
const MAX_WORD = 24
const NUMBER = /^\d{1,4}$/

/** Answers what a part of a label is made of. */
export function createCover(words: readonly string[], places: Iterable<string>): (text: string) => Cover {
  /** Word → true if it is one of elections. */
  const known = new Map<string, boolean>()
  for (const word of [...baitWords, ...placeWords, ...places]) known.set(word.replaceAll('-', ''), false)
  for (const word of [...electionWords, ...words]) known.set(word.replaceAll('-', ''), true)
  const drawn = new Map([...known].map(([word, election]) => [skeletonOf(word), election]))

  function coverBy(text: string, dictionary: ReadonlyMap<string, boolean>): Cover {
    // best[n]: what the first n characters are made of.
    const best: (Cover | undefined)[] = ['empty']
    for (let from = 0; from < text.length; from++) {
      const before = best[from]
      if (before === undefined) continue
      for (let to = from + 1; to <= text.length && to - from <= MAX_WORD; to++) {
        const part = text.slice(from, to)
        const election = dictionary.get(part) ?? (NUMBER.test(part) ? false : undefined)
        if (election === undefined) continue
        if (election || before === 'election') best[to] = 'election'
        else best[to] ??= 'bait'
      }
    }
    return best[text.length] ?? 'none'
  }

  return (text) => {
    if (text === '') return 'empty'
    if (text.length > MAX_LABEL) return 'none'
    const plain = coverBy(text, known)
    return plain === 'none' ? coverBy(skeletonOf(text), drawn) : plain
  }
}
