// What does a hostile or broken sender make of a line? Random changes of its bytes and of its structure, the same for the same random numbers.
import { MAX_PAYLOAD_BYTES } from '../../../schemas/raw-event.ts'

/** Random numbers that can be repeated (mulberry32, 32 bits of state). */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** A whole number from 0 to below `n`. */
  below(n: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let t = this.#state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * n)
  }

  of<T>(list: readonly T[]): T {
    const one = list[this.below(list.length)]
    if (one === undefined) throw new RangeError('nothing to choose from')
    return one
  }
}

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1')

/** What hurts readers: ends of strings, escapes, zeros, broken UTF-8, brackets, separators of formats, numbers without end. */
const tokens: readonly Buffer[] = [
  ...['"', "'", '\\', '\\"', '""', '\\\\', '\0', '\r\n', '\n', '\r', '\t', '\x1d', '\x1b[31m', ' ', '  '],
  ...['\xff', '\xc3', '\xc0\xaf', '\xed\xa0\x80', '\xf0\x9f\x98', '\xef\xbb\xbf', '\xe2\x80\xa8', '\xc2\xa0'],
  ...['[', ']', '{', '}', '(', ')', '<', '>', '[[', '{{', '[{', '{"a":', '[[[[[[[[', '<a>', '</a>', '<![CDATA[', ']]>'],
  ...['|', '||', '=', '==', ' a=', ' a=b', ',', ';', ':', '::', '-', '/', '@', '#', '*', '&', '&#49;', '&amp;', '^'],
  ...['%', '%00', '%25', '%2525', '%u0027', '%c0%ae', '\\x00', '\\u0000', '\\ud800', '\\u0031', '#012', '\\012'],
  ...[
    '9'.repeat(40),
    '-1',
    '1e999',
    '0x',
    '0.0.0.0',
    '999.999.999.999',
    '::1',
    '1.2.3.4:99999',
    '18446744073709551616',
  ],
  ...[
    'NaN',
    'null',
    'true',
    '__proto__',
    'constructor',
    '-',
    '(null)',
    '?',
    '/*',
    '*/',
    '--',
    "' OR '1'='1",
    '$(',
    '`',
  ],
  ...[
    '2024-11-27T08:16:03Z',
    '0000-00-00 00:00:00',
    'Feb 31 25:61:61',
    '[99/Foo/0000:00:00:00 +9999]',
    '1732670163.123',
  ],
  ...[
    ' from ',
    ' port ',
    ' user=',
    ' for ',
    ', client: ',
    '[client ',
    ' msg=',
    "msg='",
    ' type=',
    'COMMAND=',
    ' (',
    "'@'",
  ],
].map(latin1)

/** Wrappings that lines travel in, each around whatever it gets. */
const wrappings: readonly ((inner: string) => string)[] = [
  (inner) => `<134>1 2024-11-27T08:16:03+07:00 h app 7 - - ${inner}`,
  (inner) => `<13>Nov 27 08:16:03 h app[7]: ${inner}`,
  (inner) => `Nov 27 08:16:03 h sshd[7]: ${inner}`,
  (inner) => `2024-11-27T01:16:03.123456789Z stdout F ${inner}`,
  (inner) => JSON.stringify({ log: `${inner}\n`, stream: 'stdout', time: '2024-11-27T01:16:03.1Z' }),
  (inner) => JSON.stringify({ '@timestamp': '2024-11-27T01:16:03Z', message: inner, log: { file: { path: '/a' } } }),
  (inner) => JSON.stringify({ message: inner, event: { original: inner } }),
  (inner) => `@cee:${JSON.stringify({ msg: inner })}`,
  (inner) => `CEF:0|V|P|1|7|n|1|msg=${inner}`,
  (inner) => `[{"a":${JSON.stringify(inner)}}]`,
  (inner) => `type=USER_CMD msg=audit(1732670163.123:456): cmd=${Buffer.from(inner).toString('hex').toUpperCase()}`,
  (inner) =>
    `<Event><System><EventID>1</EventID></System><EventData><Data Name="a">${inner}</Data></EventData></Event>`,
]

type Mutation = (bytes: Buffer, random: Random, other: Buffer, most: number) => Buffer

/** A part of the bytes, mostly a short one. */
function part(bytes: Buffer, random: Random): [from: number, to: number] {
  const from = random.below(bytes.length + 1)
  const longest = random.below(4) === 0 ? bytes.length : 24
  return [from, Math.min(bytes.length, from + random.below(longest + 1))]
}

function replaced(bytes: Buffer, from: number, to: number, ...by: Buffer[]): Buffer {
  return Buffer.concat([bytes.subarray(0, from), ...by, bytes.subarray(to)])
}

function repeated(unit: Buffer, length: number): Buffer {
  return unit.length === 0 ? unit : Buffer.alloc(Math.max(unit.length, length), unit)
}

