// How is something loaded whose question is too long, or too private, for an address? Posted; asked again when the question changes.
import { type Signal, useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { ask } from '../../api.ts'

/** Keeps what there is while a newer answer is under way. */
export function useLoadPosted<T>(
  path: string,
  body: unknown,
): { data: Signal<T | undefined>; error: Signal<unknown>; again: () => void } {
  const data = useSignal<T | undefined>(undefined)
  const error = useSignal<unknown>(undefined)
  const turn = useSignal(0)
  const key = JSON.stringify(body)
  const times = turn.value
  useEffect(() => {
    const stop = new AbortController()
    ask<T>(path, { method: 'POST', body, signal: stop.signal }).then(
      (answer) => {
        data.value = answer
        error.value = undefined
      },
      (failed: unknown) => {
        if (!stop.signal.aborted) error.value = failed
      },
    )
    return () => stop.abort()
  }, [path, key, times])
  return {
    data,
    error,
    again: () => {
      turn.value += 1
    },
  }
}
