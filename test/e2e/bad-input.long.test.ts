// Does Siaga stand up to broken and hostile input? 2,000 slow connections for as long as they are let, bombs of 1 GB.
import { testBadInput } from './bad-input.ts'

testBadInput({ slowConnections: 2_000, slowMs: 75_000, bombMb: 1_024 })
