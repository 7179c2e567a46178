// Whose is it? Owners as siaga.yaml names them, in words where they are those that everybody has; others by their own name.
import { t } from '../language.ts'

const words: Readonly<Record<string, readonly [id: string, en: string]>> = {
  kpu: ['KPU', 'KPU (election commission)'],
  bawaslu: ['Bawaslu', 'Bawaslu (election supervisor)'],
  dkpp: ['DKPP', 'DKPP (ethics council)'],
  pemda: ['pemerintah daerah', 'regional government'],
  bssn: ['BSSN', 'BSSN (cyber agency)'],
}

export function ownerName(owner: string): string {
  const [id, en] = (Object.hasOwn(words, owner) ? words[owner] : undefined) ?? [owner, owner]
  return t(id, en)
}
