// Is the form filled in? A report by its schema, or each field that is missing or wrong, in Indonesian and English.
import type { z } from 'zod'
import { nearest } from '../../runtime/config-nearest.ts'
import { readLocalTime } from '../../runtime/local-time.ts'
import type { TimeZone } from '../../schemas/place.ts'
import { IncidentInput, NihilInput } from '../../schemas/report.ts'
import type { FieldProblem } from './errors.ts'

/** Clocks of rooms may run ahead by this much. */
const MAX_AHEAD_MS = 5 * 60_000

interface Read<T> {
  readonly value: T | undefined
  readonly problems: readonly FieldProblem[]
}

/** An incident with its time of discovery. `now` and times in milliseconds since 1970 UTC. */
export function readIncident(
  body: unknown,
  zone: TimeZone,
  now: number,
): Read<{ readonly input: IncidentInput; readonly discovered: number }> {
  const { value, problems } = read(IncidentInput, body)
  if (value === undefined) return { value: undefined, problems }
  const discovered = readLocalTime(value.discovered_at, zone)
  const { email, phone } = value.contact
  const more: FieldProblem[] = []
  if (email === undefined && phone === undefined) {
    more.push({
      field: 'contact',
      message: 'needs email or phone, or nobody can ask back',
      pesan: 'perlu email atau phone, agar dapat dihubungi',
    })
  }
  if (discovered === undefined) {
    more.push({
      field: 'discovered_at',
      message: 'is no time such as 2024-11-27 08:00 WIB or 2024-11-27T08:00:00+07:00',
      pesan: 'bukan waktu seperti 2024-11-27 08:00 WIB atau 2024-11-27T08:00:00+07:00',
    })
  } else if (discovered > now + MAX_AHEAD_MS) {
    more.push({ field: 'discovered_at', message: 'lies in the future', pesan: 'ada di masa depan' })
  }
  const names = new Set(value.attachments.map(({ name }) => name))
  if (names.size < value.attachments.length) {
    more.push({ field: 'attachments', message: 'has a name twice', pesan: 'memuat nama yang sama dua kali' })
  }
  if (more.length > 0 || discovered === undefined) return { value: undefined, problems: more }
  return { value: { input: value, discovered }, problems: [] }
}

/** Nothing to report. */
export function readNihil(body: unknown): Read<NihilInput> {
  return read(NihilInput, body)
}

function read<T>(schema: z.ZodType<T>, body: unknown): Read<T> {
  const parsed = schema.safeParse(body, { reportInput: true })
  if (parsed.success) return { value: parsed.data, problems: [] }
  return { value: undefined, problems: parsed.error.issues.flatMap(problemsOf) }
}

const known = [...Object.keys(IncidentInput.shape), ...Object.keys(IncidentInput.shape.contact.shape)]

function problemsOf(issue: z.core.$ZodIssue): FieldProblem[] {
  const path = issue.path.map(String).join('.')
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.slice(0, 10).map((key) => {
      const near = nearest(key, known)
      return {
        field: [path, key.slice(0, 100)].filter(Boolean).join('.'),
        message: `is not a field of the form${near === undefined ? '' : `; did you mean ${near}?`}`,
        pesan: `bukan isian formulir${near === undefined ? '' : `; maksudnya ${near}?`}`,
      }
    })
  }
  return [{ field: path === '' ? 'body' : path, ...wordsOf(issue) }]
}

const typeWords: Readonly<Record<string, readonly [en: string, id: string]>> = {
  string: ['must be a text', 'harus berupa teks'],
  boolean: ['must be true or false', 'harus true atau false'],
  array: ['must be a list', 'harus berupa daftar'],
  object: ['must be a group of fields', 'harus berupa kelompok isian'],
}

function wordsOf(issue: z.core.$ZodIssue): Pick<FieldProblem, 'message' | 'pesan'> {
  const [message, pesan] = sentenceOf(issue)
  return { message, pesan }
}

function sentenceOf(issue: z.core.$ZodIssue): readonly [en: string, id: string] {
  if (issue.input === undefined) return ['is missing', 'belum diisi']
  switch (issue.code) {
    case 'too_small':
      return ['is empty', 'kosong']
    case 'too_big': {
      const unit = issue.origin === 'array' ? (['entries', 'butir'] as const) : (['characters', 'huruf'] as const)
      return [`has more than ${issue.maximum} ${unit[0]}`, `lebih dari ${issue.maximum} ${unit[1]}`]
    }
    case 'invalid_value':
      return [`must be one of ${issue.values.join(', ')}`, `harus salah satu dari ${issue.values.join(', ')}`]
    case 'invalid_type':
      return typeWords[issue.expected] ?? ['has the wrong type', 'jenisnya salah']
    case 'invalid_format':
      if (issue.format === 'email') return ['is no e-mail address', 'bukan alamat surel']
      return ['must be a SHA-256 hash of 64 small hex letters', 'harus hash SHA-256 64 huruf hex kecil']
    case 'invalid_union':
      return ['must be a text, or a list of {at, what}', 'harus teks, atau daftar {at, what}']
    default:
      return ['is wrong', 'salah']
  }
}
