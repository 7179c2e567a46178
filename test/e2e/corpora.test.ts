// Do the real logs of ../shared/corpora come through all of Siaga, line for line? Sent with `siaga send`, read back with `siaga sql`.
// None of them is copied here: where the folder is absent, these tests are skipped.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { report, type Siaga, startSiaga, writeInto } from './siaga.ts'

const root = join(import.meta.dirname, '../../../shared/corpora')
const present = existsSync(join(root, 'crowdsec/manifest.json')) && existsSync(join(root, 'loghub'))
if (!present) report(`corpora end to end: skipped, ${root} is absent`)

/** The format that a source of such a log is set to; a log type that no parser covers is left to be recognised. */
const formats: Record<string, string> = {
  syslog: 'syslog',
  nginx: 'nginx',
  apache2: 'apache',
  'suricata-evelogs': 'suricata',
  'suricata-fastlogs': 'suricata',
  cef: 'cef',
}

interface LogFile {
  readonly name: string
  readonly path: string
  readonly format: string | undefined
}

function logFiles(): LogFile[] {
  if (!present) return []
  const manifest: { case: string; log: string; log_type: string }[] = JSON.parse(
    readFileSync(join(root, 'crowdsec/manifest.json'), 'utf8'),
  )
  return [
    ...['OpenSSH_2k', 'Linux_2k', 'Apache_2k'].map((name) => ({
      name,
      path: join(root, `loghub/${name}.log`),
      format: undefined,
    })),
    ...manifest.map(({ case: name, log, log_type }) => ({
      name,
      path: join(root, 'crowdsec', name, log),
      format: formats[log_type],
    })),
  ]
}

/** Lines of a file, numbered from 1; LF and CR LF end one. Those without a character are left out, as `siaga send` does. */
function linesOf(path: string): Map<number, string> {
  const lines = readFileSync(path, 'utf8').split(/\r?\n/)
  return new Map(lines.flatMap((line, index) => (line.trim() === '' ? [] : [[index + 1, line] as const])))
}

/** No sudo command line stands in the corpora: three as sudo(8) writes them. */
const sudoLines = [
  'Nov 27 08:15:02 kpu-web1 sudo:   budi : TTY=pts/0 ; PWD=/home/budi ; USER=root ; COMMAND=/usr/bin/systemctl restart nginx',
  'Nov 27 08:15:09 kpu-web1 sudo:    tono : user NOT in sudoers ; TTY=pts/1 ; PWD=/home/tono ; USER=root ; COMMAND=/bin/cat /etc/shadow',
  'Nov 27 08:16:40 kpu-web1 sudo:   sari : 3 incorrect password attempts ; TTY=pts/2 ; PWD=/srv ; USER=postgres ; COMMAND=/usr/bin/psql',
]

type Row = Record<string, unknown> & { message: string }

/** Times without a year are of the newest year in which they are not in the future; the zone of the source demo is WIB. */
function wib(monthDayTime: string): string {
  const year = new Date().getUTCFullYear()
  const at = (y: number) => Date.parse(`${y}-${monthDayTime.replace(' ', 'T')}+07:00`)
  return utc(new Date(at(year) > Date.now() + 86_400_000 ? at(year - 1) : at(year)).toISOString())
}

/** As ClickHouse writes it. */
function utc(iso: string): string {
  return new Date(iso).toISOString().replace('T', ' ').replace('Z', '')
}

