// Does Siaga stand up to broken and hostile input? The short version.
import { testBadInput } from './bad-input.ts'

testBadInput({ slowConnections: 300, slowMs: 3_000, bombMb: 256 })
