// Which log sources does an event belong to? The table from our datasets to Sigma's categories, products and services.
// Source: Sigma 2.1, "Log Source" and the taxonomy of SigmaHQ; `authentication`, `ids` and `waf` are ours.
import type { Event } from '../../../schemas/event.ts'
import { zeekLogs } from '../../parse/network/zeek-layouts.ts'
import type { EventSource } from './rule.ts'
import { windowsSource } from './windows-source.ts'

type SourceFields = Pick<
  Event,
  | 'dataset'
  | 'event_category'
  | 'event_code'
  | 'process_name'
  | 'process_command_line'
  | 'http_method'
  | 'url_original'
  | 'dns_question_name'
  | 'observer_product'
  | 'fields'
>

interface Parts {
  readonly categories?: readonly string[]
  readonly products?: readonly string[]
  readonly services?: readonly string[]
}

const linux = ['linux']

/** A log of Zeek is a service; of what its sensors see, HTTP is known as a proxy's. */
function zeek(log: string): Parts {
  const category = { dns: ['dns'], http: ['proxy'] }[log]
  return { ...(category === undefined ? {} : { categories: category }), products: ['zeek'], services: [log] }
}

/** Datasets whose events are all of one kind. */
const fixed: Readonly<Record<string, Parts>> = {
  'nginx.access': { categories: ['webserver'], products: ['nginx'], services: ['nginx'] },
  'nginx.error': { products: ['nginx'], services: ['nginx'] },
  'apache.access': { categories: ['webserver'], products: ['apache'], services: ['apache'] },
  'apache.error': { products: ['apache'], services: ['apache'] },
  'web.access': { categories: ['webserver'] },
  sshd: { categories: ['authentication'], products: linux, services: ['sshd', 'auth', 'syslog'] },
  pam: { categories: ['authentication'], products: linux, services: ['auth', 'syslog'] },
  sudo: { categories: ['authentication'], products: linux, services: ['sudo', 'auth', 'syslog'] },
  'suricata.fast': { categories: ['ids'], products: ['suricata'], services: ['suricata'] },
  'kubernetes.audit': { categories: ['application'], products: ['kubernetes'], services: ['audit'] },
  'haproxy.http': { categories: ['webserver'], products: ['haproxy'], services: ['haproxy'] },
  'haproxy.tcp': { products: ['haproxy'], services: ['haproxy'] },
  'haproxy.log': { products: ['haproxy'], services: ['haproxy'] },
  'traefik.access': { categories: ['webserver'], products: ['traefik'], services: ['traefik'] },
  'caddy.access': { categories: ['webserver'], products: ['caddy'], services: ['caddy'] },
  'iis.access': { categories: ['webserver'], products: ['iis', 'windows'], services: ['iis'] },
  'cloudflare.http': { categories: ['webserver'], products: ['cloudflare'], services: ['http_requests'] },
  // What Siaga itself sees from outside: nobody logged in, and no request came in.
  'siaga.probe': { products: ['siaga'], services: ['probe'] },
  'siaga.lookalike': { products: ['siaga'], services: ['lookalike'] },
  'siaga.certificate': { products: ['siaga'], services: ['certificate'] },
}

const paloalto = ['paloalto']
const fortigate = ['fortigate']

