// How does a person talk with ClickHouse? Line by line: statements until `;`, commands that begin with a backslash, Ctrl-C and Ctrl-D.
import { createInterface, type Interface } from 'node:readline/promises'
import { type ClickHouseOptions, createClickHouse } from '../../runtime/clickhouse.ts'
import { errorText, SiagaError } from '../../runtime/errors.ts'
import { CommandError, type Frame } from '../frame.ts'
import { type Language, number, printable } from '../terminal.ts'
import { type Answered, ask } from './ask.ts'
import { bytesText } from './bar.ts'
import { type Catalog, emptyCatalog, readCatalog, readRights, readServer } from './catalog.ts'
import { complete } from './complete.ts'
import { isDrawn, SCREEN_ROWS } from './formats.ts'
import { HISTORY_ENTRIES, type History, openHistory } from './history.ts'
import { cutStatements, saysSomething } from './lexer.ts'
import { runMeta, type Settings } from './meta.ts'
import { openPage } from './screen.ts'
import { words } from './words.ts'

/** As the server takes (max_query_size). */
const MAX_STATEMENT = 256 * 1024
/** Lines typed or pasted ahead while a query runs. */
const MAX_AHEAD = 10_000

export interface Session {
  readonly clickhouse: ClickHouseOptions
  readonly frame: Frame
  readonly language: Language
  readonly settings: Settings
  /** Undefined: nothing is kept. */
  readonly historyFile: string | undefined
}

/** Talks until the person leaves. Rejects if the server does not answer at the start; later that is told and the prompt comes back. */
export async function interact(session: Session): Promise<void> {
  const { frame, language, settings } = session
  const { stdout, stderr, paint, paintError, env } = frame
  const text = words[language]
  const client = createClickHouse(session.clickhouse)
  const server = await readServer(client)
  const rights = await readRights(client)
  // Read-only, so that the server ends a query with its connection.
  const reading = rights.readonly === 0 ? { readonly: 2 } : {}
  const history = await openHistory(session.historyFile, (error) =>
    stderr.write(`${text.noHistory(printable(errorText(error)))}\n`),
  )
  let catalog: Catalog = emptyCatalog
  // What completes comes while the first query is typed; without it the prompt still works.
  readCatalog(client).then(
    (read) => {
      catalog = read
    },
    () => undefined,
  )
  let statement = ''
  const prompt = createPrompt(frame, history, (line, after) => complete(line, statement, after, catalog))
  stdout.write(`${text.welcome(printable(server.version), printable(server.user))}\n${text.hint}\n`)
  prompt.onInterrupt(() => {
    const empty = statement.trim() === '' && prompt.isBlank()
    statement = ''
    stdout.write(empty ? `^C\n${text.toLeave}\n` : '^C\n')
  })

  const tell = (error: unknown): void => {
    if (!(error instanceof CommandError) && !(error instanceof SiagaError)) throw error
    stderr.write(
      `${paintError('red', error.message)}\n${error.action === '' || isRefusal(error) ? '' : `  ${error.action}\n`}`,
    )
  }
  const show = async (output: string): Promise<void> => {
    const page = openPage({ stdout, env, paint, paged: true })
    await page.write(output)
    await page.end()
  }

  const run = async (query: string): Promise<void> => {
    if (/^\s*SET\s/i.test(query)) throw new CommandError(text.noSet, '')
    const { output, format } = settings
    settings.output = undefined
    const asked = {
      query,
      format,
      params: Object.fromEntries(settings.params),
      settings: reading,
      limited: rights.limit,
      paged: true,
    }
    await prompt.during(async (signal) => {
      try {
        const target = output === undefined ? {} : { output }
        const answered = await ask(session.clickhouse, { ...asked, ...target, signal }, frame, language)
        if (output !== undefined)
          stdout.write(`${text.wrote(printable(output), bytesText(answered.bytes, language))}\n`)
        stdout.write(footer(answered, settings, language, frame))
      } catch (error) {
        if (!signal.aborted) throw error
        stdout.write(`${text.cancelled}\n`)
      }
    })
  }

  /** Takes one line; false to leave. */
  const take = async (line: string): Promise<boolean> => {
    const fresh = statement.trim() === ''
    if (fresh && /^\s*(?:quit|exit)\s*;?\s*$/i.test(line)) return false
    if (fresh && line.trimStart().startsWith('\\')) {
      await prompt.remember(line)
      const parts = { settings, clickhouse: client, language, cwd: frame.cwd, columns: stdout.columns || 80, paint }
      const output = await prompt.during(() => runMeta(line, parts))
      if (output !== undefined) await prompt.during(() => show(output))
      return output !== undefined
    }
    statement = fresh ? line : `${statement}\n${line}`
    if (statement.length > MAX_STATEMENT) {
      statement = ''
      throw new CommandError(text.tooLong, '')
    }
    const { whole, rest } = cutStatements(statement)
    if (whole.length === 0) return true
    await prompt.remember(`${whole.join(';')};`)
    statement = rest.trim() === '' ? '' : rest
    for (const query of whole) if (saysSomething(query)) await run(query)
    return true
  }

  try {
    for (;;) {
      const line = await prompt.line(statement.trim() === '')
      if (line === undefined) break
      const stay = await take(line).catch((error: unknown) => {
        tell(error)
        return true
      })
      if (!stay) break
    }
  } finally {
    prompt.close()
    await client.close()
  }
}

