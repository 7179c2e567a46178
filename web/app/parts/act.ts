// What came of something that was asked for? One request at a time, its refusal kept until the next.
import { type Signal, useSignal } from '@preact/signals'

export interface Act {
  readonly busy: Signal<boolean>
  readonly error: Signal<unknown>
  /** True if it worked. */
  run(work: () => Promise<unknown>): Promise<boolean>
}

export function useAct(): Act {
  const busy = useSignal(false)
  const error = useSignal<unknown>(undefined)
  return {
    busy,
    error,
    async run(work) {
      if (busy.value) return false
      busy.value = true
      error.value = undefined
      try {
        await work()
        return true
      } catch (caught) {
        error.value = caught
        return false
      } finally {
        busy.value = false
      }
    },
  }
}

/** The fields of a form as texts. */
export function fieldsOf(event: SubmitEvent): (name: string) => string {
  event.preventDefault()
  const form = event.currentTarget instanceof HTMLFormElement ? new FormData(event.currentTarget) : new FormData()
  return (name) => {
    const value = form.get(name)
    return typeof value === 'string' ? value : ''
  }
}
