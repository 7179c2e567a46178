// How is a text of others shown? As text, what matched in it marked, and what nobody sees or what turns the direction of writing made visible.
import type { Mark } from '../../../../schemas/alert-page-api.ts'

/** Control and format characters, and half of a character. */
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u

interface Piece {
  readonly text: string
  readonly mark: Mark | undefined
}

/** A text taken apart at the marks; joined again it is the text. Marks are in order, none over another. */
function piecesOf(text: string, marks: readonly Mark[]): Piece[] {
  const pieces: Piece[] = []
  let at = 0
  for (const mark of marks) {
    if (mark.start < at || mark.end > text.length || mark.end <= mark.start) continue
    if (mark.start > at) pieces.push({ text: text.slice(at, mark.start), mark: undefined })
    pieces.push({ text: text.slice(mark.start, mark.end), mark })
    at = mark.end
  }
  if (at < text.length) pieces.push({ text: text.slice(at), mark: undefined })
  return pieces
}

interface Props {
  readonly text: string
  readonly marks: readonly Mark[]
  readonly small?: boolean
}

export function MarkedLine({ text, marks, small = false }: Props) {
  const inner = piecesOf(text, marks).map(({ text: part, mark }, n) =>
    mark === undefined ? (
      <Visible key={n} text={part} />
    ) : (
      <mark key={n} class={mark.kind} title={mark.field}>
        <Visible text={part} />
      </mark>
    ),
  )
  return small ? (
    <bdi class="raw-small mono" dir="ltr">
      {inner}
    </bdi>
  ) : (
    <pre class="raw mono" dir="ltr">
      {inner}
    </pre>
  )
}

function Visible({ text }: { text: string }) {
  if (!unseen.test(text)) return <>{text}</>
  return (
    <>
      {Array.from(
        text.matchAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]|[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu),
        ([part], n) =>
          unseen.test(part) ? (
            <span key={n} class="code-point">
              {part === '\n'
                ? '↵'
                : part === '\t'
                  ? '⇥'
                  : `U+${(part.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`}
            </span>
          ) : (
            part
          ),
      )}
    </>
  )
}
