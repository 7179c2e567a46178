// Which pages are there, and who sees them? The menu as a person of each role must find it.
import type { Who } from './world.ts'

export interface PageOf {
  readonly path: string
  readonly id: string
  readonly en: string
  readonly who: readonly Who[]
}

const all = ['admin', 'pusat', 'daerah', 'kota', 'analis'] as const

/** In the order of the menu. Written out, not derived from web/policy.ts: what the page shows is held to it here. */
export const pages: readonly PageOf[] = [
  { path: '/', id: 'Situasi', en: 'Situation', who: all },
  { path: '/peringatan', id: 'Peringatan', en: 'Alerts', who: all },
  { path: '/jelajah', id: 'Jelajah', en: 'Explore', who: all },
  { path: '/sql', id: 'SQL', en: 'SQL', who: ['admin', 'pusat', 'analis'] },
  { path: '/sumber', id: 'Sumber', en: 'Sources', who: ['admin', 'pusat', 'daerah', 'kota'] },
  { path: '/laporan', id: 'Laporan', en: 'Reports', who: ['admin', 'pusat', 'daerah', 'kota', 'petugas'] },
  { path: '/aturan', id: 'Aturan', en: 'Rules', who: ['admin', 'pusat', 'analis'] },
  { path: '/aset', id: 'Aset', en: 'Assets', who: ['admin', 'pusat', 'daerah', 'kota'] },
  { path: '/pengguna', id: 'Pengguna', en: 'Users', who: ['admin'] },
  { path: '/audit', id: 'Audit', en: 'Audit', who: ['admin'] },
]
