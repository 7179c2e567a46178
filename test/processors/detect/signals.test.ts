// Are device alerts and failed logins detected without any rule?
import { describe, expect, it } from 'vitest'
import { createDetect, DEVICE_ALERT, FAILED_LOGIN } from '../../../processors/detect/index.ts'
import type { Detection } from '../../../schemas/detection.ts'
import { type Event, emptyEvent } from '../../../schemas/event.ts'

const detect = createDetect()

function on(fields: Partial<Event>): readonly Detection[] {
  return detect(Object.assign(emptyEvent(), fields))
}

function ids(fields: Partial<Event>): string[] {
  return on(fields).map((detection) => detection.ruleId)
}

describe('no signal', () => {
  it('gives the same frozen empty list each time', () => {
    const none = on({
      url_original: '/berita',
      user_agent_original: 'Mozilla/5.0 (X11; Linux x86_64)',
      http_referrer: 'https://www.kpu.go.id/',
    })
    expect(none).toHaveLength(0)
    expect(Object.isFrozen(none)).toBe(true)
    expect(on({})).toBe(none)
  })
})

describe('device alerts', () => {
  it.each([
    [19, undefined],
    [20, 'low'],
    [39, 'low'],
    [40, 'medium'],
    [70, 'high'],
    [89, 'high'],
    [90, 'critical'],
    [100, 'critical'],
  ])('of severity %i are %s', (event_severity, severity) => {
    const [detection] = on({ event_severity, rule_name: 'ET SCAN Nmap' })
    expect(detection?.severity).toBe(severity)
    if (severity !== undefined) {
      expect(detection).toMatchObject({
        ruleId: DEVICE_ALERT,
        title: 'ET SCAN Nmap',
        field: 'event_severity',
        value: String(event_severity),
      })
    }
  })

  it('need a signature: a severity alone is no alert', () => {
    expect(ids({ event_severity: 90 })).toEqual([])
  })
})

describe('failed logins', () => {
  it.each<[string, Partial<Event>, boolean]>([
    ['program says so', { event_category: 'authentication', event_outcome: 'failure', user_name: 'root' }, true],
    ['program says success', { event_category: 'authentication', event_outcome: 'success' }, false],
    ['no outcome', { event_category: 'authentication', event_outcome: 'unknown' }, false],
    ['other failure', { event_category: 'web', event_outcome: 'failure' }, false],
    [
      '401 to a named user',
      { event_category: 'web', http_status_code: 401, user_name: 'siti', url_original: '/' },
      true,
    ],
    [
      '401 to a POST on a login page',
      { http_status_code: 401, http_method: 'POST', url_original: '/user/login' },
      true,
    ],
    [
      '401 to a POST on a token endpoint',
      { http_status_code: 401, http_method: 'POST', url_original: '/oauth/token', url_path: '/oauth/token' },
      true,
    ],
    ['401 to a GET', { http_status_code: 401, http_method: 'GET', url_original: '/user/login' }, false],
    [
      '401 to a POST elsewhere',
      { http_status_code: 401, http_method: 'POST', url_original: '/catalogue/blogin' },
      false,
    ],
    [
      '200 to a POST on a login page',
      { http_status_code: 200, http_method: 'POST', url_original: '/user/login' },
      false,
    ],
  ])('%s', (_case, fields, failed) => {
    expect(ids(fields).includes(FAILED_LOGIN)).toBe(failed)
  })
})
