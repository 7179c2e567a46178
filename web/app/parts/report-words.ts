// What is a report of a room called where it stands among alerts and events? Its detection calls it `Incident report: outage`.
import { incidentWords } from '../../../schemas/report-words.ts'
import { t } from '../language.ts'

const isKind = (text: string): text is keyof typeof incidentWords => Object.hasOwn(incidentWords, text)

/** Undefined for any other title. */
export function reportTitle(title: string): string | undefined {
  const [, kind = ''] = /^Incident report: ([a-z_]+)$/.exec(title) ?? []
  return isKind(kind)
    ? t(`Laporan insiden: ${incidentWords[kind][0]}`, `Incident report: ${incidentWords[kind][1]}`)
    : undefined
}
