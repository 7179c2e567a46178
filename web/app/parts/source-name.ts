// What is a source of logs called? By the name that it was given; those that come with Siaga (schemas/config.ts) have an Indonesian one too.
import { t } from '../language.ts'

/** By their English names: a source of the same id that somebody configured keeps the name that it was given. */
const own: Readonly<Record<string, string>> = {
  'First steps': 'Langkah pertama (contoh)',
  'Siaga audit trail': 'Jejak audit Siaga',
  'Heartbeats of collectors': 'Detak pengumpul log',
  'Probes of public sites': 'Pemeriksaan situs publik',
  'Look-alike domains': 'Domain tiruan',
  'Certificates of look-alike names': 'Sertifikat nama tiruan',
  'Peers that no source names': 'Pengirim yang tidak dikenal',
}

export function sourceName({ id, name }: { readonly id: string; readonly name: string }): string {
  if (name === '') return id
  return t(Object.hasOwn(own, name) ? (own[name] ?? name) : name, name)
}
