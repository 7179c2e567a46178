// Which attacks must hunts find, and which rows look like them and are none?
import type { HuntCase } from './rig.ts'

export const cases: readonly HuntCase[] = []
