// Does an event get the right context, in the right order of precedence, and does hostile input stay harmless?
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openAsn } from '../../../processors/enrich/asn.ts'
import {
  createEnrich,
  type Enrich,
  prepareEnrich,
  type SourceFacts,
  sourceFacts,
} from '../../../processors/enrich/index.ts'
import { emptyAddress, parseAddress } from '../../../runtime/address.ts'
import { loadReference, shippedCalendars } from '../../../runtime/reference.ts'
import { Asset, Source } from '../../../schemas/config.ts'
import { type Event, emptyEvent } from '../../../schemas/event.ts'

const reference = loadReference({ calendars: [...shippedCalendars] }, '.')
const assets = [
  {
    id: 'sirekap',
    criticality: 'critical',
    region: '00',
    owner: 'kpu',
    hosts: ['sirekap.kpu.go.id'],
    url: 'https://sirekap-web.kpu.go.id/login',
  },
  { id: 'kpu-portal', criticality: 'high', region: '31', owner: 'kpu', hosts: ['*.kpu.go.id', 'KPU.go.id.'] },
  { id: 'dc', criticality: 'low', region: '32', owner: 'pemda', addresses: ['203.0.113.0/24', '2001:db8:5::/48'] },
  { id: 'dc-web', criticality: 'medium', region: '32.73', addresses: ['203.0.113.80'], hosts: ['web01'] },
].map((asset) => Asset.parse(asset))
const sources = [
  { id: 'plain' },
  { id: 'jabar', region: '32.73', owner: 'pemda-jabar', asset: 'kpu-portal' },
  { id: 'papua', region: '91' },
  { id: 'utc', region: '91', zone: 'UTC' },
  { id: 'stray', asset: 'nowhere' },
].map((source) => Source.parse(source))
const facts = sourceFacts({ sources }, reference)

let cacheDir = ''
let enrich: Enrich = () => {}

beforeAll(() => {
  cacheDir = mkdtempSync(join(tmpdir(), 'siaga-enrich-'))
  prepareEnrich(cacheDir)
  enrich = createEnrich({ reference, assets, cacheDir })
})
afterAll(() => rmSync(cacheDir, { recursive: true, force: true }))

function source(id: string): SourceFacts {
  const found = facts.get(id)
  if (found === undefined) throw new Error(`no source ${id}`)
  return found
}

function enriched(fields: Partial<Event>, from = 'plain'): Event {
  const event = Object.assign(emptyEvent(), fields)
  enrich(event, source(from))
  return event
}

describe('addresses', () => {
  it.each([
    ['8.8.8.8', 'US', 15169, 'Google LLC'],
    ['::ffff:8.8.8.8', 'US', 15169, 'Google LLC'],
    ['36.66.1.1', 'ID', 7713, 'Telekomunikasi Indonesia (PT)'],
    ['2001:4860:4860::8888', 'US', 15169, 'Google LLC'],
    ['2606:4700:4700::1111', 'US', 13335, 'Cloudflare, Inc.'],
  ])('knows country and system of %s', (ip, country, asn, name) => {
    const event = enriched({ source_ip: ip, destination_ip: ip })
    expect(event).toMatchObject({
      source_country: country,
      source_asn: asn,
      source_as_name: name,
      source_scope: 'public',
      destination_country: country,
    })
  })

  it('knows Indonesian IPv6 networks', () => {
    expect(enriched({ source_ip: '2404:8000::1' }).source_country).toBe('ID')
  })

  it.each([
    ['10.0.0.1', 'private'],
    ['127.0.0.1', 'loopback'],
    ['fe80::1', 'link_local'],
    ['203.0.113.1', 'reserved'],
  ])('gives %s a scope and no country', (ip, scope) => {
    expect(enriched({ source_ip: ip })).toMatchObject({
      source_scope: scope,
      source_country: '',
      source_asn: 0,
      source_as_name: '',
    })
  })

  it('leaves a text that is no address alone', () => {
    expect(enriched({ source_ip: 'unix:' })).toMatchObject({ source_scope: '', source_country: '' })
  })

  it('names research scanners by system, by network and by agent', () => {
    expect(enriched({ source_ip: '162.142.125.10' }).source_scanner).toBe('Censys')
    expect(enriched({ source_ip: '184.105.139.70' }).source_scanner).toBe('Shadowserver')
    expect(enriched({ source_ip: '8.8.8.8', user_agent_original: 'Mozilla/5.0 zgrab/0.x' }).source_scanner).toBe(
      'ZGrab',
    )
    expect(enriched({ source_ip: '8.8.8.8', user_agent_original: 'l9explore/1.2.2' }).source_scanner).toBe('LeakIX')
    expect(enriched({ source_ip: '8.8.8.8', user_agent_original: 'sqlmap/1.7' }).source_scanner).toBe('')
  })
})

