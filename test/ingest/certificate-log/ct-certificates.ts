// Certificates and precertificates for a log of tests: real ones, made once by WebCrypto, and cheap ones that differ in their serial.
import '../../reflect-metadata.ts'
import { webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'

x509.cryptoProvider.set(webcrypto)
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const POISON = '1.3.6.1.4.1.11129.2.4.3'
const SERIAL_BYTES = 16

/** What is submitted to a log. */
export interface Submission {
  readonly der: Buffer
  /** TBSCertificate without poison, of a precertificate. */
  readonly tbs: Buffer | undefined
}

export interface CertificateMaker {
  readonly issuer: Buffer
  certificate(names: readonly string[], options?: { serial?: string; common?: string }): Promise<Submission>
  precertificate(names: readonly string[], options?: { serial?: string; common?: string }): Promise<Submission>
}

/** A serial number of a fixed length: it can be exchanged in place. */
export function serialOf(number: number): string {
  return `4a${number.toString(16).padStart(2 * SERIAL_BYTES - 2, '0')}`
}

export async function certificateMaker(): Promise<CertificateMaker> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: 'CN=Siaga Test CA, O=Siaga, C=ID',
    keys,
    signingAlgorithm: algorithm,
  })
  let next = 1
  async function make(names: readonly string[], serial: string, common: string, poisoned: boolean): Promise<Buffer> {
    const made = await x509.X509CertificateGenerator.create({
      serialNumber: serial,
      subject: common === '' ? 'O=Nobody' : `CN=${common}`,
      issuer: authority.subject,
      notBefore: new Date('2024-11-01T00:00:00Z'),
      notAfter: new Date('2025-01-30T12:34:56Z'),
      publicKey: keys.publicKey,
      signingKey: keys.privateKey,
      signingAlgorithm: algorithm,
      extensions: [
        new x509.BasicConstraintsExtension(false),
        ...(names.length === 0
          ? []
          : [new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: 'dns', value })))]),
        ...(poisoned ? [new x509.Extension(POISON, true, Buffer.from('0500', 'hex'))] : []),
      ],
    })
    return Buffer.from(made.rawData)
  }
  return {
    issuer: Buffer.from(authority.rawData),
    async certificate(names, { serial = serialOf(next++), common = names[0] ?? '' } = {}) {
      return { der: await make(names, serial, common, false), tbs: undefined }
    },
    async precertificate(names, { serial = serialOf(next++), common = names[0] ?? '' } = {}) {
      return { der: await make(names, serial, common, true), tbs: tbsOf(await make(names, serial, common, false)) }
    },
  }
}

/** First element of a certificate. */
function tbsOf(der: Buffer): Buffer {
  const from = 2 + ((der[1] ?? 0) > 0x80 ? (der[1] ?? 0) - 0x80 : 0)
  const sizeBytes = (der[from + 1] ?? 0) > 0x80 ? (der[from + 1] ?? 0) - 0x80 : 0
  const length = sizeBytes === 0 ? (der[from + 1] ?? 0) : der.readUIntBE(from + 2, sizeBytes)
  return der.subarray(from, from + 2 + sizeBytes + length)
}

/** The same submission under another serial number; its signature is then nobody's, which logs of tests do not mind. */
export function withSerial({ der, tbs }: Submission, from: string, to: string): Submission {
  const exchanged = (bytes: Buffer): Buffer => {
    const copy = Buffer.from(bytes)
    const at = copy.indexOf(Buffer.from(from, 'hex'))
    if (at < 0) throw new Error('the serial is not there')
    copy.set(Buffer.from(to, 'hex'), at)
    return copy
  }
  return { der: exchanged(der), tbs: tbs === undefined ? undefined : exchanged(tbs) }
}
