// Are Windows events read right, in every schema that ships them: who, from where, what was run, how it ended? And what no client can forge?
import { describe, expect, test } from 'vitest'
import { parseOne, read } from '../read.ts'

interface Sample {
  readonly channel?: string
  readonly id: number
  readonly keywords?: string
  readonly data?: Readonly<Record<string, string>>
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll("'", '&apos;')

const xml = ({ channel = 'Security', id, keywords = '0x8020000000000000', data = {} }: Sample): string =>
  `<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='P' Guid='{0}'/><EventID Qualifiers='0'>${id}</EventID><Level>0</Level><Keywords>${keywords}</Keywords><TimeCreated SystemTime='2024-11-27T01:16:03.123456700Z'/><EventRecordID>22</EventRecordID><Correlation/><Execution ProcessID='700' ThreadID='701'/><Channel>${channel}</Channel><Computer>dc1.kpu.example</Computer><Security/></System><EventData>${Object.entries(
    data,
  )
    .map(([name, value]) => `<Data Name='${name}'>${escaped(value)}</Data>`)
    .join('')}</EventData></Event>`

const json = ({ channel = 'Security', id, keywords = '0x8020000000000000', data = {} }: Sample): string =>
  JSON.stringify({
    Event: {
      System: {
        Provider: { '#attributes': { Name: 'P' } },
        EventID: id,
        Keywords: keywords,
        TimeCreated: { '#attributes': { SystemTime: '2024-11-27T01:16:03.123456Z' } },
        Channel: channel,
        Computer: 'dc1.kpu.example',
      },
      EventData: data,
    },
  })

const winlogbeat = ({ channel = 'Security', id, data = {} }: Sample): string =>
  JSON.stringify({
    '@timestamp': '2024-11-27T01:16:03.123Z',
    ecs: { version: '8.0.0' },
    event: { code: String(id), kind: 'event' },
    host: { name: 'dc1' },
    winlog: { channel, event_id: String(id), computer_name: 'dc1.kpu.example', provider_name: 'P', event_data: data },
  })

const nxlog = ({ channel = 'Security', id, data = {} }: Sample): string =>
  JSON.stringify({
    EventTime: '2024-11-27T08:16:03.123000+07:00',
    Hostname: 'dc1.kpu.example',
    SeverityValue: 4,
    EventID: id,
    SourceName: 'P',
    Channel: channel,
    ...data,
    EventReceivedTime: '2024-11-27 08:16:04',
    SourceModuleName: 'in',
    SourceModuleType: 'im_msvistalog',
  })

const schemas = { xml, json, winlogbeat, nxlog }

const failed = {
  SubjectUserName: '-',
  TargetUserName: 'siti',
  TargetDomainName: 'KPU',
  Status: '0xc000006d',
  SubStatus: '0xc0000064',
  LogonType: '10',
  WorkstationName: 'KALI',
  IpAddress: '203.0.113.7',
  IpPort: '51234',
}

describe.each(Object.entries(schemas))('as %s', (_, write) => {
  test('4625 is a failed logon', () => {
    expect(read(write({ id: 4625, keywords: '0x8010000000000000', data: failed }))).toMatchObject({
      dataset: 'windows.security',
      timestamp: '2024-11-27T01:16:03.123Z',
      host_name: 'dc1.kpu.example',
      event_category: 'authentication',
      event_action: 'logon',
      event_outcome: 'failure',
      event_code: '4625',
      user_name: 'siti',
      source_ip: '203.0.113.7',
      source_port: 51234,
      fields: {
        'winlog.channel': 'Security',
        'winlog.provider_name': 'P',
        'winlog.logon.type': 'RemoteInteractive',
        'winlog.event_data.TargetUserName': 'siti',
        'event.reason': 'unknown user',
        'user.domain': 'KPU',
        'user.known': 'false',
        'source.domain': 'KALI',
      },
    })
  })

  test('4624 from an IPv6 address and from nowhere', () => {
    const data = { ...failed, Status: '', SubStatus: '', LogonType: '3', IpAddress: '::ffff:203.0.113.7' }
    expect(read(write({ id: 4624, data }))).toMatchObject({ event_outcome: 'success', source_ip: '203.0.113.7' })
    expect(read(write({ id: 4624, data: { ...data, IpAddress: '2001:db8::7' } })).source_ip).toBe('2001:db8::7')
    expect(read(write({ id: 4624, data: { ...data, IpAddress: '-', IpPort: '-' } })).source_ip).toBeUndefined()
  })

  test('4688 is a process with its parent', () => {
    const data = {
      SubjectUserName: 'budi',
      SubjectDomainName: 'KPU',
      NewProcessId: '0x1b4',
      NewProcessName: 'C:\\Windows\\System32\\cmd.exe',
      ProcessId: '0x2c8',
      ParentProcessName: 'C:\\Windows\\explorer.exe',
      CommandLine: 'cmd /c "whoami & dir <a>"',
      TargetUserName: '-',
      MandatoryLabel: 'S-1-16-12288',
    }
    const row = read(write({ id: 4688, data }))
    expect(row).toMatchObject({
      event_category: 'process',
      event_action: 'process_start',
      event_outcome: 'success',
      process_name: 'cmd.exe',
      process_pid: 436,
      process_command_line: 'cmd /c "whoami & dir <a>"',
      user_name: 'budi',
      fields: {
        'process.executable': 'C:\\Windows\\System32\\cmd.exe',
        'process.parent.executable': 'C:\\Windows\\explorer.exe',
        'process.parent.pid': '712',
        'process.integrity_level': 'High',
      },
    })
    expect(row.fields).not.toHaveProperty(['winlog.event_data.CommandLine'])
  })

  test('4732: the group is the target, the member is who was added', () => {
    const data = {
      MemberName: 'CN=Siti\\, S,OU=KPU,DC=kpu,DC=example',
      TargetUserName: 'Administrators',
      SubjectUserName: 'budi',
      SubjectDomainName: 'KPU',
    }
    expect(read(write({ id: 4732, data }))).toMatchObject({
      event_category: 'iam',
      event_action: 'group_member_add',
      user_name: 'budi',
      user_target_name: 'Siti\\, S',
      fields: { 'group.name': 'Administrators' },
    })
  })

  test.each([
    [4720, 'user_add'],
    [4726, 'user_delete'],
    [4740, 'user_lock'],
  ])('%d is of accounts', (id, action) => {
    expect(read(write({ id, data: { TargetUserName: 'hantu', SubjectUserName: 'budi' } }))).toMatchObject({
      event_category: 'iam',
      event_action: action,
      user_name: 'budi',
      user_target_name: 'hantu',
    })
  })

  test('7045 of System, 4104 of PowerShell, Sysmon 1 and 3, others', () => {
    expect(
      read(write({ channel: 'System', id: 7045, data: { ServiceName: 'PSEXESVC', ImagePath: 'C:\\a.exe' } })),
    ).toMatchObject({
      dataset: 'windows.system',
      event_action: 'service_install',
      fields: { 'service.name': 'PSEXESVC', 'winlog.event_data.ImagePath': 'C:\\a.exe' },
    })
    const script = `IEX ${'a'.repeat(20_000)}`
    expect(
      read(
        write({
          channel: 'Microsoft-Windows-PowerShell/Operational',
          id: 4104,
          data: { ScriptBlockText: script, Path: '' },
        }),
      ),
    ).toMatchObject({
      dataset: 'windows.powershell',
      event_category: 'process',
      event_action: 'script_block',
      process_command_line: script,
    })
    const sysmon = 'Microsoft-Windows-Sysmon/Operational'
    expect(
      read(
        write({
          channel: sysmon,
          id: 1,
          data: {
            Image: 'C:\\w\\whoami.exe',
            ProcessId: '7',
            CommandLine: 'whoami /all',
            User: 'KPU\\budi',
            ParentImage: 'C:\\p.exe',
            Hashes: 'MD5=AA,SHA256=BB,IMPHASH=CC',
          },
        }),
      ),
    ).toMatchObject({
      dataset: 'windows.sysmon',
      process_name: 'whoami.exe',
      process_pid: 7,
      process_command_line: 'whoami /all',
      user_name: 'budi',
      file_hash: 'bb',
    })
    expect(
      read(
        write({
          channel: sysmon,
          id: 3,
          data: {
            SourceIp: '192.0.2.1',
            SourcePort: '1',
            DestinationIp: '2001:db8:0::7',
            DestinationPort: '443',
            Protocol: 'tcp',
          },
        }),
      ),
    ).toMatchObject({
      event_category: 'network',
      source_ip: '192.0.2.1',
      destination_ip: '2001:db8::7',
      destination_port: 443,
      network_transport: 'tcp',
    })
    expect(read(write({ channel: 'Application', id: 1000, data: {} }))).toMatchObject({
      dataset: 'windows.other',
      event_category: 'host',
      event_code: '1000',
    })
  })

  test('Kerberos: the status says whether it worked', () => {
    const data = { TargetUserName: 'siti', Status: '0x18', IpAddress: '::ffff:203.0.113.7' }
    expect(read(write({ id: 4771, data }))).toMatchObject({
      event_outcome: 'failure',
      source_ip: '203.0.113.7',
      fields: { 'event.reason': 'wrong password' },
    })
    expect(read(write({ id: 4768, data: { ...data, Status: '0x0' } })).event_outcome).toBe('success')
  })

  test('OpenSSH for Windows writes what sshd says', () => {
    const data = { process: 'sshd', payload: 'Failed password for root from 203.0.113.7 port 4711 ssh2' }
    expect(read(write({ channel: 'OpenSSH/Operational', id: 4, data }))).toMatchObject({
      dataset: 'windows.other',
      event_category: 'authentication',
      event_outcome: 'failure',
      user_name: 'root',
      source_ip: '203.0.113.7',
    })
  })

  test('is the same when the format is set, and behind syslog', () => {
    const text = write({ id: 4625, data: failed })
    expect(read(text, 'windows')).toEqual(read(text))
    expect(read(`<13>1 2024-11-27T08:16:03Z relay x - - - ${text}`)).toMatchObject({
      dataset: 'windows.security',
      user_name: 'siti',
      host_name: 'dc1.kpu.example',
    })
  })

  test('a name with markup stays a name', () => {
    const name = `x</Data><Data Name='IpAddress'>192.0.2.9</Data>&amp;"},"IpAddress":"192.0.2.9`
    expect(read(write({ id: 4625, data: { ...failed, TargetUserName: name } }))).toMatchObject({
      user_name: name,
      source_ip: '203.0.113.7',
    })
  })
})

describe('XML', () => {
  test('1102 says in UserData who cleared the log', () => {
    const text = `<?xml version="1.0"?>\n<Event><System><EventID>1102</EventID><Channel>Security</Channel></System><UserData><LogFileCleared xmlns='x'><SubjectUserName>budi</SubjectUserName><SubjectDomainName>KPU</SubjectDomainName></LogFileCleared></UserData></Event>`
    expect(read(text)).toMatchObject({ event_action: 'log_cleared', event_outcome: 'success', user_name: 'budi' })
  })

  test('data without names, and what the machine rendered', () => {
    const text = `<Event><System><Provider Name='MSSQL'/><EventID>18456</EventID><Channel>Application</Channel></System><EventData><Data>sa</Data><Data>203.0.113.7</Data><Binary>00</Binary></EventData><RenderingInfo Culture='en-US'><Message>Login failed &#38; more</Message></RenderingInfo></Event>`
    expect(read(text).fields).toMatchObject({
      'winlog.event_data.Data': '["sa","203.0.113.7"]',
      'winlog.message': 'Login failed & more',
    })
  })

  test('cut in the middle it is read as far as it goes, and marked', () => {
    const text = xml({ id: 4625, data: failed })
    const row = read(text.slice(0, text.indexOf('KALI') + 4))
    expect(row).toMatchObject({ dataset: 'windows.security', user_name: 'siti', tags: ['xml_cut'] })
    expect(row.source_ip).toBeUndefined()
    for (let at = 0; at < text.length; at += 7) expect(parseOne(text.slice(0, at + 1)).outcome.kind).toBe('ok')
  })

  test.each([
    [
      'a declaration',
      `<?xml version="1.0"?><!DOCTYPE Event [<!ENTITY a "b">]><Event><System><EventID>1</EventID></System></Event>`,
    ],
    ['an entity declared inside', `<Event><!DOCTYPE a><System><EventID>1</EventID></System></Event>`],
    ['CDATA', `<Event><System><EventID>1</EventID></System><EventData><Data><![CDATA[x]]></Data></EventData></Event>`],
    ['a comment', `<Event><!-- a --><System><EventID>1</EventID></System></Event>`],
    ['elements that do not match', `<Event><System><EventID>1</System></EventID></Event>`],
    ['depth', `<Event><System><EventID>1</EventID></System>${'<a>'.repeat(40)}`],
    ['no header', `<Event><EventData/></Event>`],
    ['another document', `<Events><System/></Events>`],
  ])('%s is refused', (_, text) => {
    expect(read(text).dataset).toBe('plain')
    expect(parseOne(text, 'windows').outcome).toMatchObject({ kind: 'dlq', reason: 'format_mismatch' })
  })

  test('unknown entities and impossible characters stay as they are', () => {
    const text = xml({ id: 4625, data: {} }).replace(
      '<EventData>',
      `<EventData><Data Name='TargetUserName'>&evil;&#0;&#xD800;&#65;</Data><__proto__ polluted='1'>x</__proto__>`,
    )
    expect(read(text).user_name).toBe('&evil;&#0;&#xD800;A')
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)
  })
})

