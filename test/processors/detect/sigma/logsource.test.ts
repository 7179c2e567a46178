// Do the events of products with a parser of their own belong to the log sources that rules on them name, under the names that rules use?
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

const postgres = (text: string): string => `2024-11-27 08:16:03 WIB [147] 203.0.113.7 siti@dpt ${text}`
const pan = (type: string, subtype: string, rest: string): string =>
  `1,2024/11/27 08:16:04,0079,${type},${subtype},0,2024/11/27 08:16:03,${rest}`
const threat = (subtype: string): string =>
  pan('THREAT', subtype, `203.0.113.7,192.0.2.1,,,r,,,ssl,${','.repeat(13)}tcp,drop,judol.example/slot,N(1),any,high`)

describe('log sources', () => {
  test.each<[string, string, string[], string, string]>([
    ['a statement', postgres('LOG:  statement: select 1'), ['database'], 'postgresql', 'postgresql'],
    [
      'a database log-in',
      postgres('FATAL:  password authentication failed for user "siti"'),
      ['authentication', 'database'],
      'postgresql',
      'postgresql',
    ],
    ['an exploit', threat('vulnerability'), ['firewall', 'ids'], 'paloalto', 'threat'],
    ['a filtered URL', threat('url'), ['firewall', 'proxy'], 'paloalto', 'threat'],
    ['traffic', pan('TRAFFIC', 'end', '203.0.113.7'), ['firewall', 'network_connection'], 'paloalto', 'traffic'],
    [
      'a VPN log-in',
      pan('GLOBALPROTECT', '0', 'vsys1,gateway-auth,login'),
      ['authentication'],
      'paloalto',
      'globalprotect',
    ],
    [
      'an administrator',
      pan('SYSTEM', 'auth', ',auth-fail,,0,0,general,medium,x'),
      ['authentication'],
      'paloalto',
      'system',
    ],
    ['a change', pan('CONFIG', '0', '10.1.0.5,,set,siti,Web,Succeeded'), [], 'paloalto', 'config'],
    [
      'an audit event',
      '{"kind":"Event","apiVersion":"audit.k8s.io/v1","verb":"get"}',
      ['application'],
      'kubernetes',
      'audit',
    ],
  ])('%s', (_, line, categories, product, service) => {
    expect(sourcesOf(line)).toEqual({ categories, products: [product], services: [service] })
  })
})

describe('log sources of web sites and applications', () => {
  const rule = '[file "a"] [id "942100"] [msg "SQL Injection"] [severity "CRITICAL"]'
  test.each<[string, string, string[], string[], string[]]>([
    [
      'a request to HAProxy',
      '203.0.113.7:1 [27/Nov/2024:08:16:03.1] in web/s 0/0/0/1/1 200 2 - - ---- 1/1/1/1/0 0/0 "GET / HTTP/1.1"',
      ['webserver'],
      ['haproxy'],
      ['haproxy'],
    ],
    [
      'a request to IIS',
      '2024-11-27 01:16:03 192.0.2.1 GET / - 443 - 203.0.113.7 u - 200 0 0 15',
      ['webserver'],
      ['iis', 'windows'],
      ['iis'],
    ],
    [
      'an audit log',
      `--a-B--\nGET /a HTTP/1.1\n--a-H--\nMessage: Warning. ${rule}`,
      ['ids', 'waf', 'webserver'],
      ['modsecurity'],
      ['modsecurity'],
    ],
    [
      'what Coraza says in Caddy',
      JSON.stringify({ level: 'error', ts: 1732670163, logger: 'http.handlers.waf', msg: `Coraza: Warning. ${rule}` }),
      ['ids'],
      ['caddy'],
      ['caddy'],
    ],
    [
      "Cloudflare's firewall",
      '{"Action":"block","ClientIP":"203.0.113.7","Datetime":"2024-11-27T01:16:03Z","Source":"waf"}',
      ['ids', 'waf'],
      ['cloudflare'],
      ['firewall_events'],
    ],
    [
      'an exception of Laravel',
      '[2024-11-27 08:16:03] production.ERROR: SQLSTATE[42000]: Syntax error',
      ['application'],
      ['laravel', 'php', 'sql'],
      [],
    ],
    [
      'a log-in to Keycloak',
      '2024-11-27 08:16:03,123 WARN  [org.keycloak.events] (t) type=LOGIN_ERROR, realmId=p, error=e',
      ['application', 'authentication'],
      ['keycloak'],
      ['event'],
    ],
  ])('%s', (_, line, categories, products, services) => {
    expect(sourcesOf(line)).toEqual({ categories, products, services })
  })

  test('columns of IIS are found by the names of SigmaHQ', () => {
    const line =
      '2024-11-27 01:16:03 W3SVC1 WEB01 192.0.2.1 GET /a q=1 443 - 203.0.113.7 HTTP/2 curl/8 sid=1 - pemilu.example 404 0 2 1245 99 31'
    const { event } = parseOne(line)
    const accessor = createEventAccessor()
    const fieldOf = (field: string): unknown => accessor.reader(accessor.canonical(field))(event)
    expect(
      [
        'cs-method',
        'cs-uri-stem',
        'cs-uri-query',
        'c-ip',
        'cs-host',
        'cs(Host)',
        'cs-cookie',
        'sc-status',
        'sc-win32-status',
      ].map(fieldOf),
    ).toEqual(['GET', '/a', 'q=1', '203.0.113.7', 'pemilu.example', 'pemilu.example', 'sid=1', 404, '2'])
  })
})

