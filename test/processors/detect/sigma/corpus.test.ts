// Do all rules of the SigmaHQ corpora load, and those that do not for a reason that the specification gives?
import { relative } from 'node:path'
import { describe, expect, test } from 'vitest'
import { corpora, corporaPresent, corporaRules } from './corpora.ts'

const present = corporaPresent('Sigma corpora')

describe.skipIf(!present)('the rules of the corpora', () => {
  const { rules, problems, correlations, files } = corporaRules()

  test('every file is a rule or a problem', () => {
    expect(files).toHaveLength(3754)
    expect(correlations).toHaveLength(0)
    expect(rules.length + problems.length).toBe(3754)
    expect(new Set([...rules.map(({ file }) => file), ...problems.map(({ file }) => file)]).size).toBe(3754)
  })

  test('two can not be used: placeholders without values must be refused (Sigma 2.1, "Placeholders")', () => {
    const place = 'rules-emerging-threats/2026/Exploits/CVE-2026-54121/win_security_adcs_certighost'
    expect(problems.map(({ file, reason }) => `${relative(corpora, file)}: ${reason.slice(0, 34)}`)).toEqual([
      `${place}_cdc_chase_request.yml: has the placeholder %known_cdcs%, `,
      `${place}_cert_issued_via_chase.yml: has the placeholder %known_cdcs%, `,
    ])
  })
})
