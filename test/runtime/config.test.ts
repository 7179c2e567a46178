import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadConfig } from '../../runtime/config.ts'
import { environmentSettings } from '../../runtime/config-environment.ts'
import { editDistance, nearest } from '../../runtime/config-nearest.ts'
import { ConfigError, problemText } from '../../runtime/config-problems.ts'
import { SiagaError } from '../../runtime/errors.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'siaga-config-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let count = 0
/** A fresh folder holding these files. */
function place(files: Record<string, string | Buffer>): string {
  count += 1
  const cwd = join(folder, String(count))
  mkdirSync(cwd)
  for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text)
  return cwd
}

/** All problems of a configuration, one line each. */
function problemsOf(files: Record<string, string | Buffer>, env: Record<string, string> = {}): string[] {
  try {
    loadConfig({ cwd: place(files), env })
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map(problemText)
    throw error
  }
  return []
}

describe('defaults', () => {
  test('without siaga.yaml the defaults hold, with the built-in sources', () => {
    const cwd = place({})
    const { config, file, baseDir, warnings } = loadConfig({ cwd, env: {} })
    expect(file).toBeUndefined()
    expect(baseDir).toBe(cwd)
    expect(warnings).toEqual([])
    expect(config.data_dir).toBe(join(cwd, '.siaga'))
    expect(config.http).toMatchObject({ host: '127.0.0.1', port: 8080 })
    expect(config.syslog).toMatchObject({ port: 5514, tls_port: 6514 })
    expect(config.kafka).toMatchObject({ brokers: [], embedded_port: 9092 })
    expect(config.clickhouse).toMatchObject({ url: '', embedded_port: 8123, embedded_tcp_port: 9000 })
    expect(config.sources.map(({ id, format, loopback_only }) => [id, format, loopback_only])).toEqual([
      ['demo', 'auto', true],
      ['siaga-audit', 'ecs', false],
      ['siaga-heartbeat', 'ecs', false],
      ['siaga-probe', 'auto', false],
      ['siaga-lookalike', 'auto', false],
      ['siaga-certificate', 'auto', false],
      ['unknown-peer', 'auto', false],
    ])
  })

  test('an empty file, a file of comments and a group whose settings are commented out are defaults too', () => {
    for (const text of ['', '# nothing\n', 'http:\n#  port: 1\nsources:\n', '---\n', '\uFEFFhttp:\n']) {
      expect(problemsOf({ 'siaga.yaml': text })).toEqual([])
    }
  })

  test('a built-in source can be configured and is then not added again', () => {
    const cwd = place({ 'siaga.yaml': 'sources:\n  - {id: demo, region: "31", loopback_only: false}\n' })
    const demos = loadConfig({ cwd, env: {} }).config.sources.filter((source) => source.id === 'demo')
    expect(demos).toMatchObject([{ region: '31', loopback_only: false }])
  })

  test('a file that was named must exist', () => {
    const cwd = place({})
    const codeOf = (run: () => unknown): string => {
      try {
        run()
        return 'none'
      } catch (error) {
        return error instanceof SiagaError ? `${error.code} ${error.message}` : String(error)
      }
    }
    expect(codeOf(() => loadConfig({ cwd, env: {}, file: 'x.yaml' }))).toBe(
      'CONFIG_MISSING The configuration file x.yaml was not found.',
    )
    expect(codeOf(() => loadConfig({ cwd, env: { SIAGA_CONFIG: 'y.yaml' } }))).toContain('CONFIG_MISSING')
  })

  test('--config goes before SIAGA_CONFIG, that before siaga.yaml', () => {
    const cwd = place({ 'siaga.yaml': 'http: {port: 1}', 'a.yaml': 'http: {port: 2}', 'b.yaml': 'http: {port: 3}' })
    const portOf = (options: { file?: string; env: Record<string, string> }) =>
      loadConfig({ cwd, ...options }).config.http.port
    expect(portOf({ env: {} })).toBe(1)
    expect(portOf({ env: { SIAGA_CONFIG: 'a.yaml' } })).toBe(2)
    expect(portOf({ env: { SIAGA_CONFIG: 'a.yaml' }, file: 'b.yaml' })).toBe(3)
  })

  test('paths start from the folder of the file', () => {
    const cwd = place({})
    mkdirSync(join(cwd, 'etc'))
    writeFileSync(
      join(cwd, 'etc', 's.yaml'),
      'data_dir: data\nsources: [{id: a, files: [logs/*.log, /var/log/x]}]\nsyslog: {tls: {cert: c.pem, key: k.pem}}\n',
    )
    const { config, baseDir } = loadConfig({ cwd, env: {}, file: 'etc/s.yaml' })
    expect(baseDir).toBe(join(cwd, 'etc'))
    expect(config.data_dir).toBe(join(cwd, 'etc', 'data'))
    expect(config.sources[0]?.files).toEqual([join(cwd, 'etc', 'logs/*.log'), '/var/log/x'])
    expect(config.syslog.tls).toMatchObject({ cert: join(cwd, 'etc', 'c.pem'), key: join(cwd, 'etc', 'k.pem') })
  })

  test('a region code that YAML would read as a number stays what is written', () => {
    const cwd = place({
      'siaga.yaml': 'sources:\n  - {id: a, region: 31.71}\n  - {id: b, region: 32.10}\n  - {id: c, region: 00}\n',
    })
    expect(
      loadConfig({ cwd, env: {} })
        .config.sources.slice(0, 3)
        .map((source) => source.region),
    ).toEqual(['31.71', '32.10', '00'])
  })
})

