// Audit
import { Empty } from '../../parts/states.tsx'

export function Audit() {
  return <Empty />
}
