// A process that wants a lease and tells its parent what becomes of it: `lease-process.ts BROKER TOPIC NAME`.
import { once } from 'node:events'
import { createKafka } from '../../runtime/kafka.ts'
import { keepLease } from '../../runtime/lease.ts'
import { createLog } from '../../runtime/log.ts'

const [broker = '', topic = '', name = ''] = process.argv.slice(2)
const log = createLog('silent', 'lease-process')
const tell = (what: string): void => void process.send?.(what)
const kafka = createKafka({ brokers: [broker], clientId: 'lease-process', log })
const lease = keepLease(kafka, {
  name,
  topic,
  now: Date.now,
  log,
  async hold({ signal }) {
    tell('held')
    await once(signal, 'abort')
    tell('lost')
  },
})
process.on('message', async (asked) => {
  if (asked !== 'stop') return
  await lease.stop()
  tell('stopped')
  process.disconnect?.()
})
// Its parent is gone: nobody waits for it any more.
process.on('disconnect', () => process.exit())
tell('started')
