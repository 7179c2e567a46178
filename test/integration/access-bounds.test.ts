// Can a room feel its way to keys of others? With a part of the questions; access-bounds.long.test.ts asks them all.
import { keysOfOthersShowNowhere } from './access-bounds.ts'

keysOfOthersShowNowhere(5)
