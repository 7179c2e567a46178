// How does a part of the page get what it shows? One request at a time, kept while a newer one is under way, so that nothing jumps.
import { type Signal, useSignal, useSignalEffect } from '@preact/signals'
import { ask } from '../api.ts'

export interface Loaded<T> {
  readonly data: Signal<T | undefined>
  readonly error: Signal<unknown>
  readonly busy: Signal<boolean>
  again(): void
}

/** Asks for what `path` names (undefined: nothing yet), again when a signal read in it changes and every `everyMs`. */
export function useLoad<T>(path: () => string | undefined, everyMs = 0): Loaded<T> {
  const data = useSignal<T | undefined>(undefined)
  const error = useSignal<unknown>(undefined)
  const busy = useSignal(false)
  const turn = useSignal(0)
  useSignalEffect(() => {
    const from = path()
    void turn.value
    if (from === undefined) return
    const stop = new AbortController()
    const load = async (): Promise<void> => {
      busy.value = true
      try {
        data.value = await ask<T>(from, { signal: stop.signal })
        error.value = undefined
      } catch (caught) {
        if (!stop.signal.aborted) error.value = caught
      } finally {
        if (!stop.signal.aborted) busy.value = false
      }
    }
    void load()
    const timer =
      everyMs > 0 ? setInterval(() => document.visibilityState === 'visible' && void load(), everyMs) : undefined
    return () => {
      stop.abort()
      clearInterval(timer)
    }
  })
  return {
    data,
    error,
    busy,
    again: () => {
      turn.value += 1
    },
  }
}
