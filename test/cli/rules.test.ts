// Does `siaga rules` list, check, test and explain as it says?
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { siagaLine } from './host.ts'
import { type RunOptions, siaga } from './run.ts'

const union = {
  rule: `title: Union select in a URL
id: 0a6f1c5e-7f4b-4a7e-9a53-5d1d6c1f0e01
status: test
description: Somebody joins a query of their own to one of ours.
level: high
logsource: {category: webserver}
detection:
  words:
    c-uri|contains|all: [union, select]
  inside:
    c-ip|cidr: 10.0.0.0/8
  condition: words and not inside
tags: [attack.initial-access, attack.t1190]
falsepositives: [Tests of our own]
siaga:
  judul: Suntikan SQL dengan UNION
  response: {id: Periksa basis datanya., en: Look at the database.}
`,
  cases: `hit:
  - format: nginx
    line: '203.0.113.7 - - [27/Nov/2024:07:00:00 +0700] "GET /dpt?nik=1+union+select+1 HTTP/1.1" 200 12 "-" "curl/8"'
    note: as scanners send it
miss:
  - format: nginx
    line: '10.2.3.4 - - [27/Nov/2024:07:00:00 +0700] "GET /dpt?nik=1+union+select+1 HTTP/1.1" 200 12 "-" "curl/8"'
  - format: nginx
    line: '203.0.113.7 - - [27/Nov/2024:07:00:00 +0700] "GET /union HTTP/1.1" 200 12 "-" "curl/8"'
`,
}
const ID = '0a6f1c5e-7f4b-4a7e-9a53-5d1d6c1f0e01'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'siaga-rules-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))
beforeEach(() => {
  rmSync(join(folder, 'rules'), { recursive: true, force: true })
  write('rules/union.yml', union.rule)
  write('rules/union.cases.yml', union.cases)
})

function write(path: string, text: string): void {
  mkdirSync(join(folder, path, '..'), { recursive: true })
  writeFileSync(join(folder, path), text)
}

const rules = (args: string[], options: RunOptions = {}) =>
  siagaLine(['rules', ...args], { cwd: folder, env: { SIAGA_LANG: 'en' }, ...options })

describe('siaga rules list', () => {
  test('a table with level, title, log source, ATT&CK and file; the count on stderr', async () => {
    // As a process; the others are lines of one.
    const { code, stdout, stderr } = await siaga(['rules', 'list', '--dir', 'rules'], {
      cwd: folder,
      env: { SIAGA_LANG: 'en' },
    })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '1 rules, 0 of them correlations\n' })
    expect(stdout.split('\n')[0]).toMatch(/^Id +Level +Title +Log source +ATT&CK +File$/)
    expect(stdout).toMatch(/^0a6f1c5e-\S+ +high +Union select in a URL +category=webserver +T1190 +rules\/union\.yml$/m)
  })

  test('titles are Indonesian for Indonesians', async () => {
    const { stdout } = await rules(['list', '--dir', 'rules'], { env: { SIAGA_LANG: 'id' } })
    expect(stdout).toContain('Suntikan SQL dengan UNION')
  })

  test.each([
    [['--level', 'medium'], 1],
    [['--level', 'critical'], 0],
    [['--level', '=medium'], 0],
    [['--level', 'low,high'], 1],
    [['--logsource', 'category=webserver'], 1],
    [['--logsource', 'category=webserver,product=windows'], 0],
  ])('%j shows %i', async (args, count) => {
    const { code, stdout } = await rules(['list', '--dir', 'rules', '--json', ...args])
    expect(code).toBe(0)
    const lines = stdout.split('\n').filter((line) => line !== '')
    expect(lines).toHaveLength(count)
    for (const line of lines)
      expect(JSON.parse(line)).toMatchObject({ id: ID, file: 'rules/union.yml', attack: ['T1190'] })
  })

  test.each([[['--level', 'hgh']], [['--logsource', 'webserver']], [['--dir', 'nowhere']]])(
    'wrong use exits 2: %j',
    async (args) => {
      expect(await rules(['list', ...args])).toMatchObject({ code: 2, stdout: '' })
    },
  )

  test('the rules that come with Siaga are listed without naming them', async () => {
    const { code, stdout } = await rules(['list', '--json'])
    expect(code).toBe(0)
    expect(stdout.split('\n').length).toBeGreaterThan(50)
  })
})

