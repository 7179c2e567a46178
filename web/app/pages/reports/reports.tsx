// Laporan
import { Empty } from '../../parts/states.tsx'

export function Reports() {
  return <Empty />
}
