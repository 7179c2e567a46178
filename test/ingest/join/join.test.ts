// Lines of one event become one: by the ids of audit, by how entries begin; within bounds, and whatever the pieces are in which they come.
import { describe, expect, test } from 'vitest'
import { auditRecord } from '../../../ingest/join/audit-record.ts'
import { type BlockEvent, joinLines, type Line } from '../../../ingest/join/block.ts'
import { joiningOf } from '../../../ingest/join/join.ts'
import { streamLimits } from '../../../ingest/join/joiner.ts'
import { createRecordJoiner } from '../../../ingest/join/records.ts'
import { MAX_PAYLOAD_BYTES } from '../../../schemas/raw-event.ts'
import { audit, random } from './fixtures.ts'

function linesOf(bytes: Buffer, base: number): Line[] {
  const lines: Line[] = []
  for (let at = 0, feed = bytes.indexOf(10); feed >= 0; at = feed + 1, feed = bytes.indexOf(10, at))
    if (feed > at) lines.push({ at: base + at, payload: bytes.subarray(at, feed) })
  return lines
}

/** Events of a text that is all there is. */
function join(text: string, format = ''): BlockEvent[] {
  const bytes = Buffer.from(text.endsWith('\n') ? text : `${text}\n`)
  const joining = joiningOf(format)
  if (joining === undefined) throw new Error(`${format} is not joined`)
  return joinLines(joining, { bytes, base: 0 }, linesOf(bytes, 0), 0, Number.MAX_SAFE_INTEGER, true).events
}

const texts = (events: BlockEvent[]): string[] => events.map(({ payload }) => payload.toString())

describe('records of audit', () => {
  test('of one id are one event, though those of others stand between', () => {
    const [a, b] = [audit(1), audit(2)]
    const mixed = [a.syscall, b.syscall, a.cwd, a.path, b.cwd, a.title, b.path, b.title]
    expect(texts(join(mixed.join('\n')))).toEqual([
      [a.syscall, a.cwd, a.path, a.title].join('\n'),
      [b.syscall, b.cwd, b.path, b.title].join('\n'),
    ])
  })

  test('an event ends with its end mark', () => {
    const a = audit(1)
    expect(texts(join([a.syscall, a.title, a.end, a.path, 'another line'].join('\n')))).toEqual([
      [a.syscall, a.title, a.end].join('\n'),
      a.path,
      'another line',
    ])
  })

  test('without end mark and title it ends when its host is two seconds further', () => {
    const [a, b, c] = [audit(1), audit(2, 1.5), audit(3, 2.5)]
    expect(texts(join([a.syscall, b.syscall, a.cwd, c.syscall, a.path, b.path].join('\n')))).toEqual([
      [a.syscall, a.cwd].join('\n'),
      [b.syscall, b.path].join('\n'),
      c.syscall,
      a.path,
    ])
  })

  test('records of programs are events by themselves; LOGIN of the kernel is not', () => {
    const login = (serial: number): string =>
      `type=USER_LOGIN msg=audit(1732670163.001:${serial}): pid=9 uid=0 msg='op=login acct="siti" res=failed'`
    expect(texts(join(`${login(1)}\n${login(1)}\n${login(2)}`))).toHaveLength(3)
    const a = audit(7)
    const kernel = a.syscall.replace('SYSCALL', 'LOGIN')
    expect(texts(join(`${kernel}\n${a.syscall}\n${a.title}`))).toHaveLength(1)
  })

  test('nodes and hosts are told apart, within one file too', () => {
    const a = audit(1)
    const on = (node: string, line: string): string => `node=${node} ${line}`
    expect(texts(join([on('x', a.syscall), on('y', a.syscall), on('x', a.cwd), on('y', a.cwd)].join('\n')))).toEqual([
      [on('x', a.syscall), on('x', a.cwd)].join('\n'),
      [on('y', a.syscall), on('y', a.cwd)].join('\n'),
    ])
    const log = (host: string, second: number, line: string): string =>
      `Nov 27 08:16:0${second} ${host} audisp-syslog[77]: ${line}`
    expect(
      texts(join([log('x', 3, a.syscall), log('y', 3, a.syscall), log('x', 4, a.cwd), log('y', 4, a.cwd)].join('\n'))),
    ).toEqual([
      [log('x', 3, a.syscall), log('x', 4, a.cwd)].join('\n'),
      [log('y', 3, a.syscall), log('y', 4, a.cwd)].join('\n'),
    ])
  })

  test.each([
    ['', 'bare'],
    ['node=kpu-web1 ', 'node'],
    ['Nov  7 08:16:03 kpu-web1 audisp-syslog[812]: ', 'RFC 3164'],
    ['<13>Nov 27 08:16:03 kpu-web1 audispd: ', 'RFC 3164 with priority'],
    ['2024-11-27T08:16:03.123456+07:00 kpu-web1 tag_audit_log: ', "rsyslog's ISO"],
    ['<13>1 2024-11-27T08:16:03Z kpu-web1 audispd - - - ', 'RFC 5424'],
    ['<13>1 2024-11-27T08:16:03Z kpu-web1 audispd 7 - [a@1 b="c"] ', 'RFC 5424 with structured data'],
    ['audispd: ', 'a tag alone'],
  ])('are known behind %j (%s)', (header) => {
    expect(auditRecord(Buffer.from(header + audit(1).cwd))).toMatchObject({ id: '1732670163.000:1', kind: 'more' })
  })

  // Whoever may choose a user name or an address of a page must not choose which lines are put together.
  test.each([
    'Nov 27 08:16:03 kpu-web1 sshd[99]: Invalid user audispd: ',
    '203.0.113.9 - - [27/Nov/2024:08:16:03 +0700] "GET /: ',
    '{"message":"',
    'audit: ',
  ])('are not what another message quotes: %s', (before) => {
    const line = `${before.replace(/^audit: $/, 'audit: type=1400 audit(1732670163.1:1): ')}`
    const quoted = before === 'audit: ' ? line : before + audit(1).cwd
    expect(auditRecord(Buffer.from(quoted))).toBeUndefined()
    expect(join(`${quoted}\n${quoted}`)).toHaveLength(2)
  })

  test('those of one event lie in the text as they came; a single one too', () => {
    const a = audit(1)
    expect(texts(join(`${a.syscall}\r\n\n${a.cwd}\r\n`))).toEqual([`${a.syscall}\r\n\n${a.cwd}\r`])
    expect(join(a.syscall)[0]).not.toHaveProperty('joined')
  })

  test('an event larger than the bounds comes in parts, marked', () => {
    const a = audit(1)
    const long = `${a.path} ${'x'.repeat(200_000)}`
    const events = join([a.syscall, long, long, long, a.title].join('\n'))
    expect(events.map(({ joined }) => joined?.lines)).toEqual([3, 2])
    expect(events.every(({ payload, joined }) => payload.length <= MAX_PAYLOAD_BYTES && joined?.partial)).toBe(true)
    expect(texts(events).join('\n')).toBe([a.syscall, long, long, long, a.title].join('\n'))
  })

  test('ids that never end hold a bounded number of lines', () => {
    const ended: string[][] = []
    const joiner = createRecordJoiner<{ payload: Buffer }>((lines) => {
      ended.push(lines.map(({ payload }) => payload.toString()))
    }, streamLimits)
    let most = 0
    for (let serial = 0; serial < 5000; serial++) {
      joiner.take({ payload: Buffer.from(`${audit(serial).path} ${'x'.repeat(serial % 7 === 0 ? 300_000 : 10)}`) })
      most = Math.max(most, joiner.open)
      expect(joiner.bytes).toBeLessThanOrEqual(streamLimits.bytes)
    }
    expect(most).toBe(streamLimits.groups)
    joiner.end()
    expect(ended).toHaveLength(5000)
  })
})

