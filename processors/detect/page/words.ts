// By which words are pages judged? The `.words.yml` files of the rule folders, read once and made ready to be looked for.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { errorText, SiagaError } from '../../../runtime/errors.ts'
import { foldText, type Vocabulary } from './fold.ts'

const ENDING = '.words.yml'
const Word = z.union([z.string(), z.number()]).transform(String)
const Words = z.array(Word).default([])
const Weight = z.number().positive().max(20)
const Group = z.strictObject({
  about: z.string(),
  weight: Weight,
  words: z.array(Word).min(1),
  /** Offers that others make as well: they count only beside something else that speaks for it. */
  company: z.boolean().default(false),
  /** What speaks against these words alone, since they have another meaning. */
  of: Words,
})
const Weighted = z.strictObject({ weight: Weight, words: z.array(Word) }).default({ weight: 1, words: [] })

const WordFile = z.strictObject({
  judges: z.enum(['gambling', 'defacement']),
  even: z.number().positive(),
  slope: z.number().positive(),
  sure: z.array(Group).default([]),
  parts: Weighted,
  topics: Weighted,
  themes: Words,
  calls: Words,
  pairs: z
    .array(
      z.strictObject({
        about: z.string(),
        weight: Weight,
        /** The most that different pairs of this kind give together. */
        most: Weight,
        first: z.array(Word).min(1),
        other: z.array(Word).min(1),
        /** One of these must stand a few words from the pair: what it is about. */
        near: Words,
        /** None of these may stand in it or before it: kena, bukan. */
        without: Words,
        /** Words from the first to the other, which stands behind it, or on either side. */
        within: z.int().min(1).max(12),
        either: z.boolean().default(false),
        company: z.boolean().default(false),
      }),
    )
    .default([]),
  names: z.strictObject({ numbers: Words, endings: Words, not: Words }).default({ numbers: [], endings: [], not: [] }),
  against: z.array(Group).default([]),
})
type WordFile = z.infer<typeof WordFile>

/** What a word is: sure by itself, sure in company, the topic, a word with other meanings, what one is asked to do, or what speaks against it. */
export type WordKind = 'sure' | 'offer' | 'topic' | 'theme' | 'call' | 'against'

export interface Entry {
  /** As it is shown. */
  readonly word: string
  readonly kind: WordKind
  readonly weight: number
  /** The words that it speaks against; none: all. */
  readonly of: readonly string[]
}

/** Words of one or more parts; each part leads to the next ones. */
export interface Node {
  readonly next: Map<string, Node>
  entry: Entry | undefined
}

/** Names that end as those of gambling sites do. */
export interface Names {
  readonly numbers: ReadonlySet<string>
  /** The longest first. */
  readonly endings: readonly string[]
  readonly not: ReadonlySet<string>
}

export interface WordModel {
  readonly even: number
  readonly slope: number
  readonly root: Node
  readonly vocabulary: Vocabulary
  readonly parts: readonly Entry[]
  readonly names: Names
  readonly pairs: readonly PairRule[]
}

/** A word of one list near one of another, whatever the two are: retas … oleh. */
export interface PairRule {
  readonly about: string
  readonly weight: number
  readonly most: number
  readonly first: ReadonlySet<string>
  readonly other: ReadonlySet<string>
  /** Of these one must stand near both; none: nothing must. */
  readonly near: ReadonlySet<string>
  /** Of these none may stand in it. */
  readonly without: ReadonlySet<string>
  readonly within: number
  readonly either: boolean
  /** It counts only beside something else that speaks for it. */
  readonly company: boolean
}

/** Models by what they judge. */
export interface PageWords {
  readonly gambling: WordModel
  readonly defacement: WordModel
}

const THEME_WEIGHT = 0.7
const CALL_WEIGHT = 0.2

/** Reads the words under the folders, those of several files together. Throws CONFIG_INVALID naming the file. */
export function loadPageWords(folders: readonly string[]): PageWords {
  const files = folders.flatMap(wordFiles).map(readWordFile)
  const model = (judges: WordFile['judges']): WordModel => modelOf(files.filter((file) => file.judges === judges))
  return { gambling: model('gambling'), defacement: model('defacement') }
}

/** Files of words under a folder. */
export function wordFiles(path: string): string[] {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return []
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(ENDING))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}

function readWordFile(file: string): WordFile {
  let content: unknown
  try {
    content = parse(readFileSync(file, 'utf8'))
  } catch (cause) {
    throw new SiagaError('CONFIG_INVALID', { detail: `${file} cannot be read: ${errorText(cause)}` }, { cause })
  }
  const read = WordFile.safeParse(content)
  if (read.success) return read.data
  const [issue] = read.error.issues
  throw new SiagaError('CONFIG_INVALID', { detail: `${file}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}` })
}

/** Thresholds are of the first file that has them; of a word that stands in two groups the first counts. */
function modelOf(files: readonly WordFile[]): WordModel {
  const root: Node = { next: new Map(), entry: undefined }
  const vocabulary = new Set<string>()
  const add = (word: string, kind: WordKind, weight: number, of: readonly string[] = []): void => {
    const parts = wordParts(word)
    let node = root
    for (const part of parts) {
      let next = node.next.get(part)
      if (next === undefined) {
        next = { next: new Map(), entry: undefined }
        node.next.set(part, next)
      }
      node = next
      if (kind !== 'against' && part.length > 1) vocabulary.add(part)
    }
    if (parts.length > 0) node.entry ??= { word, kind, weight, of }
  }
  for (const { sure, topics, themes, calls, against } of files) {
    for (const { company, weight, words } of sure)
      for (const word of words) add(word, company ? 'offer' : 'sure', weight)
    for (const word of topics.words) add(word, 'topic', topics.weight)
    for (const word of themes) add(word, 'theme', THEME_WEIGHT)
    for (const word of calls) add(word, 'call', CALL_WEIGHT)
    for (const { weight, words, of } of against) for (const word of words) add(word, 'against', weight, of)
  }
  for (const { pairs } of files)
    for (const { first, other, near } of pairs)
      for (const word of [...first, ...other, ...near]) vocabulary.add(foldText(word))
  const all = (list: 'numbers' | 'endings' | 'not'): string[] => files.flatMap(({ names }) => names[list])
  return {
    even: files[0]?.even ?? 1,
    slope: files[0]?.slope ?? 1,
    root,
    vocabulary,
    parts: files.flatMap(({ parts: { weight, words } }) =>
      words.map((word): Entry => ({ word: foldText(word), kind: 'sure', weight, of: [] })),
    ),
    pairs: files.flatMap(({ pairs }) =>
      pairs.map((pair) => ({
        ...pair,
        first: new Set(pair.first.map(foldText)),
        other: new Set(pair.other.map(foldText)),
        near: new Set(pair.near.map(foldText)),
        without: new Set(pair.without.map(foldText)),
      })),
    ),
    names: {
      numbers: new Set(all('numbers')),
      endings: all('endings').sort((a, b) => b.length - a.length),
      not: new Set(all('not')),
    },
  }
}

/** A word of a file as its parts are compared. */
function wordParts(word: string): string[] {
  return foldText(word).match(/[\p{L}\p{N}\p{M}]+/gu) ?? []
}
