// What does a shipper ask an Elasticsearch before it sends? Version, licence, templates and policies: answered so that it goes on.
import { hash } from 'node:crypto'
import type { FastifyInstance, FastifyReply } from 'fastify'

/** The version that is claimed: new enough for shippers of 8.x, which send to servers of their own version or newer. */
const VERSION = '8.19.0'

/** What shippers look for in answers since 7.14, and refuse to go on without. */
export function sayProduct(reply: FastifyReply): void {
  reply.header('x-elastic-product', 'Elasticsearch')
}

const root = {
  name: 'siaga',
  cluster_name: 'siaga',
  cluster_uuid: hash('sha256', 'siaga', 'base64url').slice(0, 22),
  version: {
    number: VERSION,
    build_flavor: 'default',
    build_type: 'tar',
    build_hash: hash('sha1', 'siaga'),
    build_date: '2025-07-23T22:05:00.000000000Z',
    build_snapshot: false,
    lucene_version: '9.12.2',
    minimum_wire_compatibility_version: '7.17.0',
    minimum_index_compatibility_version: '7.0.0',
  },
  tagline: 'You Know, for Search',
}
const license = {
  license: {
    status: 'active',
    uid: '00000000-0000-4000-8000-000000000000',
    type: 'basic',
    issued_to: 'siaga',
    issuer: 'siaga',
  },
}
const unavailable = { available: false, enabled: false }
const xpack = {
  build: { hash: root.version.build_hash, date: root.version.build_date },
  license: { uid: license.license.uid, type: 'basic', mode: 'basic', status: 'active' },
  features: { ilm: unavailable, monitoring: unavailable, security: { available: true, enabled: true } },
  tagline: root.tagline,
}
const health = { cluster_name: 'siaga', status: 'green', timed_out: false, number_of_nodes: 1, number_of_data_nodes: 1 }
/** No node publishes an address: whoever looks for others of the cluster stays with the one it has. */
const nodes = { _nodes: { total: 1, successful: 1, failed: 0 }, cluster_name: 'siaga', nodes: {} }

/** What is stored under a name: it is there already, so nobody needs to make it; whoever does all the same is told that it was done. */
const stored: Readonly<Record<string, (name: string) => unknown>> = {
  '/_template/:name': (name) => ({
    [name]: { order: 0, index_patterns: [`${name}-*`], settings: {}, mappings: {}, aliases: {} },
  }),
  '/_index_template/:name': (name) => ({
    index_templates: [{ name, index_template: { index_patterns: [`${name}-*`], composed_of: [], priority: 0 } }],
  }),
  '/_component_template/:name': (name) => ({
    component_templates: [{ name, component_template: { template: { settings: {} } } }],
  }),
  '/_ilm/policy/:name': (name) => ({ [name]: { version: 1, policy: { phases: {} } } }),
  '/_data_stream/:name': (name) => ({
    data_streams: [{ name, timestamp_field: { name: '@timestamp' }, status: 'GREEN' }],
  }),
  '/_ingest/pipeline/:name': (name) => ({ [name]: { description: '', processors: [] } }),
  '/_alias/:name': (name) => ({ [name]: { aliases: { [name]: {} } } }),
}

/** Adds the answers. */
export function addHandshake(app: FastifyInstance): void {
  const answers: Readonly<Record<string, unknown>> = {
    '/': root,
    '/_license': license,
    '/_xpack': xpack,
    '/_cluster/health': health,
    '/_nodes': nodes,
    '/_nodes/http': nodes,
    '/_nodes/_all/http': nodes,
  }
  for (const [url, answer] of Object.entries(answers)) app.get(url, async () => answer)
  // rsyslog asks this one, and looks at the status alone.
  app.get('/_cat/health', async (_request, reply) => reply.type('text/plain').send('0 00:00:00 siaga green 1 1\n'))
  for (const [url, answer] of Object.entries(stored)) {
    app.get<{ Params: { name: string } }>(url, async ({ params }) => answer(params.name))
    app.route({ method: ['PUT', 'POST'], url, handler: async () => ({ acknowledged: true }) })
  }
  app.put<{ Params: { index: string } }>('/:index', async ({ params }) => ({
    acknowledged: true,
    shards_acknowledged: true,
    index: params.index,
  }))
  app.head('/:index', async () => '')
}
