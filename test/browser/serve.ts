// How does somebody who works on a page keep the stage of the tests open? `node test/browser/serve.ts FILE [believable]`, then SIAGA_BROWSER_STAGE=FILE for the tests.

import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { chromiumPath, HOW_TO_GET_IT } from './chromium.ts'
import { openStage } from './stage.ts'
import { PASSWORD, people } from './world.ts'

const say = (line: string): void => void process.stdout.write(`${line}\n`)
const path = chromiumPath()
const [file, mood] = process.argv.slice(2)
if (path === undefined || file === undefined) {
  process.stderr.write(
    path === undefined ? `${HOW_TO_GET_IT}\n` : 'usage: node test/browser/serve.ts FILE [believable]\n',
  )
  process.exitCode = 2
} else {
  const { stage, close } = await openStage(
    path,
    mood === 'believable' ? { events: 12_000, mood } : { events: 4_000, mood: 'hostile' },
    say,
  )
  writeFileSync(file, JSON.stringify(stage))
  const logins = Object.values(people).map(({ login, role, room }) => `${login} (${role} of ${room})`)
  say(`${stage.web}\n${logins.join(', ')}\npassword: ${PASSWORD}\nCtrl-C stops.`)
  await once(process, 'SIGINT')
  await close()
}
