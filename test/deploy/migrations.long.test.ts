// The same as migrations-states.test.ts, from every earlier version.
import { describe } from 'vitest'
import { all } from './migrations-lab.ts'
import { earlierStates } from './migrations-states.ts'

describe('from every earlier state with rows in it', () => earlierStates(all.slice(1).map((_, at) => at + 1)))