/** What a line must have become, by file and line number; read by a person. */
const samples: [file: string, line: number, expected: Record<string, unknown>][] = [
  // sshd
  [
    'OpenSSH_2k',
    2,
    {
      dataset: 'sshd',
      timestamp: wib('12-10 06:55:46'),
      host_name: 'LabSZ',
      user_name: 'webmaster',
      source_ip: '173.234.31.186',
      event_action: 'ssh_login',
      event_outcome: 'failure',
    },
  ],
  [
    'OpenSSH_2k',
    956,
    {
      dataset: 'sshd',
      timestamp: wib('12-10 09:32:20'),
      user_name: 'fztu',
      source_ip: '119.137.62.142',
      source_port: 49116,
      event_action: 'ssh_login',
      event_outcome: 'success',
    },
  ],
  [
    'OpenSSH_2k',
    1777,
    {
      dataset: 'sshd',
      timestamp: wib('12-10 11:02:48'),
      user_name: 'root',
      source_ip: '183.62.140.253',
      source_port: 43083,
      event_outcome: 'failure',
    },
  ],
  [
    'sshd-logs',
    17,
    {
      dataset: 'sshd',
      timestamp: '2023-11-13 23:20:42.738',
      host_name: 'myserver',
      user_name: 'root',
      source_ip: '192.168.1.1',
      event_outcome: 'failure',
    },
  ],
  ['sshd-success-logs', 1, { dataset: 'sshd', event_action: 'ssh_login', event_outcome: 'success' }],
  // pam
  [
    'sshd-logs',
    4,
    {
      dataset: 'pam',
      timestamp: wib('11-02 15:40:14'),
      host_name: 'workshop',
      user_name: 'workshop',
      source_ip: '5.33.63.160',
      event_outcome: 'failure',
    },
  ],
  [
    'pam-logs',
    2,
    {
      dataset: 'pam',
      timestamp: wib('12-07 14:52:59'),
      host_name: 'vskub1master01p',
      process_name: 'sudo',
      user_name: 'zbadguy',
      source_ip: '',
      event_outcome: 'failure',
    },
  ],
  [
    'Linux_2k',
    1,
    {
      dataset: 'pam',
      timestamp: wib('06-14 15:16:01'),
      host_name: 'combo',
      process_name: 'sshd',
      source_ip: '218.188.2.4',
      event_outcome: 'failure',
    },
  ],
  // sudo
  [
    'sudo',
    1,
    {
      dataset: 'sudo',
      timestamp: wib('11-27 08:15:02'),
      host_name: 'kpu-web1',
      user_name: 'budi',
      user_target_name: 'root',
      process_command_line: '/usr/bin/systemctl restart nginx',
      event_outcome: 'success',
    },
  ],
  [
    'sudo',
    2,
    {
      dataset: 'sudo',
      timestamp: wib('11-27 08:15:09'),
      user_name: 'tono',
      user_target_name: 'root',
      event_outcome: 'failure',
    },
  ],
  [
    'sudo',
    3,
    {
      dataset: 'sudo',
      timestamp: wib('11-27 08:16:40'),
      user_name: 'sari',
      user_target_name: 'postgres',
      event_outcome: 'failure',
    },
  ],
  // syslog
  [
    'Linux_2k',
    100,
    { dataset: 'syslog', process_name: 'ftpd', source_ip: '82.252.162.81', event_action: 'ftp_connection' },
  ],
  // What stands for formats of later: the others are in test/processors/parse/corpora.test.ts.
  ['postfix-logs', 1, { dataset: 'postfix', process_name: 'postfix/smtpd', source_ip: '192.168.1.1' }],
  [
    'iptables-logs',
    1,
    {
      dataset: 'netfilter',
      timestamp: wib('06-08 14:34:33'),
      host_name: 'sd-126005',
      process_name: 'kernel',
      source_ip: '195.54.160.107',
      source_port: 8080,
      destination_ip: '51.15.166.67',
      destination_port: 8123,
    },
  ],
  ['Linux_2k', 16, { dataset: 'syslog', process_name: 'logrotate', host_name: 'combo', source_ip: '' }],
  [
    'Linux_2k',
    83,
    { dataset: 'syslog', process_name: 'ftpd', source_ip: '24.54.76.216', event_action: 'ftp_connection' },
  ],
  // nginx.access
  [
    'nginx_http-logs',
    1,
    {
      dataset: 'nginx.access',
      timestamp: '2020-01-04 07:25:02.000',
      source_ip: '192.168.1.1',
      http_method: 'GET',
      url_original: '/.well-known/acme-challenge/FMuukC2JOJ5HKmLBujjE_BkDo',
      http_status_code: 404,
      event_outcome: 'failure',
      user_agent_original: 'Go-http-client/1.1',
    },
  ],
  [
    'nginx_http-logs',
    6,
    {
      dataset: 'nginx.access',
      timestamp: '2020-06-08 08:04:43.000',
      url_domain: 'www.crowdsec11.net',
      destination_port: 80,
      source_ip: '192.168.1.1',
      url_original: '/test/uppercase/extensions.JPG',
      http_status_code: 301,
      event_outcome: 'success',
    },
  ],
  [
    'nginx_http-logs',
    7,
    {
      dataset: 'nginx.access',
      user_name: 'user123',
      url_original: '/api/login',
      http_status_code: 200,
      http_response_bytes: 150,
    },
  ],
  [
    'nginx-http-sqli-probing',
    2,
    {
      dataset: 'nginx.access',
      timestamp: '2021-09-30 09:11:54.000',
      source_ip: '127.0.0.1',
      url_original: '/foo?a=%20union%20all%20select%20',
      http_status_code: 404,
    },
  ],
  // nginx.error
  [
    'nginx_http-logs',
    9,
    {
      dataset: 'nginx.error',
      timestamp: '2021-12-01 06:53:33.000',
      source_ip: '172.17.0.1',
      http_method: 'GET',
      url_original: '/market/',
      log_level: 'error',
      event_outcome: 'failure',
    },
  ],
  [
    'pfsense-rfc5424-nginx',
    1,
    {
      dataset: 'nginx.error',
      timestamp: '2025-11-05 20:47:03.000',
      host_name: 'firewall.lan',
      source_ip: 'fdfd:ace:ace:7::17a',
      url_original: '/crowdsec-test-NtktlJHV4TfBSK3wvlhiOBnl',
      log_level: 'error',
    },
  ],
  // apache.access
  [
    'apache2-logs',
    2,
    {
      dataset: 'apache.access',
      timestamp: '2020-06-08 07:01:28.000',
      source_ip: '164.68.112.178',
      url_original: '/',
      http_status_code: 500,
      event_outcome: 'failure',
      http_version: '1.0',
      user_agent_original: 'masscan/1.0 (https://github.com/robertdavidgraham/masscan)',
    },
  ],
  [
    'apache2-logs',
    5,
    {
      dataset: 'apache.access',
      http_method: 'POST',
      url_original: '/login',
      source_ip: '93.43.209.58',
      http_status_code: 500,
    },
  ],
  [
    'apache2-logs',
    7,
    {
      dataset: 'apache.access',
      timestamp: '2021-10-25 09:05:52.000',
      url_domain: 'website.com',
      source_ip: '1.2.3.4',
      url_original: '/web/.well-known',
      http_status_code: 403,
      http_response_bytes: 6963,
      http_referrer: 'abc.com',
    },
  ],
  // apache.error
  ['Apache_2k', 1, { dataset: 'apache.error', timestamp: '2005-12-03 21:47:44.000', log_level: 'notice' }],
  [
    'Apache_2k',
    132,
    {
      dataset: 'apache.error',
      timestamp: '2005-12-03 22:15:09.000',
      log_level: 'error',
      event_outcome: 'failure',
      source_ip: '222.166.160.184',
    },
  ],
  [
    'apache2-logs',
    8,
    {
      dataset: 'apache.error',
      timestamp: '2022-10-13 05:24:49.880',
      user_name: 'sss',
      source_ip: '31.33.58.75',
      source_port: 50229,
      event_outcome: 'failure',
    },
  ],
  [
    'apache2-logs',
    9,
    {
      dataset: 'apache.error',
      timestamp: '2025-04-16 09:09:40.056',
      source_ip: '192.168.1.1',
      source_port: 17036,
      log_level: 'info',
    },
  ],
  // suricata.eve
  [
    'suricata-logs-evelog',
    1,
    {
      dataset: 'suricata.eve',
      timestamp: '2022-07-10 23:50:05.533',
      source_ip: '1.2.3.4',
      source_port: 52812,
      destination_ip: '127.0.0.1',
      destination_port: 80,
      event_action: 'ids_alert',
      rule_name: 'ET WEB_SPECIFIC_APPS OGNL Expression Injection (CVE-2017-9791)',
    },
  ],
  [
    'suricata-logs-evelog',
    3,
    {
      dataset: 'suricata.eve',
      timestamp: '2022-07-11 05:52:18.378',
      source_ip: '1.2.3.6',
      destination_port: 2352,
      event_action: 'network_flow',
      network_transport: 'tcp',
    },
  ],
  [
    'suricata-logs-evelog',
    5,
    {
      dataset: 'suricata.eve',
      timestamp: '2022-07-11 06:09:52.602',
      source_ip: '1.2.3.7',
      source_port: 36288,
      event_action: 'ids_alert',
    },
  ],
  // suricata.fast
  [
    'suricata-logs-fastlog',
    1,
    {
      dataset: 'suricata.fast',
      timestamp: '2022-07-11 03:29:01.860',
      source_ip: '2.57.122.209',
      source_port: 28487,
      destination_ip: '172.31.18.55',
      destination_port: 80,
      network_transport: 'tcp',
      rule_name: 'SURICATA TCPv4 invalid checksum',
    },
  ],
  [
    'suricata-logs-fastlog',
    2,
    {
      dataset: 'suricata.fast',
      source_ip: '89.248.163.216',
      destination_port: 5060,
      network_transport: 'udp',
      rule_name: 'ET SCAN Sipvicious Scan',
    },
  ],
  [
    'suricata-logs-fastlog',
    4,
    {
      dataset: 'suricata.fast',
      timestamp: '2022-07-10 23:09:52.602',
      source_ip: '185.7.214.104',
      event_code: '2034125',
    },
  ],
  // cef
  [
    'cef-logs',
    1,
    {
      dataset: 'cef',
      timestamp: '2025-09-04 08:32:58.445',
      source_ip: '10.72.1.222',
      observer_vendor: 'Ubiquiti',
      observer_product: 'UniFi Network',
      event_code: '544',
    },
  ],
  [
    'cef-logs',
    3,
    {
      dataset: 'cef',
      source_ip: '192.168.0.1',
      source_port: 54587,
      destination_ip: '192.168.0.233',
      destination_port: 80,
      network_transport: 'tcp',
    },
  ],
  [
    'cef-logs',
    4,
    {
      dataset: 'cef',
      timestamp: '2025-09-08 06:32:20.613',
      host_name: 'UDM-Gent',
      source_ip: '192.168.100.252',
      source_port: 65020,
      destination_ip: '192.168.1.100',
      event_code: '201',
    },
  ],
]

