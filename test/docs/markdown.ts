// What do the project's documents hold? Their fenced blocks, links and words in code, for the tests of the documents.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export const root = join(import.meta.dirname, '../..')

/** Every document a person reads, relative to the root; generated ones too. */
export const documents: readonly string[] = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => `docs/${file}`)
    .sort(),
]

/** Documents written by hand: what they say about commands and settings must be true. */
export const handWritten = documents.filter((file) => !file.startsWith('docs/reference/'))

export function readDocument(file: string): string {
  return readFileSync(join(root, file), 'utf8')
}

export interface Block {
  readonly language: string
  readonly text: string
  /** Line of the opening fence, from 1. */
  readonly line: number
  /** The HTML comment that ends on the line before the fence, without its marks. */
  readonly comment: string
}

/** The fenced blocks of a document, in order. */
export function blocksOf(text: string): Block[] {
  const blocks: Block[] = []
  const fence = /^```(\w*)\n([\s\S]*?)^```$/gm
  for (const match of text.matchAll(fence)) {
    const before = text.slice(0, match.index)
    const comment = /<!--(?:(?!-->)[\s\S])*-->\n$/.exec(before)?.[0] ?? ''
    blocks.push({
      language: match[1] ?? '',
      text: match[2] ?? '',
      line: before.split('\n').length,
      comment: comment.replace(/^<!--\s*|\s*-->\n$/g, ''),
    })
  }
  return blocks
}

/** Everything written as code: blocks and `words`. */
export function codeOf(text: string): string[] {
  const prose = text.replace(/^```[\s\S]*?^```$/gm, '')
  return [
    ...blocksOf(text).map((block) => block.text),
    ...[...prose.matchAll(/`([^`\n]+)`/g)].map((match) => match[1] ?? ''),
  ]
}

/** The text of the one block that an HTML comment before it calls so. Throws if there is none. */
export function blockMarked(file: string, mark: string): string {
  const block = blocksOf(readDocument(file)).find(({ comment }) => comment === mark)
  if (block === undefined) throw new Error(`${file} shows no block marked "${mark}"`)
  return block.text
}
