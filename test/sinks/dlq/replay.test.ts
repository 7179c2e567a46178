import { expect, test } from 'vitest'
import { decodeEnvelope, emptyEnvelope, encodeEnvelope, RAW_HEADER, topics } from '../../../schemas/raw-event.ts'
import { type DeadLetter, replayDeadLetters } from '../../../sinks/dlq/dead-letters.ts'
import { formatsOf } from '../../../sinks/dlq/formats.ts'

const envelope = {
  ...emptyEnvelope(),
  source: 'web-53',
  format: 'nginx',
  receivedAt: 1,
  id: 'e1',
  hash: 'h',
  marks: '',
}
const letter = (changed: Partial<DeadLetter>): DeadLetter => ({
  ...{ id: '1', topic: topics.raw, reason: 'format_mismatch', cause: '', at: 2, source: 'web-53', format: 'nginx' },
  ...{ receivedAt: 1, eventId: 'e1', replayed: false, key: 'k', payload: Buffer.from('sshd') },
  headers: { [RAW_HEADER]: encodeEnvelope(envelope) },
  ...changed,
})
const formatOf = formatsOf({ sources: [{ id: 'web-53', format: 'auto' }] })

/** Envelope that is sent for a letter. */
async function sentFor(changed: Partial<DeadLetter>, options: Parameters<typeof replayDeadLetters>[2]) {
  const read = emptyEnvelope()
  const producer: Parameters<typeof replayDeadLetters>[0] = {
    async send(topic, messages) {
      if (topic === topics.raw) decodeEnvelope(String(messages[0]?.headers?.[RAW_HEADER]), read)
    },
  }
  await replayDeadLetters(producer, [letter(changed)], options)
  return read
}

test('what died of its format goes out with the one that its source has now, and nothing else is changed', async () => {
  expect(await sentFor({}, { formatOf })).toEqual({ ...envelope, format: '' })
})

test.each([
  ['of another reason', { reason: 'parser_error' }, { formatOf }],
  ['of a source that is no longer there', { source: 'lain' }, { formatOf }],
  ['where no formats are known', {}, {}],
])('a letter %s goes out as it came', async (_, changed, options) => {
  expect(await sentFor(changed, options)).toEqual(envelope)
})
