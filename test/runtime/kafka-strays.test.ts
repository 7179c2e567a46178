// Does a process outlive what kafkajs leaves behind, and nothing else? Each case is a process of its own.
import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'

const root = new URL('../../', import.meta.url)

function rejecting(error: string): { status: number | null; stdout: string; stderr: string } {
  const script = `
    import kafkajs from 'kafkajs'
    import { outliveStrayRejections } from './runtime/kafka-strays.ts'
    outliveStrayRejections()
    Promise.reject(${error})
    setTimeout(() => process.stdout.write('still here'), 50)`
  return spawnSync(process.execPath, ['--input-type=module', '--eval', script], { cwd: root, encoding: 'utf8' })
}

test.each([
  `new kafkajs.KafkaJSConnectionError('Connection error: write after end', { broker: 'b:1', code: 'ERR_STREAM_WRITE_AFTER_END' })`,
  `new kafkajs.KafkaJSRequestTimeoutError('Request Metadata timed out')`,
])('outlived: %s', (error) => {
  expect(rejecting(error)).toMatchObject({ status: 0, stdout: 'still here' })
})

test.each([`new Error('a slip of ours')`, `new kafkajs.KafkaJSNonRetriableError('not ours to ignore')`])(
  'ends the process: %s',
  (error) => {
    const { status, stdout, stderr } = rejecting(error)
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
    expect(stderr).toMatch(/slip of ours|not ours to ignore/)
  },
)
