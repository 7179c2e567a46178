// Is this container's role alive? Asked by the image's HEALTHCHECK: `node health.mjs [/readyz]`; exit 0 if it is. Small: it runs every ten seconds.
import { readFileSync } from 'node:fs'
import { get } from 'node:http'

const path = process.argv[2] ?? '/healthz'
// The first process is the role, or an init (docker run --init) with the role among its arguments.
const words = readFileSync('/proc/1/cmdline', 'utf8').split('\0')
const port = words.includes('process')
  ? process.env.SIAGA_METRICS_PORT
  : words.includes('ingest') || words.includes('start')
    ? process.env.SIAGA_HTTP_PORT
    : undefined
// A command that does its work and ends (siaga migrate) has no port.
if (port !== undefined) {
  const fail = (why) => {
    process.stdout.write(`${path} on port ${port}: ${why}\n`)
    process.exit(1)
  }
  get({ host: '127.0.0.1', port, path, timeout: 4_000 }, (response) => {
    if (response.statusCode !== 200) fail(`status ${response.statusCode}`)
    response.resume()
  })
    .on('timeout', () => fail('no answer in 4 s'))
    .on('error', (error) => fail(error.message))
}
