// How is one query asked and its answer put where it belongs: the screen, a pipe or a file?
import { once } from 'node:events'
import { type FileHandle, open, rm } from 'node:fs/promises'
import type { ClickHouseOptions } from '../../runtime/clickhouse.ts'
import { chunksOf, withoutException } from '../../runtime/clickhouse-exception.ts'
import { type Advance, HELD_BACK_BYTES, watchQuery } from '../../runtime/clickhouse-watched.ts'
import { CommandError, type Frame } from '../frame.ts'
import type { Language } from '../terminal.ts'
import { createQueryBar } from './bar.ts'
import { isBinary, isDrawn, SCREEN_ROWS } from './formats.ts'
import { explainRefusal } from './problem.ts'
import { openPage, ReaderGone, screenLines } from './screen.ts'

export interface Question {
  /** One statement without its `;`. */
  readonly query: string
  readonly format: string
  readonly params: Readonly<Record<string, string>>
  readonly settings?: Readonly<Record<string, string | number>>
  /** For a screen: the user may be told to stop after so many rows as people read. */
  readonly limited?: boolean
  /** A new file; nothing: standard output. */
  readonly output?: string
  /** Show a long answer in the pager. */
  readonly paged: boolean
  readonly signal?: AbortSignal
}

export interface Answered {
  /** The answer was ended by its reader, who left the pager. */
  readonly left: boolean
  readonly summary: Advance
  /** False: the answer was longer than what the server holds back, and more was read than the summary says. */
  readonly complete: boolean
  /** Rows were left out for the screen. */
  readonly cut: boolean
  readonly seconds: number
  /** Bytes written to the file. */
  readonly bytes: number
}

/** Where answers go and where people look. */
export type Console = Pick<Frame, 'stdout' | 'stderr' | 'env' | 'paint' | 'paintError'>

/**
 * Asks and writes the answer. Rejects with CommandError for what the server refuses and for bytes meant for a screen, with
 * CLICKHOUSE_UNAVAILABLE also when `signal` ended it; a file begun is removed then.
 */
export async function ask(
  clickhouse: ClickHouseOptions,
  question: Question,
  console: Console,
  language: Language,
): Promise<Answered> {
  const { query, format, params, settings, limited, output, paged, signal } = question
  const toScreen = output === undefined && console.stdout.isTTY === true
  const began = performance.now()
  const bar = createQueryBar(console.stderr, console.paintError, language)
  const drawn = toScreen && isDrawn(format)
  let last: Advance | undefined
  // Before the server is asked: a name that is taken must not cost a long query.
  const file = output === undefined ? undefined : await newFile(output, language)
  let whole = false
  try {
    const answer = await watchQuery(clickhouse, query, {
      params,
      settings: {
        default_format: format,
        output_format_json_quote_64bit_integers: 0,
        output_format_pretty_color: 0,
        ...(drawn ? { output_format_pretty_max_rows: SCREEN_ROWS, ...(limited ? { limit: SCREEN_ROWS } : {}) } : {}),
        ...settings,
      },
      ...(signal === undefined ? {} : { signal }),
      onAdvance(told) {
        last = told
        bar.advance(told)
      },
    })
    if (toScreen && isBinary(answer.format)) {
      answer.body.destroy()
      throw binaryRefusal(answer.format, language)
    }
    // Not a pipeline from the answer: that would end with the cut connection before the guard can say why it was cut.
    let bytes = 0
    const counted = count(withoutException(chunksOf(answer.body)), (more) => {
      bytes += more
      if (file !== undefined) bar.written(more)
    })
    let left = false
    if (file !== undefined) for await (const part of counted) await file.writeFile(part)
    else if (toScreen) left = await toPage(counted, answer.format, paged, console, () => bar.stop())
    else await toPipe(counted, console.stdout)
    whole = true
    const { summary } = answer
    return {
      left,
      summary:
        last !== undefined && last.readRows > summary.readRows ? { ...last, resultRows: summary.resultRows } : summary,
      complete: !left && bytes < HELD_BACK_BYTES,
      cut: drawn && summary.resultRows >= SCREEN_ROWS,
      seconds: (performance.now() - began) / 1000,
      bytes,
    }
  } catch (error) {
    throw explainRefusal(error, query)
  } finally {
    bar.stop()
    await file?.close()
    if (output !== undefined && !whole) await rm(output, { force: true })
  }
}

async function* count(source: AsyncIterable<Buffer>, tell: (bytes: number) => void): AsyncGenerator<Buffer> {
  for await (const part of source) {
    tell(part.length)
    yield part
  }
}

async function toPage(
  source: AsyncIterable<Buffer>,
  format: string,
  paged: boolean,
  { stdout, env, paint }: Console,
  begins: () => void,
): Promise<boolean> {
  const page = openPage({ stdout, env, paint, paged })
  try {
    for await (const text of screenLines(source, format, paint)) {
      begins()
      await page.write(text)
    }
    return false
  } catch (error) {
    if (!(error instanceof ReaderGone)) throw error
    return true
  } finally {
    begins()
    await page.end()
  }
}

async function toPipe(source: AsyncIterable<Buffer>, stdout: NodeJS.WriteStream): Promise<void> {
  for await (const part of source) {
    if (!stdout.write(part)) await once(stdout, 'drain')
  }
}

async function newFile(path: string, language: Language): Promise<FileHandle> {
  try {
    return await open(path, 'wx', 0o600)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    throw language === 'id'
      ? new CommandError(`Berkas ${path} sudah ada.`, 'Pilih nama lain; tidak ada yang ditimpa.')
      : new CommandError(`There is a file ${path} already.`, 'Choose another name; nothing is overwritten.')
  }
}

function binaryRefusal(format: string, language: Language): CommandError {
  return language === 'id'
    ? new CommandError(
        `${format} berisi byte, bukan teks: tidak untuk layar.`,
        'Tulis ke berkas: --output BERKAS, atau \\o BERKAS di mode interaktif; atau ke pipa.',
      )
    : new CommandError(
        `${format} is bytes, not text: nothing for a screen.`,
        'Write it to a file: --output FILE, or \\o FILE in the interactive mode; or into a pipe.',
      )
}
