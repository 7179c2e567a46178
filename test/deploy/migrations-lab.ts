// What do the tests of migrations stand on? A ClickHouse of their own, states of earlier versions with rows in them, and the schema that all must end in.
import { expect } from 'vitest'
import { migrate, readMigrations } from '../../deploy/clickhouse/migrate.ts'
import { type ClickHouse, createClickHouse } from '../../runtime/clickhouse.ts'
import { type OwnServices, startOwnServices } from '../services.ts'
import { fillState, rollupsAndRaw, rowsOf, schemaOf, type TableState } from './schema-state.ts'

/** All migrations that there are. */
export const all = readMigrations()
/** The admin has rights on this database alone, so one state follows another. */
export const name = 'siaga'

export interface MigrationLab {
  readonly services: OwnServices
  readonly admin: ClickHouse
  /** The schema behind all migrations. */
  readonly wanted: readonly unknown[]
  /** The first `count` migrations, rows in all they have made, and what is there. */
  stateOf(count: number): Promise<Map<string, TableState>>
  /** The schema is the wanted one, rows are those of before, and rollups say what the raw rows say. */
  expectWhole(before: ReadonlyMap<string, TableState>): Promise<void>
  /** Back to an empty server. */
  drop(): Promise<void>
  close(): Promise<void>
}

export async function openMigrationLab(): Promise<MigrationLab> {
  const services = await startOwnServices({ kafka: false })
  const admin = createClickHouse({ url: services.clickhouse.url, ...services.clickhouse.users.admin })
  await migrate(admin)
  const wanted = await schemaOf(admin, name)
  return {
    services,
    admin,
    wanted,
    async stateOf(count) {
      await migrate(admin, { database: name }, all.slice(0, count))
      await fillState(admin, name)
      return rowsOf(admin, name)
    },
    async expectWhole(before) {
      expect(await schemaOf(admin, name)).toEqual(wanted)
      expect(await rowsOf(admin, name, before)).toEqual(before)
      for (const { target, kept, raw } of await rollupsAndRaw(admin, name, before)) {
        expect({ target, kept }).toEqual({ target, kept: raw })
        expect(raw.length, target).toBeGreaterThan(0)
      }
    },
    drop: () => admin.command(`DROP DATABASE IF EXISTS ${name} SYNC`),
    async close() {
      await admin.close()
      await services.stop()
    },
  }
}