test('NXLog says by EventType whether an audit succeeded', () => {
  const text = nxlog({ id: 4776, data: { EventType: 'AUDIT_FAILURE', TargetUserName: 'siti', Workstation: 'PC1' } })
  expect(read(text)).toMatchObject({ event_outcome: 'failure', user_name: 'siti', fields: { 'source.domain': 'PC1' } })
})

test('Winlogbeat before 7, and an event without its envelope', () => {
  expect(
    read(
      JSON.stringify({
        '@timestamp': '2024-11-27T01:16:03.123Z',
        log_name: 'Security',
        event_id: 4625,
        computer_name: 'dc1',
        event_data: { TargetUserName: 'siti', IpAddress: '203.0.113.7' },
      }),
    ),
  ).toMatchObject({ dataset: 'windows.security', user_name: 'siti', source_ip: '203.0.113.7', host_name: 'dc1' })
  expect(read('{"System":{"EventID":4634,"Channel":"Security"},"EventData":{"TargetUserName":"siti"}}')).toMatchObject({
    event_category: 'session',
    event_action: 'logoff',
    user_name: 'siti',
  })
})

test('fields that Winlogbeat moved to ECS keep their columns', () => {
  const text = JSON.stringify({
    '@timestamp': '2024-11-27T01:16:03.123Z',
    ecs: { version: '8' },
    event: { code: '1' },
    process: { executable: 'C:\\a.exe', pid: 7, command_line: 'a b', parent: { executable: 'C:\\p.exe' } },
    winlog: { channel: 'Microsoft-Windows-Sysmon/Operational', event_data: { IntegrityLevel: 'High' } },
  })
  expect(read(text)).toMatchObject({
    dataset: 'windows.sysmon',
    event_action: 'process_start',
    process_pid: 7,
    process_command_line: 'a b',
    fields: { 'process.executable': 'C:\\a.exe', 'process.parent.executable': 'C:\\p.exe' },
  })
})