describe.skipIf(!present)('every line of the corpora is a row', () => {
  let siaga: Siaga
  /** Rows of each file, by line number. */
  const rows = new Map<string, Map<number, Row>>()
  const files = logFiles()

  beforeAll(async () => {
    siaga = await startSiaga()
    files.push({ name: 'sudo', path: await writeInto(siaga, 'sudo.log', sudoLines.join('\n')), format: undefined })
    const sent: { name: string; lines: Map<number, string> }[] = []
    let total = 0
    for (const { name, path, format } of files) {
      const lines = linesOf(path)
      const blank = readFileSync(path, 'utf8').replace(/\n$/, '').split('\n').length - lines.size
      const { code, stdout, stderr } = await siaga.run(
        ...['send', '--source', 'demo', ...(format === undefined ? [] : ['--format', format]), path],
      )
      expect({ name, code, stderr }).toEqual({ name, code: 0, stderr: '' })
      expect(stdout).toContain(`accepted ${lines.size} of ${lines.size} lines`)
      expect(stdout.includes('blank'), `${name}: ${stdout}`).toBe(blank > 0)
      if (blank > 0) expect(stdout).toContain(`${blank} blank`)
      total += lines.size
      sent.push({ name, lines })
    }
    await siaga.landed(total)
    report(`corpora: ${total} lines of ${files.length} files are ${total} rows`)

    const { code, stdout, stderr } = await siaga.run(
      'sql',
      '--format',
      'JSON',
      "SELECT * FROM events WHERE source_id = 'demo' ORDER BY received_at, event_id",
    )
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const all: Row[] = JSON.parse(stdout).data
    // Each file was one request, one after the other. An event's id is its request's, then its number there in base 36.
    const requests = Map.groupBy(all, ({ event_id }) => String(event_id).replace(/-[0-9a-z]+$/, ''))
    expect(requests.size).toBe(files.length)
    const number = (row: Row) => Number.parseInt(/-([0-9a-z]+)$/.exec(String(row.event_id))?.[1] ?? '', 36)
    for (const [index, request] of [...requests.values()].entries()) {
      const file = sent[index]
      const numbers = [...(file?.lines.keys() ?? [])]
      const ordered = request.toSorted((a, b) => number(a) - number(b))
      rows.set(file?.name ?? '', new Map(ordered.map((row, place) => [numbers[place] ?? 0, row])))
    }
  }, 120_000)

  afterAll(async () => {
    await siaga?.stop()
    await siaga?.remove()
  })

  test.each(files.map(({ name, path }) => [name, path]))(
    '%s: the row of each line keeps it as it was',
    (name, path) => {
      const lines = linesOf(path)
      const landed = rows.get(name) ?? new Map<number, Row>()
      expect(landed.size).toBe(lines.size)
      const different = [...lines].filter(([line, text]) => landed.get(line)?.message !== text)
      expect(
        different.map(([line, text]) => ({ line, sent: text, row: landed.get(line)?.message })).slice(0, 3),
      ).toEqual([])
    },
  )

  test('nothing is in the dead-letter queue', async () => {
    const { code, stdout } = await siaga.run('dlq', 'list', '--all', '--json')
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
    expect(await siaga.metric('siaga_processor_dead_total')).toBe(0)
    expect(await siaga.metric('siaga_processor_dropped_total')).toBe(0)
  })

  test('the counts of each source agree with the rows', async () => {
    const [row] = await siaga.sql(
      "SELECT sum(events) AS counted, (SELECT count() FROM events WHERE source_id = 'demo') AS rows FROM source_minutes WHERE source_id = 'demo'",
    )
    expect(Number(row?.counted)).toBe(Number(row?.rows))
  })

  test.each(samples)('%s line %i', (file, line, expected) => {
    const row = rows.get(file)?.get(line)
    expect(row).toMatchObject(expected)
  })

  test('at least three samples stand for each format', () => {
    const datasets = Map.groupBy(samples, ([, , { dataset }]) => dataset)
    for (const [dataset, of] of datasets)
      if (dataset !== 'netfilter' && dataset !== 'postfix')
        expect(of.length, String(dataset)).toBeGreaterThanOrEqual(dataset === 'nginx.error' ? 2 : 3)
  })
})
