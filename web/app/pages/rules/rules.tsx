// Aturan
import { Empty } from '../../parts/states.tsx'

export function Rules() {
  return <Empty />
}
