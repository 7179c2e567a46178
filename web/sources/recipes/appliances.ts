// How do web servers and network devices send to Siaga? By syslog, known by their address.
import type { DeviceRecipes, Place, Recipe } from './recipe.ts'

function nginx({ host, ports }: Place): Recipe {
  return {
    files: [
      {
        path: '/etc/nginx/conf.d/siaga.conf',
        text: `access_log syslog:server=${host}:${ports.syslog},facility=local7,tag=nginx,severity=info combined;
error_log  syslog:server=${host}:${ports.syslog},facility=local7,tag=nginx warn;
`,
      },
    ],
    steps: [
      {
        id: 'Bila server { } sendiri menyebut access_log, tambahkan baris yang sama di sana: yang di dalam menggantikan yang di luar.',
        en: 'Where a server { } names access_log itself, add the same line there: the inner one takes the place of the outer one.',
      },
      { id: 'nginx -t && systemctl reload nginx', en: 'nginx -t && systemctl reload nginx' },
    ],
    tried: 'tested',
  }
}

function apache({ host, ports }: Place): Recipe {
  return {
    files: [
      {
        path: '/etc/apache2/conf-available/siaga.conf',
        text: `CustomLog "|/usr/bin/logger --server ${host} --port ${ports.syslog} --tcp --octet-count --tag apache --priority local7.info" combined
`,
      },
    ],
    steps: [
      {
        id: 'a2enconf siaga && apachectl configtest && systemctl reload apache2',
        en: 'a2enconf siaga && apachectl configtest && systemctl reload apache2',
      },
    ],
    tried: 'by_manual',
  }
}

function nxlog({ host, ports, tls }: Place): Recipe {
  const output = tls
    ? `    Module om_ssl
    Host ${host}
    Port ${ports.syslogTls}
    CAFile %CERTDIR%\\ca.crt
    CertFile %CERTDIR%\\device.crt
    CertKeyFile %CERTDIR%\\device.key`
    : `    Module om_tcp
    Host ${host}
    Port ${ports.syslog}`
  return {
    files: [
      {
        path: 'C:\\Program Files\\nxlog\\conf\\nxlog.conf',
        text: `define CERTDIR C:\\Program Files\\nxlog\\cert
<Extension _json>
    Module xm_json
</Extension>
<Extension _syslog>
    Module xm_syslog
</Extension>
<Input eventlog>
    Module im_msvistalog
</Input>
<Output siaga>
${output}
    Exec $Message = to_json(); to_syslog_ietf();
</Output>
<Route siaga>
    Path eventlog => siaga
</Route>
`,
      },
    ],
    steps: [
      {
        id: 'PowerShell sebagai Administrator: & "C:\\Program Files\\nxlog\\nxlog.exe" -v; Restart-Service nxlog',
        en: 'PowerShell as Administrator: & "C:\\Program Files\\nxlog\\nxlog.exe" -v; Restart-Service nxlog',
      },
    ],
    tried: 'by_manual',
  }
}

function mikrotik({ host, ports }: Place): Recipe {
  return {
    files: [
      {
        path: '',
        text: `/system logging action add name=siaga target=remote remote=${host} remote-port=${ports.syslog}
/system logging add topics=info action=siaga
/system logging add topics=warning action=siaga
/system logging add topics=error action=siaga
/system logging add topics=critical action=siaga
`,
      },
    ],
    steps: [
      {
        id: 'Jalankan di terminal RouterOS. target remote memerlukan alamat IP, bukan nama.',
        en: 'Run it in the terminal of RouterOS. A remote target wants an IP address, not a name.',
      },
    ],
    tried: 'by_manual',
  }
}

function fortigate({ host, ports }: Place): Recipe {
  return {
    files: [
      {
        path: '',
        text: `config log syslogd setting
    set status enable
    set server "${host}"
    set port ${ports.syslog}
    set mode udp
    set format default
end
`,
      },
    ],
    steps: [{ id: 'Jalankan di CLI FortiGate.', en: 'Run it in the CLI of the FortiGate.' }],
    tried: 'by_manual',
  }
}

export const applianceDevices: readonly DeviceRecipes[] = [
  {
    device: 'nginx',
    name: 'nginx',
    formats: ['auto', 'nginx'],
    note: {
      id: 'Langsung lewat syslog UDP. Agar tidak ada baris yang hilang, pakai rsyslog atau Vector pada berkas lognya.',
      en: 'Straight over syslog by UDP. Where no line may be lost, take rsyslog or Vector on its log file.',
    },
    ways: { address: nginx },
  },
  {
    device: 'apache',
    name: 'Apache',
    formats: ['auto', 'apache'],
    note: { id: 'Lewat logger, dengan TCP.', en: 'Through logger, over TCP.' },
    ways: { address: apache },
  },
  {
    device: 'nxlog',
    name: 'Windows (NXLog)',
    formats: ['auto', 'windows'],
    note: { id: 'Event Log Windows lewat syslog.', en: 'The Windows event log over syslog.' },
    ways: { address: nxlog },
  },
  {
    device: 'mikrotik',
    name: 'MikroTik RouterOS',
    formats: ['auto', 'mikrotik'],
    note: { id: 'Lewat syslog UDP.', en: 'Over syslog by UDP.' },
    ways: { address: mikrotik },
  },
  {
    device: 'fortigate',
    name: 'FortiGate',
    formats: ['auto', 'fortigate'],
    note: { id: 'Lewat syslog UDP.', en: 'Over syslog by UDP.' },
    ways: { address: fortigate },
  },
]