/** What a person can do about a refused query stands in the refusal. */
function isRefusal(error: CommandError | SiagaError): boolean {
  return error.message.startsWith('ClickHouse refused the query: ')
}

function footer(answered: Answered, { timing, format }: Settings, language: Language, frame: Frame): string {
  const text = words[language]
  const { summary, complete: whole, seconds } = answered
  const lines: string[] = []
  if (answered.cut) lines.push(text.cut(number(SCREEN_ROWS, language)))
  if (answered.left) lines.push(text.left)
  if (timing) {
    const told = [
      ...(whole && (isDrawn(format) || summary.resultRows > 0)
        ? [text.rows(number(summary.resultRows, language))]
        : []),
      `${number(seconds, language, 3)} s`,
      text.read(number(summary.readRows, language), bytesText(summary.readBytes, language), !whole),
    ]
    lines.push(told.join(' · '))
  }
  return lines.map((line) => `${frame.paint('gray', line)}\n`).join('')
}

interface Prompt {
  /** The next line; undefined at the end of the input. */
  line(fresh: boolean): Promise<string | undefined>
  /** Makes one entry of the history of the lines since the last. */
  remember(statement: string): Promise<void>
  /** Runs work outside the prompt: Ctrl-C aborts its signal. */
  during<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T>
  onInterrupt(told: () => void): void
  /** Nothing has been typed on the line. */
  isBlank(): boolean
  close(): void
}

function createPrompt(
  { stdin, stdout, paint }: Pick<Frame, 'stdin' | 'stdout' | 'paint'>,
  history: History,
  completer: (line: string, after: string) => [string[], string],
): Prompt {
  const ahead: string[] = []
  let wake = (): void => undefined
  let closed = false
  let interrupted = (): void => undefined
  let fresh = true
  /** What the history is, the newest first; readline's own list also holds the lines of the statement that is being typed. */
  let kept: readonly string[] = history.entries
  let list: string[] = [...kept]
  const rl: Interface = createInterface({
    input: stdin,
    output: stdout,
    terminal: true,
    history: list,
    historySize: HISTORY_ENTRIES,
    removeHistoryDuplicates: false,
    completer: (line: string) => completer(line, rl.line.slice(rl.cursor)),
  })
  rl.on('history', (now) => {
    list = now
  })
  rl.on('line', (line) => {
    if (ahead.length < MAX_AHEAD) ahead.push(line)
    wake()
  })
  rl.on('close', () => {
    closed = true
    wake()
  })
  rl.on('SIGINT', () => {
    interrupted()
    // What was typed on this line goes, as in a shell.
    rl.write(null, { ctrl: true, name: 'e' })
    rl.write(null, { ctrl: true, name: 'u' })
    fresh = true
    list.splice(0, list.length, ...kept)
    draw()
  })
  const draw = (): void => {
    rl.setPrompt(paint('bold', fresh ? 'siaga> ' : '    -> '))
    rl.prompt()
  }
  return {
    async line(isFresh) {
      fresh = isFresh
      if (ahead.length === 0 && !closed) draw()
      while (ahead.length === 0 && !closed) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
      return ahead.shift()
    },
    async remember(statement) {
      const entry = await history.add(statement)
      if (entry !== undefined) kept = [entry, ...kept.filter((one) => one !== entry)].slice(0, HISTORY_ENTRIES)
      list.splice(0, list.length, ...kept)
    },
    async during(work) {
      const abort = new AbortController()
      const onSignal = (): void => abort.abort()
      // Out of raw mode the terminal itself makes a signal of Ctrl-C, and a pager has the keys to itself.
      rl.pause()
      stdin.setRawMode(false)
      process.on('SIGINT', onSignal)
      try {
        return await work(abort.signal)
      } finally {
        process.off('SIGINT', onSignal)
        if (!closed) {
          stdin.setRawMode(true)
          rl.resume()
        }
      }
    },
    onInterrupt(told) {
      interrupted = told
    },
    isBlank: () => rl.line === '',
    close() {
      rl.close()
      stdin.setRawMode(false)
    },
  }
}
