// Aset
import { Empty } from '../../parts/states.tsx'

export function Assets() {
  return <Empty />
}
