// Jelajah
import { Empty } from '../../parts/states.tsx'

export function Explore() {
  return <Empty />
}
