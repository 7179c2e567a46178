// Do the events of firewalls, name servers, Zeek and honeypots belong to the log sources that rules on them name, under the names that rules use?
import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createSigma } from '../../../../processors/detect/sigma/engine.ts'
import { createEventAccessor } from '../../../../processors/detect/sigma/fields.ts'
import { loadRules } from '../../../../processors/detect/sigma/load.ts'
import { createEventSource } from '../../../../processors/detect/sigma/logsource.ts'
import { parseOne } from '../../parse/read.ts'

const sourceOf = createEventSource()

function sourcesOf(line: string): Record<string, string[]> {
  const { categories, products, services } = sourceOf(parseOne(line).event)
  return { categories: [...categories].sort(), products: [...products], services: [...services] }
}

const forti = (rest: string): string => `date=2024-11-27 time=08:16:03 devname="fw" logid="1" ${rest}`
const zeek = (log: string, more: object): string =>
  JSON.stringify({
    _path: log,
    ts: 1732670163.1,
    uid: 'CHhAvVGS1DHFjwGM9',
    'id.orig_h': '203.0.113.7',
    'id.orig_p': 4711,
    'id.resp_h': '192.0.2.1',
    'id.resp_p': 445,
    ...more,
  })
const canary = (logtype: number, more: object = {}): string =>
  JSON.stringify({ logtype, node_id: 'c1', local_time: '2024-11-27 01:16:03.1', src_host: '203.0.113.7', ...more })
const kernel = 'Nov 27 08:16:03 fw kernel: [1.2] DROP IN=a OUT= SRC=203.0.113.7 DST=192.0.2.1 LEN=40 PROTO=TCP DPT=23'

describe('log sources', () => {
  test.each<[string, string, string[], string | string[], string[]]>([
    ['traffic', forti('type="traffic" action="deny"'), ['firewall', 'network_connection'], 'fortigate', ['traffic']],
    ['an exploit', forti('type="utm" subtype="ips"'), ['firewall', 'ids'], 'fortigate', ['utm']],
    ['a filtered URL', forti('type="utm" subtype="webfilter"'), ['firewall', 'proxy'], 'fortigate', ['utm']],
    [
      'an administrator',
      forti('type="event" action="login" status="failed"'),
      ['authentication'],
      'fortigate',
      ['event'],
    ],
    ['a packet', kernel, ['firewall', 'network_connection'], 'linux', ['kernel', 'syslog']],
    [
      'a name asked for',
      'client @0x7f 203.0.113.7#3076 (a.example): query: a.example IN A + (192.0.2.1)',
      ['dns', 'firewall', 'network_connection'],
      'linux',
      ['named', 'syslog'],
    ],
    [
      'a router',
      'system,error,critical login failure for user admin from 203.0.113.7 via ssh',
      ['authentication'],
      ['mikrotik', 'linux'],
      ['mikrotik', 'syslog'],
    ],
    ['a flow', zeek('conn', { conn_state: 'SF' }), ['firewall', 'network_connection'], 'zeek', ['conn']],
    ['HTTP on the wire', zeek('http', { method: 'GET', uri: '/' }), ['proxy', 'webserver'], 'zeek', ['http']],
    ['a notice', zeek('notice', { note: 'Scan::Port_Scan' }), ['ids'], 'zeek', ['notice']],
    ['a honeypot', canary(4000), ['application', 'ids'], 'opencanary', ['opencanary']],
    ['a log-in there', canary(4002), ['application', 'authentication'], 'opencanary', ['opencanary']],
  ])('%s', (_, line, categories, product, services) => {
    expect(sourcesOf(line)).toEqual({ categories, products: [product].flat(), services })
  })
})

const root = join(import.meta.dirname, '../../../../../shared/corpora/sigma/rules')
const folders = ['network', 'application/opencanary'].map((folder) => join(root, folder))
const present = folders.every((folder) => existsSync(folder))
if (!present) process.stdout.write(`rules on networks skipped: ${root} is absent\n`)

describe.skipIf(!present)("SigmaHQ's rules on networks and honeypots", () => {
  const sigma = createSigma(loadRules(folders).rules, createEventAccessor())

  function matched(line: string): string[] {
    const { event } = parseOne(line)
    event.message = line
    return sigma
      .match(event, sourceOf(event))
      .map(({ rule }) => basename(rule.file, '.yml'))
      .sort()
  }

  test.each<[string, string[]]>([
    [forti('type="event" action="Add" cfgpath="system.admin"'), ['fortinet_fortigate_new_admin_account_created']],
    [forti('type="event" action="Edit" cfgpath="vpn.ssl.settings"'), ['fortinet_fortigate_vpn_ssl_settings_modified']],
    [forti('type="event" action="Delete" cfgpath="system.admin"'), []],
    [forti('type="traffic" action="accept" dstport=23 dstip=192.0.2.1'), ['net_firewall_cleartext_protocols']],
    [zeek('smb_files', { action: 'SMB::FILE_OPEN', path: '\\\\192.0.2.1\\IPC$', name: 'PSEXESVC-stdin' }), []],
    [
      zeek('smb_files', { action: 'SMB::FILE_OPEN', path: '\\\\192.0.2.1\\IPC$', name: 'tool-192-stdin' }),
      ['zeek_smb_converted_win_susp_psexec'],
    ],
    [zeek('dce_rpc', { operation: 'EfsRpcOpenFileRaw' }), ['zeek_dce_rpc_potential_petit_potam_efs_rpc_call']],
    [
      zeek('kerberos', { request_type: 'TGS', client: 'siti/KPU', service: 'http/a', cipher: 'rc4-hmac' }),
      ['zeek_susp_kerberos_rc4'],
    ],
    [zeek('rdp', { cookie: 'admin' }), ['zeek_rdp_public_listener']],
    [
      zeek('http', { method: 'PUT', host: 'a.example', uri: '/x', user_agent: 'Microsoft-WebDAV-MiniRedir' }),
      ['zeek_http_webdav_put_request'],
    ],
    [
      zeek('http', {
        method: 'GET',
        host: 'a.tk',
        uri: '/x.exe',
        user_agent: 'WebDAV',
        resp_mime_types: ['x-dosexec'],
      }),
      ['zeek_http_executable_download_from_webdav', 'zeek_http_susp_file_ext_from_susp_tld'],
    ],
    [zeek('dns', { query: 'a.onion.ws.onion.to', qtype_name: 'A', Z: 0 }), ['zeek_dns_torproxy']],
    [
      zeek('dns', { query: 'x.example', qtype_name: 'TXT', answers: ['TXT 3 IEX'], rcode_name: 'NOERROR', Z: 0 }),
      ['net_dns_susp_txt_exec_strings'],
    ],
    [
      'Nov 27 08:16:03 ns dnsmasq[7]: query[A] x.interact.sh from 203.0.113.7',
      ['net_dns_external_service_interaction_domains'],
    ],
    [
      'Nov 27 08:16:03 ns named[7]: client @0x7f 203.0.113.7#1 (api.telegram.org): query: api.telegram.org IN A +',
      ['net_dns_susp_telegram_api'],
    ],
    [canary(4002), ['opencanary_ssh_login_attempt']],
    [canary(5001), ['opencanary_portscan_syn_scan']],
    [canary(3000, { logdata: { PATH: '/x' } }), ['opencanary_http_get']],
    [canary(1001), []],
  ])('%s', (line, names) => {
    expect(matched(line)).toEqual(names)
  })
})
