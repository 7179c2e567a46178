// Does every alert get advice that fits it, in both languages and in words that can be read at three in the morning?
import { describe, expect, test } from 'vitest'
import { listed } from '../../../../cli/rules/listed.ts'
import { loadRules } from '../../../../processors/detect/sigma/load.ts'
import { Severity } from '../../../../schemas/detection.ts'
import { advice, type Topic, topicOf } from '../../../../sinks/alerts/message/advice/advice.ts'
import { preparation } from '../../../../sinks/alerts/message/advice/prepare.ts'
import { techniqueText } from '../../../../sinks/alerts/message/techniques.ts'

const topics = Object.entries(advice)
const shipped = listed(loadRules(['rules'])).filter(
  ({ level }) => Severity.options.indexOf(level) >= Severity.options.indexOf('medium'),
)
const topic = (title: string, attack: string[] = [], ruleId = 'x'): Topic => topicOf({ ruleId, title, attack })

describe.each(topics)('advice on %s', (_, about) => {
  test.each(['id', 'en'] as const)('%s: three to six short steps, whom to call, what not to do', (language) => {
    const steps = about.steps[language]
    expect(steps.length).toBeGreaterThanOrEqual(3)
    expect(steps.length).toBeLessThanOrEqual(6)
    for (const step of steps) {
      expect(step.length).toBeLessThanOrEqual(200)
      expect(step).toMatch(/[.?)]$/)
    }
    expect(about.call[language]).toMatch(language === 'id' ? /telepon/i : /phone/i)
    expect(about.never[language]).toMatch(language === 'id' ? /^Jangan/ : /^Do not/)
    expect(about.title[language].length).toBeLessThanOrEqual(60)
  })

  test('says the same number of things in both languages', () => {
    expect(about.steps.id.length).toBe(about.steps.en.length)
  })
})

describe('shipped rules', () => {
  test('there are some', () => {
    expect(shipped.length).toBeGreaterThan(200)
  })

  test('every one that leaves as a finding has a topic of its own', () => {
    const general = shipped.filter(
      (rule) => topicOf({ ruleId: rule.id, title: rule.title, attack: rule.attack }) === 'general',
    )
    expect(general.map(({ title }) => title)).toEqual([])
  })

  test('every one has an Indonesian title', () => {
    expect(shipped.filter(({ judul }) => judul === '').map(({ title }) => title)).toEqual([])
  })

  test('every technique of theirs has a name in both languages', () => {
    const attack = new Set(shipped.flatMap((rule) => rule.attack))
    const unnamed = [...attack].filter((id) => techniqueText(id, 'id') === id || techniqueText(id, 'en') === id)
    expect(unnamed).toEqual([])
  })

  test.each([
    ['SSH guessing that worked', 'account'],
    ['SSH passwords guessed from one address', 'guessing'],
    ['One address tries many VPN accounts', 'guessing'],
    ['Root logged in by SSH', 'account'],
    ['Web shell used: command in a parameter, and the server answered', 'webshell'],
    ['Web server started a shell or a look-around command', 'webshell'],
    ['SQL injection: UNION SELECT in a request', 'sql_injection'],
    ['Unix command after a separator', 'web_attack'],
    ['Protected site was defaced', 'defacement'],
    ['Gambling links are hidden in a protected site, or shown to search engines only', 'gambling'],
    ['Domain registered that looks like a protected one', 'lookalike'],
    ['Domain that looks much like a protected one, or that can send mail', 'lookalike'],
    ['Certificate issued for a name that looks like a protected one', 'lookalike'],
    ['Certificate of a protected site has expired', 'certificate'],
    ['Name servers of a protected site changed', 'domain'],
    ['Antivirus or device named an attack tool or ransomware', 'ransomware'],
    ['Backups or snapshots deleted', 'ransomware'],
    ['Voter roll copied', 'data_leak'],
    ['Election data downloaded in bulk', 'data_leak'],
    ['Flood of made-up addresses', 'flood'],
    ['Protected site is down', 'outage'],
    ['Host has gone silent', 'silence'],
    ['Source sends far less than usual', 'silence'],
    ['Log files deleted or emptied', 'tracks'],
    ['Tracks covered in more than one way', 'tracks'],
    ['Same malware on several hosts of ours', 'malware'],
    ['Reverse shell', 'malware'],
    ['Root shell by sudo', 'privilege'],
    ['IDS alert about one of our own hosts', 'lateral'],
    ['Table of results changed by SQL outside of the application', 'results'],
    ["Siaga's keys guessed", 'siaga'],
    ['New account made an administrator at once', 'rights'],
    ['A scan found a file that should not be public', 'exposed'],
    ['Cluster admin', 'general'],
  ] as const)('%s: %s', (title, expected) => {
    const rule = shipped.find((one) => one.title === title)
    expect(topic(title, [...(rule?.attack ?? [])])).toBe(expected)
  })
})

test('what Siaga finds by its own code is known by its rule id', () => {
  expect(topic('whatever a feed says: ransomware', [], 'siaga.indicator.ipv4')).toBe('indicator')
  expect(topic('Operation Room has not reported', [], 'siaga.builtin.missing_report')).toBe('report_overdue')
  expect(topic('ET SCAN something', [], 'siaga.builtin.device_alert')).toBe('device')
  expect(topic('Sumber diam / Source silent: kpu', [], 'siaga-silence-source')).toBe('silence')
  expect(topic('Siaga berhenti / Siaga was down', [], 'siaga-pipeline-stopped')).toBe('siaga')
  expect(topic('Serangan / Attack', ['T1498'], 'siaga-web-flood-attack')).toBe('flood')
  expect(topic('Situs tidak melayani', ['T1499'], 'siaga-web-flood-outage')).toBe('outage')
})

test('without a rule the techniques decide, the gravest first', () => {
  expect(topic('', ['T1190', 'T1486'])).toBe('ransomware')
  expect(topic('', ['T1110.003'])).toBe('guessing')
  expect(topic('', ['T1190'])).toBe('web_attack')
  expect(topic('', [])).toBe('general')
})

test('a room that is warned ahead is never told to cut anything off', () => {
  for (const [name] of topics) {
    const known = topicNames.find((one) => one === name)
    if (known === undefined) throw new Error(name)
    for (const step of preparation(known, 'id')) expect(step).not.toMatch(/[Pp]utuskan|[Cc]abut/)
    for (const step of preparation(known, 'en')) expect(step).not.toMatch(/unplug|off the internet/i)
    expect(preparation(known, 'id').length).toBe(preparation(known, 'en').length)
  }
})

const topicNames: readonly Topic[] = topics
  .map(([name]) => name)
  .filter((name): name is Topic => Object.hasOwn(advice, name))
