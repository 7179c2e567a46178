// Laravel and CodeIgniter: messages, exceptions over many lines, log-ins in programmers' words.
import { describe, expect, test } from 'vitest'
import { parseOne, read } from '../read.ts'

describe('Laravel', () => {
  const exception = String.raw`[2024-11-27 08:16:03] production.ERROR: SQLSTATE[42S22]: Column not found: 1054 Unknown column 'nik' {"userId":5,"exception":"[object] (Illuminate\\Database\\QueryException(code: 42S22): SQLSTATE[42S22]: Column not found at /var/www/app/Models/Dpt.php:760)
[stacktrace]
#0 /var/www/vendor/laravel/framework/src/Illuminate/Database/Connection.php(720): Illuminate\\Database\\Connection->runQueryCallback()
#1 {main}
"} `

  test('an exception with its stack trace in one text', () => {
    const expected = {
      timestamp: '2024-11-27T01:16:03.000Z',
      dataset: 'laravel',
      event_category: 'web',
      event_action: 'application_error',
      event_outcome: 'failure',
      log_level: 'error',
      fields: {
        'laravel.channel': 'production',
        'error.message': "SQLSTATE[42S22]: Column not found: 1054 Unknown column 'nik'",
        'error.type': String.raw`Illuminate\Database\QueryException`,
        'error.code': '42S22',
        'log.origin.file.name': '/var/www/app/Models/Dpt.php',
        'log.origin.file.line': '760',
        'user.id': '5',
        'error.stack_trace': expect.stringMatching(/^#0 \/var\/www/),
      },
    }
    expect(read(exception)).toEqual(expected)
    expect(read(exception, 'laravel')).toEqual(expected)
  })

  test('its first line alone, and the lines behind it alone', () => {
    const lines = exception.split('\n')
    expect(read(lines[0] ?? '', 'laravel')).toMatchObject({
      dataset: 'laravel',
      fields: {
        'error.message': expect.stringMatching(/'nik'$/),
        'error.type': String.raw`Illuminate\Database\QueryException`,
      },
    })
    for (const line of lines.slice(1)) expect(read(line, 'laravel').dataset, line).toBe('plain')
    expect(parseOne('Bukan Laravel', 'laravel').outcome).toMatchObject({ kind: 'dlq', reason: 'format_mismatch' })
  })

  test.each([
    [
      '[2024-11-27T08:16:03.123456+09:00] local.INFO: Pengguna login gagal {"email":"siti@kpu.example","ip":"203.0.113.7","user_agent":"curl/8"} []',
      {
        timestamp: '2024-11-26T23:16:03.123Z',
        event_category: 'authentication',
        event_action: 'app_login',
        event_outcome: 'failure',
        user_name: 'siti@kpu.example',
        source_ip: '203.0.113.7',
        user_agent_original: 'curl/8',
      },
    ],
    [
      '[2024-11-27 08:16:03] production.NOTICE: Login berhasil {"username":"budi","ip":"2001:db8::7"}',
      { event_category: 'authentication', event_outcome: 'success', user_name: 'budi', source_ip: '2001:db8::7' },
    ],
    [
      '[2024-11-27 08:16:03] staging.WARNING: Unggahan ditolak {"url":"https://Situs.example/unggah?x=1","method":"post","ip_address":"203.0.113.7"}',
      {
        event_action: 'application_log',
        url_domain: 'situs.example',
        url_path: '/unggah',
        http_method: 'POST',
        source_ip: '203.0.113.7',
        fields: {
          message: 'Unggahan ditolak',
          'laravel.context.url': 'https://Situs.example/unggah?x=1',
          'laravel.context.method': 'post',
          'laravel.context.ip_address': '203.0.113.7',
          'laravel.channel': 'staging',
        },
      },
    ],
    ['[2024-11-27 08:16:03] production.DEBUG: ', { log_level: 'debug' }],
    [
      '[2024-11-27 08:16:03] production.CRITICAL: putus di ten',
      { event_outcome: 'failure', fields: { 'error.message': 'putus di ten', 'laravel.channel': 'production' } },
    ],
  ])('%s', (text, expected) => expect(read(text)).toMatchObject({ dataset: 'laravel', ...expected }))

  test('by syslog, without a time of its own', () => {
    const text = '<11>Nov 27 08:16:03 web1 laravel[7]: production.ERROR: putus {"userId":5}'
    expect(read(text)).toMatchObject({
      dataset: 'laravel',
      host_name: 'web1',
      log_level: 'error',
      fields: { 'user.id': '5' },
    })
    expect(read(text, 'laravel')).toEqual(read(text))
  })

  test('a message that imitates a context or a log-in forges neither where there is a context', () => {
    const forged = read(
      '[2024-11-27 08:16:03] production.WARNING: Halaman /x {"ip":"1.1.1.1","username":"admin"} Login gagal tidak ada {"ip":"203.0.113.7"}',
    )
    expect(forged).toMatchObject({ source_ip: '203.0.113.7', event_category: 'web' })
    expect(forged).not.toHaveProperty('user_name')
  })
})

describe('CodeIgniter', () => {
  test.each([
    [
      'ERROR - 2024-11-27 08:16:03 --> 404 Page Not Found: Wp_login/index',
      {
        event_action: 'page_not_found',
        event_outcome: 'failure',
        http_status_code: 404,
        fields: { 'error.message': '404 Page Not Found: Wp_login/index', 'codeigniter.page': 'Wp_login/index' },
      },
    ],
    [
      'ERROR - 2024-11-27 08:16:03 --> Severity: Warning --> mysqli::real_connect(): (HY000/1045): Access denied /var/www/system/database/mysqli_driver.php 203',
      { event_action: 'application_error', log_level: 'error' },
    ],
    [
      "ERROR - 2024-11-27 08:16:03 --> Query error: You have an error in your SQL syntax - Invalid query: SELECT 1'",
      { event_action: 'query_error' },
    ],
    [
      'INFO  - 2024-11-27 08:16:03 --> Login gagal: siti',
      { event_category: 'authentication', event_action: 'app_login', event_outcome: 'failure' },
    ],
    [
      'DEBUG - 2024-11-27 08:16:03 --> Total execution time: 0.1',
      { event_action: 'application_log', log_level: 'debug' },
    ],
    ['CRITICAL - 2024-11-27 08:16:03 --> ErrorExc', { event_outcome: 'failure' }],
  ])('%s', (text, expected) => {
    expect(read(text)).toMatchObject({ dataset: 'codeigniter', timestamp: '2024-11-27T01:16:03.000Z', ...expected })
    expect(read(text, 'codeigniter')).toMatchObject({ dataset: 'codeigniter', ...expected })
  })

  const missing = String.raw`CRITICAL - 2024-11-27 08:16:03 --> CodeIgniter\Exceptions\PageNotFoundException: Can't find a route for 'GET: .env'.
[Method: GET, Route: .env]
in SYSTEMPATH/Router/Router.php on line 736.
 1 SYSTEMPATH/CodeIgniter.php(820): CodeIgniter\Exceptions\PageNotFoundException::forPageNotFound()`

  test('version 4: a page that does not exist, with its lines', () => {
    expect(read(missing)).toMatchObject({
      event_action: 'page_not_found',
      http_status_code: 404,
      http_method: 'GET',
      url_original: '/.env',
      fields: {
        'error.type': String.raw`CodeIgniter\Exceptions\PageNotFoundException`,
        'log.origin.file.name': 'SYSTEMPATH/Router/Router.php',
        'log.origin.file.line': '736',
      },
    })
    const [first = '', ...rest] = missing.split('\n')
    expect(read(first)).toMatchObject({ http_method: 'GET', url_original: '/.env' })
    for (const line of rest) expect(read(line, 'codeigniter').dataset, line).toBe('plain')
  })

  test('what a client writes in the first line is no place and no request', () => {
    const forged = read(
      'ERROR - 2024-11-27 08:16:03 --> gagal [Method: POST, Route: admin] in /etc/x.php on line 1.\n[Method: GET, Route: a]\nin APPPATH/B.php on line 2.',
    )
    expect(forged).toMatchObject({
      http_method: 'GET',
      url_original: '/a',
      fields: { 'log.origin.file.name': 'APPPATH/B.php' },
    })
  })

  test('the first line of a log file is dropped', () => {
    const header = "<?php defined('BASEPATH') OR exit('No direct script access allowed'); ?>"
    expect(parseOne(header, 'codeigniter').outcome).toEqual({ kind: 'drop', reason: 'format_header' })
  })
})
