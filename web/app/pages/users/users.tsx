// Pengguna
import { Empty } from '../../parts/states.tsx'

export function Users() {
  return <Empty />
}
