// Which of our datasets can hold events of a rule's log source? Asked of the same table that the pipeline uses, with sample events.
import { appliesTo } from '../../processors/detect/sigma/engine.ts'
import { createEventSource } from '../../processors/detect/sigma/logsource.ts'
import type { LogSource } from '../../processors/detect/sigma/rule.ts'
import { parsers } from '../../processors/parse/index.ts'
import { type Event, emptyEvent } from '../../schemas/event.ts'

/** `all`: every event of the dataset; `some`: it depends on the event; `none`. */
export type Share = 'all' | 'some' | 'none'

const categories = [
  'authentication',
  'intrusion_detection',
  'process',
  'network',
  'firewall',
  'file',
  'database',
  'web',
]
const products = ['antivirus', 'waf', 'proxy', 'firewall']

/** Documents say themselves what they are of, in more ways than there are samples for. */
const documents = new Set(['ecs', 'json'])

/** Whether what an event is of stands in its `fields`. */
export const isDocument = (dataset: string): boolean =>
  documents.has(dataset) || isWindows(dataset) || !parsers.some(({ format }) => format === dataset)

/** Of these the channel says what they are. */
function isWindows(dataset: string): boolean {
  return dataset.startsWith('windows.')
}

/** Whether events of a dataset can be of a log source. `none` only where that is sure; of a dataset that no parser knows it never is. */
export function shareOf(dataset: string, logsource: LogSource): Share {
  const sourceOf = createEventSource()
  const source = (set: Partial<Event>) => sourceOf(Object.assign(emptyEvent(), { dataset }, set))
  const ordinary = source({})
  if (appliesTo(logsource, ordinary)) return 'all'
  const { product, service } = logsource
  // Sysmon runs on Linux too.
  if (isWindows(dataset) && product !== undefined && product !== 'windows') {
    return product === 'linux' && dataset === 'windows.sysmon' ? 'some' : 'none'
  }
  if (isDocument(dataset)) return 'some'
  if (product !== undefined && ordinary.products.length > 0 && !ordinary.products.includes(product)) return 'none'
  // Any program may be a service.
  if (dataset === 'syslog' && service !== undefined) return 'some'
  return samplesFor(logsource).some((sample) => appliesTo(logsource, source(sample))) ? 'some' : 'none'
}

/** Datasets that can hold events of a log source. */
export function datasetsOf(logsource: LogSource): { readonly dataset: string; readonly share: Share }[] {
  const names = [...new Set(parsers.map(({ format }) => format))]
  return names
    .map((dataset) => ({ dataset, share: shareOf(dataset, logsource) }))
    .filter(({ share }) => share !== 'none')
}

/** Events that show each kind of thing by which a mixed dataset is told apart, alone and in pairs. */
function samplesFor({ service = '' }: LogSource): Partial<Event>[] {
  const kinds: Partial<Event>[] = [
    {},
    ...categories.map((event_category) => ({ event_category })),
    { dns_question_name: 'a.id' },
    { url_original: '/', http_method: 'GET' },
    { event_category: 'process', process_command_line: 'ls' },
  ]
  const origins: Partial<Event>[] = [
    {},
    { process_name: service },
    ...products.map((observer_product) => ({ observer_product })),
  ]
  return kinds.flatMap((kind) => origins.map((origin) => ({ ...kind, ...origin })))
}
