// Are Windows events, as several converters write them, read under Sigma's field names and put into the right log source?
import { describe, expect, test } from 'vitest'
import { readWindowsEvent } from '../../../../processors/detect/sigma/windows-event.ts'
import { windowsServices, windowsSource } from '../../../../processors/detect/sigma/windows-source.ts'
import { isWindowsEvent } from '../../../../processors/parse/host/windows-document.ts'

function read(document: unknown) {
  if (!isWindowsEvent(document)) throw new Error('not a Windows event')
  const { record, source } = readWindowsEvent(document)
  return { fields: Object.fromEntries(record.fields), texts: record.texts, source }
}

const system = (channel: string, id: unknown, provider = 'P') => ({
  Provider: { '#attributes': { Name: provider, Guid: '{0}' } },
  EventID: id,
  Level: 4,
  TimeCreated: { '#attributes': { SystemTime: '2026-02-01T00:00:00.000Z' } },
  Execution: { '#attributes': { ProcessID: 12, ThreadID: 13 } },
  Correlation: null,
  Channel: channel,
  Computer: 'kpu-dc01.kpu.example',
})

describe('a Windows event', () => {
  test('of Sysmon keeps its names, and the header is named with underscores', () => {
    const { fields, source } = read({
      Event: {
        '#attributes': { xmlns: 'x' },
        System: system('Microsoft-Windows-Sysmon/Operational', 1, 'Microsoft-Windows-Sysmon'),
        EventData: { Image: 'C:\\Windows\\System32\\whoami.exe', ProcessId: 7, User: 'KPU\\budi' },
      },
    })
    expect(fields).toMatchObject({
      EventID: 1,
      Channel: 'Microsoft-Windows-Sysmon/Operational',
      Provider_Name: 'Microsoft-Windows-Sysmon',
      Execution_ProcessID: 12,
      TimeCreated_SystemTime: '2026-02-01T00:00:00.000Z',
      Computer: 'kpu-dc01.kpu.example',
      Image: 'C:\\Windows\\System32\\whoami.exe',
      ProcessId: 7,
    })
    expect(fields).not.toHaveProperty('Correlation')
    expect(source).toEqual({ categories: ['process_creation'], products: ['windows'], services: ['sysmon'] })
  })

  test('4688 of Security is process_creation under the names of Sysmon, and keeps its own', () => {
    const { fields, source } = read({
      Event: {
        System: system('Security', { '#attributes': { Qualifiers: '' }, '#text': 4688 }),
        EventData: {
          SubjectUserName: 'budi',
          SubjectDomainName: 'KPU',
          SubjectLogonId: '0x3e7',
          NewProcessId: '0x1b4',
          ProcessId: '0x2c8',
          NewProcessName: 'C:\\Windows\\System32\\cmd.exe',
          ParentProcessName: 'C:\\Windows\\explorer.exe',
          CommandLine: 'cmd /c dir',
          TargetUserName: '-',
          TargetDomainName: '-',
          MandatoryLabel: 'S-1-16-12288',
        },
      },
    })
    expect(fields).toMatchObject({
      Image: 'C:\\Windows\\System32\\cmd.exe',
      NewProcessName: 'C:\\Windows\\System32\\cmd.exe',
      ParentImage: 'C:\\Windows\\explorer.exe',
      ProcessId: '0x1b4',
      ParentProcessId: '0x2c8',
      User: 'KPU\\budi',
      LogonId: '0x3e7',
      IntegrityLevel: ['High', 'S-1-16-12288'],
    })
    expect(source).toEqual({ categories: ['process_creation'], products: ['windows'], services: ['security'] })
  })

  test('whose process starts as somebody else has that user', () => {
    const data = { SubjectUserName: 'budi', SubjectDomainName: 'KPU', TargetUserName: 'SYSTEM', TargetDomainName: '-' }
    const { fields } = read({ Event: { System: system('Security', 4688), EventData: data } })
    expect(fields).toMatchObject({ User: 'SYSTEM', ParentUser: 'KPU\\budi' })
  })

  test('with data without names has them as a list', () => {
    const { fields, source } = read({
      Event: {
        System: system('Windows PowerShell', 400),
        EventData: { Data: { '#text': ['Available', 'None', '\tHostApplication=powershell -nop'] }, Binary: null },
      },
    })
    expect(fields.Data).toEqual(['Available', 'None', '\tHostApplication=powershell -nop'])
    expect(source).toEqual({
      categories: ['ps_classic_start'],
      products: ['windows'],
      services: ['powershell-classic'],
    })
  })

  test('as XML converters write it has the same names', () => {
    const { fields } = read({
      Event: {
        System: {
          Provider: { '@Name': 'Service Control Manager' },
          EventID: { '@Qualifiers': '16384', '#text': '7045' },
          Channel: 'System',
        },
        EventData: {
          Data: [
            { '@Name': 'ServiceName', '#text': 'evil' },
            { '@Name': 'ImagePath', '#text': 'C:\\x.exe' },
            { '@Name': 'Empty' },
          ],
        },
      },
    })
    expect(fields).toMatchObject({
      EventID: '7045',
      Provider_Name: 'Service Control Manager',
      ServiceName: 'evil',
      ImagePath: 'C:\\x.exe',
      Empty: null,
    })
  })

  test('with UserData has what its document holds', () => {
    const { fields } = read({
      Event: {
        System: system('Security', 1102),
        UserData: {
          LogFileCleared: { '#attributes': { xmlns: 'x' }, SubjectUserName: 'budi', SubjectUserSid: 'S-1-5-21' },
        },
      },
    })
    expect(fields).toMatchObject({ SubjectUserName: 'budi', EventID: 1102 })
  })

  test('names of its data come before those of the header, except what rules route by', () => {
    const { fields } = read({
      Event: { System: system('Application', 1000), EventData: { Level: 'Warning', EventID: 5, Channel: 'x' } },
    })
    expect(fields).toMatchObject({ Level: 'Warning', EventID: 1000, Channel: 'Application' })
  })

  test('keywords are looked for in its values', () => {
    expect(read({ Event: { System: system('Application', 1), EventData: { Data: ['a', 'b'] } } }).texts).toEqual(
      expect.arrayContaining(['a', 'b', 'Application']),
    )
  })
})

