// Who fetches and reads a feed without holding up the collectors beside it? A thread of its own, with memory of its own, that lays down a draft.
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { errorText } from '../../runtime/errors.ts'
import { type DraftOutcome, type DraftRequest, makeDraft } from './draft.ts'
import { FeedFailure } from './fetch.ts'

type Answer =
  | { readonly kind: 'done'; readonly outcome: DraftOutcome }
  | { readonly kind: 'failed'; readonly reason: string; readonly message: string }

/** Of the thread: a feed that needs more fails, and nothing else does. */
const MAX_HEAP_MB = 2048

/** Makes a draft in a thread. Rejects with FeedFailure. */
export async function makeDraftApart(request: DraftRequest, signal: AbortSignal): Promise<DraftOutcome> {
  const worker = new Worker(new URL(import.meta.url), {
    workerData: { draft: request },
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
  })
  const { promise, resolve, reject } = Promise.withResolvers<DraftOutcome>()
  const stop = () => reject(new FeedFailure('stopped', 'stopped'))
  worker.once('message', (answer: Answer) => {
    if (answer.kind === 'done') resolve(answer.outcome)
    else reject(new FeedFailure(answer.reason, answer.message))
  })
  worker.once('error', (error) => {
    const memory = error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY'
    reject(memory ? new FeedFailure('memory', 'it is too large to be read in the memory that it may have') : error)
  })
  worker.once('exit', (code) => reject(new FeedFailure('worker', `its thread ended with ${code}`)))
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  try {
    return await promise
  } finally {
    signal.removeEventListener('abort', stop)
    await worker.terminate()
  }
}

function isRequest(data: unknown): data is { draft: DraftRequest } {
  return typeof data === 'object' && data !== null && 'draft' in data
}

async function answer(request: DraftRequest): Promise<Answer> {
  try {
    return { kind: 'done', outcome: await makeDraft(request) }
  } catch (error) {
    if (error instanceof FeedFailure) return { kind: 'failed', reason: error.reason, message: error.message }
    return { kind: 'failed', reason: 'internal', message: errorText(error) }
  }
}

// Only in our own thread: imported by another, this file does nothing.
if (!isMainThread && isRequest(workerData)) parentPort?.postMessage(await answer(workerData.draft))