/** Datasets that also belong to what the columns of an event say: a log-in, an alert, a request. */
const mixed: Readonly<Record<string, Parts>> = {
  postgresql: { categories: ['database'], products: ['postgresql'], services: ['postgresql'] },
  'caddy.log': { products: ['caddy'], services: ['caddy'] },
  'modsecurity.audit': { categories: ['waf'], products: ['modsecurity'], services: ['modsecurity'] },
  'cloudflare.firewall': { categories: ['waf'], products: ['cloudflare'], services: ['firewall_events'] },
  // Errors of databases come up in applications, and exceptions of Java in Keycloak: SigmaHQ looks for both by product.
  laravel: { categories: ['application'], products: ['laravel', 'php', 'sql'] },
  codeigniter: { categories: ['application'], products: ['codeigniter', 'php', 'sql'] },
  'keycloak.event': { categories: ['application'], products: ['keycloak'], services: ['event'] },
  'keycloak.log': { categories: ['application'], products: ['keycloak', 'jvm'], services: ['server'] },
  ...Object.fromEntries(
    ['error', 'general', 'slow', 'audit'].map((log) => [
      `mysql.${log}`,
      { categories: ['database'], products: ['mysql'], services: ['mysql'] },
    ]),
  ),
  auditd: { products: linux, services: ['auditd'] },
  postfix: { products: linux, services: ['postfix', 'syslog'] },
  dovecot: { products: linux, services: ['dovecot', 'syslog'] },
  vsftpd: { products: linux, services: ['vsftpd', 'syslog'] },
  proftpd: { products: linux, services: ['proftpd', 'syslog'] },
  pureftpd: { products: linux, services: ['pureftpd', 'syslog'] },
  'paloalto.threat': { categories: ['firewall'], products: paloalto, services: ['threat'] },
  'paloalto.traffic': { categories: ['firewall'], products: paloalto, services: ['traffic'] },
  'paloalto.globalprotect': { products: paloalto, services: ['globalprotect'] },
  'paloalto.system': { products: paloalto, services: ['system'] },
  'paloalto.config': { products: paloalto, services: ['config'] },
  'paloalto.userid': { products: paloalto, services: ['userid'] },
  'paloalto.authentication': { products: paloalto, services: ['authentication'] },
  'fortigate.traffic': { categories: ['firewall'], products: fortigate, services: ['traffic'] },
  'fortigate.utm': { categories: ['firewall'], products: fortigate, services: ['utm'] },
  'fortigate.event': { products: fortigate, services: ['event'] },
  // A Linux that speaks syslog: rules on routers' lines are written for that.
  mikrotik: { products: ['mikrotik', ...linux], services: ['mikrotik', 'syslog'] },
  netfilter: { categories: ['firewall'], products: linux, services: ['kernel', 'syslog'] },
  filterlog: { categories: ['firewall'], products: ['pfsense'], services: ['filterlog'] },
  bind: { products: linux, services: ['named', 'syslog'] },
  dnsmasq: { products: linux, services: ['dnsmasq', 'syslog'] },
  wazuh: { products: ['wazuh'], services: ['wazuh'] },
  crowdsec: { products: ['crowdsec'], services: ['crowdsec'] },
  cowrie: { categories: ['application'], products: ['cowrie'], services: ['cowrie'] },
  opencanary: { categories: ['application'], products: ['opencanary'], services: ['opencanary'] },
  ...Object.fromEntries(zeekLogs.map((log) => [`zeek.${log}`, zeek(log)])),
  'zeek.other': zeek('other'),
}

/** Programs of syslog whose lines Sigma knows as a service. */
const programs: Readonly<Record<string, readonly string[]>> = {
  cron: ['cron'],
  crond: ['cron'],
  crontab: ['cron'],
  CRON: ['cron'],
  su: ['auth'],
  login: ['auth'],
  'systemd-logind': ['auth'],
  useradd: ['auth'],
  usermod: ['auth'],
  userdel: ['auth'],
  groupadd: ['auth'],
  passwd: ['auth'],
  chpasswd: ['auth'],
  gpasswd: ['auth'],
  polkitd: ['auth'],
  pkexec: ['auth'],
  clamd: ['clamav'],
  freshclam: ['clamav'],
  guacd: ['guacamole'],
  kernel: ['kernel'],
  dockerd: ['docker'],
  containerd: ['docker'],
  kubelet: ['kubernetes'],
  openvpn: ['openvpn'],
  charon: ['ipsec'],
  rsyslogd: ['rsyslog'],
  systemd: ['systemd'],
}

/** Modules and datasets that ECS documents name, as Sigma knows them. */
const modules: Readonly<Record<string, Parts>> = {
  auditd: { products: linux, services: ['auditd'] },
  'auditd.log': { products: linux, services: ['auditd'] },
  system: { products: linux, services: ['syslog'] },
  'system.auth': { categories: ['authentication'], products: linux, services: ['auth'] },
  'kubernetes.audit_logs': { categories: ['application'], products: ['kubernetes'], services: ['audit'] },
  'kubernetes.audit': { categories: ['application'], products: ['kubernetes'], services: ['audit'] },
  'aws.cloudtrail': { products: ['aws'], services: ['cloudtrail'] },
  'azure.signinlogs': { products: ['azure'], services: ['signinlogs'] },
  'azure.auditlogs': { products: ['azure'], services: ['auditlogs'] },
  'azure.activitylogs': { products: ['azure'], services: ['activitylogs'] },
  'gcp.audit': { products: ['gcp'], services: ['gcp.audit'] },
  'github.audit': { products: ['github'], services: ['audit'] },
  'okta.system': { products: ['okta'], services: ['okta'] },
  mysql: { categories: ['database'], products: ['mysql'], services: ['mysql'] },
  'mysql.error': { categories: ['database'], products: ['mysql'], services: ['mysql'] },
  postgresql: { categories: ['database'], products: ['postgresql'], services: ['postgresql'] },
  'postgresql.log': { categories: ['database'], products: ['postgresql'], services: ['postgresql'] },
  docker: { products: ['docker'], services: ['docker'] },
  'siaga-audit': { products: ['siaga'], services: ['audit'] },
  ...Object.fromEntries(zeekLogs.map((log) => [`zeek.${log}`, zeek(log)])),
}

const filters = /^(?:paloalto|fortigate)\./

