// What does the daily report of a room say?
import { Empty } from '../../../parts/states.tsx'

export function Daily() {
  return <Empty />
}
