// Which formats do containers and their platforms write?
import type { Format } from '../parser.ts'
import { isKubernetesAudit, kubernetesAudit, readKubernetesAudit } from './kubernetes-audit.ts'

export const containerFormats: readonly Format[] = [
  {
    name: 'kubernetes',
    parsers: [kubernetesAudit],
    objects: [{ is: isKubernetesAudit, read: readKubernetesAudit }],
  },
]
