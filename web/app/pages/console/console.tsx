// SQL
import { Empty } from '../../parts/states.tsx'

export function Console() {
  return <Empty />
}
