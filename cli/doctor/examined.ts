// What is said about one matter of an installation: what was found, and what to do where it is not in order.

/** `warning`: it works, and will not for ever. `wrong`: something does not work now. */
export type State = 'ok' | 'warning' | 'wrong'

/** A sentence in both languages. */
export interface Said {
  readonly id: string
  readonly en: string
}

export type Area =
  | 'process'
  | 'disk'
  | 'certificates'
  | 'kafka'
  | 'topics'
  | 'transactions'
  | 'processors'
  | 'clickhouse'
  | 'clock'
  | 'schema'
  | 'access'
  | 'collectors'

export interface Examined {
  readonly area: Area
  readonly state: State
  readonly found: Said
  /** Where `state` is not `ok`. */
  readonly todo?: Said
}

export const ok = (area: Area, id: string, en: string): Examined => ({ area, state: 'ok', found: { id, en } })

export const trouble = (area: Area, state: 'warning' | 'wrong', found: Said, todo: Said): Examined => ({
  area,
  state,
  found,
  todo,
})
