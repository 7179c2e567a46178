// What is in the image? npm's bill of materials (CycloneDX) with the base's Debian packages added: sbom.ts NPM.json DEBIAN.tsv > SBOM.json
import { readFileSync } from 'node:fs'
import { z } from 'zod'

const Sbom = z.looseObject({
  bomFormat: z.literal('CycloneDX'),
  metadata: z.looseObject({ component: z.looseObject({ 'bom-ref': z.string() }) }),
  components: z.array(z.looseObject({ 'bom-ref': z.string(), name: z.string() })),
  dependencies: z.array(z.looseObject({ ref: z.string(), dependsOn: z.array(z.string()).default([]) })),
})

/**
 * npm's bill with one component for each line `name TAB version TAB architecture` of `packages`, as dpkg-query writes them. Throws for a text that is
 * no CycloneDX.
 */
export function withDebian(bill: string, packages: string): z.infer<typeof Sbom> {
  const sbom = Sbom.parse(JSON.parse(bill))
  const lines = packages.split('\n').filter(Boolean)
  const debian = lines.map((line) => {
    const [name = '', version = '', architecture = ''] = line.split('\t')
    // A package URL as the purl specification has it for deb: the version percent-encoded.
    const purl = `pkg:deb/debian/${encodeURIComponent(name)}@${encodeURIComponent(version)}?arch=${architecture}`
    return { 'bom-ref': purl, type: 'library', name, version, purl }
  })
  const root = sbom.metadata.component['bom-ref']
  return {
    ...sbom,
    components: [...sbom.components, ...debian],
    dependencies: [
      ...sbom.dependencies.map((entry) =>
        entry.ref === root
          ? { ...entry, dependsOn: [...entry.dependsOn, ...debian.map((component) => component['bom-ref'])] }
          : entry,
      ),
      ...debian.map((component) => ({ ref: component['bom-ref'], dependsOn: [] })),
    ],
  }
}

if (import.meta.main) {
  const [bill, packages] = process.argv.slice(2)
  if (bill === undefined || packages === undefined) throw new Error('usage: sbom.ts NPM.json DEBIAN.tsv')
  const sbom = withDebian(readFileSync(bill, 'utf8'), readFileSync(packages, 'utf8'))
  process.stdout.write(`${JSON.stringify(sbom, null, 1)}\n`)
}
