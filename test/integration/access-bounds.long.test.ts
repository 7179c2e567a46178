// The same as access-bounds.test.ts with every question.
import { keysOfOthersShowNowhere } from './access-bounds.ts'

keysOfOthersShowNowhere(1)