describe('siaga rules check', () => {
  test('rules that are in order', async () => {
    expect(await rules(['check', 'rules', '--house'])).toMatchObject({
      code: 0,
      stdout: '',
      stderr: '✓ 1 rules and 0 correlations can be used; 0 problems in 0 files\n',
    })
  })

  test('names each file that cannot be used with line and reason; the others still count', async () => {
    write('rules/broken.yml', 'title: [unclosed\n')
    write(
      'rules/nocond.yml',
      `${union.rule.replace(ID, '0a6f1c5e-7f4b-4a7e-9a53-5d1d6c1f0e02').replace(/ {2}condition.*\n/, '')}`,
    )
    write(
      'rules/regex.yml',
      union.rule
        .replace(ID, '0a6f1c5e-7f4b-4a7e-9a53-5d1d6c1f0e03')
        .replace('c-uri|contains|all: [union, select]', "c-uri|re: '(?=x)y'"),
    )
    const { code, stdout, stderr } = await rules(['check', 'rules'])
    expect(code).toBe(1)
    expect(stdout).toMatch(/^✗ rules\/broken\.yml:\d+: the document is not YAML/m)
    expect(stdout).toMatch(/^✗ rules\/nocond\.yml:7: 0a6f1c5e-7f4b-4a7e-9a53-5d1d6c1f0e02 has no condition$/m)
    expect(stdout).toMatch(/^✗ rules\/regex\.yml: 0a6f1c5e-\S+03 has a regex/m)
    expect(stderr).toContain('1 rules and 0 correlations can be used; 3 problems in 3 files')
  })

  test.each([
    ['no UUID', /^id: .*$/m, 'id: union-1', 'has no id that is a UUID'],
    ['no level', /^level: .*\n/m, '', 'has no level'],
    ['no ATT&CK technique', /, attack\.t1190/, '', 'has no tag of an ATT&CK technique'],
    ['no false positives', /^falsepositives: .*$/m, 'falsepositives: []', 'does not say when it is a false positive'],
    ['nothing to do', /siaga:\n[\s\S]*/, '', 'what to do'],
  ])('our own rules must have what ours have: %s', async (_, from, to, reason) => {
    write('rules/union.yml', union.rule.replace(from, to))
    const { code, stdout } = await rules(['check', 'rules', '--house'])
    expect({ code, said: stdout.includes(reason) }, stdout).toEqual({ code: 1, said: true })
    expect((await rules(['check', 'rules'])).code).toBe(0)
  })

  test.each([
    ['no file', undefined, 'has no cases'],
    ['no miss', union.cases.replace(/miss:[\s\S]*/, ''), 'has no case under `miss`'],
    [
      'an unknown key',
      union.cases.replaceAll('note:', 'nota:'),
      'rules/union.cases.yml:2: the document has a case with a wrong form',
    ],
    [
      'an unknown format',
      union.cases.replace('nginx', 'ngnix'),
      'rules/union.cases.yml:2: the document has a case with a wrong format',
    ],
  ])('cases must be there and in order: %s', async (_, cases, reason) => {
    rmSync(join(folder, 'rules/union.cases.yml'))
    if (cases !== undefined) write('rules/union.cases.yml', cases)
    const { code, stdout } = await rules(['check', 'rules', '--house'])
    expect({ code, said: stdout.includes(reason) }, stdout).toEqual({ code: 1, said: true })
  })

  test('a regex that no literal gates is a warning, not a mistake', async () => {
    const ungated = union.rule.replace('c-uri|contains|all: [union, select]', `c-uri|re: '[a-z]{9}'`)
    write('rules/union.yml', ungated)
    const { code, stdout } = await rules(['check', 'rules', '--house'])
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^! rules\/union\.yml: .* \[a-z\]\{9\}$/m),
    })
    write('rules/union.yml', ungated.replace('  words:\n', '  words:\n    c-uri|contains: union\n'))
    expect(await rules(['check', 'rules', '--house'])).toMatchObject({ code: 0, stdout: '' })
  })
})

test('the question mark of a URL that was written as a wildcard is a warning', async () => {
  const text = union.rule.replace('c-uri|contains|all: [union, select]', `c-uri|contains: '/dpt?nik='`)
  write('rules/union.yml', text)
  const { code, stdout } = await rules(['check', 'rules', '--house'])
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: expect.stringMatching(/^! rules\/union\.yml: .* has "\?" as a wildcard/),
  })
  write('rules/union.yml', text.replace('?nik', String.raw`\?nik`))
  expect(await rules(['check', 'rules', '--house'])).toMatchObject({ code: 0, stdout: '' })
})