describe('entries of logs, where the source is set to them', () => {
  const laravel = [
    '[2024-11-27 08:16:03] production.ERROR: Gagal memuat {"exception":"[object] (RuntimeException(code: 0): Gagal at /srv/app/a.php:7)',
    '[stacktrace]',
    '#0 /srv/app/b.php(12): muat()',
    '#1 {main}',
    '"} ',
    '[2024-11-27 08:16:04] production.INFO: Selesai',
  ]
  const codeigniter = [
    "<?php defined('BASEPATH') OR exit('No direct script access allowed'); ?>",
    'CRITICAL - 2024-11-27 08:16:03 --> ErrorException: Undefined variable',
    '[Method: GET, Route: hasil]',
    'in APPPATH/Views/hasil.php on line 4.',
    ' 1 APPPATH/Controllers/Hasil.php(20): view()',
    'INFO  - 2024-11-27 08:16:04 --> Selesai',
  ]
  const postgresql = [
    '2024-11-27 08:16:03.123 WIB [147] siti@dpt STATEMENT:  select *',
    '\tfrom dpt',
    '\twhere nama = $1',
    '2024-11-27 08:16:03.200 WIB [147] siti@dpt LOG:  selesai',
  ]
  const mysql = [
    '/usr/sbin/mysqld, Version: 8.0.40 (MySQL Community Server). started with:',
    'Tcp port: 3306  Unix socket: /run/mysqld/mysqld.sock',
    'Time                 Id Command    Argument',
    '# Time: 2024-11-27T01:16:03.123456Z',
    '# User@Host: siti[siti] @  [192.0.2.7]  Id:   14',
    '# Query_time: 3.5  Lock_time: 0.0 Rows_sent: 1  Rows_examined: 900',
    'SET timestamp=1732670163;',
    'select *',
    '  from dpt;',
    '# User@Host: budi[budi] @  [192.0.2.8]  Id:   15',
    'select 1;',
    '/usr/sbin/mysqld, Version: 8.0.40 (MySQL Community Server). started with:',
  ]
  const modsecurity = [
    'before',
    '--a7c9c73c-A--',
    '[27/Nov/2024:08:16:03 +0700] Z0 203.0.113.9 5000 192.0.2.7 443',
    '--a7c9c73c-C--',
    '--deadbeef-A--',
    '--deadbeef-Z--',
    '--a7c9c73c-Z--',
    'behind',
  ]
  test.each([
    ['laravel', laravel, [5, 1]],
    ['codeigniter', codeigniter, [1, 4, 1]],
    ['postgresql', postgresql, [3, 1]],
    ['mysql', mysql, [1, 1, 1, 6, 2, 1]],
    ['modsecurity', modsecurity, [1, 6, 1]],
  ])('%s', (format, lines, counts) => {
    const events = join(lines.join('\n'), format)
    expect(events.map(({ joined }) => joined?.lines ?? 1)).toEqual(counts)
    expect(texts(events).join('\n')).toBe(lines.join('\n'))
  })

  test('without that each line is an event', () => {
    expect(joiningOf('nginx')).toBeUndefined()
    expect(join(laravel.join('\n'))).toHaveLength(laravel.length)
    expect(join(modsecurity.join('\n'))).toHaveLength(modsecurity.length)
  })

  test('lines that follow no entry are the rest of one, or stand alone where a log has both', () => {
    const rest = join('#1 {main}\n"} \n[2024-11-27 08:16:04] a.INFO: x', 'laravel')
    expect(rest.map(({ joined }) => joined)).toMatchObject([{ lines: 2, partial: true }, undefined])
    expect(join('select 1;\nselect 2;', 'mysql')).toHaveLength(2)
    expect(join('one\ntwo', 'modsecurity')).toHaveLength(2)
  })

  test('an entry without end comes in parts', () => {
    const events = join(`--a7c9c73c-A--\n${`${'x'.repeat(999)}\n`.repeat(2000)}`, 'modsecurity')
    expect(events).toHaveLength(4)
    expect(events.every(({ payload, joined }) => payload.length <= MAX_PAYLOAD_BYTES && joined?.partial)).toBe(true)
  })
})

