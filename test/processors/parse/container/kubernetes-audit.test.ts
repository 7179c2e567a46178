// What does the audit log of a Kubernetes API server say, and do SigmaHQ's names find it?
import { describe, expect, test } from 'vitest'
import { MAX_FIELDS } from '../../../../processors/parse/values/fields.ts'
import { parseOne, read } from '../read.ts'

const audit = (more: object): string =>
  JSON.stringify({
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    level: 'RequestResponse',
    auditID: '0c6c9d2e-7f0e-4d2b-9a51-6b7c1f9f8f01',
    stage: 'ResponseComplete',
    requestURI: '/api/v1/namespaces/sirekap/pods/api-0?timeout=32s',
    verb: 'get',
    user: { username: 'siti', uid: 'u-7', groups: ['system:authenticated'] },
    sourceIPs: ['203.0.113.7', '10.0.0.2'],
    userAgent: 'kubectl/v1.31.0 (linux/amd64) kubernetes/9edcffc',
    objectRef: { resource: 'pods', namespace: 'sirekap', name: 'api-0', apiVersion: 'v1' },
    responseStatus: { metadata: {}, code: 200 },
    requestReceivedTimestamp: '2024-11-27T01:16:03.100000Z',
    stageTimestamp: '2024-11-27T01:16:03.250000Z',
    ...more,
  })

const pod = (spec: object): object => ({ verb: 'create', requestObject: { kind: 'Pod', spec } })

