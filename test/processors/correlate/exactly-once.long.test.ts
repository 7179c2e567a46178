// The same as exactly-once.test.ts, with more seeds.
import { firesOnce } from './exactly-once.ts'

firesOnce([1, 2, 3, 4, 5])
