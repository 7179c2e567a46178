// How does an answer reach a person's screen? Made harmless, coloured, and through the pager where it is longer or wider than the screen.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Writable } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import { type Paint, printable } from '../terminal.ts'
import { VERTICAL } from './formats.ts'

export interface Screen {
  readonly stdout: NodeJS.WriteStream
  readonly env: NodeJS.ProcessEnv
  readonly paint: Paint
  /** False: never through a pager. */
  readonly paged: boolean
}

/** A reader of our text went away before its end; nothing more is wanted. */
export class ReaderGone extends Error {}

export interface Page {
  write(text: string): Promise<void>
  /** Shows what is held back and waits until the reader has left the pager. */
  end(): Promise<void>
}

/** Text for one answer. As long as it fits the screen it is held back; then it goes to the pager as it comes. `write` rejects with ReaderGone. */
export function openPage({ stdout, env, paged }: Screen): Page {
  let held: string[] = []
  let lines = 0
  let wide = false
  let pager: Pager | undefined
  let straight = !paged
  const rows = Math.max(2, (stdout.rows || 24) - 1)
  const columns = stdout.columns || 80
  return {
    async write(text) {
      if (pager !== undefined) return pager.write(text)
      if (straight) return writeTo(stdout, text)
      held.push(text)
      for (const line of text.split('\n')) wide ||= stripVTControlCharacters(line).length > columns
      lines += text.split('\n').length - 1
      if (lines <= rows && !wide) return
      const all = held.join('')
      held = []
      pager = startPager(env)
      if (pager !== undefined) return pager.write(all)
      straight = true
      return writeTo(stdout, all)
    },
    async end() {
      if (pager !== undefined) await pager.end()
      else if (held.length > 0) await writeTo(stdout, held.join(''))
      held = []
    },
  }
}

interface Pager {
  write(text: string): Promise<void>
  end(): Promise<void>
}

/** $PAGER, or less: long lines are cut and can be scrolled to, colours pass, a text that fits stays on the screen. */
function startPager(env: NodeJS.ProcessEnv): Pager | undefined {
  const command = (env.PAGER ?? 'less').trim()
  if (command === '' || command === 'cat' || env.TERM === 'dumb') return undefined
  const child = spawn('/bin/sh', ['-c', `exec ${command}`], {
    stdio: ['pipe', 'inherit', 'inherit'],
    env: { LESS: '-FRSX', LESSCHARSET: 'utf-8', ...env },
  })
  let gone = false
  const ended = new Promise<void>((resolve) => {
    const leave = (): void => {
      gone = true
      resolve()
    }
    child.once('error', leave)
    child.once('exit', leave)
  })
  child.stdin.on('error', () => {
    gone = true
  })
  return {
    async write(text) {
      if (gone) throw new ReaderGone()
      if (!child.stdin.write(text)) await Promise.race([once(child.stdin, 'drain').catch(() => undefined), ended])
      if (gone) throw new ReaderGone()
    },
    async end() {
      child.stdin.end()
      await ended
    },
  }
}

async function writeTo(stream: Writable, text: string | Uint8Array): Promise<void> {
  if (!stream.write(text)) await once(stream, 'drain')
}

const MAX_LINE = 4 * 1024 * 1024

/** Bytes of an answer as lines for a screen: control characters made visible (what a log holds must not steer the terminal), frames and names coloured. */
export async function* screenLines(
  source: AsyncIterable<Buffer>,
  format: string,
  paint: Paint,
): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let held = ''
  for await (const part of source) {
    const text = held + decoder.decode(part, { stream: true })
    // A line without an end must not grow for ever.
    const end = text.length > MAX_LINE ? text.length : text.lastIndexOf('\n') + 1
    held = text.slice(end)
    if (end > 0) yield colour(text.slice(0, end), format, paint)
  }
  const last = held + decoder.decode()
  if (last !== '') yield colour(`${last}\n`, format, paint)
}

function colour(text: string, format: string, paint: Paint): string {
  const safe = printable(text)
  if (format.startsWith('Pretty')) {
    return safe.replace(/^ *[┌├└].*$/gm, (frame) =>
      frame.replace(/[^─┌┬┐├┼┤└┴┘]+/g, (name) => (name.trim() === '' ? name : paint('bold', name))),
    )
  }
  if (format === VERTICAL) {
    return safe
      .replace(/^Row \d+:$/gm, (row) => paint('bold', row))
      .replace(/^[\w.]+:/gm, (name) => paint('cyan', name))
  }
  return safe
}
