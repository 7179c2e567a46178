// Are the real logs of ../shared/corpora read right? Every line has an outcome, and samples checked by hand hold. None of them is copied
// here: where the folder is absent, these tests are skipped.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { SourceFormat as formats, type SourceFormat } from '../../../schemas/config.ts'
import { parseOne, read } from './read.ts'

const root = join(import.meta.dirname, '../../../../shared/corpora')
const present = existsSync(join(root, 'crowdsec/manifest.json'))
const corpus = describe.skipIf(!present)

function lines(path: string): string[] {
  const text = readFileSync(join(root, path), 'utf8')
  return (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n')
}

interface Case {
  case: string
  log: string
  log_type: string
}

function cases(): Case[] {
  if (!present) return []
  const manifest: Case[] = JSON.parse(readFileSync(join(root, 'crowdsec/manifest.json'), 'utf8'))
  return manifest
}

/** Log types that a parser here covers, with the format that such a source is set to. */
const covered = new Map<string, SourceFormat>([
  ['syslog', 'syslog'],
  ['nginx', 'nginx'],
  ['apache2', 'apache'],
  ['suricata-evelogs', 'suricata'],
  ['suricata-fastlogs', 'suricata'],
  ['cef', 'cef'],
  ['postgres', 'postgresql'],
  ['palo-alto-threat', 'paloalto'],
  ['k8s-audit', 'kubernetes'],
  ['haproxy', 'haproxy'],
  ['traefik', 'traefik'],
  ['caddy', 'caddy'],
  ['iis', 'iis'],
  ['modsecurity', 'modsecurity'],
  ['keycloak', 'keycloak'],
  ['auditd', 'auditd'],
  ['mysql', 'mysql'],
  ['proftpd', 'proftpd'],
  ['vsftpd', 'vsftpd'],
  ['mikrotik', 'mikrotik'],
  ['named', 'bind'],
])

/** Datasets that say no more than that a line was read. */
const generic = ['plain', 'syslog', 'json']

/** Every line must be read or be blank. Answers how many fell to each dataset. */
function readAll(all: string[], format: SourceFormat | ''): Map<string, number> {
  const datasets = new Map<string, number>()
  for (const [i, line] of all.entries()) {
    const { outcome, event } = parseOne(line, format)
    if (outcome.kind === 'drop') expect(line.trim(), `line ${i + 1}`).toBe('')
    else expect(outcome.kind, `line ${i + 1}: ${line.slice(0, 200)}`).toBe('ok')
    const name = outcome.kind === 'ok' ? event.dataset : 'blank'
    datasets.set(name, (datasets.get(name) ?? 0) + 1)
  }
  return datasets
}

function report(name: string, format: string, datasets: Map<string, number>): void {
  const total = [...datasets.values()].reduce((sum, n) => sum + n, 0) - (datasets.get('blank') ?? 0)
  const generic = (datasets.get('plain') ?? 0) + (datasets.get('syslog') ?? 0)
  const share = total === 0 ? 0 : Math.round((100 * generic) / total)
  process.stdout.write(`${name} (${format}): ${JSON.stringify(Object.fromEntries(datasets))}, ${share}% generic\n`)
}

if (!present) process.stdout.write(`corpora tests skipped: ${root} is absent\n`)

corpus('every line', () => {
  test.each([
    ['loghub/OpenSSH_2k.log', 'sshd'],
    ['loghub/OpenSSH_2k.log', ''],
    ['loghub/Linux_2k.log', 'syslog'],
    ['loghub/Linux_2k.log', ''],
    ['loghub/Apache_2k.log', 'apache'],
    ['loghub/Apache_2k.log', ''],
  ] as const)('%s as %j', (path, format) => {
    const all = lines(path)
    expect(all.length).toBe(2000)
    const datasets = readAll(all, format)
    report(path, format || 'auto', datasets)
    expect(datasets.get('plain')).toBeUndefined()
    for (const line of all) expect(parseOne(line, format).event.timestamp, line).toBeGreaterThan(0)
  })

  test.each(cases())('crowdsec $case ($log_type)', ({ case: name, log, log_type }) => {
    const all = lines(`crowdsec/${name}/${log}`)
    const format = covered.get(log_type)
    const shown = readAll(all, '')
    report(name, 'auto', shown)
    for (const dataset of generic) expect(shown.get(dataset), dataset).toBeUndefined()
    if (format === undefined) return
    expect(formats.options).toContain(format)
    const datasets = readAll(all, format)
    report(name, format, datasets)
    expect(datasets.get('plain')).toBeUndefined()
  })

  test.skipIf(!existsSync(join(root, 'crs/requests.ndjson')))('requests of the Core Rule Set', () => {
    for (const line of lines('crs/requests.ndjson')) {
      const request: { line: string } = JSON.parse(line)
      const { event, outcome } = parseOne(request.line, 'nginx')
      expect(outcome.kind, request.line.slice(0, 200)).toBe('ok')
      expect(event.source_ip, request.line.slice(0, 200)).toMatch(/^203\.0\.113\./)
      expect(event.url_original).not.toBe('')
    }
  })
})

/** What a line must hold, by file and line number, read by a person. Times by a source in Western Indonesia, received in July 2026. */
const samples: [path: string, line: number, format: SourceFormat | '', expected: Record<string, unknown>][] = [
  [
    'loghub/OpenSSH_2k.log',
    1,
    'sshd',
    {
      dataset: 'sshd',
      timestamp: '2025-12-09T23:55:46.000Z',
      host_name: 'LabSZ',
      process_pid: 24200,
      source_ip: '173.234.31.186',
      event_action: 'ssh_reverse_mapping',
    },
  ],
  [
    'loghub/OpenSSH_2k.log',
    2,
    'sshd',
    { event_action: 'ssh_login', event_outcome: 'failure', user_name: 'webmaster', source_ip: '173.234.31.186' },
  ],
  ['loghub/OpenSSH_2k.log', 4, 'sshd', { dataset: 'pam', event_action: 'pam_auth', event_outcome: 'unknown' }],
  [
    'loghub/OpenSSH_2k.log',
    6,
    'sshd',
    {
      event_outcome: 'failure',
      user_name: 'webmaster',
      source_ip: '173.234.31.186',
      source_port: 38926,
      fields: { 'user.known': 'false', 'ssh.method': 'password' },
    },
  ],
  [
    'loghub/OpenSSH_2k.log',
    12,
    '',
    {
      dataset: 'pam',
      event_outcome: 'failure',
      fields: { 'source.domain': 'ec2-52-80-34-196.cn-north-1.compute.amazonaws.com.cn' },
    },
  ],
  ['loghub/OpenSSH_2k.log', 14, '', { event_action: 'ssh_disconnect', source_ip: '52.80.34.196' }],
  [
    'loghub/OpenSSH_2k.log',
    30,
    '',
    {
      event_action: 'ssh_login',
      event_outcome: 'failure',
      user_name: 'root',
      source_ip: '5.36.59.76',
      source_port: 42393,
      fields: { 'event.repeat': '5' },
    },
  ],
  ['loghub/OpenSSH_2k.log', 31, '', { event_action: 'ssh_login', event_outcome: 'failure', user_name: 'root' }],
  [
    'loghub/OpenSSH_2k.log',
    32,
    '',
    {
      dataset: 'pam',
      user_name: 'root',
      fields: { 'event.repeat': '5', 'source.domain': '5.36.59.76.dynamic-dsl-ip.omantel.net.om' },
    },
  ],
  ['loghub/OpenSSH_2k.log', 185, '', { user_name: ' 0101', source_ip: '5.188.10.180', event_outcome: 'failure' }],
  [
    'loghub/OpenSSH_2k.log',
    956,
    'sshd',
    {
      timestamp: '2025-12-10T02:32:20.000Z',
      event_action: 'ssh_login',
      event_outcome: 'success',
      user_name: 'fztu',
      source_ip: '119.137.62.142',
      source_port: 49116,
    },
  ],
  [
    'loghub/OpenSSH_2k.log',
    957,
    'sshd',
    { dataset: 'pam', event_category: 'session', event_action: 'session_opened', user_name: 'fztu' },
  ],
  [
    'loghub/OpenSSH_2k.log',
    1777,
    'sshd',
    {
      timestamp: '2025-12-10T04:02:48.000Z',
      user_name: 'root',
      source_ip: '183.62.140.253',
      source_port: 43083,
      event_outcome: 'failure',
    },
  ],
  [
    'loghub/Linux_2k.log',
    1,
    '',
    {
      dataset: 'pam',
      timestamp: '2026-06-14T08:16:01.000Z',
      host_name: 'combo',
      process_name: 'sshd',
      process_pid: 19939,
      source_ip: '218.188.2.4',
      event_outcome: 'failure',
      tags: ['year_guessed'],
    },
  ],
  [
    'loghub/Linux_2k.log',
    6,
    'syslog',
    {
      timestamp: '2026-06-14T19:04:59.000Z',
      user_name: 'root',
      fields: { 'source.domain': '220-135-151-1.hinet-ip.hinet.net' },
    },
  ],
  [
    'loghub/Linux_2k.log',
    14,
    'syslog',
    { dataset: 'pam', event_action: 'session_opened', process_name: 'su', user_target_name: 'cyrus' },
  ],
  [
    'loghub/Linux_2k.log',
    100,
    'syslog',
    {
      dataset: 'syslog',
      event_action: 'ftp_connection',
      source_ip: '82.252.162.81',
      fields: { 'source.domain': 'lns-vlq-45-tou-82-252-162-81.adsl.proxad.net' },
    },
  ],
  ['loghub/Linux_2k.log', 190, 'syslog', { dataset: 'syslog', process_name: 'logrotate' }],
  [
    'loghub/Linux_2k.log',
    565,
    'syslog',
    { event_category: 'authentication', event_outcome: 'failure', source_ip: '163.27.187.39' },
  ],
  [
    'loghub/Linux_2k.log',
    900,
    'syslog',
    { dataset: 'pam', process_name: 'login', event_action: 'session_closed', user_name: 'root' },
  ],
  [
    'loghub/Linux_2k.log',
    2000,
    'syslog',
    { dataset: 'syslog', timestamp: '2025-07-27T07:42:00.000Z', process_name: 'kernel' },
  ],
  [
    'loghub/Apache_2k.log',
    1,
    'apache',
    {
      dataset: 'apache.error',
      timestamp: '2005-12-03T21:47:44.000Z',
      log_level: 'notice',
      fields: { 'error.message': 'workerEnv.init() ok /etc/httpd/conf/workers2.properties' },
    },
  ],
  [
    'loghub/Apache_2k.log',
    132,
    '',
    {
      timestamp: '2005-12-03T22:15:09.000Z',
      log_level: 'error',
      event_outcome: 'failure',
      source_ip: '222.166.160.184',
    },
  ],
  ['loghub/Apache_2k.log', 2000, '', { timestamp: '2005-12-05T12:15:57.000Z', log_level: 'error' }],
  [
    'crowdsec/sshd-logs/sshd-logs.log',
    4,
    'syslog',
    { dataset: 'pam', timestamp: '2025-11-02T08:40:14.000Z', source_ip: '5.33.63.160', user_name: 'workshop' },
  ],
  [
    'crowdsec/sshd-logs/sshd-logs.log',
    6,
    'syslog',
    { dataset: 'sshd', event_outcome: 'failure', user_name: 'root', source_ip: '206.81.24.125', source_port: 45362 },
  ],
  [
    'crowdsec/sshd-logs/sshd-logs.log',
    9,
    'syslog',
    { event_action: 'ssh_disconnect', source_ip: '92.255.85.135', source_port: 26138 },
  ],
  [
    'crowdsec/sshd-logs/sshd-logs.log',
    17,
    'syslog',
    {
      timestamp: '2023-11-13T23:20:42.738Z',
      host_name: 'myserver',
      user_name: 'root',
      source_ip: '192.168.1.1',
      event_outcome: 'failure',
    },
  ],
  [
    'crowdsec/sshd-logs/sshd-logs.log',
    23,
    'syslog',
    { event_action: 'ssh_connection', event_outcome: 'failure', source_ip: '192.168.1.1' },
  ],
  [
    'crowdsec/sshd-success-logs/sshd-success-logs.log',
    4,
    'syslog',
    {
      event_action: 'ssh_login',
      event_outcome: 'success',
      user_name: 'test',
      source_ip: '192.168.121.1',
      source_port: 43124,
    },
  ],
  [
    'crowdsec/pam-logs/pam-logs.log',
    1,
    'syslog',
    { dataset: 'pam', event_outcome: 'failure', user_name: 'zbadguy', process_name: 'sudo' },
  ],
  [
    'crowdsec/pam-logs/pam-logs.log',
    2,
    'syslog',
    { timestamp: '2025-12-07T07:52:59.000Z', event_outcome: 'failure', user_name: 'zbadguy' },
  ],
  [
    'crowdsec/iptables-logs/iptables-logs.log',
    1,
    'syslog',
    {
      dataset: 'netfilter',
      event_category: 'network',
      event_action: 'firewall_log',
      host_name: 'sd-126005',
      source_ip: '195.54.160.107',
      destination_ip: '51.15.166.67',
      source_port: 8080,
      destination_port: 8123,
      network_transport: 'tcp',
    },
  ],
  [
    'crowdsec/iptables-logs/iptables-logs.log',
    3,
    'netfilter',
    { dataset: 'netfilter', source_ip: '195.54.160.107', destination_port: 8123 },
  ],
  [
    'crowdsec/iptables-logs/iptables-logs.log',
    4,
    'netfilter',
    {
      dataset: 'netfilter',
      timestamp: '2025-09-27T13:56:38.000Z',
      event_action: 'firewall_block',
      event_outcome: 'failure',
      rule_name: 'IPTABLES-DROP',
      source_ip: '127.0.0.1',
      destination_ip: '127.0.0.53',
      destination_port: 53,
      network_bytes: 76,
    },
  ],
  [
    'crowdsec/mikrotik-logs/mikrotik-logs.log',
    1,
    'mikrotik',
    {
      dataset: 'mikrotik',
      timestamp: '2023-03-18T19:35:05.734Z',
      event_category: 'network',
      event_action: 'firewall_block',
      event_outcome: 'failure',
      host_name: '10.120.127.1',
      source_ip: '186.26.78.68',
      source_port: 44355,
      destination_ip: '81.82.202.145',
      destination_port: 53,
      network_transport: 'udp',
    },
  ],
  [
    'crowdsec/mikrotik-logs/mikrotik-logs.log',
    3,
    'mikrotik',
    {
      dataset: 'mikrotik',
      event_category: 'authentication',
      event_outcome: 'failure',
      user_name: 'admin',
      source_ip: '10.127.0.35',
    },
  ],
  [
    'crowdsec/mikrotik-logs/mikrotik-logs.log',
    4,
    'mikrotik',
    { event_action: 'firewall_log', source_ip: '2001:db8:1234::1', source_port: 40384, destination_port: 20461 },
  ],
  [
    'crowdsec/mikrotik-logs/mikrotik-logs.log',
    6,
    'mikrotik',
    { source_ip: '192.0.2.1', source_port: 56282, destination_ip: '192.0.2.2', network_bytes: 52 },
  ],
  [
    'crowdsec/bind9-logs/bind9-logs.log',
    1,
    'bind',
    {
      dataset: 'bind',
      timestamp: '2022-10-18T22:34:02.425Z',
      event_category: 'network',
      event_action: 'dns_query',
      event_outcome: 'failure',
      source_ip: '192.168.1.1',
      source_port: 3076,
      dns_question_name: 'example.com',
      dns_question_type: 'ANY',
      dns_response_code: 'REFUSED',
    },
  ],
  [
    'crowdsec/bind9-logs/bind9-logs.log',
    4,
    'bind',
    {
      timestamp: '2022-11-03T06:34:52.235Z',
      event_action: 'zone_transfer',
      event_outcome: 'failure',
      log_level: 'error',
      source_ip: '::1',
      dns_question_type: 'AXFR',
    },
  ],
  [
    'crowdsec/bind9-logs/bind9-logs.log',
    7,
    'bind',
    { event_action: 'zone_transfer', event_outcome: 'failure', source_ip: '::1', source_port: 61738 },
  ],
  ['crowdsec/bind9-logs/bind9-logs.log', 9, 'bind', { dataset: 'bind', source_ip: '::1', event_outcome: 'failure' }],
  [
    'crowdsec/bind9-logs/bind9-logs.log',
    13,
    'bind',
    { source_ip: '192.168.1.1', dns_question_name: 'wr_test', dns_question_type: 'A', log_level: 'info' },
  ],
  [
    'crowdsec/postfix-logs/postfix-logs.log',
    1,
    'syslog',
    { event_action: 'mail_login', event_outcome: 'failure', source_ip: '192.168.1.1' },
  ],
  [
    'crowdsec/dovecot-logs/dovecot-logs.log',
    3,
    'syslog',
    { event_outcome: 'failure', user_name: 'toto@toto.com', source_ip: '1.1.1.1', destination_ip: '7.7.7.7' },
  ],
  [
    'crowdsec/pfsense-rfc5424-nginx/pfsense-rfc5424-nginx.log',
    1,
    'syslog',
    {
      dataset: 'nginx.error',
      timestamp: '2025-11-05T20:47:03.000Z',
      host_name: 'firewall.lan',
      source_ip: 'fdfd:ace:ace:7::17a',
      http_method: 'GET',
      url_domain: 'firewall.lan',
      log_level: 'error',
    },
  ],
  [
    'crowdsec/nginx_http-logs/nginx_http-logs.log',
    1,
    'nginx',
    {
      dataset: 'nginx.access',
      timestamp: '2020-01-04T07:25:02.000Z',
      source_ip: '192.168.1.1',
      url_path: '/.well-known/acme-challenge/FMuukC2JOJ5HKmLBujjE_BkDo',
      http_status_code: 404,
      http_response_bytes: 522,
      event_outcome: 'failure',
      user_agent_original: 'Go-http-client/1.1',
    },
  ],
  [
    'crowdsec/nginx_http-logs/nginx_http-logs.log',
    6,
    'nginx',
    {
      url_domain: 'www.crowdsec11.net',
      destination_port: 80,
      source_ip: '192.168.1.1',
      http_status_code: 301,
      event_outcome: 'success',
    },
  ],
  [
    'crowdsec/nginx_http-logs/nginx_http-logs.log',
    7,
    'nginx',
    { user_name: 'user123', url_path: '/api/login', http_status_code: 200 },
  ],
  ['crowdsec/nginx_http-logs/nginx_http-logs.log', 8, 'nginx', { source_ip: '192.168.1.1', url_path: '/api/test' }],
  [
    'crowdsec/nginx_http-logs/nginx_http-logs.log',
    9,
    'nginx',
    {
      dataset: 'nginx.error',
      timestamp: '2021-12-01T06:53:33.000Z',
      source_ip: '172.17.0.1',
      url_path: '/market/',
      url_domain: 'localhost',
    },
  ],
  [
    'crowdsec/http-wordpress-scan/http-wordpress-scan.log',
    1,
    'nginx',
    {
      timestamp: '2024-04-19T12:41:25.000Z',
      url_path: '/smth/wp-admin/admin-ajax.php',
      user_agent_original: 'curl/7.68.0',
    },
  ],
  [
    'crowdsec/nginx-bad-user-agent/nginx-bad-user-agent.log',
    1,
    'nginx',
    {
      http_method: 'HEAD',
      timestamp: '2021-09-29T12:11:34.000Z',
      event_outcome: 'success',
      user_agent_original: 'Mozilla/5.00 (Nikto/2.1.5) (Evasions:None) (Test:Port Check)',
    },
  ],
  [
    'crowdsec/apache2-logs/apache2-logs.log',
    6,
    'apache',
    {
      dataset: 'apache.access',
      timestamp: '2021-03-05T08:01:38.000Z',
      source_ip: '116.203.1.1',
      http_version: '1.0',
      http_response_bytes: 1513,
    },
  ],
  [
    'crowdsec/apache2-logs/apache2-logs.log',
    7,
    'apache',
    {
      url_domain: 'website.com',
      destination_port: 443,
      source_ip: '1.2.3.4',
      http_referrer: 'abc.com',
      user_agent_original: 'User-agent-string',
    },
  ],
  [
    'crowdsec/apache2-logs/apache2-logs.log',
    8,
    'apache',
    {
      dataset: 'apache.error',
      timestamp: '2022-10-13T05:24:49.880Z',
      user_name: 'sss',
      source_ip: '31.33.58.75',
      source_port: 50229,
      event_outcome: 'failure',
      event_code: 'AH01618',
    },
  ],
  [
    'crowdsec/apache2-logs/apache2-logs.log',
    9,
    'apache',
    { source_ip: '192.168.1.1', source_port: 17036, event_code: 'AH02006', log_level: 'info' },
  ],
  [
    'crowdsec/apache-http-probing/apache-http-probing.log',
    1,
    'apache',
    {
      source_ip: '172.17.0.1',
      url_original: '/src/scripture.php?pageHeaderFile=http://cirt.net/rfiinc.txt??',
      url_path: '/src/scripture.php',
      http_status_code: 404,
    },
  ],
  [
    'crowdsec/suricata-logs-evelog/suricata-logs-evelog.log',
    1,
    'suricata',
    {
      dataset: 'suricata.eve',
      timestamp: '2022-07-10T23:50:05.533Z',
      source_ip: '1.2.3.4',
      source_port: 52812,
      destination_port: 80,
      event_severity: 80,
      event_code: '2024468',
      rule_name: 'ET WEB_SPECIFIC_APPS OGNL Expression Injection (CVE-2017-9791)',
    },
  ],
  [
    'crowdsec/suricata-logs-evelog/suricata-logs-evelog.log',
    3,
    'suricata',
    { event_action: 'network_flow', network_bytes: 162, network_transport: 'tcp' },
  ],
  [
    'crowdsec/suricata-logs-evelog/suricata-logs-evelog.log',
    5,
    'suricata',
    {
      url_original: '/cgi-bin/.%2e/.%2e/.%2e/.%2e/bin/sh',
      http_method: 'POST',
      http_status_code: 400,
      source_ip: '1.2.3.7',
    },
  ],
  [
    'crowdsec/suricata-logs-evelog/suricata-logs-evelog.log',
    8,
    'suricata',
    { timestamp: '2022-07-12T06:09:52.602Z', event_code: '2034125' },
  ],
  [
    'crowdsec/suricata-logs-fastlog/suricata-logs-fastlog.log',
    2,
    'suricata',
    {
      dataset: 'suricata.fast',
      timestamp: '2022-07-11T03:29:32.251Z',
      rule_name: 'ET SCAN Sipvicious Scan',
      source_ip: '89.248.163.216',
      source_port: 5116,
      destination_ip: '172.31.18.55',
      destination_port: 5060,
      network_transport: 'udp',
      event_severity: 50,
    },
  ],
  [
    'crowdsec/cef-logs/cef-logs.log',
    1,
    'cef',
    {
      dataset: 'cef',
      timestamp: '2025-09-04T08:32:58.445Z',
      source_ip: '10.72.1.222',
      event_severity: 10,
      rule_name: 'Admin Accessed UniFi Network',
    },
  ],
  ['crowdsec/cef-logs/cef-logs.log', 2, 'cef', { source_ip: '10.72.1.222', event_code: '544' }],
  [
    'crowdsec/cef-logs/cef-logs.log',
    3,
    'cef',
    {
      source_ip: '192.168.0.1',
      source_port: 54587,
      destination_ip: '192.168.0.233',
      destination_port: 80,
      event_severity: 70,
    },
  ],
  [
    'crowdsec/cef-logs/cef-logs.log',
    4,
    'cef',
    {
      timestamp: '2025-09-08T06:32:20.613Z',
      host_name: 'UDM-Gent',
      source_ip: '192.168.100.252',
      destination_ip: '192.168.1.100',
      event_severity: 90,
    },
  ],
  [
    'crowdsec/caddy-logs/caddy-logs.log',
    8,
    '',
    {
      dataset: 'caddy.access',
      timestamp: '2024-03-29T19:49:58.039Z',
      source_ip: '127.0.0.1',
      http_method: 'GET',
      http_status_code: 401,
      event_outcome: 'failure',
      user_agent_original: 'curl/7.88.1',
    },
  ],
  [
    'crowdsec/traefik_clf/traefik_clf.log',
    1,
    '',
    {
      dataset: 'traefik.access',
      timestamp: '2021-12-08T09:16:05.000Z',
      source_ip: '172.17.0.1',
      url_path: '/scripts/cpshost.dll',
      http_status_code: 200,
    },
  ],
  [
    'crowdsec/modsecurity-logs/modsecurity-logs.log',
    1,
    '',
    {
      dataset: 'apache.error',
      source_ip: '::1',
      event_code: '930100',
      event_severity: 90,
      timestamp: '2021-09-30T06:27:06.009Z',
    },
  ],
  [
    'crowdsec/pgsql-logs/pgsql-logs.log',
    2,
    'postgresql',
    {
      dataset: 'postgresql',
      timestamp: '2021-09-28T09:22:19.536Z',
      process_pid: 127,
      event_action: 'db_login',
      event_outcome: 'failure',
      user_name: 'i_dont_exist',
      source_ip: '1.2.3.4',
      source_port: 5432,
    },
  ],
  ['crowdsec/pgsql-logs/pgsql-logs.log', 6, 'postgresql', { source_ip: '1.2.3.4', event_category: 'authentication' }],
  [
    'crowdsec/palo-alto-threat/palo-alto-threat.log',
    1,
    'paloalto',
    {
      dataset: 'paloalto.threat',
      timestamp: '2023-07-06T06:11:40.288Z',
      source_ip: '1.2.3.2',
      source_port: 47094,
      destination_ip: '1.2.3.3',
      destination_port: 22,
      rule_name: 'SSH User Authentication Brute Force Attempt',
      event_code: '40015',
      event_severity: 80,
      event_action: 'reset-both',
      host_name: 'FW-PA-111',
    },
  ],
  [
    'crowdsec/palo-alto-threat/palo-alto-threat.log',
    2,
    'paloalto',
    {
      timestamp: '2023-07-05T12:14:33.325Z',
      source_ip: '1.2.3.6',
      rule_name: 'Nmap Scripting Engine Detection',
      event_severity: 50,
      url_path: '/nmaplowercheck1688559266',
    },
  ],
  [
    'crowdsec/k8s-audit-pod-exec-file/k8s-audit-pod-exec-file.log',
    1,
    'kubernetes',
    {
      dataset: 'kubernetes.audit',
      timestamp: '2023-05-17T15:08:30.619Z',
      source_ip: '192.168.49.1',
      user_name: 'minikube-user',
      event_action: 'create',
      process_command_line: '/bin/bash',
    },
  ],
  [
    'crowdsec/haproxy-logs/haproxy-logs.log',
    1,
    'haproxy',
    {
      dataset: 'haproxy.http',
      timestamp: '2015-01-14T05:48:57.127Z',
      event_category: 'web',
      event_outcome: 'success',
      source_ip: '117.136.40.129',
      source_port: 14853,
      http_method: 'GET',
      url_path: '/xxx/xxx',
      http_status_code: 200,
      http_response_bytes: 739,
    },
  ],
  [
    'crowdsec/haproxy-logs/haproxy-logs.log',
    3,
    'haproxy',
    {
      dataset: 'haproxy.log',
      timestamp: '2025-02-27T19:43:10.123Z',
      event_category: 'network',
      event_action: 'connection_error',
      event_outcome: 'failure',
      source_ip: '192.168.1.4',
      source_port: 50033,
    },
  ],
  [
    'crowdsec/haproxy-logs/haproxy-logs.log',
    5,
    'haproxy',
    { event_category: 'intrusion_detection', event_severity: 80, source_ip: '192.168.1.4' },
  ],
  [
    'crowdsec/traefik_clf/traefik_clf.log',
    3,
    'traefik',
    {
      dataset: 'traefik.access',
      timestamp: '2021-12-08T13:59:39.000Z',
      source_ip: '172.17.0.1',
      url_path: '/cgi.cgi/',
      http_status_code: 200,
      event_outcome: 'success',
      user_agent_original: 'Nikto',
    },
  ],
  [
    'crowdsec/traefik_clf/traefik_clf.log',
    5,
    'traefik',
    {
      source_ip: '172.17.1.1',
      url_path: '/mobileadmin/home.cs',
      user_agent_original: 'Mozilla/5.00 (Nikto/2.1.5) (Evasions:None) (Test:006607)',
    },
  ],
  [
    'crowdsec/caddy-logs/caddy-logs.log',
    8,
    'caddy',
    {
      dataset: 'caddy.access',
      timestamp: '2024-03-29T19:49:58.039Z',
      event_category: 'web',
      event_outcome: 'failure',
      source_ip: '127.0.0.1',
      source_port: 46944,
      http_status_code: 401,
      url_domain: 'localhost',
      user_agent_original: 'curl/7.88.1',
    },
  ],
  [
    'crowdsec/caddy-logs/caddy-logs.log',
    10,
    'caddy',
    { user_name: 'Bob', http_status_code: 200, http_response_bytes: 18630, event_outcome: 'success' },
  ],
  ['crowdsec/caddy-logs/caddy-logs.log', 11, 'caddy', { dataset: 'caddy.log', log_level: 'debug' }],
  [
    'crowdsec/iis-xml-logs/iis-logs.log',
    1,
    'iis',
    {
      dataset: 'iis.access',
      timestamp: '2022-10-01T11:25:51.000Z',
      event_category: 'web',
      event_outcome: 'failure',
      host_name: 'exchange-1.mydomain.test',
      source_ip: '192.168.9.212',
      destination_ip: '192.168.9.241',
      destination_port: 443,
      http_method: 'GET',
      url_path: '/autodiscover/autodiscover.json',
      http_status_code: 400,
    },
  ],
  [
    'crowdsec/modsecurity-logs/modsecurity-logs.log',
    1,
    'modsecurity',
    {
      dataset: 'apache.error',
      timestamp: '2021-09-30T06:27:06.009Z',
      event_category: 'intrusion_detection',
      event_action: 'waf_alert',
      source_ip: '::1',
      source_port: 37752,
      event_code: '930100',
      rule_name: 'Path Traversal Attack (/../)',
      event_severity: 90,
      url_domain: 'localhost',
    },
  ],
  [
    'crowdsec/modsecurity-logs/modsecurity-logs.log',
    12,
    'modsecurity',
    { event_action: 'waf_block', event_outcome: 'failure', source_ip: '192.168.1.1', event_code: '949110' },
  ],
  [
    'crowdsec/keycloak-logs/keycloak-logs.log',
    1,
    'keycloak',
    {
      dataset: 'keycloak.event',
      timestamp: '2023-05-25T15:24:19.357Z',
      event_category: 'authentication',
      event_action: 'sso_login',
      event_outcome: 'failure',
      source_ip: '192.168.1.1',
      user_name: 'user-a',
    },
  ],
  [
    'crowdsec/keycloak-logs/keycloak-logs.log',
    7,
    'keycloak',
    {
      timestamp: '2024-05-07T23:16:19.457Z',
      event_outcome: 'failure',
      source_ip: '192.168.1.4',
      user_name: 'admindeddeedede',
    },
  ],
  [
    'crowdsec/auditd-logs/auditd-logs.log',
    1,
    'auditd',
    {
      dataset: 'auditd',
      timestamp: '2023-05-17T13:23:37.579Z',
      event_category: 'process',
      event_action: 'process_start',
      event_outcome: 'success',
      process_name: 'perl',
      process_pid: 27032,
      user_name: '1000',
      fields: { 'process.executable': '/usr/bin/perl', 'auditd.log.SYSCALL': 'execve' },
    },
  ],
  [
    'crowdsec/auditd-logs/auditd-logs.log',
    3,
    '',
    { dataset: 'auditd', event_outcome: 'failure', process_name: 'perl' },
  ],
  [
    'crowdsec/postfix-logs/postfix-logs.log',
    3,
    'postfix',
    {
      dataset: 'postfix',
      timestamp: '2024-08-26T01:33:38.572Z',
      event_category: 'email',
      event_action: 'mail_reject',
      event_outcome: 'failure',
      event_code: '504',
      source_ip: '192.168.1.1',
      fields: { 'email.from.address': 'spammer@domain.tld', 'postfix.helo': 'WIN-9QL4SDRB93L' },
    },
  ],
  [
    'crowdsec/postfix-logs/postfix-logs.log',
    6,
    'postfix',
    { event_category: 'network', event_action: 'mail_probe', event_outcome: 'failure', source_ip: '192.168.1.1' },
  ],
  [
    'crowdsec/dovecot-logs/dovecot-logs.log',
    9,
    'dovecot',
    {
      dataset: 'dovecot',
      event_category: 'authentication',
      event_outcome: 'success',
      user_name: 'test@yourdomain.net',
      source_ip: '172.17.0.1',
      network_protocol: 'pop3',
    },
  ],
  [
    'crowdsec/dovecot-logs/dovecot-logs.log',
    14,
    'dovecot',
    {
      timestamp: '2024-12-31T05:56:17.784Z',
      event_outcome: 'failure',
      user_name: 'testing@example.com',
      source_ip: '192.168.1.1',
      fields: { 'event.reason': 'unknown user', 'user.known': 'false' },
    },
  ],
  [
    'crowdsec/vsftpd-logs/vsftpd-logs.log',
    2,
    'vsftpd',
    {
      dataset: 'vsftpd',
      timestamp: '2020-06-08T05:12:43.000Z',
      event_category: 'authentication',
      event_outcome: 'success',
      user_name: 'ubuntu',
      source_ip: '93.24.101.89',
      process_pid: 27307,
    },
  ],
  [
    'crowdsec/vsftpd-logs/vsftpd-logs.log',
    4,
    '',
    { event_outcome: 'failure', source_ip: '93.24.101.90', user_name: 'user' },
  ],
  [
    'crowdsec/proftpd-logs/proftpd-logs.log',
    1,
    'proftpd',
    {
      dataset: 'proftpd',
      timestamp: '2021-05-28T11:08:01.124Z',
      host_name: 'mantis',
      event_category: 'authentication',
      event_outcome: 'failure',
      user_name: 'asd',
      source_ip: '192.168.1.142',
    },
  ],
  [
    'crowdsec/proftpd-logs/proftpd-logs.log',
    5,
    'proftpd',
    { user_name: 'ccvv_ftp1', source_ip: '2a02:8070:e186:16e1:1111:222:3333:b173', event_outcome: 'failure' },
  ],
  [
    'crowdsec/mysql-logs/mysql-logs.log',
    1,
    'mysql',
    {
      dataset: 'mysql.error',
      timestamp: '2020-04-16T05:13:40.861Z',
      event_category: 'authentication',
      event_action: 'db_login',
      event_outcome: 'failure',
      user_name: 'root',
      source_ip: '27.155.87.54',
    },
  ],
  [
    'crowdsec/mysql-logs/mysql-logs.log',
    3,
    'mysql',
    { event_code: 'MY-010926', user_name: 'seb', source_ip: '42.42.42.42' },
  ],
  [
    'crowdsec/mysql-logs/mysql-logs.log',
    4,
    'mysql',
    { dataset: 'mysql.general', user_name: 'user', source_ip: '192.168.121.1', event_outcome: 'failure' },
  ],
]

corpus('samples checked by hand', () => {
  test.each(samples)('%s line %i as %j', (path, number, format, expected) => {
    const line = lines(path)[number - 1] ?? ''
    expect(read(line, format)).toMatchObject(expected)
    // What is recognised says the same, but for the name of an unconfigured web server.
    const { dataset, ...rest } = expected
    expect(read(line)).toMatchObject(rest)
    if (typeof dataset === 'string' && !dataset.endsWith('.access')) expect(read(line).dataset).toBe(dataset)
  })
})
