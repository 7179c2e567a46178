// How does TLS work at the first start, before anyone has configured a certificate? With a self-signed one, written here in DER.
// Node can read certificates but not make them. What is needed is one fixed shape of RFC 5280, which is less to keep than a package.
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { isIPv4 } from 'node:net'
import { parseAddress } from '../peer.ts'

export interface CertificateRequest {
  readonly commonName: string
  readonly dnsNames: readonly string[]
  readonly addresses: readonly string[]
  readonly notBefore: Date
  readonly notAfter: Date
  readonly usage: 'server' | 'client'
}

/** A new EC P-256 key (PKCS #8) and a certificate for it that it signed itself (X.509 v3, RFC 5280 §4.1), both PEM. */
export function selfSignedCertificate(request: CertificateRequest): { key: string; cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const publicKeyInfo = publicKey.export({ type: 'spki', format: 'der' })
  const name = sequence(set(sequence(oid('2.5.4.3'), tlv(0x0c, Buffer.from(request.commonName)))))
  const ecdsaWithSha256 = sequence(oid('1.2.840.10045.4.3.2'))
  const keyId = createHash('sha1').update(publicKeyInfo).digest()

  const toBeSigned = sequence(
    explicit(0, integer(Buffer.from([2]))),
    integer(randomBytes(16)),
    ecdsaWithSha256,
    name,
    sequence(time(request.notBefore), time(request.notAfter)),
    name,
    publicKeyInfo,
    explicit(
      3,
      sequence(
        // Not a CA: who trusts this certificate trusts this collector and nobody else.
        extension('2.5.29.19', true, sequence()),
        extension('2.5.29.15', true, tlv(0x03, Buffer.from([7, 0x80]))),
        extension(
          '2.5.29.37',
          false,
          sequence(oid(request.usage === 'server' ? '1.3.6.1.5.5.7.3.1' : '1.3.6.1.5.5.7.3.2')),
        ),
        extension('2.5.29.17', false, alternativeNames(request)),
        extension('2.5.29.14', false, tlv(0x04, keyId)),
      ),
    ),
  )
  const signature = sign('sha256', toBeSigned, privateKey)
  const certificate = sequence(toBeSigned, ecdsaWithSha256, tlv(0x03, Buffer.from([0]), signature))
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${certificate.toString('base64').replace(/.{1,64}/g, '$&\n')}-----END CERTIFICATE-----\n`,
  }
}

/** Subject alternative names (RFC 5280 §4.2.1.6): [2] dNSName, [7] iPAddress. */
function alternativeNames({ dnsNames, addresses }: CertificateRequest): Buffer {
  return sequence(
    ...dnsNames.map((name) => tlv(0x82, Buffer.from(name, 'latin1'))),
    ...addresses.map((address) => {
      const value = parseAddress(address)?.value ?? 0n
      return tlv(0x87, Buffer.from(value.toString(16).padStart(isIPv4(address) ? 8 : 32, '0'), 'hex'))
    }),
  )
}

function extension(id: string, critical: boolean, value: Buffer): Buffer {
  return sequence(oid(id), ...(critical ? [tlv(0x01, Buffer.from([0xff]))] : []), tlv(0x04, value))
}

/** UTCTime until 2049, GeneralizedTime from 2050 (RFC 5280 §4.1.2.5). */
function time(date: Date): Buffer {
  const digits = `${date.toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`
  return date.getUTCFullYear() < 2050 ? tlv(0x17, Buffer.from(digits.slice(2))) : tlv(0x18, Buffer.from(digits))
}

/** A positive INTEGER of these bytes, big-endian. */
function integer(bytes: Buffer): Buffer {
  let start = 0
  while (start < bytes.length - 1 && bytes[start] === 0) start += 1
  const minimal = bytes.subarray(start)
  return tlv(0x02, (minimal[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), minimal]) : minimal)
}

function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  const bytes: number[] = []
  for (const arc of [first * 40 + second, ...rest]) {
    const septets = [arc & 0x7f]
    for (let left = arc >>> 7; left > 0; left >>>= 7) septets.unshift((left & 0x7f) | 0x80)
    bytes.push(...septets)
  }
  return tlv(0x06, Buffer.from(bytes))
}

function sequence(...parts: Buffer[]): Buffer {
  return tlv(0x30, ...parts)
}

function set(...parts: Buffer[]): Buffer {
  return tlv(0x31, ...parts)
}

function explicit(tag: number, content: Buffer): Buffer {
  return tlv(0xa0 + tag, content)
}

/** Tag, length, value (X.690 §8.1). */
function tlv(tag: number, ...content: Buffer[]): Buffer {
  const value = Buffer.concat(content)
  if (value.length < 0x80) return Buffer.concat([Buffer.from([tag, value.length]), value])
  const length = Buffer.from(value.length.toString(16).padStart(value.length < 0x100 ? 2 : 4, '0'), 'hex')
  return Buffer.concat([Buffer.from([tag, 0x80 | length.length]), length, value])
}
