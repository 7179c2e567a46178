// The walk through a certificate against Node's own reader, and against everything that is no certificate.
import '../../reflect-metadata.ts'
import { X509Certificate } from 'node:crypto'
import * as x509 from '@peculiar/x509'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { nameText, readCertificate, validityOf } from '../../../ingest/certificate-log/certificate.ts'
import { type CertificateMaker, certificateMaker, serialOf } from './ct-certificates.ts'

let maker: CertificateMaker
beforeAll(async () => {
  maker = await certificateMaker()
})

/** DNS names as Node reads them. */
function nodeNames(der: Buffer): string[] {
  const { subjectAltName = '' } = new X509Certificate(der)
  return subjectAltName.split(', ').flatMap((part) => (part.startsWith('DNS:') ? [part.slice(4).toLowerCase()] : []))
}

describe('a certificate', () => {
  test('has the names, serial and times that Node reads', async () => {
    for (let n = 0; n < 200; n++) {
      const names = Array.from({ length: n % 101 }, (_, k) => `${k % 3 === 0 ? '*.' : ''}h${k}.n${n}.example.co.id`)
      const { der } = await maker.certificate(names, { serial: serialOf(n) })
      const facts = readCertificate(der, false)
      const node = new X509Certificate(der)
      expect(facts?.names).toEqual(nodeNames(der))
      expect(facts?.serial.toString('hex').toUpperCase()).toBe(node.serialNumber)
      const { notBefore, notAfter } = validityOf(facts?.validity ?? Buffer.alloc(0))
      expect(Date.parse(notBefore)).toBe(Date.parse(node.validFrom))
      expect(Date.parse(notAfter)).toBe(Date.parse(node.validTo))
    }
  })

  test('shows its issuer and a common name that is a host', async () => {
    const { der } = await maker.certificate(['a.example'], { common: 'Other.Example' })
    const facts = readCertificate(der, false)
    expect(facts?.names).toEqual(['a.example', 'other.example'])
    expect(nameText(facts?.issuer ?? Buffer.alloc(0))).toBe('C=ID, O=Siaga, CN=Siaga Test CA')
    const person = await maker.certificate(['a.example'], { common: 'Budi Santoso' })
    expect(readCertificate(person.der, false)?.names).toEqual(['a.example'])
  })

  test('is the same read from the part that a precertificate signs', async () => {
    const { der, tbs } = await maker.precertificate(['cek-kpu.com', '*.cek-kpu.com'])
    const [whole, part] = [readCertificate(der, false), readCertificate(tbs ?? Buffer.alloc(0), true)]
    expect(part?.names).toEqual(['cek-kpu.com', '*.cek-kpu.com'])
    expect(part?.serial).toEqual(whole?.serial)
    expect(part?.issuer).toEqual(whole?.issuer)
  })

  test('other names than those of hosts are passed over', async () => {
    const keys = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify'])
    const made = await x509.X509CertificateGenerator.createSelfSigned({
      keys,
      serialNumber: '00ff01',
      name: 'CN=10.0.0.1',
      signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
      notBefore: new Date('2051-01-01T00:00:00Z'),
      notAfter: new Date('2052-01-01T00:00:00Z'),
      extensions: [
        new x509.SubjectAlternativeNameExtension([
          { type: 'email', value: 'a@b.example' },
          { type: 'ip', value: '10.0.0.1' },
          { type: 'url', value: 'https://c.example/' },
          { type: 'dns', value: 'D.example' },
        ]),
      ],
    })
    const facts = readCertificate(Buffer.from(made.rawData), false)
    expect(facts?.names).toEqual(['d.example', '10.0.0.1'])
    // From 2050 on times are written in another way (RFC 5280 section 4.1.2.5).
    expect(validityOf(facts?.validity ?? Buffer.alloc(0)).notBefore).toBe('2051-01-01T00:00:00.000Z')
  })

  test('that is damaged anywhere is read or left, never thrown at', async () => {
    const { der } = await maker.certificate(['a.example', 'b.example'])
    fc.assert(
      fc.property(fc.nat(der.length - 1), fc.nat(255), fc.nat(der.length), (at, value, length) => {
        const damaged = Buffer.from(der).subarray(0, Math.max(1, length))
        damaged[at % damaged.length] = value
        const facts = readCertificate(damaged, false)
        if (facts !== undefined) {
          nameText(facts.issuer)
          validityOf(facts.validity)
        }
        return true
      }),
      { numRuns: 5000 },
    )
    expect(readCertificate(Buffer.alloc(0), false)).toBeUndefined()
    expect(readCertificate(Buffer.from('<html>'), true)).toBeUndefined()
    expect(readCertificate(der.subarray(0, 40), false)).toBeUndefined()
  })
})
