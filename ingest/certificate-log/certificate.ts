// Which names, serial, issuer and times does a certificate have? A short walk through its DER (RFC 5280): no library, nothing thrown, nothing grown.

export interface CertificateFacts {
  /** DNS names of the subject alternative name, and the common name if it is one more. */
  readonly names: readonly string[]
  /** Value bytes of the serial number. */
  readonly serial: Buffer
  /** Name of the issuer, DER. */
  readonly issuer: Buffer
  /** Content of Validity, DER. */
  readonly validity: Buffer
}

const SEQUENCE = 0x30
const SET = 0x31
const INTEGER = 0x02
const OBJECT_ID = 0x06
const OCTET_STRING = 0x04
const VERSION = 0xa0
const EXTENSIONS = 0xa3
const DNS_NAME = 0x82
const UTC_TIME = 0x17
const GENERALIZED_TIME = 0x18
const BMP_STRING = 0x1e

/** Names of a certificate that are looked at; nobody issues more. */
const MAX_NAMES = 4096
const MAX_NAME = 255

/** Walks the elements of a stretch of DER. */
class Der {
  tag = 0
  /** Content of the element. */
  from = 0
  to = 0
  readonly bytes: Buffer
  private at: number
  private readonly end: number

  constructor(bytes: Buffer, from: number, end: number) {
    this.bytes = bytes
    this.at = from
    this.end = end
  }

  /** Goes to the next element; false at the end or where it is not DER. */
  next(): boolean {
    const { bytes, end } = this
    let at = this.at
    if (at + 2 > end) return false
    this.tag = bytes[at] ?? 0
    let length = bytes[at + 1] ?? 0
    at += 2
    if (length >= 0x80) {
      const size = length - 0x80
      if (size === 0 || size > 4 || at + size > end) return false
      length = bytes.readUIntBE(at, size)
      at += size
    }
    if (at + length > end) return false
    this.from = at
    this.to = at + length
    this.at = this.to
    return true
  }

  /** Goes to the next element if it has this tag. */
  expect(tag: number): boolean {
    return this.next() && this.tag === tag
  }

  isAt(tag: number): boolean {
    return this.tag === tag
  }

  inner(): Der {
    return new Der(this.bytes, this.from, this.to)
  }

  content(): Buffer {
    return this.bytes.subarray(this.from, this.to)
  }
}

/** Reads a certificate, or a TBSCertificate alone. Undefined if it is none; a certificate without names has an empty list. */
export function readCertificate(der: Buffer, tbsOnly: boolean): CertificateFacts | undefined {
  const outer = new Der(der, 0, der.length)
  if (!outer.expect(SEQUENCE)) return undefined
  let tbs = outer.inner()
  if (!tbsOnly) {
    if (!tbs.expect(SEQUENCE)) return undefined
    tbs = tbs.inner()
  }
  if (!tbs.next() || (tbs.isAt(VERSION) && !tbs.next()) || !tbs.isAt(INTEGER)) return undefined
  const serial = tbs.content()
  if (!tbs.expect(SEQUENCE) || !tbs.expect(SEQUENCE)) return undefined
  const issuer = tbs.content()
  if (!tbs.expect(SEQUENCE)) return undefined
  const validity = tbs.content()
  if (!tbs.expect(SEQUENCE)) return undefined
  const names = new Set<string>()
  const common = textOf(tbs.inner(), isCommonName)
  if (!tbs.expect(SEQUENCE)) return undefined
  while (tbs.next()) {
    if (tbs.tag === EXTENSIONS && !readNames(tbs.inner(), names)) return undefined
  }
  if (common.includes('.') && !common.includes(' ')) names.add(common.toLowerCase())
  return { names: [...names], serial, issuer, validity }
}

/** Puts DNS names of subjectAltName (2.5.29.17) into `names`; false if the extensions cannot be read. */
function readNames(wrapper: Der, names: Set<string>): boolean {
  if (!wrapper.expect(SEQUENCE)) return false
  const extensions = wrapper.inner()
  while (extensions.next()) {
    const extension = extensions.inner()
    if (!extension.expect(OBJECT_ID)) return false
    const { bytes, from, to } = extension
    if (to - from !== 3 || bytes[from] !== 0x55 || bytes[from + 1] !== 0x1d || bytes[from + 2] !== 0x11) continue
    while (extension.next()) {
      if (extension.tag !== OCTET_STRING) continue
      const value = extension.inner()
      if (!value.expect(SEQUENCE)) return false
      const general = value.inner()
      while (general.next()) {
        if (general.tag !== DNS_NAME || general.to - general.from > MAX_NAME) continue
        if (names.size < MAX_NAMES) names.add(general.content().toString('latin1').toLowerCase())
      }
    }
  }
  return true
}

function isCommonName(oid: Buffer): boolean {
  return oid.length === 3 && oid[0] === 0x55 && oid[1] === 0x04 && oid[2] === 0x03
}

/** Value of the last attribute of a Name whose type is wanted; '' none. */
function textOf(name: Der, wanted: (oid: Buffer) => boolean): string {
  let text = ''
  eachAttribute(name, (oid, value) => {
    if (wanted(oid)) text = value
  })
  return text
}

function eachAttribute(name: Der, found: (oid: Buffer, value: string) => void): void {
  while (name.next()) {
    if (name.tag !== SET) continue
    const attributes = name.inner()
    while (attributes.next()) {
      const attribute = attributes.inner()
      if (!attribute.expect(OBJECT_ID)) continue
      const oid = attribute.content()
      if (!attribute.next() || attribute.to - attribute.from > 1024) continue
      found(oid, stringOf(attribute))
    }
  }
}

function stringOf(element: Der): string {
  const content = element.content()
  if (element.tag !== BMP_STRING) return content.toString()
  return content.length % 2 === 0 ? Buffer.from(content).swap16().toString('utf16le') : ''
}

/** Short names of the attributes that people look for. */
const attributeNames: Readonly<Record<string, string>> = {
  '550403': 'CN',
  '55040a': 'O',
  '55040b': 'OU',
  '550406': 'C',
  '550407': 'L',
  '550408': 'ST',
}

/** A Name as people read it: `CN=R10, O=Let's Encrypt, C=US`. Takes the content of the Name. */
export function nameText(issuer: Buffer): string {
  const parts: string[] = []
  eachAttribute(new Der(issuer, 0, issuer.length), (oid, value) => {
    const short = attributeNames[oid.toString('hex')]
    if (short !== undefined) parts.unshift(`${short}=${value}`)
  })
  return parts.join(', ').slice(0, 500)
}

/** Both times of a Validity, ISO 8601; '' where one cannot be read. Takes its content. */
export function validityOf(validity: Buffer): { notBefore: string; notAfter: string } {
  const times = new Der(validity, 0, validity.length)
  return { notBefore: times.next() ? timeOf(times) : '', notAfter: times.next() ? timeOf(times) : '' }
}

const TIME = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/

/** UTCTime and GeneralizedTime (RFC 5280 section 4.1.2.5): two digits from 50 on are of the last century. */
function timeOf(time: Der): string {
  const text = time.content().subarray(0, 20).toString('latin1')
  const full =
    time.tag === UTC_TIME
      ? `${Number(text.slice(0, 2)) >= 50 ? 19 : 20}${text}`
      : time.tag === GENERALIZED_TIME
        ? text
        : ''
  const match = TIME.exec(full)
  if (match === null) return ''
  const [, year, month, day, hour, minute, second] = match
  const date = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  return Number.isNaN(date.getTime()) ? '' : date.toISOString()
}
