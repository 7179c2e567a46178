// What happens now? One stream of server-sent events for the whole page; the browser comes back by itself and goes on where it was.
import { signal } from '@preact/signals'
import { ask } from './api.ts'
import { forgetSession, session } from './session.ts'

/** `idle`: nothing on this page is live. `live`: events come. `waiting`: the line or the server is away and the browser tries again. */
export const line = signal<'idle' | 'live' | 'waiting'>('idle')

type Listener = (data: unknown) => void
const listeners = new Map<string, Set<Listener>>()
let source: EventSource | undefined
let retry: ReturnType<typeof setTimeout> | undefined
let misses = 0
/** When anything last came; a line that has died without a word is noticed by the server's beats that stay away. */
let heardAt = 0
let watch: ReturnType<typeof setInterval> | undefined

/** The server says something every 15 seconds. */
const SILENT_MS = 40_000

// A stream is of one session: it ends with it, and begins with the next.
let whose = ''
session.subscribe((now) => {
  const next = now?.csrf ?? ''
  if (next === whose) return
  whose = next
  closeLive()
  if (next !== '' && Array.from(listeners.values()).some(({ size }) => size > 0)) open()
})

/** Calls `listener` with the data of every event of the name until the answered function is called. The first opens the stream. */
export function listen(event: string, listener: Listener): () => void {
  const known = listeners.get(event) ?? new Set<Listener>()
  known.add(listener)
  if (!listeners.has(event)) {
    listeners.set(event, known)
    if (source !== undefined) attach(source, event)
  }
  open()
  return () => {
    known.delete(listener)
  }
}

export function closeLive(): void {
  clearTimeout(retry)
  clearInterval(watch)
  source?.close()
  source = undefined
  line.value = 'idle'
}

function openAnew(): void {
  closeLive()
  open()
}

function open(): void {
  if (source !== undefined || session.value == null) return
  line.value = 'waiting'
  const opened = new EventSource('/api/live')
  source = opened
  for (const event of listeners.keys()) attach(opened, event)
  heardAt = Date.now()
  opened.addEventListener('beat', () => {
    heardAt = Date.now()
  })
  clearInterval(watch)
  watch = setInterval(() => Date.now() - heardAt > SILENT_MS && openAnew(), 5_000)
  opened.onopen = () => {
    misses = 0
    heardAt = Date.now()
    line.value = 'live'
  }
  opened.onerror = () => {
    line.value = 'waiting'
    // The browser tries again by itself after a lost line, but gives up after a refusal: a server that starts again, or a session that ended.
    if (opened.readyState !== EventSource.CLOSED) return
    source = undefined
    clearInterval(watch)
    misses += 1
    retry = setTimeout(
      () => void again(),
      Math.min(30_000, 1_000 * 2 ** Math.min(misses, 5)) * (0.5 + Math.random() / 2),
    )
  }
}

async function again(): Promise<void> {
  const now = await ask<{ session: unknown }>('/api/session').catch(() => undefined)
  if (now?.session === null) return forgetSession()
  open()
}

function attach(to: EventSource, event: string): void {
  to.addEventListener(event, ({ data }: MessageEvent<string>) => {
    heardAt = Date.now()
    const parsed: unknown = JSON.parse(data)
    for (const listener of listeners.get(event) ?? []) listener(parsed)
  })
}