/** What single columns say about an event of a mixed dataset. */
const kinds: readonly { readonly of: (event: SourceFields) => boolean; readonly categories: readonly string[] }[] = [
  { of: (event) => event.event_category === 'authentication', categories: ['authentication'] },
  { of: (event) => event.event_category === 'intrusion_detection', categories: ['ids'] },
  { of: (event) => event.dns_question_name !== '', categories: ['dns'] },
  { of: (event) => event.url_original !== '' && event.http_method !== '', categories: ['webserver'] },
  {
    of: (event) => event.process_command_line !== '' && event.event_category === 'process',
    categories: ['process_creation'],
  },
  {
    of: (event) => event.event_category === 'network' || event.event_category === 'firewall',
    categories: ['firewall', 'network_connection'],
  },
  { of: (event) => event.event_category === 'file', categories: ['file_event'] },
  { of: (event) => event.event_category === 'database', categories: ['database'] },
  // URL filtering: what went through, not what a server of ours was asked.
  {
    of: (event) => event.event_category === 'web' && filters.test(event.dataset),
    categories: ['proxy'],
  },
]

const antivirus = /anti-?(?:virus|malware)|endpoint|defender|deep security|clam/i
const firewall = /fire-?wall|fortigate|pan-?os|\basa\b|pfsense|netscreen|sonicos/i
const waf = /\bwaf\b|web application firewall|modsecurity|\basm\b/i
const proxy = /proxy|web gateway|squid/i

/**
 * A function that gives the log sources of an event, the same object for the same ones. Documents may name what they like: only names of the tables
 * make sources of their own, so their number is bounded.
 */
export function createEventSource(): (event: SourceFields) => EventSource {
  const interned = new Map<string, EventSource>()
  const intern = (key: string, parts: () => Parts): EventSource => {
    const known = interned.get(key)
    if (known !== undefined) return known
    const { categories = [], products = [], services = [] } = parts()
    const source: EventSource = { categories: [...new Set(categories)], products, services }
    interned.set(key, source)
    return source
  }
  const known = new Map(Object.entries(fixed).map(([dataset, parts]) => [dataset, intern(dataset, () => parts)]))

  return (event) => {
    const source = known.get(event.dataset)
    if (source !== undefined) return source
    let bits = 0
    for (let n = 0; n < kinds.length; n += 1) if (kinds[n]?.of(event) === true) bits |= 1 << n
    const categories = (): string[] => kinds.flatMap((kind, n) => ((bits & (1 << n)) === 0 ? [] : kind.categories))
    switch (event.dataset) {
      case 'syslog': {
        const program = Object.hasOwn(programs, event.process_name) ? event.process_name : ''
        return intern(`syslog|${program}|${bits}`, () => {
          const services = programs[program] ?? []
          return {
            categories: categories(),
            products: linux,
            services: ['syslog', ...services],
          }
        })
      }
      case 'suricata.eve':
        return intern(`eve|${bits}`, () => ({
          categories: categories(),
          products: ['suricata'],
          services: ['suricata'],
        }))
      case 'leef':
      case 'cef': {
        const product = event.observer_product.slice(0, 200)
        const devices = [
          ...(antivirus.test(product) ? ['antivirus'] : []),
          ...(waf.test(product) ? ['waf', 'webserver'] : []),
          ...(proxy.test(product) ? ['proxy'] : []),
          ...(firewall.test(product) ? ['firewall'] : []),
        ]
        return intern(`${event.dataset}|${bits}|${devices.join('+')}`, () => ({
          categories: [...categories(), ...devices],
          products: [event.dataset],
          services: [event.dataset],
        }))
      }
      case 'windows.security':
      case 'windows.sysmon':
      case 'windows.powershell':
      case 'windows.system':
      case 'windows.other':
        return sourceOfChannel(event, event.fields.get('winlog.channel') ?? '')
      case 'ecs':
      case 'json': {
        const channel = event.fields.get('winlog.channel')
        if (channel !== undefined) return sourceOfChannel(event, channel)
        const module = moduleOf(event.fields)
        const system = event.fields.get('host.os.type')
        const product = system === 'windows' || system === 'linux' || system === 'macos' ? system : ''
        return intern(`${event.dataset}|${bits}|${module}|${product}`, () => {
          const named = modules[module] ?? {}
          return {
            categories: ['application', ...categories(), ...(named.categories ?? [])],
            products: [...(named.products ?? []), ...(product === '' ? [] : [product])],
            services: named.services ?? [],
          }
        })
      }
      default:
        if (Object.hasOwn(mixed, event.dataset)) {
          const parts = mixed[event.dataset]
          return intern(`${event.dataset}|${bits}`, () => ({
            ...parts,
            categories: [...(parts?.categories ?? []), ...categories()],
          }))
        }
        return intern(`${bits}`, () => ({ categories: categories() }))
    }
  }
}

function sourceOfChannel({ event_code, fields }: SourceFields, channel: string): EventSource {
  return windowsSource(channel, Number(event_code), fields.get('winlog.event_data.EventType') ?? '')
}

function moduleOf(fields: ReadonlyMap<string, string>): string {
  for (const name of ['event.dataset', 'event.module']) {
    const value = fields.get(name)
    if (value !== undefined && Object.hasOwn(modules, value)) return value
  }
  return ''
}
