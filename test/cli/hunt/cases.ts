// Which attacks must hunts find, and which rows look like them and are none?
import { hostCases } from './cases-hosts.ts'
import { networkCases } from './cases-network.ts'
import { webCases } from './cases-web.ts'

export const cases = [...hostCases, ...webCases, ...networkCases]