describe('problems name file, line, column, setting and what was meant', () => {
  const cases: [name: string, yaml: string | Buffer, problems: string[]][] = [
    ['unknown setting', 'http:\n  prot: 1\n', ['siaga.yaml:2:3 http.prot is not a setting; did you mean `port`?']],
    [
      'swapped letters in a list',
      'sources:\n  - id: a\n    regoin: "31"\n',
      ['siaga.yaml:3:5 sources[0].regoin is not a setting; did you mean `region`?'],
    ],
    [
      'setting in the wrong group',
      'partitions: 3\n',
      ['siaga.yaml:1:1 partitions is not a setting; it belongs under `kafka`'],
    ],
    [
      'nothing like it',
      'relp:\n  colour: red\n',
      ['siaga.yaml:2:3 relp.colour is not a setting; known here: enabled, host, port'],
    ],
    [
      'out of range',
      'http: {port: 99999}\n',
      ['siaga.yaml:1:14 http.port must be a whole number from 0 to 65535, not 99999'],
    ],
    [
      'not a number',
      'http:\n  port: web\n',
      ['siaga.yaml:2:9 http.port must be a whole number from 0 to 65535, not "web"'],
    ],
    [
      'a fraction',
      'kafka:\n  partitions: 1.5\n',
      ['siaga.yaml:2:15 kafka.partitions must be auto or a whole number from 1 to 256, not 1.5'],
    ],
    [
      'not true or false',
      'syslog: {enabled: maybe}\n',
      ['siaga.yaml:1:19 syslog.enabled must be true or false, not "maybe"'],
    ],
    [
      'choice',
      'finding_severity: hihg\n',
      [
        'siaga.yaml:1:19 finding_severity must be one of informational, low, medium, high, critical, not "hihg"; did you mean `high`?',
      ],
    ],
    [
      'a choice or a number',
      'processors: {workers: all}\n',
      ['siaga.yaml:1:23 processors.workers must be auto or a whole number from 0 to 64, not "all"'],
    ],
    ['a group where a value is', 'http: 8080\n', ['siaga.yaml:1:7 http must be a group of settings, not 8080']],
    [
      'a list where a value is',
      'log_level: [warn]\n',
      ['siaga.yaml:1:12 log_level must be one of debug, info, warn, error, not a list'],
    ],
    ['missing id', 'sources:\n  - name: x\n', ['siaga.yaml:2:5 sources[0].id is missing']],
    [
      'bad id',
      'sources:\n  - id: Web KPU\n',
      [
        'siaga.yaml:2:9 sources[0].id must be a name of at most 64 small letters, digits, dots, dashes and underscores, not "Web KPU"',
      ],
    ],
    [
      'bad network',
      'sources:\n  - id: a\n    networks:\n      - 10.0.0.0/8\n      - 10.0.0.0/99\n',
      ['siaga.yaml:5:9 sources[0].networks[1] must be an address or a network such as 10.1.0.0/16, not "10.0.0.0/99"'],
    ],
    [
      'bad broker',
      'kafka:\n  brokers: [kafka1]\n',
      ['siaga.yaml:2:13 kafka.brokers[0] must be a broker as host:port, such as kafka1.internal:9092, not "kafka1"'],
    ],
    [
      'a password is not shown',
      'clickhouse:\n  url: user:geheim@host\n',
      ['siaga.yaml:2:8 clickhouse.url must be an address such as http://user:password@host:8123, not what is written'],
    ],
    [
      'assets neither list nor csv',
      'assets: {cvs: a.csv}\n',
      ['siaga.yaml:1:9 assets.csv is missing', 'siaga.yaml:1:10 assets.cvs is not a setting; did you mean `csv`?'],
    ],
    [
      'region code of the wrong form',
      'sources: [{id: a, region: Jakarta}]\n',
      ['siaga.yaml:1:27 sources[0].region must be a Kemendagri code such as 31 or 31.71, not "Jakarta"'],
    ],
    [
      'region that does not exist',
      'sources:\n  - id: a\n    region: "31.99"\n',
      [
        expect.stringMatching(
          /^siaga\.yaml:3:13 sources\[0\]\.region names region 31\.99, which does not exist; 31 is .*Jakarta/,
        ),
      ],
    ],
    [
      'asset that does not exist',
      'assets: [{id: web-kpu}]\nsources:\n  - id: a\n    asset: web-kpo\n',
      ['siaga.yaml:4:12 sources[0].asset names asset "web-kpo", which does not exist; did you mean `web-kpu`?'],
    ],
    [
      'the same source twice',
      'sources:\n  - id: a\n  - id: b\n  - id: a\n',
      ['siaga.yaml:4:9 sources[2].id is the id of another source (line 2)'],
    ],
    [
      'the same asset twice',
      'assets:\n  - id: a\n  - id: a\n',
      ['siaga.yaml:3:9 assets[1].id is the id of another asset (siaga.yaml:2)'],
    ],
    [
      'one network for two sources',
      'sources:\n  - {id: a, networks: [10.0.0.1]}\n  - {id: b, networks: [10.0.0.1]}\n',
      ['siaga.yaml:3:24 sources[1].networks[0] already belongs to source `a`'],
    ],
    [
      'unknown calendar',
      'calendars: [pilkada2024]\n',
      ['siaga.yaml:1:13 calendars[0] names "pilkada2024", which is not a calendar; did you mean `pilkada-2024`?'],
    ],
    [
      'calendar twice',
      'calendars: [pemilu-2024, pemilu-2024]\n',
      ['siaga.yaml:1:26 calendars[1] names pemilu-2024 twice'],
    ],
    [
      'calendar file that is not there',
      'calendars:\n  - own.yaml\n',
      [
        expect.stringMatching(
          /^siaga\.yaml:2:5 calendars\[0\] names a calendar that cannot be used: .*own\.yaml cannot be read/,
        ),
      ],
    ],
    [
      'two listeners on one port',
      'http: {port: 5514}\n',
      ['siaga.yaml:1:1 syslog.port must be another port: 5514 is also that of `http.port`'],
    ],
    [
      'client certificates without an authority',
      'syslog:\n  tls:\n    cert: a\n    key: b\n    require_client_certificate: true\n',
      ['siaga.yaml:5:33 syslog.tls.require_client_certificate needs `syslog.tls.ca`, the authority that signed them'],
    ],
    [
      'a key written twice',
      'http:\n  port: 1\nhttp:\n  port: 2\n',
      ['siaga.yaml:3:1 http is written twice here; keep one'],
    ],
    ['two keys on one line', 'http: port: 1\n', [expect.stringMatching(/^siaga\.yaml:1:\d+ is not valid YAML: /)]],
    ['an open bracket', 'calendars: [a\nhttp: {}\n', [expect.stringMatching(/^siaga\.yaml:2:\d+ is not valid YAML: /)]],
    ['a list at the top', '- a\n', ['siaga.yaml:1:1 must hold settings such as `http:`, not a list or a single value']],
    [
      'a second document',
      'http: {port: 1}\n---\nhttp: {port: 2}\n',
      ['siaga.yaml:2:1 the file must hold one document; remove the --- line'],
    ],
    [
      'an alias without an anchor',
      'http: *nowhere\n',
      ['siaga.yaml:1:7 http refers to *nowhere, which is not defined above it'],
    ],
    [
      'a merge key',
      'a: &a {port: 1}\nhttp:\n  <<: *a\n',
      expect.arrayContaining(['siaga.yaml:3:3 http.<< cannot be used as the name of a setting']),
    ],
    ['a prototype', '__proto__: {port: 1}\n', ['siaga.yaml:1:1 __proto__ cannot be used as the name of a setting']],
    [
      'bytes that are not UTF-8',
      Buffer.from('http:\n  host: "a\xff"\n', 'latin1'),
      ['siaga.yaml:2:11 is not UTF-8 here; save the file as UTF-8'],
    ],
    ['UTF-16', Buffer.from('\uFEFFhttp:', 'utf16le'), ['siaga.yaml:1:1 is UTF-16; save it as UTF-8']],
  ]
  test.each(cases)('%s', (_name, yaml, expected) => {
    expect(problemsOf({ 'siaga.yaml': yaml })).toEqual(expected)
  })

  test('all problems come at once, wrong values and wrong references alike, in the order of the file', () => {
    const yaml =
      'sources:\n  - id: a\n    format: ngin\n  - id: a\n    region: "99"\nhttp:\n  port: x\ncalendars: [none]\n'
    expect(problemsOf({ 'siaga.yaml': yaml }).map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
      'siaga.yaml:3:13 sources[0].format',
      'siaga.yaml:4:9 sources[1].id',
      'siaga.yaml:5:13 sources[1].region',
      'siaga.yaml:7:9 http.port',
      'siaga.yaml:8:13 calendars[0]',
    ])
  })

  test('a wrong asset is one problem, not one for each source that names it', () => {
    const yaml = 'assets:\n  - {id: web, criticality: hi}\nsources:\n  - {id: a, asset: web}\n'
    expect(problemsOf({ 'siaga.yaml': yaml })).toHaveLength(1)
  })

  test('the message is one sentence for one problem and a list for several', () => {
    const messageOf = (yaml: string): string => {
      try {
        loadConfig({ cwd: place({ 'siaga.yaml': yaml }), env: {} })
      } catch (error) {
        if (error instanceof ConfigError) return error.message
      }
      return ''
    }
    expect(messageOf('htp: {}')).toBe('siaga.yaml:1:1 htp is not a setting; did you mean `http`?')
    expect(messageOf('a: 1\nb: 2\n')).toMatch(
      /^The configuration has 2 problems:\n {2}siaga\.yaml:1:1 a .*\n {2}siaga\.yaml:2:1 b /,
    )
  })

  test('aliases that multiply and nesting without end are refused in bounded time', () => {
    const level = (name: string, of: string) => `${name}: &${name} [${Array(10).fill(`*${of}`).join(', ')}]\n`
    const bomb = `a: &a [x, x, x]\n${level('b', 'a')}${level('c', 'b')}${level('d', 'c')}${level('e', 'd')}${level('f', 'e')}${level('g', 'f')}`
    // CPU time: other tests run beside it.
    const started = process.cpuUsage()
    expect(problemsOf({ 'siaga.yaml': bomb })).toEqual([
      'siaga.yaml:1:1 the file expands to more than it may; use fewer aliases',
    ])
    expect(problemsOf({ 'siaga.yaml': 'a: &a [*a]\n' })).toEqual(['siaga.yaml:1:1 the file is nested too deeply'])
    expect(problemsOf({ 'siaga.yaml': `a: ${'['.repeat(500)}${']'.repeat(500)}\n` })).toEqual([
      expect.stringContaining('nested too deeply'),
    ])
    expect(process.cpuUsage(started).user / 1000).toBeLessThan(10_000)
  })
})

