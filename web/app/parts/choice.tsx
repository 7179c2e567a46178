// How is one of a few chosen in a form? A select whose first choice is set once and then left to the person.
import type { ComponentChildren } from 'preact'

export interface Choice {
  readonly value: string
  readonly text: string
}

interface ChoicesProps {
  readonly label: string
  readonly name: string
  /** Chosen at first. */
  readonly chosen: string
  readonly choices: readonly Choice[]
  readonly onChoose?: (value: string) => void
  readonly required?: boolean
  /** Below the select. */
  readonly children?: ComponentChildren
}

export function Choices({ label, name, chosen, choices, onChoose, required = false, children }: ChoicesProps) {
  return (
    <label>
      {label}
      <select name={name} required={required} onChange={({ currentTarget }) => onChoose?.(currentTarget.value)}>
        {choices.map(({ value, text }) => (
          <option key={value} value={value} selected={value === chosen}>
            {text}
          </option>
        ))}
      </select>
      {children}
    </label>
  )
}

/** Both languages of the page, each in its own name. */
export const languages: readonly Choice[] = [
  { value: 'id', text: 'Bahasa Indonesia' },
  { value: 'en', text: 'English' },
]
