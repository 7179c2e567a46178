// Does the data dictionary say what the server itself says of every table, view and dictionary?
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { dataDictionaryPage, readableRelations } from '../../cli/reference-data.ts'
import { dataDictionary } from '../../deploy/clickhouse/data-dictionary.ts'
import { migrate } from '../../deploy/clickhouse/migrate.ts'
import { tableAccess } from '../../deploy/clickhouse/tables.ts'
import { type ClickHouse, createClickHouse } from '../../runtime/clickhouse.ts'
import { eventColumns } from '../../schemas/event.ts'
import { getServices } from '../services.ts'

let admin: ClickHouse
beforeAll(async () => {
  const { clickhouse } = await getServices()
  admin = createClickHouse({ url: clickhouse.url, ...clickhouse.users.admin })
  await migrate(admin)
})
afterAll(() => admin?.close())

const relations = dataDictionary()
const Column = z.object({ name: z.string(), type: z.string(), comment: z.string() })

describe('what is read from the migrations', () => {
  test('is every object that is classified, but the views that feed tables', () => {
    const known = Object.keys(tableAccess).filter((name) => !name.endsWith('_mv') && name !== 'migrations')
    expect(relations.map(({ name }) => name).sort()).toEqual(known.sort())
  })

  test.each(relations.filter(({ parameters }) => parameters.length === 0))(
    '$name has the columns and comments of the server',
    async ({ name, comment, columns, kind }) => {
      const stored = await admin.rows(
        Column,
        'SELECT name, type, comment FROM system.columns WHERE database = {database:String} AND table = {name:String} ORDER BY position',
        { database: 'siaga', name },
      )
      const told = columns.map((column) => ({ name: column.name, type: column.type, comment: column.meaning }))
      // Of a dictionary the server lists the range before the key.
      const byName = (a: { name: string }, b: { name: string }) =>
        kind === 'dictionary' ? a.name.localeCompare(b.name) : 0
      expect(told.sort(byName)).toEqual(stored.sort(byName))
      expect(stored.length).toBeGreaterThan(0)
      const [table] = await admin.rows(
        z.object({ comment: z.string() }),
        "SELECT comment FROM system.tables WHERE database = 'siaga' AND name = {name:String}",
        { name },
      )
      expect(comment).toBe(table?.comment)
      expect(comment).not.toBe('')
    },
  )

  test.each(relations.filter(({ parameters, kind }) => kind === 'view' && parameters.length > 0))(
    '$name takes the parameters that are told; of such a view the server keeps its comment alone',
    async ({ name, comment, parameters }) => {
      const [table] = await admin.rows(
        z.object({ comment: z.string(), text: z.string() }),
        "SELECT comment, create_table_query AS text FROM system.tables WHERE database = 'siaga' AND name = {name:String}",
        { name },
      )
      expect(comment).toBe(table?.comment)
      for (const one of parameters) expect(table?.text).toContain(`{${one.name}:${one.type}}`)
      expect(parameters.length).toBe(new Set(table?.text.match(/\{\w+:/g)).size)
    },
  )

  test('knows the ECS name of a column wherever it stands', () => {
    const findings = relations.find(({ name }) => name === 'findings')
    expect(findings?.columns.find(({ name }) => name === 'event_id')?.ecs).toBe(eventColumns.event_id.ecs)
    const events = relations.find(({ name }) => name === 'events')
    expect(events?.columns.find(({ name }) => name === 'source_ip')).toMatchObject({
      ecs: 'source.ip',
      judul: 'Alamat asal',
    })
  })

  test('an Indonesian view says it in Indonesian, its twin in English', () => {
    const peristiwa = relations.find(({ name }) => name === 'peristiwa')
    const events = relations.find(({ name }) => name === 'events_named')
    for (const [name, { judul, comment }] of Object.entries(eventColumns)) {
      if (name === 'score') continue
      expect(peristiwa?.columns.find((column) => column.name === name)?.meaning, name).toBe(judul)
      expect(events?.columns.find((column) => column.name === name)?.meaning, name).toBe(comment)
    }
  })
})

describe('the page', () => {
  test('has a section for everything that may be read, and names every column of it or what it takes over', () => {
    const page = dataDictionaryPage()
    for (const { name, columns } of readableRelations()) {
      const from = page.indexOf(`\n### ${name}\n`)
      expect(from, name).toBeGreaterThan(0)
      const text = page.slice(from, page.indexOf('\n### ', from + 5))
      const taken = /And every column of \[(\w+)\]/.exec(text)?.[1]
      const beneath = readableRelations().find((one) => one.name === taken)?.columns ?? []
      for (const column of columns) {
        const told = text.includes(`| \`${column.name}\` |`) || beneath.some((one) => one.name === column.name)
        expect(told, `${name}.${column.name}`).toBe(true)
      }
    }
    for (const [name, { kind }] of Object.entries(tableAccess))
      if (kind === 'internal') expect(page).not.toContain(`### ${name}\n`)
  })
})
