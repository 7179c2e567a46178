// How far is a query? One line on standard error while it runs: time, rows, bytes, and how much of what it means to read.
import type { Advance } from '../../runtime/clickhouse-watched.ts'
import { duration, gauge, type Language, number, type Output, type Paint } from '../terminal.ts'

/** Quicker queries need no bar. */
const PATIENCE_MS = 300
const EVERY_MS = 100
const WIDTH = 16
const clearLine = '\r\u001B[2K'

const words = {
  id: { rows: 'baris', cancel: 'Ctrl-C membatalkan', written: 'ditulis' },
  en: { rows: 'rows', cancel: 'Ctrl-C cancels', written: 'written' },
}

export interface QueryBar {
  advance(told: Advance): void
  /** Bytes of the answer that were written to a file. */
  written(bytes: number): void
  stop(): void
}

/** The bar's text, at most `columns` wide. */
export function queryBarText(
  told: Advance,
  seconds: number,
  written: number,
  language: Language,
  columns: number,
): string {
  const text = words[language]
  const part = told.totalRows > 0 ? Math.min(1, told.readRows / told.totalRows) : undefined
  const parts = [
    duration(seconds),
    ...(part === undefined ? [] : [`${Math.floor(part * 100)}% ${gauge(part, WIDTH)}`]),
    `${number(told.readRows, language)} ${text.rows}`,
    bytesText(told.readBytes, language),
    ...(written > 0 ? [`${bytesText(written, language)} ${text.written}`] : []),
    text.cancel,
  ]
  return parts.join('  ').slice(0, Math.max(20, columns - 1))
}

/** A bar on a terminal, nothing elsewhere. */
export function createQueryBar(output: Output, paint: Paint, language: Language): QueryBar {
  if (output.isTTY !== true) return { advance: () => undefined, written: () => undefined, stop: () => undefined }
  const began = performance.now()
  let told: Advance = { readRows: 0, readBytes: 0, totalRows: 0, resultRows: 0, seconds: 0 }
  let bytes = 0
  let drawn = false
  const timer = setInterval(() => {
    const ms = performance.now() - began
    if (ms < PATIENCE_MS) return
    drawn = true
    output.write(`${clearLine}${paint('cyan', queryBarText(told, ms / 1000, bytes, language, output.columns || 80))}`)
  }, EVERY_MS)
  timer.unref()
  return {
    advance(now) {
      told = now
    },
    written(more) {
      bytes += more
    },
    stop() {
      clearInterval(timer)
      if (drawn) output.write(clearLine)
      drawn = false
    },
  }
}

/** `12 kB`, `3.4 MB`. */
export function bytesText(bytes: number, language: Language = 'en'): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let value = bytes
  let unit = 0
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  return `${number(value, language, value < 10 && unit > 0 ? 1 : 0)} ${units[unit]}`
}
