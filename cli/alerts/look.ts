// Which alerts are there, and what is one about? The list and the whole of one, as the API tells them.
import { AlertDetail, AlertPage, CaseDetail } from '../../schemas/alert-api.ts'
import type { TimeZone } from '../../schemas/place.ts'
import { CommandError, type Frame } from '../frame.ts'
import { type AccessOptions, accessOf } from './access.ts'
import { alertPath } from './act.ts'
import { showAlert, showAlerts } from './show.ts'

export interface ListOptions extends AccessOptions {
  readonly status?: readonly string[]
  readonly severity?: string
  readonly region?: string
  readonly asset?: string
  readonly entity?: string
  readonly case?: string
  readonly assignee?: string
  readonly search?: string
  readonly limit: number
}

export async function list(options: ListOptions, frame: Frame): Promise<void> {
  const { client, language } = await accessOf(options, frame)
  const query = new URLSearchParams()
  for (const status of options.status ?? []) query.append('status', status)
  const { severity, region, asset, entity, assignee, search, limit } = options
  const filters = { severity, region, asset, entity, case: options.case, assignee, q: search, limit: String(limit) }
  for (const [name, value] of Object.entries(filters)) if (value !== undefined) query.set(name, value)
  const page = await client.get(`/v1/alerts?${query}`, AlertPage)
  if (options.json === true) frame.stdout.write(`${JSON.stringify(page, undefined, 2)}\n`)
  else frame.stdout.write(showAlerts(page.alerts, page.total, language, frame.paint))
}

export async function show(id: string, options: AccessOptions, frame: Frame): Promise<void> {
  const { client, language } = await accessOf(options, frame)
  const alert = await client.get(alertPath(id), AlertDetail)
  if (options.json === true) {
    frame.stdout.write(`${JSON.stringify(alert, undefined, 2)}\n`)
    return
  }
  const known = alert.case === '' ? undefined : await caseOf(alert.case)
  frame.stdout.write(showAlert({ alert, case: known, zone: zoneOf(alert) }, language, frame.paint))

  /** It may be gone meanwhile: the alert is shown without it. */
  function caseOf(caseId: string): Promise<CaseDetail | undefined> {
    return client.get(`/v1/cases/${encodeURIComponent(caseId)}`, CaseDetail).catch((error: unknown) => {
      if (error instanceof CommandError) return undefined
      throw error
    })
  }
}

/** The server names the zone of the region beside the time. */
function zoneOf({ local_time }: AlertDetail): TimeZone {
  const word = local_time.split(' ').at(-1)
  return word === 'WITA' || word === 'WIT' ? word : 'WIB'
}
