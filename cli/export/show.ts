// How is the check of a package shown? File by file, then who and when, then the verdict.
import { type Language, number, type Paint, printable, table } from '../terminal.ts'
import { fingerprint, readPublicKey } from './signature.ts'
import { isGood, type Verdict } from './verify.ts'
import { exportWords } from './words.ts'

/** The whole check as text. */
export function showVerdict(verdict: Verdict, language: Language, paint: Paint): string {
  const text = exportWords[language]
  const { files, archive, signature, manifest, keyInside } = verdict
  const good = isGood(verdict)
  const parts = files.map(({ name, state }) => {
    const mark = state === 'ok' ? paint('green', '✓') : paint('red', '✗')
    return `${mark} ${oneLine(name)}  ${state === 'ok' ? text.states.ok : paint('red', text.states[state])}\n`
  })
  if (archive !== undefined) parts.push(`${paint('red', `✗ ${text.archive[archive]}`)}\n`)
  parts.push(
    `${paint(signature === 'ok' ? 'green' : 'red', `${signature === 'ok' ? '✓' : '✗'} ${text.signature[signature]}`)}\n`,
  )
  if (signature !== 'ok' && readPublicKey(keyInside) !== undefined) {
    parts.push(`  ${text.keyInside(fingerprint(keyInside))}\n`)
  }
  if (manifest !== undefined) {
    const rows = [
      [text.by, `${manifest.exported_by} (${manifest.account}@${manifest.host})`],
      [text.at, `${manifest.exported_at_local} (${manifest.exported_at})`],
      ...(manifest.case === '' ? [] : [[text.case, manifest.case]]),
      [text.reason, manifest.reason],
      ...(manifest.rows === null ? [] : [[text.rowsOf, number(manifest.rows, language)]]),
    ].map((row) => row.map(oneLine))
    parts.push(`\n${table([{ title: manifest.id }, { title: '' }], rows, paint)}`)
  }
  parts.push(`\n${good ? paint('green', text.good) : paint('red', text.bad)}\n`)
  return parts.join('')
}

const oneLine = (text: string): string => printable(text).replace(/\s+/g, ' ').slice(0, 300)
