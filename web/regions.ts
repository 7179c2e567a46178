// What are regions called? Codes and names, for whoever is logged in: pages show names where rows have codes.
import type { FastifyInstance } from 'fastify'
import { RegionNames } from '../schemas/region-names.ts'
import { typed } from './door.ts'
import type { PartDependencies } from './parts.ts'

export function regionRoutes(app: FastifyInstance, { reference }: Pick<PartDependencies, 'reference'>): void {
  const regions = Array.from(reference.regions.values(), ({ code, name }) => ({ code, name }))
  typed(app).get(
    '/api/regions',
    { config: { access: 'anybody' }, schema: { response: { 200: RegionNames } } },
    // Names change with a version of Siaga.
    async (_request, reply) => reply.header('cache-control', 'private, max-age=3600').send({ regions }),
  )
}
