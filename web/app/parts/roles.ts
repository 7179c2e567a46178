// What are the roles called, and what may each do? In words for people.
import type { Role } from '../../../schemas/account.ts'
import { t } from '../language.ts'

export const roles: readonly Role[] = ['pusat', 'daerah', 'analis', 'petugas', 'admin']

export function roleText(role: Role): string {
  const texts: Readonly<Record<Role, () => string>> = {
    pusat: () => t('Pusat', 'Centre'),
    daerah: () => t('Daerah', 'Region'),
    analis: () => t('Analis', 'Analyst'),
    petugas: () => t('Petugas pelapor', 'Reporting officer'),
    admin: () => t('Admin', 'Administrator'),
  }
  return texts[role]()
}

export function roleMeaning(role: Role): string {
  const texts: Readonly<Record<Role, () => string>> = {
    pusat: () =>
      t(
        'Ruang pusat: melihat semua wilayah, menangani peringatan.',
        'A room of the centre: sees all regions, works on alerts.',
      ),
    daerah: () =>
      t(
        'Ruang daerah: melihat dan menangani wilayahnya sendiri.',
        'A room of a region: sees and works on its own region.',
      ),
    analis: () => t('Melihat dan bertanya dengan SQL; tidak mengubah.', 'Looks and asks by SQL; changes nothing.'),
    petugas: () => t('Hanya mengirim laporan.', 'Files reports only.'),
    admin: () =>
      t(
        'Seperti pusat, ditambah mengurus akun dan membaca audit.',
        'As the centre, and looks after accounts and reads the audit.',
      ),
  }
  return texts[role]()
}
