// Certificates for local servers: an authority, and leaves of it that are good, over, of another name, or signed by themselves.
import '../../reflect-metadata.ts'
import { webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'

const { subtle } = webcrypto
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const DAY_MS = 86_400_000

export interface Pem {
  readonly cert: string
  readonly key: string
}

export interface Authority {
  /** PEM of the root. */
  readonly ca: string
  /** A leaf for these names that ends in so many days. */
  issue(names: readonly string[], days?: number): Promise<Pem>
}

async function keyPem(key: CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await subtle.exportKey('pkcs8', key), 'PRIVATE KEY')
}

const pair = () => subtle.generateKey(algorithm, true, ['sign', 'verify'])
let serial = 1

export async function makeAuthority(name = 'Otoritas Uji'): Promise<Authority> {
  const keys = await pair()
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: (serial++).toString(16).padStart(4, '0'),
    name: `CN=${name}`,
    notBefore: new Date(Date.now() - 400 * DAY_MS),
    notAfter: new Date(Date.now() + 400 * DAY_MS),
    signingAlgorithm: algorithm,
    keys,
    extensions: [new x509.BasicConstraintsExtension(true, 1, true)],
  })
  return {
    ca: root.toString('pem'),
    async issue(names, days = 90) {
      const leaf = await pair()
      const cert = await x509.X509CertificateGenerator.create({
        serialNumber: (serial++).toString(16).padStart(4, '0'),
        subject: `CN=${names[0] ?? ''}`,
        issuer: root.subject,
        notBefore: new Date(Date.now() - 300 * DAY_MS),
        notAfter: new Date(Date.now() + days * DAY_MS),
        signingAlgorithm: algorithm,
        publicKey: leaf.publicKey,
        signingKey: keys.privateKey,
        extensions: [new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: 'dns', value })))],
      })
      return { cert: cert.toString('pem'), key: await keyPem(leaf.privateKey) }
    },
  }
}

/** A certificate that nobody but itself stands for. */
export async function selfSigned(name: string): Promise<Pem> {
  const keys = await pair()
  const cert = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: (serial++).toString(16).padStart(4, '0'),
    name: `CN=${name}`,
    notBefore: new Date(Date.now() - DAY_MS),
    notAfter: new Date(Date.now() + 90 * DAY_MS),
    signingAlgorithm: algorithm,
    keys,
    extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: name }])],
  })
  return { cert: cert.toString('pem'), key: await keyPem(keys.privateKey) }
}
