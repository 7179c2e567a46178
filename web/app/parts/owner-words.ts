// Whose is it? Owners as siaga.yaml names them, in words where they are those that everybody has; others by their own name.
import { type Words, wordOf } from './words.ts'

const words: Words = {
  kpu: ['KPU', 'KPU (election commission)'],
  bawaslu: ['Bawaslu', 'Bawaslu (election supervisor)'],
  dkpp: ['DKPP', 'DKPP (ethics council)'],
  pemda: ['pemerintah daerah', 'regional government'],
  bssn: ['BSSN', 'BSSN (cyber agency)'],
}

export const ownerName = (owner: string): string => wordOf(words, owner) ?? owner
