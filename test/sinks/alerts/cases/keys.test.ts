import { describe, expect, test } from 'vitest'
import { isLocalKey, keysOfAlert, keysOfFinding, mergeKeys } from '../../../../sinks/alerts/cases/keys.ts'
import { alert, indicator, shared } from './made.ts'

const keys = (changed: Parameters<typeof alert>[0]) => keysOfAlert(alert(changed), shared)
const saw = (field: string, value: string) => keys({ entity: 'rule:x', evidence: [{ field, value }] })

describe('an entity', () => {
  test.each<[string, string[]]>([
    ['source_ip:203.0.113.9', ['ip:203.0.113.9']],
    ['source_ip:8.8.4.4', ['ip:8.8.4.4']],
    ['source_ip:2001:db8:1:2:3:4:5:6', ['ip:2001:db8:1:2::/64']],
    ['source_ip:2001:db8:1:2::1', ['ip:2001:db8:1:2::/64']],
    // The same private address elsewhere is another machine, and a carrier's address is many people.
    ['source_ip:10.0.0.5', ['ip:10.0.0.5@32.04/']],
    ['source_ip:100.64.1.1', ['ip:100.64.1.1@32.04/']],
    ['source_ip:fd00::1', ['ip:fd00:0:0:0::/64@32.04/']],
    ['source_ip:114.125.0.7', ['ip:114.125.0.7@32.04/']],
    ['source_ip:127.0.0.1', []],
    ['source_ip:0.0.0.0', []],
    ['source_ip:255.255.255.255', []],
    ['source_ip:::', []],
    ['source_ip:ff02::1', []],
    ['source_ip:nonsense', []],
    ['user:Budi', ['user:budi@32.04/']],
    ['user:root', []],
    ['host:Web-01', ['host:web-01@32.04/']],
    ['domain:kpu-jabar.example', ['domain:kpu-jabar.example']],
    // What is ours, or what is attacked.
    ['asset:sirekap', []],
    ['source:nginx-1', []],
    ['rule:x', []],
    ['url_domain:kpu.example', []],
    ['destination_ip:203.0.113.1', []],
    ['', []],
  ])('%s gives %j', (entity, expected) => {
    expect(keys({ entity })).toEqual(expected)
  })

  test('a name that every system has is told apart by the asset', () => {
    expect(keys({ entity: 'user:root', asset_id: 'situs', owner: 'kpu' })).toEqual(['user:root@32.04/kpu/situs'])
  })
})

describe('evidence', () => {
  test.each<[string, string, string[]]>([
    ['source.ip', '203.0.113.8', ['ip:203.0.113.8']],
    ['file_hash', 'D41D8CD98F00B204E9800998ECF8427E', ['hash:d41d8cd98f00b204e9800998ecf8427e']],
    ['file_hash', 'not a hash', []],
    ['tls_ja3', 'e7d705a3286e19ea42f587b344ee6865', ['tls:e7d705a3286e19ea42f587b344ee6865']],
    ['tls_ja3', 't13d1516h2_8daaf6152771_b0da82dd1658', ['tls:t13d1516h2_8daaf6152771_b0da82dd1658']],
    ['siaga.probe.script_hosts.added', 'cdn.example, evil.example', ['domain:evil.example']],
    [
      'user_agent.decoded',
      'sqlmap/1.8.4#stable (https://sqlmap.org)',
      ['tool:sqlmap/1.8.4#stable (https://sqlmap.org)'],
    ],
    ['user_agent_original', 'Mozilla/5.00 (Nikto/2.5.0)', ['tool:mozilla/5.00 (nikto/2.5.0)']],
    ['user_agent_original', 'r00t-was-here', ['tool:r00t-was-here']],
    ['user_agent_original', 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/120.0', []],
    ['user_agent_original', 'Dalvik/2.1.0 (Linux; U; Android 13)', []],
    ['user_agent_original', 'curl/8.5.0', []],
    ['user_agent_original', 'python-requests/2.31.0', []],
    ['user_agent_original', 'Go-http-client/1.1', []],
    ['user_agent_original', 'Mozilla/5.0 (compatible; CensysInspect/1.1)', []],
    ['user_agent_original', 'SomeBot/2.0 (+https://bot.example)', []],
    ['user_agent_original', '-', []],
    ['url_domain', 'kpu.example', []],
    ['destination_ip', '203.0.113.1', []],
    ['message', 'sqlmap', []],
  ])('%s %s gives %j', (field, value, expected) => {
    expect(saw(field, value)).toEqual(expected)
  })

  test('of threat intelligence is a key, but not an address of a carrier', () => {
    expect(keys({ entity: 'rule:x', evidence: indicator('evil.example', 'green') })).toEqual([
      ...['indicator:evil.example', 'ip:203.0.113.77'],
    ])
    expect(saw('threat.indicator.name', '114.125.0.7')).toEqual([])
  })

  test('of a storm: no addresses but its own, since they have only the target in common', () => {
    const evidence = [
      { field: 'source.ip', value: '203.0.113.8' },
      { field: 'user_agent_original', value: 'r00t-was-here' },
    ]
    expect(keys({ kind: 'storm', entity: 'asset:sirekap', evidence })).toEqual(['tool:r00t-was-here'])
    expect(keys({ kind: 'storm', evidence })).toEqual(['tool:r00t-was-here', 'ip:203.0.113.9'])
  })
})

test('keys are bounded, the strongest stay, and order never matters', () => {
  const many = Array.from({ length: 40 }, (_, n) => `ip:203.0.113.${n}`)
  const merged = mergeKeys(many.slice(20), mergeKeys(many.slice(0, 20), ['tool:r00t-was-here']))
  expect(merged).toHaveLength(12)
  expect(merged[0]).toBe('tool:r00t-was-here')
  expect(mergeKeys(['tool:r00t-was-here', ...many.reverse()], [])).toEqual(merged)
  expect(saw('user_agent_original', 'x'.repeat(300))).toEqual([])
})

test('keys of a finding are those of an alert with it', () => {
  const evidence = indicator('evil.example', 'green')
  const finding = { ...alert({ evidence }), evidence }
  expect(keysOfFinding(finding, shared)).toEqual(keysOfAlert(alert({ evidence }), shared))
})

test('local keys are known by their place', () => {
  expect(['ip:10.0.0.5@32.04/', 'user:a@b/', 'tool:me@example', 'ip:203.0.113.9'].map(isLocalKey)).toEqual([
    ...[true, true, false, false],
  ])
})
