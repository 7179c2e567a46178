// Which of our datasets can hold events of a rule's log source? Asked of the same table that the pipeline uses, with sample events.
import { appliesTo } from '../../processors/detect/sigma/engine.ts'
import { createEventSource } from '../../processors/detect/sigma/logsource.ts'
import type { LogSource } from '../../processors/detect/sigma/rule.ts'
import { parsers } from '../../processors/parse/index.ts'
import { type Event, emptyEvent } from '../../schemas/event.ts'

/** `all`: every event of the dataset; `some`: it depends on the event; `none`. */
export type Share = 'all' | 'some' | 'none'

const programs = [
  'CRON',
  'su',
  'clamd',
  'guacd',
  'named',
  'kubelet',
  'mysqld',
  'postgres',
  'charon',
  'rsyslogd',
  'kernel',
]
const categories = ['authentication', 'intrusion_detection', 'process', 'network', 'firewall', 'file', 'database']
const products = ['antivirus', 'waf', 'proxy', 'firewall']

/** Whether events of a dataset can be of a log source. A dataset that no parser knows is taken to hold anything. */
export function shareOf(dataset: string, logsource: LogSource): Share {
  const sourceOf = createEventSource()
  const applies = (set: Partial<Event>): boolean =>
    appliesTo(logsource, sourceOf(Object.assign(emptyEvent(), { dataset }, set)))
  if (!parsers.some(({ format }) => format === dataset)) return 'some'
  if (applies({})) return 'all'
  return samplesFor(logsource).some(applies) ? 'some' : 'none'
}

/** Datasets that can hold events of a log source. */
export function datasetsOf(logsource: LogSource): { readonly dataset: string; readonly share: Share }[] {
  const names = [...new Set(parsers.map(({ format }) => format))]
  return names
    .map((dataset) => ({ dataset, share: shareOf(dataset, logsource) }))
    .filter(({ share }) => share !== 'none')
}

/** Events that show each kind of thing by which a mixed dataset is told apart, alone and in pairs. */
function samplesFor({ product = '', service = '' }: LogSource): Partial<Event>[] {
  const kinds: Partial<Event>[] = [
    {},
    ...categories.map((event_category) => ({ event_category })),
    { dns_question_name: 'a.id' },
    { url_original: '/', http_method: 'GET' },
    { event_category: 'process', process_command_line: 'ls' },
  ]
  const modules = [service, product, `${product}.${service}`, `${product}.log`, 'system.auth', `${product}.audit_logs`]
  const origins: Partial<Event>[] = [
    {},
    ...[...programs, service, `${service}d`].map((process_name) => ({ process_name })),
    ...products.map((observer_product) => ({ observer_product })),
    ...['', product].flatMap((system) =>
      modules.map((module) => ({
        fields: new Map([
          ['event.dataset', module],
          ['host.os.type', system],
        ]),
      })),
    ),
  ]
  return kinds.flatMap((kind) => origins.map((origin) => ({ ...kind, ...origin })))
}