describe('the log source of a Windows event', () => {
  test.each([
    ['Microsoft-Windows-PowerShell/Operational', 4104, ['ps_script'], ['powershell']],
    ['PowerShellCore/Operational', 4103, ['ps_module'], ['powershell']],
    ['Windows PowerShell', 600, ['ps_classic_provider_start'], ['powershell-classic']],
    ['Microsoft-Windows-Sysmon/Operational', 13, ['registry_event', 'registry_set'], ['sysmon']],
    ['Microsoft-Windows-Sysmon/Operational', 26, ['file_delete', 'file_delete_detected'], ['sysmon']],
    ['microsoft-windows-taskscheduler/operational', 1, [], ['taskscheduler']],
    ['Security', 4624, [], ['security']],
    ['System', 1, [], ['system']],
    ['Microsoft-Windows-Unknown/Operational', 1, [], []],
  ])('%s %i', (channel, id, categories, services) => {
    expect(windowsSource(channel, id)).toEqual({ categories, products: ['windows'], services })
  })

  test('of a key is by what was done to it', () => {
    const channel = 'Microsoft-Windows-Sysmon/Operational'
    expect(windowsSource(channel, 12, 'CreateKey').categories).toEqual(['registry_event', 'registry_add'])
    expect(windowsSource(channel, 12, 'DeleteValue').categories).toEqual(['registry_event', 'registry_delete'])
    expect(windowsSource(channel, 12).categories).toEqual(['registry_event', 'registry_add', 'registry_delete'])
  })

  test('of Sysmon for Linux is linux', () => {
    expect(windowsSource('Linux-Sysmon/Operational', 1)).toEqual({
      categories: ['process_creation'],
      products: ['linux'],
      services: ['sysmon'],
    })
  })

  test('is one object for one source, also of channels that nobody knows', () => {
    expect(windowsSource('Security', 1)).toBe(windowsSource('SECURITY', 2))
    expect(windowsSource('made up 1', 1)).toBe(windowsSource('made up 2', 1))
    expect(windowsSource('__proto__', 1)).toBe(windowsSource('constructor', 1))
  })

  test('channels are written in lower case, as they are looked up', () => {
    for (const channel of Object.keys(windowsServices)) expect(channel).toBe(channel.toLowerCase())
  })
})
