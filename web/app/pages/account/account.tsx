// Akun saya
import { Empty } from '../../parts/states.tsx'

export function OwnAccount() {
  return <Empty />
}
