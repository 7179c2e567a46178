// Keycloak: events of users and administrators as text of several versions and as JSON, and its server log.
import { describe, expect, test } from 'vitest'
import { read } from '../read.ts'

const head = '2024-11-27 08:16:03,123 WARN  [org.keycloak.events] (executor-thread-1) '
const failed =
  'type="LOGIN_ERROR", realmId="5c1f", realmName="pemilu", clientId="portal", userId="null", ipAddress="203.0.113.7", error="user_not_found", auth_method="openid-connect", redirect_uri="https://portal.example/", username="siti"'

describe('text', () => {
  test('a log-in that failed', () => {
    const expected = {
      timestamp: '2024-11-27T01:16:03.123Z',
      dataset: 'keycloak.event',
      event_category: 'authentication',
      event_action: 'sso_login',
      event_outcome: 'failure',
      event_code: 'LOGIN_ERROR',
      log_level: 'warning',
      observer_product: 'Keycloak',
      source_ip: '203.0.113.7',
      user_name: 'siti',
      fields: {
        'event.reason': 'user_not_found',
        'user.known': 'false',
        'keycloak.realmId': '5c1f',
        'keycloak.realmName': 'pemilu',
        'keycloak.clientId': 'portal',
        'keycloak.auth_method': 'openid-connect',
        'keycloak.redirect_uri': 'https://portal.example/',
        'log.logger': 'org.keycloak.events',
        'process.thread.name': 'executor-thread-1',
      },
    }
    expect(read(head + failed)).toEqual(expected)
    expect(read(head + failed, 'keycloak')).toEqual(expected)
  })

  const unquoted = 'realmId=5c1f, clientId=portal, userId=9f2, ipAddress=2001:db8::7'
  test.each([
    [
      'an old version',
      `${head}type=LOGIN_ERROR, ${unquoted}, error=invalid_user_credentials, username=budi`,
      { event_outcome: 'failure', user_name: 'budi', source_ip: '2001:db8::7' },
    ],
    [
      'WildFly with colours and without a date',
      `\u001b[0m\u001b[33m08:16:03,123 WARN  [org.keycloak.events] (default task-7) type=LOGIN_ERROR, ${unquoted}, error=expired_code\u001b[0m`,
      {
        event_outcome: 'failure',
        fields: {
          'event.reason': 'expired_code',
          'keycloak.realmId': '5c1f',
          'keycloak.clientId': 'portal',
          'user.id': '9f2',
          'log.logger': 'org.keycloak.events',
          'process.thread.name': 'default task-7',
        },
      },
    ],
    [
      'success',
      `2024-11-27 08:16:03,123 DEBUG [org.keycloak.events] (executor-thread-1) type=LOGIN, ${unquoted}, username=budi`,
      { event_category: 'authentication', event_outcome: 'success', user_name: 'budi' },
    ],
    [
      'log-out',
      `${head}type=LOGOUT, ${unquoted}`,
      { event_category: 'session', event_action: 'sso_logout', event_outcome: 'success' },
    ],
    [
      'a new account',
      `${head}type=REGISTER, ${unquoted}, username=baru`,
      { event_category: 'iam', event_action: 'user_add', user_name: 'baru' },
    ],
    [
      'a token that failed is no failed log-in',
      `${head}type=CODE_TO_TOKEN_ERROR, ${unquoted}, error=invalid_code`,
      { event_category: 'session', event_action: 'token_issued', event_outcome: 'failure' },
    ],
    [
      'an administrator',
      `${head}operationType=CREATE, ${unquoted}, resourceType=USER, resourcePath=users/17`,
      {
        event_category: 'iam',
        event_action: 'create_user',
        fields: {
          'user.id': '9f2',
          'keycloak.resourceType': 'USER',
          'keycloak.resourcePath': 'users/17',
          'keycloak.realmId': '5c1f',
          'keycloak.clientId': 'portal',
          'log.logger': 'org.keycloak.events',
          'process.thread.name': 'executor-thread-1',
        },
      },
    ],
    [
      'an administrator of settings',
      `${head}operationType="UPDATE", realmId="5c1f", ipAddress="203.0.113.7", resourceType="CLIENT"`,
      { event_category: 'configuration', event_action: 'update_client' },
    ],
    ['cut in the middle', (head + failed).slice(0, -40), { event_outcome: 'failure', source_ip: '203.0.113.7' }],
  ])('%s', (_, text, expected) => {
    expect(read(text)).toMatchObject({ dataset: 'keycloak.event', ...expected })
    expect(read(`Nov 27 08:16:03 sso keycloak[7]: ${text}`)).toMatchObject({
      dataset: 'keycloak.event',
      host_name: 'sso',
    })
  })

  test('names that imitate other values forge none', () => {
    const names = [
      ['siti", ipAddress="1.1.1.1', 'username="siti\\", ipAddress=\\"1.1.1.1"'],
      ['siti, ipAddress=1.1.1.1, error=x', "username='siti, ipAddress=1.1.1.1, error=x'"],
    ] as const
    for (const [name, pair] of names) {
      const event = read(head + failed.replace('username="siti"', pair))
      expect(event).toMatchObject({ source_ip: '203.0.113.7', user_name: name })
      expect(event).not.toHaveProperty('tags')
    }
    // Old versions escape no quotes: the first address counts, and the event is marked.
    const escaped = `${head}type=LOGIN_ERROR, ${unquoted}, error=user_not_found, username='a', ipAddress=1.1.1.1, b=' c'`
    expect(read(escaped)).toMatchObject({ source_ip: '2001:db8::7', tags: ['client_ambiguous'] })
  })

  test('the server log', () => {
    const text =
      '2024-11-27 08:16:03,123 ERROR [org.keycloak.services.error.KeycloakErrorHandler] (executor-thread-9) Uncaught server error: java.lang.NullPointerException\n\tat org.keycloak.A.b(A.java:1)'
    expect(read(text)).toMatchObject({
      dataset: 'keycloak.log',
      event_action: 'application_error',
      event_outcome: 'failure',
      log_level: 'error',
      fields: { 'error.message': expect.stringContaining('NullPointerException') },
    })
    const other = '2024-11-27 08:16:03,123 INFO  [io.quarkus] (main) Keycloak 24.0.1 on JVM started in 7.1s.'
    expect(read(other, 'keycloak')).toMatchObject({ dataset: 'keycloak.log', log_level: 'info' })
    expect(read(other).dataset).toBe('plain')
  })
})

