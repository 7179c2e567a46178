// Does a database of an earlier version become the newest one, rows and all? From some versions; migrations.long.test.ts begins at every one.
import { describe } from 'vitest'
import { all } from './migrations-lab.ts'
import { earlierStates } from './migrations-states.ts'

// The last one is what everybody has; before tables got another order most is moved; the others lie between.
const counts = new Set([all.findIndex(({ sql }) => sql.includes('REORDER TABLE')), all.length - 1])
for (let count = 1; count < all.length; count += 8) counts.add(count)

describe('from earlier states with rows in them', () => earlierStates([...counts].sort((a, b) => a - b)))
