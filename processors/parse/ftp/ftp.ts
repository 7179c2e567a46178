// What do all FTP servers report? Log-ins, transfers and changes to files, as columns.
import type { Event } from '../../../schemas/event.ts'
import { type Outcome, ok } from '../../../schemas/outcome.ts'
import { put } from '../values/fields.ts'

/** Set what an event of an FTP server is. */
export function setFtp(event: Event, dataset: string, category: string, action: string, outcome: string): Outcome {
  event.dataset = dataset
  event.network_protocol = 'ftp'
  event.event_category = category
  event.event_action = action
  event.event_outcome = outcome
  return ok
}

/** Set the file that was sent, fetched or changed. */
export function setFtpFile(event: Event, path: string): void {
  put(event, 'file.path', path)
  event.file_name = path.slice(path.lastIndexOf('/') + 1)
}
