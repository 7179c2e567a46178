// How do syslog daemons send to Siaga? rsyslog and syslog-ng, by address (RELP, TLS, TCP) and by key (HTTP).
import { type DeviceRecipes, KEY, type Place, type Recipe } from './recipe.ts'

const restart = (service: string) => ({
  id: `Periksa dan muat ulang: ${service}`,
  en: `Check and restart: ${service}`,
})
const certificate = {
  id: 'Salin sertifikat CA Siaga (minta kepada pusat; berkas tls/syslog.crt) serta sertifikat dan kunci perangkat ke /etc/siaga/.',
  en: "Copy Siaga's CA certificate (ask the centre for tls/syslog.crt), and the device's own certificate and key, to /etc/siaga/.",
}

function rsyslogRelp({ host, ports }: Place): Recipe {
  return {
    files: [
      {
        path: '/etc/rsyslog.d/60-siaga.conf',
        text: `# Debian/Ubuntu: apt install rsyslog-relp
module(load="omrelp")
ruleset(name="siaga" queue.type="LinkedList" queue.size="200000" queue.dequeueBatchSize="1024"
        queue.filename="siaga" queue.maxDiskSpace="1g" queue.saveOnShutdown="on") {
  action(type="omrelp" target="${host}" port="${ports.relp}" windowSize="2048" action.resumeRetryCount="-1")
}
call siaga
`,
      },
    ],
    steps: [
      { id: 'Pasang omrelp: apt install rsyslog-relp', en: 'Install omrelp: apt install rsyslog-relp' },
      restart('rsyslogd -N1 && systemctl restart rsyslog'),
    ],
    tried: 'tested',
  }
}

function rsyslogTls({ host, ports }: Place): Recipe {
  return {
    files: [
      {
        path: '/etc/rsyslog.d/60-siaga.conf',
        text: `# Debian/Ubuntu: apt install rsyslog-gnutls
global(DefaultNetstreamDriverCAFile="/etc/siaga/ca.crt"
       DefaultNetstreamDriverCertFile="/etc/siaga/device.crt"
       DefaultNetstreamDriverKeyFile="/etc/siaga/device.key")
ruleset(name="siaga" queue.type="LinkedList" queue.size="200000"
        queue.filename="siaga" queue.maxDiskSpace="1g" queue.saveOnShutdown="on") {
  action(type="omfwd" protocol="tcp" target="${host}" port="${ports.syslogTls}" TCP_Framing="octet-counted"
         template="RSYSLOG_SyslogProtocol23Format" StreamDriver="gtls" StreamDriverMode="1"
         StreamDriverAuthMode="x509/name" StreamDriverPermittedPeers="${host}" action.resumeRetryCount="-1")
}
call siaga
`,
      },
    ],
    steps: [
      { id: 'Pasang gtls: apt install rsyslog-gnutls', en: 'Install gtls: apt install rsyslog-gnutls' },
      certificate,
      restart('rsyslogd -N1 && systemctl restart rsyslog'),
    ],
    tried: 'tested',
  }
}

function rsyslogKey({ url, source, elastic }: Place): Recipe {
  return {
    files: [
      {
        path: '/etc/rsyslog.d/60-siaga.conf',
        text: `# Debian/Ubuntu: apt install rsyslog-elasticsearch
module(load="omelasticsearch")
template(name="siaga_time" type="string" string="%timereported:::date-rfc3339%")
template(name="siaga_document" type="string" string="%$!all-json%")
template(name="siaga_id" type="string" string="%$.id%")
ruleset(name="siaga_elastic" queue.type="LinkedList" queue.size="200000" queue.dequeueBatchSize="500") {
  if strlen($.omes!status) > 0 then {
    if ($.omes!status == 200) or ($.omes!status == 201) then stop
    set $.id = $.omes!_id;
  } else {
    set $!timereported = exec_template("siaga_time");
    set $!hostname = $hostname;
    set $!syslogtag = $syslogtag;
    set $!message = $msg;
    set $.id = $uuid;
  }
  action(type="omelasticsearch" server="${url}${elastic}" uid="siaga" pwd="${KEY}" searchIndex="${source}" searchType=""
         template="siaga_document" bulkmode="on" dynbulkid="on" bulkid="siaga_id" writeoperation="create"
         retryfailures="on" retryruleset="siaga_elastic" action.resumeRetryCount="-1" action.resumeInterval="1")
}
call siaga_elastic
`,
      },
    ],
    steps: [
      {
        id: 'Pasang omelasticsearch: apt install rsyslog-elasticsearch',
        en: 'Install omelasticsearch: apt install rsyslog-elasticsearch',
      },
      restart('rsyslogd -N1 && systemctl restart rsyslog'),
    ],
    tried: 'tested',
  }
}

function syslogNgAddress({ host, ports, tls }: Place): Recipe {
  const transport = tls
    ? `port(${ports.syslogTls}) transport("tls")
    tls(ca-file("/etc/siaga/ca.crt") cert-file("/etc/siaga/device.crt") key-file("/etc/siaga/device.key") peer-verify(yes))`
    : `port(${ports.syslog}) transport("tcp")`
  return {
    files: [
      {
        path: '/etc/syslog-ng/conf.d/60-siaga.conf',
        text: `destination d_siaga {
  syslog("${host}" ${transport}
    disk-buffer(reliable(yes) disk-buf-size(1073741824) mem-buf-size(16777216)));
};
# s_src: the name of the source in your syslog-ng.conf (Debian calls it s_src, Red Hat s_sys)
log { source(s_src); destination(d_siaga); };
`,
      },
    ],
    steps: [...(tls ? [certificate] : []), restart('syslog-ng -s && systemctl restart syslog-ng')],
    tried: 'by_manual',
  }
}

function syslogNgKey({ url, source }: Place): Recipe {
  return {
    files: [
      {
        path: '/etc/syslog-ng/conf.d/60-siaga.conf',
        text: `destination d_siaga {
  http(url("${url}/v1/events/${source}")
    method("POST")
    headers("Authorization: Bearer ${KEY}", "Content-Type: text/plain")
    body("<$PRI>1 $ISODATE $HOST $PROGRAM $PID - - $MSG")
    delimiter("\\n") batch-lines(500) batch-timeout(1000) retries(1000000)
    disk-buffer(reliable(yes) disk-buf-size(1073741824) mem-buf-size(16777216)));
};
# s_src: the name of the source in your syslog-ng.conf (Debian calls it s_src, Red Hat s_sys)
log { source(s_src); destination(d_siaga); };
`,
      },
    ],
    steps: [restart('syslog-ng -s && systemctl restart syslog-ng')],
    tried: 'by_manual',
  }
}

export const syslogDevices: readonly DeviceRecipes[] = [
  {
    device: 'rsyslog',
    name: 'rsyslog (Linux)',
    formats: ['auto', 'syslog', 'sshd', 'pam', 'sudo'],
    note: {
      id: 'Ada di hampir setiap server Linux. Lewat RELP tidak ada baris yang hilang.',
      en: 'Is on nearly every Linux server. By RELP no line is lost.',
    },
    ways: { address: (place) => (place.tls ? rsyslogTls(place) : rsyslogRelp(place)), key: rsyslogKey },
  },
  {
    device: 'syslog-ng',
    name: 'syslog-ng (Linux, BSD)',
    formats: ['auto', 'syslog', 'sshd', 'pam', 'sudo'],
    note: { id: 'Untuk server yang memakai syslog-ng.', en: 'For servers that run syslog-ng.' },
    ways: { address: syslogNgAddress, key: syslogNgKey },
  },
]
