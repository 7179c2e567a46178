// How far is it, how fast, how long still? One line on a terminal, nothing into a pipe.
import { duration, gauge, number, type Output, type Paint } from '../terminal.ts'

export interface Advance {
  readonly lines: number
  readonly bytes: number
  /** Undefined for a pipe: then there is no end to count towards. */
  readonly totalBytes: number | undefined
  readonly seconds: number
}

export interface ProgressBar {
  start(read: () => Advance): void
  /** A line above the bar. */
  print(text: string): void
  stop(): void
}

const clearLine = '\r\u001B[2K'
const BAR_WIDTH = 24

/** The bar's text: `  62% ███████░░░  1,240,000 lines  81,000/s  12 s left`. */
export function barText({ lines, bytes, totalBytes, seconds }: Advance): string {
  const rate = seconds > 0 ? lines / seconds : 0
  const words = [`${number(lines)} lines`, `${number(rate)}/s`]
  if (totalBytes === undefined || totalBytes === 0) return words.join('  ')
  const part = Math.min(1, bytes / totalBytes)
  const left = part > 0 ? (seconds / part) * (1 - part) : undefined
  if (left !== undefined && seconds >= 0.5) words.push(`${duration(Math.ceil(left))} left`)
  return `${String(Math.floor(part * 100)).padStart(3)}% ${gauge(part, BAR_WIDTH)}  ${words.join('  ')}`
}

/** A progress bar on a terminal; elsewhere only `print` writes. */
export function createProgressBar(output: Output, paint: Paint): ProgressBar {
  const live = output.isTTY === true
  let timer: NodeJS.Timeout | undefined
  let draw = (): void => {}
  return {
    start(read) {
      if (!live) return
      draw = () => {
        output.write(`${clearLine}${paint('cyan', barText(read()).slice(0, Math.max(20, (output.columns || 80) - 1)))}`)
      }
      timer = setInterval(draw, 100)
      timer.unref()
    },
    print(text) {
      output.write(`${live ? clearLine : ''}siaga: ${text}\n`)
      draw()
    },
    stop() {
      if (timer === undefined) return
      clearInterval(timer)
      timer = undefined
      draw = () => {}
      output.write(clearLine)
    },
  }
}