describe('environment', () => {
  test('goes over the file', () => {
    const cwd = place({ 'siaga.yaml': 'http: {port: 1, host: 0.0.0.0}\nkafka: {brokers: ["a:1"]}\n' })
    const { config } = loadConfig({
      cwd,
      env: {
        SIAGA_DATA_DIR: 'elsewhere',
        SIAGA_HTTP_PORT: '18080',
        SIAGA_SYSLOG_PORT: '15514',
        SIAGA_SYSLOG_TLS_PORT: '16514',
        SIAGA_RELP_PORT: '12514',
        KAFKA_BROKERS: 'k1:9092, k2:9092,',
        CLICKHOUSE_URL: 'http://u:p@ch:8123',
        SIAGA_EMBEDDED_KAFKA_PORT: '19092',
        SIAGA_EMBEDDED_CLICKHOUSE_PORT: '18123',
        SIAGA_EMBEDDED_CLICKHOUSE_TCP_PORT: '19000',
        SIAGA_LOG_LEVEL: 'debug',
      },
    })
    expect(config).toMatchObject({
      data_dir: join(cwd, 'elsewhere'),
      http: { port: 18080, host: '0.0.0.0' },
      syslog: { port: 15514, tls_port: 16514 },
      relp: { port: 12514 },
      kafka: { brokers: ['k1:9092', 'k2:9092'], embedded_port: 19092 },
      clickhouse: { url: 'http://u:p@ch:8123', embedded_port: 18123, embedded_tcp_port: 19000 },
      log_level: 'debug',
    })
  })

  test('an empty variable is one that is not set', () => {
    const env = Object.fromEntries(environmentSettings.map(({ name }) => [name, ' ']))
    expect(loadConfig({ cwd: place({}), env }).config.http.port).toBe(8080)
  })

  test.each([
    ['SIAGA_HTTP_PORT', 'web', 'SIAGA_HTTP_PORT must be a whole number from 0 to 65535, not "web"'],
    ['SIAGA_HTTP_PORT', '70000', 'SIAGA_HTTP_PORT must be a whole number from 0 to 65535, not 70000'],
    ['SIAGA_HTTP_PORT', '-1', 'SIAGA_HTTP_PORT must be a whole number from 0 to 65535, not "-1"'],
    [
      'KAFKA_BROKERS',
      'k1:9092,k2',
      'KAFKA_BROKERS must be a broker as host:port, such as kafka1.internal:9092, not "k2"',
    ],
    [
      'CLICKHOUSE_URL',
      'ch:geheim',
      'CLICKHOUSE_URL must be an address such as http://user:password@host:8123, not what is written',
    ],
    [
      'SIAGA_LOG_LEVEL',
      'wran',
      'SIAGA_LOG_LEVEL must be one of debug, info, warn, error, not "wran"; did you mean `warn`?',
    ],
    ['SIAGA_SYSLOG_PORT', '8080', 'SIAGA_SYSLOG_PORT must be another port: 8080 is also that of `http.port`'],
  ])('a wrong value names the variable: %s=%s', (name, value, problem) => {
    expect(problemsOf({}, { [name]: value })).toEqual([problem])
  })

  test('a misspelt variable is a warning with the name that was meant', () => {
    const { warnings } = loadConfig({
      cwd: place({}),
      env: { SIAGA_HTP_PORT: '1', SIAGA_TEST_SERVICES: 'x', SIAGA_SUPERVISOR_PID: '1', HOME: '/' },
    })
    expect(warnings).toEqual(['The environment variable SIAGA_HTP_PORT is not known; did you mean SIAGA_HTTP_PORT?'])
  })

  test('a variable does not hide what is wrong in the file', () => {
    expect(problemsOf({ 'siaga.yaml': 'http: 5\n' }, { SIAGA_HTTP_PORT: '80' })).toEqual([
      'siaga.yaml:1:7 http must be a group of settings, not 5',
    ])
  })
})