describe('whatever the pieces are', () => {
  /** Records of events that lie over each other, and ordinary lines. Only behind syslog there are end marks: auditd's log has none. */
  function stream(seed: number, header: string): string {
    const next = random(seed)
    const open: string[][] = []
    const lines: string[] = []
    for (let serial = 0; serial < 120; serial++) {
      const { syscall, cwd, path, title, end } = audit(serial, serial * next() * 0.2)
      const marked = header !== '' && next() < 0.5 ? [end] : []
      open.push([syscall, cwd, path, ...(next() < 0.7 ? [title] : []), ...marked])
      while (open.length > 0 && next() < 0.85) {
        const at = Math.floor(next() * Math.min(open.length, 3))
        const line = open[at]?.shift()
        if (line === undefined) open.splice(at, 1)
        else lines.push(header + line)
        if (next() < 0.1) lines.push(`ordinary line ${lines.length}`)
      }
    }
    return `${[...lines, ...open.flat().map((line) => header + line)].join('\n')}\n`
  }

  /** Joins as a file is read that grows: from the last sure place to where it ends by now. */
  function joinGrowing(bytes: Buffer, format: string, next: () => number): BlockEvent[] {
    const joining = joiningOf(format)
    if (joining === undefined) throw new Error(`${format} is not joined`)
    const events: BlockEvent[] = []
    let from = 0
    for (let to = 0; to < bytes.length; ) {
      to = Math.min(bytes.length, to + 1 + Math.floor(next() * 3000))
      const seen = bytes.subarray(from, Math.max(from, bytes.lastIndexOf(10, to - 1) + 1))
      const block = { bytes: seen, base: from }
      const lines = linesOf(seen, from)
      let first = 0
      for (let more = true; more && first < lines.length; ) {
        const run = joinLines(joining, block, lines, first, 1 + Math.floor(next() * 40), to === bytes.length)
        events.push(...run.events)
        more = run.next > first
        first = run.next
      }
      from = lines[first]?.at ?? from + seen.length
    }
    return events
  }

  test.each(Array.from({ length: 60 }, (_, i) => i + 1))('a stream makes the same events, seed %d', (seed) => {
    const header = 'Nov 27 08:16:03 kpu-web1 audispd: '
    const entries = stream(seed, '').replace(/^type=SYSCALL/gm, '[2024-11-27 08:16:03] a.ERROR: type=SYSCALL')
    for (const [format, text] of [
      ['', stream(seed, '')],
      ['auditd', stream(seed, header)],
      ['laravel', entries],
    ] as const) {
      const grown = joinGrowing(Buffer.from(text), format, random(seed * 7919))
      expect(texts(grown)).toEqual(texts(join(text, format)))
      const parts = texts(grown).flatMap((event) => event.split('\n'))
      expect(parts.sort()).toEqual(text.slice(0, -1).split('\n').sort())
    }
  })
})
