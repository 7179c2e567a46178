// How are the parts of a rule shown to people? Indented, each with a mark and what the event says.
import { type Paint, printable } from '../terminal.ts'
import type { Part } from './parts.ts'

/** One line for each part, such as `✓ c-uri contains "union"`, with what the field says behind it. Long parts are cut. */
export function partLines(parts: readonly Part[], paint: Paint, max = 2_000): string[] {
  return parts.map(({ depth, text, holds, value }) => {
    const mark = holds === undefined ? '•' : holds ? paint('green', '✓') : paint('red', '✗')
    const shown = text.length > max ? `${text.slice(0, max - 1)}…` : text
    const said = value === '' ? '' : `  ${paint('gray', `← ${printable(value)}`)}`
    return `${'  '.repeat(depth)}${mark} ${printable(shown)}${said}`
  })
}