describe('assets from CSV', () => {
  const yaml = 'assets: {csv: assets.csv}\nsources: [{id: a, asset: web}]\n'
  const assetsOf = (csv: string) =>
    loadConfig({ cwd: place({ 'siaga.yaml': yaml, 'assets.csv': csv }), env: {} }).config.assets

  test('RFC 4180: quotes, commas and line breaks in quotes, CRLF, lists separated by ; or space', () => {
    const csv =
      'id,name,criticality,region,owner,addresses,hosts,url\r\n' +
      'web,"Situs ""KPU"", utama\nbaris dua",critical,31.71,kpu,10.0.0.1;10.0.1.0/24 2001:db8::1,kpu.go.id;www.kpu.go.id,https://kpu.go.id\r\n' +
      '\r\n' +
      'db,,,,,,,\r\n'
    expect(assetsOf(csv)).toEqual([
      {
        id: 'web',
        kind: '',
        name: 'Situs "KPU", utama\nbaris dua',
        criticality: 'critical',
        region: '31.71',
        owner: 'kpu',
        addresses: ['10.0.0.1', '10.0.1.0/24', '2001:db8::1'],
        hosts: ['kpu.go.id', 'www.kpu.go.id'],
        url: 'https://kpu.go.id',
      },
      { kind: '', id: 'db', name: '', criticality: 'medium', region: '', owner: '', addresses: [], hosts: [], url: '' },
    ])
  })

  test('as a spreadsheet in Indonesian writes it: semicolons between columns, a byte order mark', () => {
    expect(assetsOf('\uFEFFid;Name;addresses\nweb;"Situs; utama";10.0.0.1 10.0.0.2\n')).toMatchObject([
      { id: 'web', name: 'Situs; utama', addresses: ['10.0.0.1', '10.0.0.2'] },
    ])
  })

  test.each([
    [
      'wrong value',
      'id,criticality\nweb,medium\ndb,hgih\n',
      ['assets.csv:3:4 criticality must be one of low, medium, high, critical, not "hgih"; did you mean `high`?'],
    ],
    [
      'wrong element',
      'id,addresses\nweb,10.0.0.1;nowhere\n',
      ['assets.csv:2:5 addresses must be an address or a network such as 10.1.0.0/16, not "nowhere"'],
    ],
    [
      'line after a field of two lines',
      'id,name\nweb,"a\nb"\nDB,x\n',
      [expect.stringMatching(/^assets\.csv:4:1 id must be a name/)],
    ],
    ['unknown column', 'id,nmae\nweb,x\n', ['assets.csv:1:4 nmae is not a column of assets; did you mean `name`?']],
    ['column twice', 'id,name,name\nweb,x,y\n', ['assets.csv:1:9 name is there twice']],
    ['no id', 'name\nx\n', ['assets.csv:1:1 id is missing: a column of this name is needed']],
    ['too few columns', 'id,name\nweb\n', ['assets.csv:2:1 has 1 columns, the header has 2']],
    ['quote never closed', 'id,name\nweb,"x\n', ['assets.csv:2:5 the quotation mark is never closed']],
    [
      'text after a quote',
      'id,name\nweb,"x"y\n',
      ['assets.csv:2:8 text after a closing quotation mark; write "" for a quotation mark inside'],
    ],
    ['id twice', 'id,name\nweb,a\ndb,b\nweb,c\n', ['assets.csv:4:1 id is the id of another asset (assets.csv:2)']],
    [
      'unknown region',
      'id,region\nweb,99\n',
      ['assets.csv:2:5 region names region 99, which does not exist; provinces are 11 to 96, 00 is national'],
    ],
    [
      'empty file',
      '',
      [
        'assets.csv:1:1 the first line must name the columns: id,name,criticality,region,owner,addresses,hosts,url,kind',
      ],
    ],
  ])('%s', (_name, csv, expected) => {
    expect(problemsOf({ 'siaga.yaml': yaml, 'assets.csv': csv })).toEqual(expected)
  })

  test('a file that is not there', () => {
    expect(problemsOf({ 'siaga.yaml': yaml })).toEqual([
      'siaga.yaml:1:15 assets.csv names assets.csv, which does not exist',
    ])
  })
})

describe('nearest name', () => {
  test.each([
    ['', 'abc', 3],
    ['kitten', 'sitting', 3],
    ['regoin', 'region', 1],
    ['same', 'same', 0],
    ['ca', 'abc', 3],
  ])('distance of %s and %s is %i', (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance)
    expect(editDistance(b, a)).toBe(distance)
  })

  test('nothing near is nothing', () => {
    expect(nearest('colour', ['port', 'host'])).toBeUndefined()
    expect(nearest('PORT', ['port', 'host'])).toBe('port')
  })
})
