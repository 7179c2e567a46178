// How does a hunt show on a terminal? As a line of the list, and whole: what it finds, why, what to do, its parameters and its SQL.
import { type Language, number, type Paint, printable, table } from '../terminal.ts'
import { type Hunt, standardParameters } from './read.ts'

interface Words {
  readonly columns: readonly string[]
  readonly count: (n: string) => string
  readonly none: string
  readonly finds: string
  readonly matters: string
  readonly action: string
  readonly usual: string
  readonly parameters: string
  readonly window: (span: string) => string
  readonly default: (value: string) => string
  readonly answer: string
  readonly central: string
  readonly run: string
}

export const huntWords: Readonly<Record<Language, Words>> = {
  id: {
    columns: ['ID', 'Topik', 'Judul', 'ATT&CK', 'Jendela'],
    count: (n) => `${n} perburuan`,
    none: 'Tidak ada perburuan yang cocok.',
    finds: 'Menemukan',
    matters: 'Mengapa',
    action: 'Tindakan',
    usual: 'Salah duga yang lazim',
    parameters: 'Parameter',
    window: (span) => `bawaan: ${span} ke belakang dari --until (sekarang)`,
    default: (value) => `bawaan ${value}`,
    answer: 'Kolom',
    central: 'Lintas wilayah: baris yang disimpan hanya dibaca pusat.',
    run: 'Jalankan',
  },
  en: {
    columns: ['Id', 'Subject', 'Title', 'ATT&CK', 'Window'],
    count: (n) => `${n} hunts`,
    none: 'No hunt fits.',
    finds: 'Finds',
    matters: 'Why',
    action: 'What to do',
    usual: 'Usual false positive',
    parameters: 'Parameters',
    window: (span) => `default: ${span} back from --until (now)`,
    default: (value) => `default ${value}`,
    answer: 'Columns',
    central: 'Across regions: rows that are kept are read by the centre alone.',
    run: 'Run it',
  },
}

/** The list, one line for each. */
export function showHunts(hunts: readonly Hunt[], language: Language, paint: Paint): string {
  const words = huntWords[language]
  if (hunts.length === 0) return `${words.none}\n`
  const rows = hunts.map(({ id, category, title, attack, window }) => [
    id,
    category,
    printable(title[language]),
    attack.join(' '),
    window,
  ])
  const columns = words.columns.map((title) => ({ title }))
  return `${table(columns, rows, paint)}${words.count(number(hunts.length, language))}\n`
}

/** A hunt whole. */
export function showHunt(hunt: Hunt, language: Language, paint: Paint): string {
  const words = huntWords[language]
  const part = (title: string, text: string): string => `${paint('bold', title)}\n  ${printable(text)}\n\n`
  const parameters = [
    ['since', words.window(hunt.window)],
    ...(hunt.types.has('region') ? [['region', standardParameters.region[language]]] : []),
    ...Object.entries(hunt.parameters).map(([name, parameter]) => [
      name,
      `${parameter[language]} (${hunt.types.get(name) ?? ''}, ${words.default(String(parameter.default))})`,
    ]),
  ]
  const longest = Math.max(...parameters.map(([name = '']) => name.length))
  return [
    `${paint('bold', hunt.id)}  ${printable(hunt.title[language])}\n`,
    `${hunt.category} · ${hunt.attack.join(' ')}\n`,
    hunt.scope === 'central' ? `${words.central}\n\n` : '\n',
    part(words.finds, hunt.finds[language]),
    part(words.matters, hunt.matters[language]),
    part(words.action, hunt.action[language]),
    part(words.usual, hunt.usual[language]),
    `${paint('bold', words.parameters)}\n`,
    ...parameters.map(([name = '', text = '']) => `  ${name.padEnd(longest)}  ${printable(text)}\n`),
    `\n${part(words.answer, hunt.columns.join(', '))}`,
    `${printable(hunt.query)}\n\n`,
    `${words.run}: siaga hunt run ${hunt.id} --since ${hunt.window}\n`,
  ].join('')
}
