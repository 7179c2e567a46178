// How do things stand now?
import { Empty } from '../../parts/states.tsx'

export function Situation() {
  return <Empty />
}
