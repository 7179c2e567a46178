// Sumber
import { Empty } from '../../parts/states.tsx'

export function Sources() {
  return <Empty />
}