/** How much is repeated: seldom up to all that there is room for, since that is slow. */
function amount(random: Random, most: number): number {
  return random.below(random.below(8) === 0 ? most : Math.min(most, 2_048)) + 1
}

const mutations: Readonly<Record<string, Mutation>> = {
  bits(bytes, random) {
    const changed = Buffer.from(bytes)
    for (let n = random.below(8); n >= 0 && changed.length > 0; n--) {
      const at = random.below(changed.length)
      changed[at] = (changed[at] ?? 0) ^ (1 << random.below(8))
    }
    return changed
  },
  bytes(bytes, random) {
    const changed = Buffer.from(bytes)
    for (let n = random.below(4); n >= 0 && changed.length > 0; n--)
      changed[random.below(changed.length)] = random.below(256)
    return changed
  },
  cut: (bytes, random) =>
    bytes.subarray(random.below(4) === 0 ? random.below(bytes.length + 1) : 0, part(bytes, random)[1]),
  remove: (bytes, random) => replaced(bytes, ...part(bytes, random)),
  duplicate(bytes, random, _, most) {
    const [from, to] = part(bytes, random)
    return replaced(bytes, to, to, repeated(bytes.subarray(from, to), amount(random, most)))
  },
  splice: (bytes, random, other) =>
    Buffer.concat([bytes.subarray(0, part(bytes, random)[1]), other.subarray(part(other, random)[0])]),
  token(bytes, random) {
    const [from, to] = part(bytes, random)
    return replaced(bytes, from, random.below(2) === 0 ? from : to, random.of(tokens))
  },
  tokens(bytes, random, _, most) {
    const [from] = part(bytes, random)
    const unit = Buffer.concat(Array.from({ length: 1 + random.below(3) }, () => random.of(tokens)))
    return replaced(bytes, from, from, repeated(unit, amount(random, most)))
  },
  swap(bytes, random) {
    const separator = random.of([' ', ',', '"', '|', '\t', '=', ';', ':', '/', '\n'])
    const fields = bytes.toString('latin1').split(separator)
    const [one, two] = [random.below(fields.length), random.below(fields.length)]
    return latin1(
      fields
        .with(one, fields[two] ?? '')
        .with(two, fields[one] ?? '')
        .join(separator),
    )
  },
  wrap(bytes, random) {
    let text = bytes.toString('utf8')
    for (let n = random.below(5); n >= 0 && text.length < 65_536; n--) text = random.of(wrappings)(text)
    return Buffer.from(text)
  },
  digits: (bytes, random) =>
    latin1(
      bytes
        .toString('latin1')
        .replace(/\d+/g, (digits) => (random.below(4) === 0 ? '9'.repeat(random.below(60)) : digits)),
    ),
  keys(bytes, random, _, most) {
    const write = random.of([
      (n: number) => ` k${n}=v`,
      (n: number) => `"k${n}":${n},`,
      (n: number) => ` k${n}="v"`,
      (n: number) => ` [k${n} "v"]`,
      (n: number) => `<Data Name="k${n}">v</Data>`,
      (n: number) => `\tk${n}=v`,
    ])
    const [from] = part(bytes, random)
    const count = Math.ceil(amount(random, most) / 12)
    return replaced(bytes, from, from, latin1(Array.from({ length: count }, (_unused, n) => write(n)).join('')))
  },
  brackets(bytes, random, _, most) {
    const [open, close] = random.of([
      ['[', ']'],
      ['{"a":', '}'],
      ['(', ')'],
      ['<a>', '</a>'],
    ] as const)
    const [from] = part(bytes, random)
    const depth = Math.ceil(amount(random, most) / 8)
    return replaced(bytes, from, from, latin1(open.repeat(depth) + close.repeat(depth)))
  },
  percent(bytes, random) {
    const [from, to] = part(bytes, random)
    return replaced(bytes, from, to, latin1(bytes.subarray(from, to).toString('hex').replace(/../g, '%$&')))
  },
  lineEnds(bytes, random, other) {
    const [from] = part(bytes, random)
    return replaced(
      bytes,
      from,
      from,
      latin1(random.of(['\r\n', '\n', '\r', '\n\n\n'])),
      random.below(3) === 0 ? other : latin1(''),
    )
  },
}

const all = Object.values(mutations)

/** One to five changes of a line. `other` is a line of another format; the result has at most 512 KiB and mostly a few KiB. */
export function mutate(line: Buffer, other: Buffer, random: Random): Buffer {
  const size = random.below(100)
  const most = size < 90 ? 4_096 : size < 99 ? 32_768 : MAX_PAYLOAD_BYTES
  let bytes = line
  for (let n = random.below(5); n >= 0; n--) bytes = random.of(all)(bytes, random, other, most).subarray(0, most)
  return bytes
}
