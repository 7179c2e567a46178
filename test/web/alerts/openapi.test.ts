// Is the OpenAPI document true? Valid by an independent validator, every route in it, and real answers fit it.
import { Validator } from '@seriousme/openapi-schema-validator'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { AlertVerb } from '../../../schemas/alert.ts'
import { AlertPage, SuppressionItem } from '../../../schemas/alert-api.ts'
import { finding, type Person, START, type Stack, startStack } from './stack.ts'

const wait = { timeout: 30_000, interval: 50 }

type Schema = Parameters<typeof z.fromJSONSchema>[0]
interface Operation {
  readonly summary?: string
  readonly security?: unknown
  readonly responses: Record<string, { content?: Record<string, { schema: Schema }> }>
}
interface Document {
  readonly openapi: string
  readonly paths: Record<string, Record<string, Operation>>
  readonly components: { readonly schemas: Record<string, Schema> }
}

let stack: Stack
let document: Document

beforeAll(async () => {
  stack = await startStack()
  stack.hold()
  document = (await stack.ask('', '/v1/alerts/openapi.json')).json as Document
})
afterAll(async () => {
  await stack?.stop()
})

test('it is valid, by a validator that is not ours', async () => {
  const { valid, errors } = await new Validator().validate({ ...structuredClone(document) })
  expect(errors ?? []).toEqual([])
  expect(valid).toBe(true)
  expect(document.openapi).toBe('3.1.0')
})

test('every route stands in it, and says what it does', () => {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { summary }]) => {
      expect(summary, path).toMatch(/\w/)
      return `${method} ${path}`
    }),
  )
  expect(operations.sort()).toEqual(
    [
      'get /v1/alerts',
      'get /v1/alerts/stream',
      'get /v1/alerts/held',
      'get /v1/alerts/counts',
      'post /v1/alerts/bulk',
      'get /v1/alerts/{id}/evidence',
      'get /v1/alerts/{id}/timeline',
      'get /v1/alerts/{id}',
      ...AlertVerb.options.map((verb) => `post /v1/alerts/{id}/${verb.replace('_', '-')}`),
      'get /v1/cases/{id}',
      'get /v1/notices',
      'post /v1/alerts/{id}/notice',
      'post /v1/notices/{id}/verify',
      'post /v1/notices/{id}/withdraw',
      'get /v1/suppressions',
      'post /v1/suppressions',
      'post /v1/suppressions/{id}/approve',
      'post /v1/suppressions/{id}/end',
      'get /v1/alert-policy',
      'post /v1/alert-policy/approve',
    ].sort(),
  )
})

/** The schema that the document has for an answer, as a checker that takes nothing beside what stands in it. */
function schemaOf(path: string, method: string, status: number): z.ZodType {
  const operation = document.paths[path]?.[method]
  const schema = operation?.responses[String(status)]?.content?.['application/json']?.schema
  if (schema === undefined) throw new Error(`${method} ${path} has no answer ${status} in the document`)
  const text = JSON.stringify(schema).replaceAll('#/components/schemas/', '#/$defs/')
  const definitions = JSON.stringify(document.components.schemas).replaceAll('#/components/schemas/', '#/$defs/')
  return z.fromJSONSchema({ ...JSON.parse(text), $defs: JSON.parse(definitions) })
}

async function fits(who: Person | '', method: 'get' | 'post', path: string, real: string, body?: object) {
  const { status, json } = await stack.ask(who, real, body)
  const { success, error } = schemaOf(path, method, status).safeParse(json)
  expect(success ? '' : `${real} ${status}: ${error?.message}`).toBe('')
  return { status, json }
}

test('real answers fit it, refusals too', async () => {
  const one = finding()
  // Two of one attacker are a case.
  await stack.send(one, finding())
  const [alert] = await vi.waitFor(async () => {
    const { alerts } = AlertPage.parse(
      (await fits('pusat', 'get', '/v1/alerts', `/v1/alerts?asset=${one.asset_id}`)).json,
    )
    expect(alerts).toHaveLength(1)
    expect(alerts[0]?.case).not.toBe('')
    return alerts
  }, wait)
  const id = alert?.id ?? ''
  const statuses: number[] = []
  const check = async (...asked: Parameters<typeof fits>) => void statuses.push((await fits(...asked)).status)
  await check('', 'get', '/v1/alerts', '/v1/alerts')
  await check('source', 'get', '/v1/alerts', '/v1/alerts')
  await check('pusat', 'get', '/v1/alerts', '/v1/alerts?severity=none')
  await check('pusat', 'post', '/v1/alerts/{id}/acknowledge', `/v1/alerts/${id}/acknowledge`, {})
  await check('pusat', 'post', '/v1/alerts/{id}/resolve', `/v1/alerts/${id}/resolve`, {})
  await check('pusat', 'post', '/v1/alerts/{id}/reopen', `/v1/alerts/${id}/reopen`, { reason: 'x' })
  await check('bali', 'get', '/v1/alerts/{id}', `/v1/alerts/${id}`)
  await check('pusat', 'get', '/v1/alerts/{id}', `/v1/alerts/${id}`)
  await check('pusat', 'get', '/v1/cases/{id}', `/v1/cases/${alert?.case}`)
  await check('pusat', 'get', '/v1/cases/{id}', '/v1/cases/C-NONE')
  await check('pusat', 'get', '/v1/alerts/held', '/v1/alerts/held')
  const wish = {
    owner: 'tim web',
    reason: 'uji',
    until: new Date(START + 3_600_000).toISOString(),
    match: { assets: ['lain'] },
  }
  const made = await fits('pusat', 'post', '/v1/suppressions', '/v1/suppressions', wish)
  const path = `/v1/suppressions/${SuppressionItem.parse(made.json).id}`
  await check('pusat', 'post', '/v1/suppressions', '/v1/suppressions', { ...wish, match: {} })
  await check('pusat', 'get', '/v1/suppressions', '/v1/suppressions')
  await check('pusat2', 'post', '/v1/suppressions/{id}/approve', `${path}/approve`, {})
  await check('pusat', 'post', '/v1/suppressions/{id}/end', `${path}/end`, {})
  await check('pusat', 'get', '/v1/alert-policy', '/v1/alert-policy')
  await check('pusat', 'post', '/v1/alert-policy/approve', '/v1/alert-policy/approve', { id: 'other' })
  expect(statuses).toEqual([401, 403, 400, 200, 422, 409, 404, 200, 200, 404, 200, 422, 200, 200, 200, 200, 409])
})

test('an answer that does not fit would be seen', () => {
  const schema = schemaOf('/v1/alerts', 'get', 200)
  expect(schema.safeParse({ alerts: [{ id: 'A-1' }], total: 1 }).success).toBe(false)
  expect(schema.safeParse({ alerts: [], total: 'one' }).success).toBe(false)
})