const folder = join(import.meta.dirname, '../../../../../shared/corpora/sigma/rules/application/kubernetes')
const present = existsSync(folder)
if (!present) process.stdout.write(`rules on Kubernetes skipped: ${folder} is absent\n`)

describe.skipIf(!present)("SigmaHQ's rules on the audit log", () => {
  const sigma = createSigma(loadRules([folder]).rules, createEventAccessor())

  /** Names of the rule files that match an audit event. */
  function matched(more: object): string[] {
    const line = JSON.stringify({
      kind: 'Event',
      apiVersion: 'audit.k8s.io/v1',
      user: { username: 'siti' },
      responseStatus: { code: 200 },
      ...more,
    })
    const { event } = parseOne(line)
    const names = sigma.match(event, sourceOf(event)).map(({ rule }) => basename(rule.file, '.yml'))
    return names.map((name) => name.replace('kubernetes_audit_', '')).sort()
  }

  const on = (verb: string, resource: string, more: object = {}): object => ({ verb, objectRef: { resource, ...more } })

  test.each<[object, string[]]>([
    [on('create', 'pods', { subresource: 'exec' }), ['exec_into_container']],
    [on('create', 'pods', { namespace: 'kube-system' }), ['pod_in_system_namespace']],
    [
      {
        ...on('create', 'pods'),
        requestObject: { spec: { containers: [{ securityContext: { privileged: true } }] } },
      },
      ['privileged_pod_creation'],
    ],
    [
      { ...on('create', 'pods'), requestObject: { spec: { volumes: [{ hostPath: { path: '/' } }] } } },
      ['hostpath_mount'],
    ],
    [on('list', 'secrets'), ['secrets_enumeration']],
    [on('delete', 'secrets'), ['secrets_modified_or_deleted']],
    [on('delete', 'events'), ['events_deleted']],
    [on('delete', 'deployments'), ['deployment_deleted']],
    [on('patch', 'deployments', { apiGroup: 'apps' }), ['sidecar_injection']],
    [on('create', 'serviceaccounts'), ['serviceaccount_creation']],
    [on('create', 'selfsubjectrulesreviews', { apiGroup: 'authorization.k8s.io' }), ['rbac_permisions_listing']],
    [on('update', 'rolebindings', { apiGroup: 'rbac.authorization.k8s.io' }), ['rolebinding_modification']],
    [on('create', 'cronjobs', { apiGroup: 'batch' }), ['cronjob_modification']],
    [
      on('create', 'mutatingwebhookconfigurations', { apiGroup: 'admissionregistration.k8s.io' }),
      ['change_admission_controller'],
    ],
    [{ ...on('get', 'pods'), responseStatus: { code: 403 } }, ['unauthorized_unauthenticated_actions']],
    [on('get', 'pods'), []],
  ])('%j', (more, names) => {
    expect(matched(more)).toEqual(names)
  })
})