describe('siaga rules test', () => {
  test('hits match their rule and misses do not', async () => {
    expect(await rules(['test', 'rules'])).toMatchObject({
      code: 0,
      stdout: '',
      stderr: '✓ 3 cases passed, 0 failed, in 1 files\n',
    })
  })

  test('a failure shows the line and which part did not hold', async () => {
    write('rules/union.yml', union.rule.replace('[union, select]', '[union, salect]'))
    const { code, stdout, stderr } = await rules(['test', 'rules'])
    expect(code).toBe(1)
    expect(stdout).toMatch(/^✗ rules\/union\.cases\.yml:2: hit does not match$/m)
    expect(stdout).toContain('as scanners send it')
    expect(stdout).toMatch(
      /✓ c-uri contains "union" .*\n +✗ c-uri contains "salect" {2}← \/dpt\?nik=1\+union\+select\+1$/m,
    )
    expect(stderr).toContain('2 cases passed, 1 failed')
  })

  test('a miss that matches fails, and a rule of another log source says so', async () => {
    write('rules/union.yml', union.rule.replace('words and not inside', 'words'))
    expect((await rules(['test', 'rules'])).stdout).toMatch(/cases\.yml:6: miss matches and should not$/m)
    write('rules/union.yml', union.rule.replace('category: webserver', 'category: dns'))
    expect((await rules(['test', 'rules'])).stdout).toContain(
      'hit does not match: the rule is for category=dns, the event is of nginx.access, which is webserver, nginx, nginx',
    )
  })

  test('a line that cannot be read fails, hit or miss', async () => {
    write(
      'rules/union.cases.yml',
      "hit: [{format: nginx, line: 'no such line'}]\nmiss: [{format: sshd, line: 'nor this'}]\n",
    )
    const { code, stdout } = await rules(['test', 'rules'])
    expect(code).toBe(1)
    expect(stdout.match(/can't be read \(format_mismatch/g)).toHaveLength(2)
  })

  test('a case may set what enrichment would fill, and say region and time of receipt', async () => {
    const quiet = union.rule
      .replace('c-ip|cidr: 10.0.0.0/8', 'phase: masa_tenang\n    asset_id: sirekap')
      .replace('not inside', 'inside')
    write('rules/union.yml', quiet)
    const line = (day: string, more: string) =>
      `{format: nginx, line: '192.0.2.1 - - [${day}/Nov/2024:12:00:00 +0700] "GET /?union+select HTTP/1.1" 200 1 "-" "a"', ${more}}`
    const there = 'region: "31.71", set: {asset_id: sirekap}'
    write(
      'rules/union.cases.yml',
      `hit: [${line('25', there)}]\nmiss: [${line('20', there)}, ${line('25', 'region: "31.71"')}, ${line('25', `received: "2024-11-20T00:00:00Z", ${there}`)}]\n`,
    )
    const { stdout, stderr } = await rules(['test', 'rules'])
    expect({ stdout, stderr }).toMatchObject({
      stdout: '',
      stderr: expect.stringContaining('4 cases passed, 0 failed'),
    })
  })

  test('--verbose shows which other rules matched; --rule runs the cases of one', async () => {
    write(
      'rules/select.yml',
      union.rule
        .replace(ID, '0a6f1c5e-7f4b-4a7e-9a53-5d1d6c1f0e02')
        .replace('[union, select]', '[select]')
        .replace('Union select', 'Select'),
    )
    const { code, stdout } = await rules(['test', 'rules', '--verbose', '--rule', 'rules/union.yml'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^✓ rules\/union\.cases\.yml:2: hit; also: Select in a URL$/m)
    const json = await rules(['test', 'rules', '--json', '--rule', ID.slice(0, 8)])
    expect(json).toMatchObject({ code: 1, stderr: expect.stringContaining('2 rules are named `0a6f1c5e`') })
  })
})

describe('siaga rules explain', () => {
  test('says what it looks for, where, and what to do', async () => {
    const { code, stdout } = await rules(['explain', 'rules/union.yml'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^Sees: .*nginx\.access, apache\.access/m)
    expect(stdout).toMatch(
      /^ {2}• all of\n {4}• c-uri contains "union"\n {4}• c-uri contains "select"\n {4}• not\n {6}• c-ip is in the network 10\.0\.0\.0\/8$/m,
    )
    expect(stdout).toContain('Look at the database.')
    const indonesian = await rules(['explain', '0a6f', '--dir', 'rules', '--lang', 'id'])
    expect(indonesian.stdout).toContain('c-uri memuat "select"')
    expect(indonesian.stdout).toContain('Periksa basis datanya.')
  })

  test('with a line: which parts hold and which do not', async () => {
    const line = '10.2.3.4 - - [27/Nov/2024:07:00:00 +0700] "GET /?union+select HTTP/1.1" 200 12 "-" "curl/8"'
    const { stdout } = await rules(['explain', 'rules/union.yml', '--line', line])
    expect(stdout).toMatch(
      /✗ all of\n.*✓ c-uri .*← \/\?union\+select\n.*✓ c-uri .*\n.*✗ not\n.*✓ c-ip .*← 10\.2\.3\.4$/m,
    )
    expect(stdout).toContain('This event does not match.')
  })

  test('with an event in Sigma field names from standard input', async () => {
    const event = JSON.stringify({ 'c-uri': '/?UNION+SELECT', 'c-ip': '203.0.113.7' })
    const { code, stdout } = await rules(['explain', 'rules/union.yml', '--event', '-'], { stdin: `${event}\n` })
    expect({ code, matched: stdout.includes('This event matches.') }).toEqual({ code: 0, matched: true })
  })

  test.each([
    [['explain', 'nosuchrule'], 1, 'There is no rule `nosuchrule`'],
    [['explain', 'rules/union.yml', '--event', '-', '--line', 'x'], 2, 'more than one event'],
    [['explain', 'rules/union.yml', '--event', '-'], 1, 'The event is not JSON'],
  ])('%j', async (args, code, said) => {
    expect(await rules(args, { stdin: '{\n' })).toMatchObject({ code, stderr: expect.stringContaining(said) })
  })
})