describe('the file of autonomous systems', () => {
  const systemOf = (open: ReturnType<typeof openAsn>, ip: string) => {
    const address = emptyAddress()
    parseAddress(ip, address)
    return open(address).number
  }

  it('is made once and read afterwards in less than 150 ms', () => {
    const before = readdirSync(cacheDir)
    expect(before).toHaveLength(1)
    const start = performance.now()
    const open = openAsn(cacheDir)
    expect(performance.now() - start).toBeLessThan(150)
    expect(systemOf(open, '8.8.8.8')).toBe(15169)
    expect(readdirSync(cacheDir)).toEqual(before)
  })

  it('is made anew if it is cut or spoilt', () => {
    const folder = mkdtempSync(join(tmpdir(), 'siaga-asn-'))
    const [name = ''] = readdirSync(cacheDir)
    try {
      writeFileSync(join(folder, name), 'not a table')
      expect(systemOf(openAsn(folder), '2001:4860:4860::8888')).toBe(15169)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })

  it.each([
    ['0.0.0.0', 0],
    ['255.255.255.255', 0],
    ['1.0.0.0', 13335],
    ['1.0.0.255', 13335],
    ['10.0.0.1', 0],
    ['::', 0],
    ['ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 0],
  ])('answers at the edge %s', (ip, expected) => {
    expect(systemOf(openAsn(cacheDir), ip)).toBe(expected)
  })
})

describe('region, owner and asset', () => {
  it('takes region and owner from the source, then from the asset', () => {
    expect(enriched({ host_name: 'sirekap.kpu.go.id' }, 'jabar')).toMatchObject({
      asset_id: 'sirekap',
      region_code: '32.73',
      owner: 'pemda-jabar',
    })
    expect(enriched({ host_name: 'sirekap.kpu.go.id' })).toMatchObject({
      asset_id: 'sirekap',
      region_code: '00',
      owner: 'kpu',
    })
    expect(enriched({ host_name: 'sirekap.kpu.go.id' }, 'papua')).toMatchObject({ region_code: '91', owner: 'kpu' })
    expect(enriched({})).toMatchObject({ asset_id: '', asset_criticality: '', region_code: '', owner: '' })
  })

  it('never takes region, owner or asset from what the event says of itself', () => {
    const claimed = {
      region_code: '31',
      owner: 'kpu',
      asset_id: 'sirekap',
      asset_criticality: 'critical',
      election: 'x',
      phase: 'pemungutan',
    }
    expect(enriched(claimed)).toMatchObject({
      region_code: '',
      owner: '',
      asset_id: '',
      asset_criticality: '',
      election: '',
      phase: '',
    })
  })

  it('takes the asset of a report from the report, by id, name or address, its region from the room', () => {
    const reported = (asset_id: string) => enriched({ dataset: 'siaga.report', asset_id, region_code: '31' }, 'jabar')
    const place = { region_code: '32.73', owner: 'pemda-jabar' }
    expect(reported('sirekap')).toMatchObject({ asset_id: 'sirekap', asset_criticality: 'critical', ...place })
    expect(reported('info.kpu.go.id')).toMatchObject({ asset_id: 'kpu-portal', ...place })
    expect(reported('203.0.113.80')).toMatchObject({ asset_id: 'dc-web', ...place })
    expect(enriched({ dataset: 'siaga.report', asset_id: 'komputer di lantai dua' }, 'papua')).toMatchObject({
      asset_id: '',
      asset_criticality: '',
      region_code: '91',
    })
  })

  it.each<[string, Partial<Event>, string, string]>([
    ['destination address before host', { destination_ip: '203.0.113.9', host_name: 'sirekap.kpu.go.id' }, 'dc', 'low'],
    ['longest network', { destination_ip: '203.0.113.80' }, 'dc-web', 'medium'],
    ['IPv6 network', { destination_ip: '2001:db8:5:1::1' }, 'dc', 'low'],
    ['host before domain', { host_name: 'web01', url_domain: 'sirekap.kpu.go.id' }, 'dc-web', 'medium'],
    ['domain', { url_domain: 'sirekap.kpu.go.id' }, 'sirekap', 'critical'],
    ['longest name', { url_domain: 'a.b.SIREKAP.kpu.go.id' }, 'sirekap', 'critical'],
    ['name beneath', { url_domain: 'info.kpu.go.id' }, 'kpu-portal', 'high'],
    ['host of the url', { url_domain: 'sirekap-web.kpu.go.id' }, 'sirekap', 'critical'],
    ['final dot', { host_name: 'kpu.go.id.' }, 'kpu-portal', 'high'],
    ['address as host name', { host_name: '203.0.113.80' }, 'dc-web', 'medium'],
    ['no part of a label', { host_name: 'notkpu.go.id' }, '', ''],
    ['foreign address', { destination_ip: '198.51.100.1' }, '', ''],
  ])('finds the asset: %s', (_case, fields, id, criticality) => {
    expect(enriched(fields)).toMatchObject({ asset_id: id, asset_criticality: criticality })
  })

  it('falls back to the asset of the source', () => {
    expect(enriched({ host_name: 'elsewhere' }, 'jabar')).toMatchObject({
      asset_id: 'kpu-portal',
      asset_criticality: 'high',
    })
    expect(enriched({}, 'stray')).toMatchObject({ asset_id: 'nowhere', asset_criticality: '' })
  })
})

describe('election', () => {
  it('follows event time in the zone of the region', () => {
    const timestamp = Date.parse('2024-11-26T15:30:00Z')
    expect(enriched({ timestamp }, 'papua')).toMatchObject({ election: 'pilkada-2024', phase: 'pemungutan' })
    expect(enriched({ timestamp }, 'jabar')).toMatchObject({ election: 'pilkada-2024', phase: 'masa_tenang' })
    expect(enriched({ timestamp })).toMatchObject({ election: '', phase: '' })
  })

  it("gives the asset's region to events of a source without one", () => {
    const timestamp = Date.parse('2024-02-14T05:00:00Z')
    expect(enriched({ timestamp, host_name: 'sirekap.kpu.go.id' })).toMatchObject({
      election: 'pemilu-2024',
      phase: 'pemungutan',
    })
  })
})

describe('sources', () => {
  it("have the zone that is set, else their region's, else WIB", () => {
    expect(source('plain').zoneMinutes).toBe(420)
    expect(source('papua').zoneMinutes).toBe(540)
    expect(source('utc').zoneMinutes).toBe(0)
  })

  it('include the built-in ones', () => {
    expect(source('demo').region).toBe('')
    expect(source('unknown-peer').region).toBe('')
    expect(source('siaga-audit').region).toBe('00')
  })
})

describe('agents', () => {
  it.each([
    [
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36',
      'Chrome',
      'Windows',
      0,
    ],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1',
      'Safari',
      'iOS',
      0,
    ],
    ['Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0', 'Firefox', 'Linux', 0],
    ['Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)', 'Googlebot', '', 1],
    ['curl/8.5.0', 'curl', '', 1],
    ['sqlmap/1.8#stable (https://sqlmap.org)', 'sqlmap', '', 1],
    ['Mozilla/5.00 (Nikto/2.1.5) (Evasions:None) (Test:006607)', 'Nikto', '', 1],
    ['masscan/1.3', 'masscan', '', 1],
    ['python-requests/2.31.0', 'python-requests', '', 1],
    ['Go-http-client/1.1', 'Go-http-client', '', 1],
    ['x', '', '', 1],
  ])('reads %s', (agent, name, os, bot) => {
    expect(enriched({ user_agent_original: agent })).toMatchObject({
      user_agent_name: name,
      user_agent_os: os,
      user_agent_bot: bot,
    })
  })
})

describe('URLs', () => {
  it.each([
    ['/a/b?c=d', '', '/a/b', ''],
    ['/a#b', '', '/a', ''],
    ['/', '', '/', ''],
    ['?q', '', '', ''],
    ['*', '', '*', ''],
    ['http://www.kpu.go.id:8080/x/y?z', '', '/x/y', 'www.kpu.go.id'],
    ['https://User:pw@KPU.go.id?x', '', '/', 'kpu.go.id'],
    ['https://[2001:db8::1]:443/x', '', '/x', '[2001:db8::1]'],
    ['http://a', 'set.go.id', '/', 'set.go.id'],
    ['/redirect?to=http://evil.example/', '', '/redirect', ''],
  ])('of %s give path and domain', (url, domain, path, expected) => {
    expect(enriched({ url_original: url, url_domain: domain })).toMatchObject({ url_path: path, url_domain: expected })
  })

  it('keep the path that the parser set', () => {
    expect(enriched({ url_original: '/a?b', url_path: '/c' }).url_path).toBe('/c')
  })

  it.each([
    ['www.kpu.go.id', 'kpu.go.id'],
    ['jdih.kab-bogor.go.id', 'kab-bogor.go.id'],
    ['a.b.example.co.id', 'example.co.id'],
    ['localhost', ''],
    ['203.0.113.1', ''],
  ])('of %s have the registrable domain %j', (domain, registered) => {
    expect(enriched({ url_domain: domain }).url_registered_domain).toBe(registered)
  })
})

describe('hostile input', () => {
  it('never throws', () => {
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary' }),
      fc.constantFrom('\0', '\ud800', '%'.repeat(5_000), 'http://', '://', '[', '__proto__', 'constructor'),
    )
    fc.assert(
      fc.property(text, text, text, fc.double(), (a, b, c, timestamp) => {
        enriched(
          {
            source_ip: a,
            destination_ip: b,
            user_agent_original: c,
            host_name: a,
            url_domain: b,
            url_original: c,
            timestamp,
          },
          'papua',
        )
      }),
    )
  })

  it('stays bounded in memory and time under made-up addresses, agents and names', () => {
    const start = performance.now()
    for (let i = 0; i < 120_000; i++) {
      enriched({
        source_ip: `2001:db8::${(i >> 8).toString(16)}:${(i & 255).toString(16)}`,
        host_name: `h${i}.example`,
        user_agent_original: `agent ${i}`,
      })
    }
    enriched({
      user_agent_original: `Mozilla/5.0 ${'('.repeat(500_000)}`,
      host_name: '.'.repeat(500_000),
      url_domain: 'a.'.repeat(250_000),
      url_original: `http://${'a'.repeat(500_000)}`,
    })
    expect(performance.now() - start).toBeLessThan(10_000)
  })
})
