// What do the words and numbers mean by which network devices say what they did?

const successes: ReadonlySet<string> = new Set([
  'success',
  'succeeded',
  'allowed',
  'allow',
  'permit',
  'permitted',
  'accept',
  'accepted',
  'pass',
  'passed',
  'passthrough',
])
const failures: ReadonlySet<string> = new Set([
  'failure',
  'failed',
  'fail',
  'denied',
  'deny',
  'blocked',
  'block',
  'drop',
  'dropped',
  'reject',
  'rejected',
  'quarantined',
])

/** Outcome that the word for an action or a result means, '' if it says neither. */
export function outcomeOf(word: string): string {
  const lower = word.toLowerCase()
  return successes.has(lower) ? 'success' : failures.has(lower) ? 'failure' : ''
}

/** Words in a name or category that tell what kind of event it is; the first that is found counts. */
const categories: readonly (readonly [word: RegExp, category: string])[] = [
  [/intrusion|threat|attack|exploit|malware|virus|trojan|botnet|scan|injection/i, 'intrusion_detection'],
  [/log(?:in|on|ged)\b|authenticat|password/i, 'authentication'],
  [/firewall|connection|flow|vpn|traffic/i, 'network'],
]

/** Category that the name and the class of an event mean in a device's words, '' if none. Only the first 200 characters of each are looked at. */
export function categoryOf(name: string, kind: string): string {
  const head = `${name.slice(0, 200)} ${kind.slice(0, 200)}`
  return categories.find(([word]) => word.test(head))?.[1] ?? ''
}

const blocking = /DROP|DENY|DENIED|BLOCK|REJECT/i
const allowing = /ACCEPT|ALLOW|PERMIT|PASS/i

/** What a packet filter's rule did, by the label that its administrator gave it: action and outcome of the event. */
export function labelVerdict(label: string): readonly [action: string, outcome: string] {
  if (blocking.test(label)) return ['firewall_block', 'failure']
  return allowing.test(label) ? ['firewall_allow', 'success'] : ['firewall_log', '']
}

/** Outcome of a log-in that a device tells in words: `success`, `Failed`, `auth-fail`, `Succeeded`; '' if it tells none. */
export function loginOutcome(text: string): string {
  if (/fail|denied|invalid|unauthori[sz]ed|reject/i.test(text)) return 'failure'
  return /succ|granted|logged in/i.test(text) ? 'success' : ''
}

/** IANA protocol numbers that devices write in place of the name. */
const transports: ReadonlyMap<string, string> = new Map([
  ['1', 'icmp'],
  ['2', 'igmp'],
  ['6', 'tcp'],
  ['17', 'udp'],
  ['47', 'gre'],
  ['50', 'esp'],
  ['58', 'ipv6-icmp'],
  ['132', 'sctp'],
])

/** Transport protocol by its name or number, in lower case. */
export function transportOf(text: string): string {
  return transports.get(text) ?? text.toLowerCase()
}