describe('Kubernetes audit events', () => {
  test('who, from where, what, and how it ended', () => {
    expect(read(audit({}))).toEqual({
      dataset: 'kubernetes.audit',
      timestamp: '2024-11-27T01:16:03.250Z',
      event_category: 'api',
      event_action: 'get',
      event_outcome: 'success',
      user_name: 'siti',
      source_ip: '203.0.113.7',
      user_agent_original: 'kubectl/v1.31.0 (linux/amd64) kubernetes/9edcffc',
      url_original: '/api/v1/namespaces/sirekap/pods/api-0?timeout=32s',
      url_path: '/api/v1/namespaces/sirekap/pods/api-0',
      http_status_code: 200,
      fields: {
        kind: 'Event',
        apiVersion: 'audit.k8s.io/v1',
        level: 'RequestResponse',
        auditID: '0c6c9d2e-7f0e-4d2b-9a51-6b7c1f9f8f01',
        stage: 'ResponseComplete',
        requestURI: '/api/v1/namespaces/sirekap/pods/api-0?timeout=32s',
        verb: 'get',
        'user.username': 'siti',
        'user.uid': 'u-7',
        'user.groups': 'system:authenticated',
        sourceIPs: '["203.0.113.7","10.0.0.2"]',
        userAgent: 'kubectl/v1.31.0 (linux/amd64) kubernetes/9edcffc',
        'objectRef.resource': 'pods',
        'objectRef.namespace': 'sirekap',
        'objectRef.name': 'api-0',
        'objectRef.apiVersion': 'v1',
        'responseStatus.code': '200',
        requestReceivedTimestamp: '2024-11-27T01:16:03.100000Z',
      },
    })
  })

  test('exec names the command, word for word', () => {
    const line = audit({
      verb: 'create',
      requestURI:
        '/api/v1/namespaces/sirekap/pods/api-0/exec?command=sh&command=-c&command=cat+%2Fetc%2Fshadow&stdin=true',
      objectRef: { resource: 'pods', namespace: 'sirekap', name: 'api-0', subresource: 'exec' },
      responseStatus: { code: 101 },
    })
    expect(read(line)).toMatchObject({
      event_action: 'create',
      event_outcome: 'success',
      process_command_line: 'sh -c cat /etc/shadow',
      fields: { 'objectRef.subresource': 'exec' },
    })
    expect(read(audit({ objectRef: { resource: 'pods', subresource: 'log' } })).process_command_line).toBeUndefined()
  })

  test.each([
    [{ code: 403, reason: 'Forbidden' }, 'failure'],
    [{ code: 201 }, 'success'],
    [{}, undefined],
  ])('status %j is %s', (responseStatus, outcome) => {
    expect(read(audit({ responseStatus })).event_outcome).toBe(outcome)
  })

  test.each<[string, object, Record<string, string>]>([
    ['a privileged container', { containers: [{ securityContext: { privileged: true } }] }, { capabilities: 'ALL' }],
    [
      'added capabilities of several containers',
      {
        containers: [{ securityContext: { capabilities: { add: ['SYS_ADMIN', 'NET_RAW'] } } }],
        initContainers: [{ securityContext: { capabilities: { add: ['NET_RAW'] } } }],
      },
      { capabilities: 'SYS_ADMIN,NET_RAW' },
    ],
    [
      'a folder of the node',
      {
        volumes: [
          { name: 'a', emptyDir: {} },
          { name: 'b', hostPath: { path: '/var/run' } },
        ],
      },
      { hostPath: '/var/run' },
    ],
    [
      'the template of a deployment',
      { replicas: 1, template: { spec: { volumes: [{ hostPath: { path: '/' } }] } } },
      { hostPath: '/' },
    ],
    [
      'the template of a cron job',
      { jobTemplate: { spec: { template: { spec: { containers: [{ securityContext: { privileged: true } }] } } } } },
      { capabilities: 'ALL' },
    ],
  ])('%s, under the names of SigmaHQ', (_, spec, fields) => {
    expect(read(audit(pod(spec))).fields).toMatchObject(fields)
  })

  test('dropped capabilities and ordinary volumes are no rights', () => {
    const line = audit(
      pod({
        containers: [{ securityContext: { privileged: false, capabilities: { drop: ['ALL'] } } }],
        volumes: [{ configMap: { name: 'a' } }],
      }),
    )
    const { fields } = read(line)
    expect(fields).not.toHaveProperty('capabilities')
    expect(fields).not.toHaveProperty('hostPath')
  })

  test('the group of the API, and who is impersonated', () => {
    const line = audit({
      impersonatedUser: { username: 'system:admin' },
      objectRef: { resource: 'clusterrolebindings', apiGroup: 'rbac.authorization.k8s.io' },
    })
    expect(read(line)).toMatchObject({
      user_target_name: 'system:admin',
      fields: { apiGroup: 'rbac.authorization.k8s.io', 'objectRef.apiGroup': 'rbac.authorization.k8s.io' },
    })
  })

  test('a long request does not push out what tells who did what', () => {
    const data = Object.fromEntries(Array.from({ length: 400 }, (_, i) => [`k${i}`, 'v']))
    const line = `${audit({ requestObject: { data } }).slice(0, -1)},"annotations":{"authorization.k8s.io/decision":"allow"}}`
    const { event } = parseOne(line)
    expect(event.fields.size).toBe(MAX_FIELDS)
    expect(event.tags).toEqual(['fields_cut'])
    expect(event.fields.get('objectRef.resource')).toBe('pods')
    expect(event.fields.get('annotations.authorization.k8s.io/decision')).toBe('allow')
  })

  test('configured, and inside syslog', () => {
    expect(read(audit({}), 'kubernetes')).toEqual(read(audit({})))
    expect(read(`<14>1 2024-11-27T08:16:04+07:00 cp1 kube-apiserver 7 - - ${audit({})}`, 'kubernetes')).toMatchObject({
      dataset: 'kubernetes.audit',
      host_name: 'cp1',
      timestamp: '2024-11-27T01:16:03.250Z',
    })
  })

  test('events of Kubernetes that are not of the audit log are not', () => {
    const event = '{"kind":"Event","apiVersion":"v1","reason":"BackOff","message":"x"}'
    expect(read(event).dataset).toBe('json')
    expect(parseOne(event, 'kubernetes').outcome).toMatchObject({ kind: 'dlq', reason: 'format_mismatch' })
    expect(read(audit({ kind: 'Policy' })).dataset).toBe('json')
  })

  test('parts of an unexpected type are left out, never thrown on', () => {
    const line = audit({
      user: 'siti',
      sourceIPs: '203.0.113.7',
      objectRef: [],
      responseStatus: null,
      requestURI: 7,
      requestObject: { spec: { containers: { a: 1 }, volumes: [null, 7, { hostPath: 'x' }], template: 'x' } },
    })
    const { outcome, event } = parseOne(line)
    expect(outcome.kind).toBe('ok')
    expect(event).toMatchObject({ user_name: '', source_ip: '', http_status_code: 0, event_outcome: '' })
  })
})
