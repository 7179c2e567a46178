// Do the records of an audit event become one row with what all of them say, by whatever way they come?
import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Siaga, startSiaga, writeInto } from './siaga.ts'
import { sendRelp, sendUdp } from './wire.ts'

const yaml = `
processors: {workers: 1}
sources:
  - {id: tuan-rumah, networks: [127.0.0.1]}
  - {id: berkas, files: [followed/audit.log]}
  - {id: aplikasi, format: laravel, files: [followed/laravel.log]}
`

/** Who started what: the user and the program in one record, the arguments and the folder in others. */
function started(serial: number): string[] {
  const id = `msg=audit(${(Date.now() / 1000).toFixed(3)}:${serial}):`
  return [
    `type=SYSCALL ${id} arch=c000003e syscall=59 success=yes exit=0 ppid=1 pid=${serial} auid=1000 uid=0 euid=0 comm="nc" exe="/usr/bin/nc" key="alat"`,
    `type=EXECVE ${id} argc=3 a0="nc" a1="203.0.113.9" a2="4444"`,
    `type=CWD ${id} cwd="/tmp"`,
    `type=PATH ${id} item=0 name="/usr/bin/nc" nametype=NORMAL`,
    `type=PROCTITLE ${id} proctitle=6E63`,
  ]
}
const syslog = (line: string): string => `<13>Nov 27 08:16:03 kpu-web1 audisp-syslog[77]: ${line}`

let siaga: Siaga
beforeAll(async () => {
  siaga = await startSiaga({ yaml })
})
afterAll(async () => {
  await siaga?.stop()
  await siaga?.remove()
})

test('file, HTTP, RELP and UDP: one row each, with the fields of all records', async () => {
  const file = started(101)
  await writeInto(siaga, 'followed/audit.log', `${file.slice(0, 2).join('\n')}\n`)
  await appendFile(join(siaga.folder, 'followed/audit.log'), `${file.slice(2).join('\n')}\n`)
  const pushed = [started(102), started(103)]
  const mixed = pushed[0]?.flatMap((line, n) => [line, pushed[1]?.[n] ?? '']) ?? []
  expect(await siaga.post(mixed.join('\n'))).toEqual({ status: 202, body: '{"accepted":10}' })
  await sendRelp(siaga.ports.relp, started(104).map(syslog))
  for (const line of started(105).map(syslog)) await sendUdp(siaga.ports.syslog, line)
  const same = `process_command_line = 'nc 203.0.113.9 4444' AND process_name = 'nc' AND fields['process.working_directory'] = '/tmp' AND rule_name = 'alat'`
  await siaga.landed(5, `dataset = 'auditd' AND ${same}`)
  await siaga.landed(5, `dataset = 'auditd'`)
  await siaga.landed(2, `source_id = 'tuan-rumah' AND host_name = 'kpu-web1'`)
  await siaga.landed(1, `source_id = 'berkas'`)
})

test('an exception of Laravel with its stack trace is one row', async () => {
  const entry = [
    '[2024-11-27 08:16:03] production.ERROR: Gagal memuat {"exception":"[object] (RuntimeException(code: 0): Gagal memuat at /srv/app/Muat.php:7)',
    '[stacktrace]',
    '#0 /srv/app/Hasil.php(12): muat()',
    '#1 {main}',
    '"} ',
  ]
  await writeInto(siaga, 'followed/laravel.log', `${entry.join('\n')}\n`)
  await siaga.landed(
    1,
    `dataset = 'laravel' AND fields['error.type'] = 'RuntimeException' AND fields['error.stack_trace'] LIKE '%#1 {main}%'`,
  )
  await siaga.landed(1, `source_id = 'aplikasi'`)
})
