// What does a room fill in? The form as a YAML file: a blank one to begin with, and a filled one read back.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { parseDocument } from 'yaml'
import { errorText } from '../../runtime/errors.ts'
import { IncidentCategory, MAX_ATTACHMENT_BYTES, MAX_ATTACHMENTS } from '../../schemas/report.ts'
import { CommandError } from '../frame.ts'

/** A file that goes along with a report. */
export interface Evidence {
  readonly name: string
  readonly sha256: string
  readonly bytes: Buffer
}

/** A blank form, Indonesian first. */
export const blankForm = `# Laporan insiden siber Ruang Operasi. Isi, lalu kirim: siaga report --file laporan.yaml
# Incident report of an Operation Room. Fill it in, then send it: siaga report --file laporan.yaml
# NIK, NKK, dan nomor telepon dalam teks menjadi token sebelum disimpan. / Citizens' numbers in texts become tokens.

# 1. Pelapor / Reporter. Isi email atau phone. / email or phone is needed.
contact:
  name: ""
  organisation: ""
  email: ""
  phone: ""

# 2. Uraian / Description
description: |
  

# 3. Kronologi / Chronology: teks, atau daftar / a text, or a list
chronology:
  - {at: "2024-11-27 08:00", what: ""}

# 4. Dampak / Impact
impact: |
  

# Kategori / Category: ${IncidentCategory.options.slice(0, 7).join(', ')},
#   ${IncidentCategory.options.slice(7).join(', ')}
category: other
# Aset yang terdampak: id di siaga.yaml, nama, atau alamat. / Affected asset: id in siaga.yaml, name or address.
asset: ""
# informational, low, medium, high, critical
severity: medium
# Waktu ditemukan; tanpa zona berarti waktu wilayah. / Time of discovery; without a zone it is that of the region.
discovered_at: "2024-11-27 08:00"
# Infrastruktur informasi vital: tenggat 1 x 24 jam. / Vital information infrastructure: 1 x 24 hours.
iiv: false
# Data pribadi terungkap: tenggat 3 x 24 jam. / Personal data was exposed: 3 x 24 hours.
personal_data: false
`

/** The form in a file, without what was left empty; the server says what is missing. Throws CommandError (wrong use) if it is no YAML group. */
export function readForm(file: string): Record<string, unknown> {
  const document = parseDocument(readText(file))
  const [syntax] = document.errors
  if (syntax !== undefined) throw new CommandError(`${file}: ${syntax.message.split('\n')[0]}`, 'Nothing was sent.', 2)
  const form: unknown = document.toJS()
  if (typeof form !== 'object' || form === null || Array.isArray(form)) {
    throw new CommandError(`${file} is no form.`, 'A blank one: siaga report template > laporan.yaml', 2)
  }
  return withoutEmpty(form)
}

function withoutEmpty(group: object): Record<string, unknown> {
  const kept = Object.entries(group).flatMap(([key, value]): [string, unknown][] => {
    if (value === null || (typeof value === 'string' && value.trim() === '')) return []
    if (typeof value === 'object' && !Array.isArray(value)) return [[key, withoutEmpty(value)]]
    return [[key, value]]
  })
  return Object.fromEntries(kept)
}

function readText(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8')
  } catch (error) {
    throw new CommandError(`${file} cannot be read: ${errorText(error)}`, 'Nothing was sent. Check the name.')
  }
}

/** Files to send along. Throws CommandError for what the server would refuse, before anything is sent. */
export function readEvidence(files: readonly string[]): Evidence[] {
  if (files.length > MAX_ATTACHMENTS)
    throw new CommandError(`A report has at most ${MAX_ATTACHMENTS} attachments.`, 'Nothing was sent.', 2)
  return files.map((file) => {
    let bytes: Buffer
    try {
      bytes = readFileSync(file)
    } catch (error) {
      throw new CommandError(`${file} cannot be read: ${errorText(error)}`, 'Nothing was sent. Check the name.')
    }
    if (bytes.length > MAX_ATTACHMENT_BYTES) {
      throw new CommandError(
        `${file} is larger than ${MAX_ATTACHMENT_BYTES / 1_000_000} MB.`,
        'Nothing was sent. Send a part of it, or hand it over another way and say so in the description.',
      )
    }
    return { name: basename(file), sha256: createHash('sha256').update(bytes).digest('hex'), bytes }
  })
}
