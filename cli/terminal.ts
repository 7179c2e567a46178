// How does Siaga speak on a terminal and into a pipe? Colours, a progress line, tables, numbers and times.
import { stripVTControlCharacters, styleText } from 'node:util'

export { localTime } from '../runtime/local-time.ts'

/** What is needed of a stream to write to people. */
export interface Output {
  write(text: string): unknown
  readonly isTTY?: boolean
  readonly columns?: number
}

type Style = Parameters<typeof styleText>[0]

/** Text in a colour or weight, on terminals only; NO_COLOR is honoured. */
export type Paint = (style: Style, text: string) => string

/** A painter for one stream. */
export function painter(output: Output, env: Readonly<Record<string, string | undefined>> = process.env): Paint {
  const colour = output.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb'
  return (style, text) => (colour ? styleText(style, text, { validateStream: false }) : text)
}

export interface Progress {
  /** What is going on now: replaces the line on a terminal, is a line of its own otherwise. */
  doing(text: string): void
  /** A line that stays. */
  done(text: string): void
  /** A line that stays, marked as trouble. */
  failed(text: string): void
  /** Takes the moving line away. */
  stop(): void
}

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']
const clearLine = '\r\u001B[2K'

/** Progress for people: a spinner on a terminal, plain lines into a pipe or file. */
export function createProgress(output: Output, paint: Paint = painter(output)): Progress {
  const live = output.isTTY === true
  let current = ''
  let frame = 0
  let timer: NodeJS.Timeout | undefined
  const draw = (): void => {
    const room = Math.max(20, (output.columns || 80) - 4)
    const text = current.length > room ? `${current.slice(0, room - 1)}…` : current
    output.write(`${clearLine}${paint('cyan', frames[frame % frames.length] ?? '')} ${text}`)
    frame += 1
  }
  const clear = (): void => {
    if (timer === undefined) return
    clearInterval(timer)
    timer = undefined
    output.write(clearLine)
  }
  const line = (mark: string, text: string): void => {
    const spinning = timer !== undefined
    clear()
    output.write(`${mark} ${text}\n`)
    if (spinning) resume()
  }
  const resume = (): void => {
    timer = setInterval(draw, 100)
    timer.unref()
    draw()
  }
  return {
    doing(text) {
      if (text === current && (live ? timer !== undefined : true)) return
      current = text
      if (!live) output.write(`… ${text}\n`)
      else if (timer === undefined) resume()
      else draw()
    },
    done: (text) => line(paint('green', '✓'), text),
    failed: (text) => line(paint('red', '✗'), text),
    stop: clear,
  }
}

export interface TableColumn {
  readonly title: string
  readonly align?: 'left' | 'right'
}

const width = (text: string): number => stripVTControlCharacters(text).length

/** Rows as an aligned table with a header line, ready to print. */
export function table(columns: readonly TableColumn[], rows: readonly (readonly string[])[], paint: Paint): string {
  const widths = columns.map((column, index) =>
    Math.max(width(column.title), ...rows.map((row) => width(row[index] ?? ''))),
  )
  const cell = (text: string, index: number): string => {
    const space = ' '.repeat(Math.max(0, (widths[index] ?? 0) - width(text)))
    return columns[index]?.align === 'right' ? space + text : text + space
  }
  const header = columns
    .map((column, index) => paint('bold', cell(column.title, index)))
    .join('  ')
    .trimEnd()
  return [header, ...rows.map((row) => row.map(cell).join('  ').trimEnd())].map((line) => `${line}\n`).join('')
}

// Control characters of both blocks and bidirectional overrides: a log line must not steer the reader's terminal.
const unsafe = /[\p{Cc}\u202A-\u202E\u2066-\u2069]/gu

/** Text from outside, made safe to show on a terminal: control characters but tab and line break become visible escapes. */
export function printable(text: string): string {
  return text.replace(unsafe, (character) =>
    character === '\n' || character === '\t'
      ? character
      : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

export type Language = 'id' | 'en'

/** Indonesian unless somebody asks for English: --lang, SIAGA_LANG, then the locale of the terminal. */
export function languageOf(option: string | undefined, env: Readonly<Record<string, string | undefined>>): Language {
  const wanted = (option ?? env.SIAGA_LANG ?? '').toLowerCase()
  if (wanted !== '') return wanted.startsWith('en') ? 'en' : 'id'
  return (env.LC_ALL || env.LC_MESSAGES || env.LANG || '').toLowerCase().startsWith('en') ? 'en' : 'id'
}

/** `12,345` or, in Indonesian, `12.345`. */
export function number(value: number, language: Language = 'en', digits = 0): string {
  return value.toLocaleString(language === 'id' ? 'id-ID' : 'en-US', {
    maximumFractionDigits: digits,
    minimumFractionDigits: 0,
  })
}

/** A part of a whole (0 to 1) as a bar of so many characters: `███░░░`. */
export function gauge(part: number, width: number): string {
  const full = Math.round(part * width)
  return `${'█'.repeat(full)}${'░'.repeat(width - full)}`
}

/** Seconds in a form that is read at a glance: `0.4 s`, `12 s`, `3 min 20 s`, `2 h 5 min`, `40 d`. */
export function duration(seconds: number): string {
  if (seconds < 10) return `${Math.round(seconds * 10) / 10} s`
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  if (whole < 3_600) return whole % 60 === 0 ? `${whole / 60} min` : `${Math.floor(whole / 60)} min ${whole % 60} s`
  if (whole >= 172_800) return `${Math.floor(whole / 86_400)} d`
  return `${Math.floor(whole / 3_600)} h ${Math.floor((whole % 3_600) / 60)} min`
}
