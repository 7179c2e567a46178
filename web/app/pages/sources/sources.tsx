// Sumber: which sources are heard, what could not be read, and how is a device added?
import './sources.css'
import { useLocation } from 'preact-iso'
import { t } from '../../language.ts'
import { may } from '../../session.ts'
import { AddDevice } from './add.tsx'
import { SourcePage } from './detail.tsx'
import { LetterPage, Letters } from './letters.tsx'
import { SourceList } from './list.tsx'
import { Regions } from './regions.tsx'

/** Addresses beneath the page: `?bagian=wilayah`, `?bagian=gagal&surat=ID`, `?bagian=tambah`, `?sumber=ID`. */
export function Sources() {
  const { query } = useLocation()
  const part = query.sumber ? 'sumber' : (query.bagian ?? 'sumber')
  const tabs = [
    { part: 'sumber', href: '/sumber', name: t('Sumber', 'Sources') },
    { part: 'wilayah', href: '/sumber?bagian=wilayah', name: t('Wilayah', 'Regions') },
    { part: 'gagal', href: '/sumber?bagian=gagal', name: t('Kejadian gagal', 'Dead letters') },
    ...(may('sources', 'write')
      ? [{ part: 'tambah', href: '/sumber?bagian=tambah', name: t('Tambah perangkat', 'Add a device') }]
      : []),
  ]
  return (
    <div class="sources">
      <h1>{t('Sumber', 'Sources')}</h1>
      <nav class="tabs" aria-label={t('Bagian halaman sumber', 'Parts of the page of sources')}>
        {tabs.map((tab) => (
          <a key={tab.part} href={tab.href} aria-current={tab.part === part ? 'page' : undefined}>
            {tab.name}
          </a>
        ))}
      </nav>
      {query.sumber ? (
        <SourcePage key={query.sumber} id={query.sumber} />
      ) : part === 'wilayah' ? (
        <Regions />
      ) : part === 'gagal' && query.surat ? (
        <LetterPage key={query.surat} id={query.surat} />
      ) : part === 'gagal' ? (
        <Letters key={query.dari ?? ''} source={query.dari ?? ''} />
      ) : part === 'tambah' && may('sources', 'write') ? (
        <AddDevice source={query.ke ?? ''} />
      ) : (
        <SourceList />
      )}
    </div>
  )
}