describe('JSON', () => {
  test('the log of Quarkus', () => {
    const line = {
      timestamp: '2024-11-27T08:16:03.123+07:00',
      loggerName: 'org.keycloak.events',
      level: 'WARN',
      message: failed,
      threadName: 'executor-thread-1',
      hostName: 'sso1',
    }
    expect(read(JSON.stringify(line))).toMatchObject({
      timestamp: '2024-11-27T01:16:03.123Z',
      dataset: 'keycloak.event',
      host_name: 'sso1',
      user_name: 'siti',
      source_ip: '203.0.113.7',
    })
    expect(read(JSON.stringify({ ...line, message: 'x', level: 'INFO' }))).toMatchObject({ dataset: 'keycloak.log' })
    expect(read(JSON.stringify({ ...line, message: 'x', loggerName: 'org.lain' })).dataset).toBe('json')
  })

  test('events as the interfaces give them', () => {
    const event = {
      time: 1732670163123,
      type: 'LOGIN_ERROR',
      realmId: '5c1f',
      clientId: 'portal',
      userId: null,
      ipAddress: '203.0.113.7',
      error: 'invalid_user_credentials',
      details: { username: 'siti', ipAddress: '1.1.1.1' },
    }
    expect(read(JSON.stringify(event))).toMatchObject({
      timestamp: '2024-11-27T01:16:03.123Z',
      dataset: 'keycloak.event',
      event_category: 'authentication',
      event_outcome: 'failure',
      user_name: 'siti',
      source_ip: '203.0.113.7',
    })
    const admin = {
      time: 1732670163123,
      realmId: '5c1f',
      operationType: 'DELETE',
      resourceType: 'USER',
      resourcePath: 'users/17',
      authDetails: { realmId: 'master', userId: '9f2', ipAddress: '2001:db8::7' },
    }
    expect(read(JSON.stringify(admin))).toMatchObject({
      event_category: 'iam',
      event_action: 'delete_user',
      source_ip: '2001:db8::7',
    })
  })
})
