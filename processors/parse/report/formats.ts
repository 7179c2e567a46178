// Which formats does Siaga itself write? Never recognised by its text: only the report collector names it.
import { REPORT_FORMAT } from '../../../schemas/raw-event.ts'
import type { Format } from '../parser.ts'
import { report } from './report.ts'

export const reportFormats: readonly Format[] = [{ name: REPORT_FORMAT, parsers: [report] }]
