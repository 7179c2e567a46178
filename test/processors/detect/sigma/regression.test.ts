// Does each recorded Windows event of the SigmaHQ corpora match the rule that it was recorded for, run against all rules, and nothing that it should not?
import { describe, expect, test } from 'vitest'
import { createSigma } from '../../../../processors/detect/sigma/engine.ts'
import { readJsonEvent } from '../../../../processors/detect/sigma/json-event.ts'
import { recordAccessor } from '../../../../processors/detect/sigma/record.ts'
import { corporaPresent, corporaRules, regressionEvents } from './corpora.ts'

/** A rule that also matches an event, read by hand against the event's text, and why it is right that it does. */
interface Reviewed {
  readonly event: string
  readonly rule: string
  readonly why: string
}

/** Event and rule by the first eight digits of their ids. `#1`: the second document of the file. */
const reviewed: readonly Reviewed[] = [
  {
    event: '07f8bdc2',
    rule: '502b42de',
    why: 'Image ends with \\cmdkey.exe and the command line has " /l" (selection_other_cmdkey)',
  },
  { event: '0e8cfe08', rule: '94771a71', why: 'chrome.exe, http and .txt" in the command line' },
  { event: '0e8cfe08', rule: 'ef9dcfed', why: 'chrome.exe with --headless' },
  { event: '13e6fe51', rule: '19b08b1c', why: 'certutil.exe with "urlcache " and http' },
  {
    event: '221b251a',
    rule: 'd85ecdd7',
    why: 'WMIC with get, caption, and "path" in executablepath; no VMware parent',
  },
  { event: '27ba3207', rule: '88d6e60c', why: 'chrome.exe with --load-extension=' },
  { event: '455b9d50', rule: '514e7e3e', why: 'Image ends with \\AdFind.exe' },
  { event: '4fe074b4', rule: '63332011', why: '"tasklist" in the command line of cmd' },
  { event: '4fe074b4', rule: 'ccb5742c', why: 'tasklist*|*find fits "tasklist | findstr"; not the XAMPP start script' },
  { event: '4fe074b4#1', rule: '63332011', why: 'Image ends with \\tasklist.exe' },
  {
    event: '54773c5f',
    rule: 'bef37fa2',
    why: '/portable and /lng (selection_cli): the port scanner takes the same options as the IP scanner',
  },
  { event: '56454143', rule: '9a517fca', why: 'curl.exe with " -O"' },
  { event: '56454143', rule: '9fc51a3c', why: '"curl " in the command line' },
  { event: '56454143', rule: 'bbeaed61', why: 'Image ends with \\curl.exe' },
  { event: '56454143', rule: 'd557dc06', why: 'WinPwn.ps1 in the address that is fetched' },
  { event: '5b80a791', rule: '2ddef153', why: 'bitsadmin /transfer into \\AppData\\Local\\' },
  { event: '5b80a791', rule: '8518ed3d', why: 'bitsadmin /transfer from github.com' },
  { event: '5b80a791', rule: 'd059842b', why: 'bitsadmin with " /transfer "' },
  { event: '6385697e', rule: '36210e0d', why: 'powershell.exe with " -exec bypass"' },
  {
    event: '6385697e',
    rule: '87e3c4e8',
    why: 'powershell.exe with " -exec " and bypass; parent is cmd.exe, so neither filter holds',
  },
  { event: '6385697e', rule: 'f4bbd493', why: 'powershell.exe whose parent is cmd.exe, which no filter names' },
  { event: '6385697e', rule: 'fb843269', why: 'powershell.exe with " -e "' },
  { event: '68bcd73b', rule: '76f55eaa', why: 'WMIC.exe with "service", none of the methods that are filtered' },
  { event: '68bcd73b', rule: 'd85ecdd7', why: 'WMIC with get, name, and "path" in pathname; no VMware parent' },
  { event: '916eb839', rule: '9fc51a3c', why: '"curl " in the command line' },
  { event: '916eb839', rule: 'bbeaed61', why: 'Image ends with \\curl.exe' },
  {
    event: '9b0f8a61',
    rule: 'dc5c24af',
    why: 'TargetObject ends with TreatAs\\(Default), written by reg.exe, which no filter names',
  },
  { event: 'aa6f6ea6', rule: '9fc51a3c', why: '"curl " in the command line' },
  { event: 'aa6f6ea6', rule: 'bbeaed61', why: 'Image ends with \\curl.exe' },
  {
    event: 'aa6f6ea6',
    rule: 'e218595b',
    why: 'curl.exe, command line ends with .dll; not the download of Git for Windows',
  },
  {
    event: 'acd74772',
    rule: '93ff0ceb',
    why: 'key under Schedule\\TaskCache\\Tree; the rule asks for no kind of change',
  },
  { event: 'bd1c6866', rule: '7a74da6b', why: 'OriginalFileName msdt.exe, parent cmd.exe' },
  { event: 'beaa66d6', rule: '9cd55b6c', why: '"Get-WinEvent " in the command line' },
  { event: 'beaa66d6', rule: 'f4bbd493', why: 'powershell.exe whose parent is cmd.exe, which no filter names' },
  { event: 'efc21479#3', rule: '8fbf3271', why: 'TargetFilename ends with \\procdump.exe' },
]

const present = corporaPresent('recorded Sigma events')

describe.skipIf(!present)('recorded Windows events against all rules', () => {
  const { rules } = corporaRules()
  const sigma = createSigma(rules, recordAccessor)
  const events = present ? regressionEvents() : []
  const matchesOf = (document: unknown): string[] => {
    const event = readJsonEvent(document)
    return event === undefined ? [] : sigma.match(event.record, event.source).map(({ rule }) => rule.id)
  }

  test('there are 60 of them', () => expect(events).toHaveLength(60))

  test.each(events)('$file matches $rule', ({ rule, documents }) => {
    expect(documents.flatMap(matchesOf)).toContain(rule)
  })

  test('every other match is one that was read by hand', () => {
    const others = events.flatMap(({ file, rule, documents }) =>
      documents.flatMap((document, n) =>
        matchesOf(document)
          .filter((id) => id !== rule)
          .map((id) => `${file.slice(0, 8)}${n === 0 ? '' : `#${n}`} ${id.slice(0, 8)}`),
      ),
    )
    expect(others.sort()).toEqual(reviewed.map(({ event, rule }) => `${event} ${rule}`).sort())
  })
})
