// What becomes of a request of kafkajs that fails when nobody waits for it any more? It must not end the process.

/** Whether this is an error of kafkajs about a broken connection or a broker that did not answer: one that it would try again. */
function isPassing(reason: unknown): boolean {
  return (
    reason instanceof Error && reason.name.startsWith('KafkaJS') && 'retriable' in reason && reason.retriable === true
  )
}

/**
 * Lets the process outlive rejections that kafkajs leaves without anybody who handles them: a connection that breaks rejects each request on
 * it, also those whose sender has gone on (seen as "write after end" while a busy machine started). Whoever still needs the broker has a
 * request of their own, which fails or is tried again. Any other rejection ends the process, as it does without this.
 */
export function outliveStrayRejections(): void {
  process.on('unhandledRejection', (reason) => {
    if (!isPassing(reason)) throw reason
  })
}
