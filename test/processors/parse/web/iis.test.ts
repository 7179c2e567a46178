// IIS: the W3C format in the layouts that it has by itself, in those that people choose, and events of Windows.
import { describe, expect, test } from 'vitest'
import { context, parseOne, read } from '../read.ts'

const line =
  '2024-11-27 01:16:03 192.0.2.1 GET /cari.aspx nama=a%27b 443 PEMDA\\budi 203.0.113.7 Mozilla/5.0+(Windows+NT+10.0) https://kpu.example/ 500 0 64 15'

describe('layouts of IIS', () => {
  test('of 7 and later', () => {
    expect(read(line)).toEqual({
      timestamp: '2024-11-27T01:16:03.000Z',
      dataset: 'iis.access',
      event_category: 'web',
      event_action: 'http_request',
      event_outcome: 'failure',
      network_protocol: 'http',
      observer_product: 'IIS',
      source_ip: '203.0.113.7',
      destination_ip: '192.0.2.1',
      destination_port: 443,
      user_name: 'budi',
      http_method: 'GET',
      url_original: '/cari.aspx?nama=a%27b',
      url_path: '/cari.aspx',
      http_status_code: 500,
      http_referrer: 'https://kpu.example/',
      user_agent_original: 'Mozilla/5.0 (Windows NT 10.0)',
      fields: { 'user.domain': 'PEMDA', 'sc-substatus': '0', 'sc-win32-status': '64', 'event.duration': '15000000' },
    })
    expect(read(line, 'iis')).toEqual(read(line))
  })

  test.each([
    [
      '6',
      '2024-11-27 01:16:03 W3SVC1 192.0.2.1 GET / - 80 - 2001:db8::7 curl/8 200 0 0',
      { source_ip: '2001:db8::7', destination_port: 80, event_outcome: 'success', fields: { 's-sitename': 'W3SVC1' } },
    ],
    [
      '7 without a referrer',
      '2024-11-27 01:16:03 192.0.2.1 POST /a - 443 - 203.0.113.7 curl/8 401 2 5 31',
      { http_status_code: 401 },
    ],
    [
      'all columns',
      '2024-11-27 01:16:03 W3SVC1 WEB01 192.0.2.1 GET /a q=1 443 - 203.0.113.7 HTTP/2 curl/8 sid=1 - pemilu.example:443 404 0 2 1245 99 31',
      {
        host_name: 'WEB01',
        http_version: '2.0',
        url_domain: 'pemilu.example',
        http_response_bytes: 1245,
        fields: { 'cs-cookie': 'sid=1', 'cs-bytes': '99' },
      },
    ],
    [
      'Azure web apps',
      '2024-11-27 01:16:03 SITUS GET /a q=1 443 - 203.0.113.7 curl/8 - - pemilu.example 200 0 0 1245 99 31',
      { url_domain: 'pemilu.example', http_status_code: 200, fields: { 's-sitename': 'SITUS' } },
    ],
  ])('%s', (_, text, expected) => expect(read(text)).toMatchObject({ dataset: 'iis.access', ...expected }))

  test('a line that was cut holds what is there', () => {
    expect(read(line.slice(0, line.indexOf(' 500')))).toMatchObject({
      dataset: 'iis.access',
      source_ip: '203.0.113.7',
      http_referrer: 'https://kpu.example/',
    })
    expect(read(line.slice(0, 60)).dataset).toBe('plain')
  })

  test('a client can write no space: its words stay in their column', () => {
    const forged = line.replace('Mozilla/5.0+(Windows+NT+10.0)', 'x+200+0+0+1+2024-11-27+1.1.1.1')
    expect(read(forged)).toMatchObject({ http_status_code: 500, source_ip: '203.0.113.7' })
    // Were there one, the number of columns would not fit any layout.
    expect(parseOne(line.replace('nama=a', 'nama=a 443 - 1.1.1.1 x'), 'iis').outcome).toMatchObject({ kind: 'dlq' })
  })

  test('comments are dropped', () => {
    expect(parseOne('#Software: Microsoft Internet Information Services 10.0', 'iis').outcome).toEqual({
      kind: 'drop',
      reason: 'format_header',
    })
  })
})

test('columns of the source', () => {
  const columns = 'date time cs-host c-ip cs-method cs-uri-stem sc-status X-Forwarded-For'.split(' ')
  const at = { ...context, columns }
  expect(read('2024-11-27 01:16:03 pemilu.example 203.0.113.7 GET /a 403 198.51.100.1', 'iis', at)).toMatchObject({
    timestamp: '2024-11-27T01:16:03.000Z',
    url_domain: 'pemilu.example',
    source_ip: '203.0.113.7',
    http_status_code: 403,
    fields: { 'X-Forwarded-For': '198.51.100.1' },
  })
  expect(parseOne('2024-11-27 01:16:03 a b c d e f g h i j', 'iis', at).outcome).toMatchObject({ kind: 'dlq' })
})

test('an event of Windows; entities are decoded, and none of them closes an element', () => {
  const xml = `<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System><Provider Name="Microsoft-Windows-IIS-Logging" Guid="{7e8ad27f}"/><EventID>6200</EventID><TimeCreated SystemTime="2024-11-27T01:16:05.6206890Z"/><Channel>Microsoft-IIS-Logging/Logs</Channel><Computer>web01.pemda.example</Computer></System><EventData><Data Name="date">2024-11-27</Data><Data Name="time">01:16:03</Data><Data Name="c-ip">203.0.113.7</Data><Data Name="cs-username">-</Data><Data Name="s-ip">192.0.2.1</Data><Data Name="cs-method">GET</Data><Data Name="cs-uri-stem">/a</Data><Data Name="cs-uri-query">x=&lt;/Data&gt;&lt;Data Name=&quot;c-ip&quot;&gt;1.1.1.1&amp;y</Data><Data Name="sc-status">200</Data><Data Name="s-port">443</Data><Data Name="csUser-Agent">curl/8</Data></EventData></Event>`
  expect(read(xml)).toMatchObject({
    timestamp: '2024-11-27T01:16:03.000Z',
    dataset: 'iis.access',
    host_name: 'web01.pemda.example',
    source_ip: '203.0.113.7',
    destination_port: 443,
    url_original: '/a?x=</Data><Data Name="c-ip">1.1.1.1&y',
    http_status_code: 200,
    user_agent_original: 'curl/8',
    event_code: '6200',
  })
  expect(read(xml, 'iis')).toEqual(read(xml))
})
