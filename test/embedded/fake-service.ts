// A service that is quick to start and can be told to misbehave: node fake-service.ts PORT [stubborn|silent|broken].
import { createServer } from 'node:http'

const [port, mood] = process.argv.slice(2)
if (mood === 'broken') {
  process.stderr.write('first line\nthe disk is made of cheese\n')
  process.exit(3)
}
if (mood === 'stubborn') process.on('SIGTERM', () => process.stdout.write('not now\n'))
if (mood === 'silent') setInterval(() => undefined, 1_000)
else createServer((_, response) => response.end(String(process.pid))).listen(Number(port), '127.0.0.1')
