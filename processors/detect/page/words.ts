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
const Group = z.strictObject({ about: z.string(), weight: Weight, words: z.array(Word).min(1) })
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
  names: z.strictObject({ numbers: Words, endings: Words, not: Words }).default({ numbers: [], endings: [], not: [] }),
  against: z.array(Group).default([]),
})
type WordFile = z.infer<typeof WordFile>

/** What a word is: advertising by itself, the topic, a word with other meanings, what one is asked to do, or what speaks against it. */
export type WordKind = 'sure' | 'topic' | 'theme' | 'call' | 'against'

export interface Entry {
  /** As it is shown. */
  readonly word: string
  readonly kind: WordKind
  readonly weight: number
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
  const add = (word: string, kind: WordKind, weight: number): void => {
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
    if (parts.length > 0) node.entry ??= { word, kind, weight }
  }
  for (const { sure, topics, themes, calls, against } of files) {
    for (const group of sure) for (const word of group.words) add(word, 'sure', group.weight)
    for (const word of topics.words) add(word, 'topic', topics.weight)
    for (const word of themes) add(word, 'theme', THEME_WEIGHT)
    for (const word of calls) add(word, 'call', CALL_WEIGHT)
    for (const group of against) for (const word of group.words) add(word, 'against', group.weight)
  }
  const all = (list: 'numbers' | 'endings' | 'not'): string[] => files.flatMap(({ names }) => names[list])
  return {
    even: files[0]?.even ?? 1,
    slope: files[0]?.slope ?? 1,
    root,
    vocabulary,
    parts: files.flatMap(({ parts: { weight, words } }) =>
      words.map((word): Entry => ({ word: foldText(word), kind: 'sure', weight })),
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
