// What surrounds every page? Name, parts that the viewer may enter, line, language, and who is logged in.
import type { ComponentType } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { ErrorBoundary, LocationProvider, lazy, Route, Router, useLocation } from 'preact-iso'
import type { Area } from '../../schemas/account.ts'
import { ask } from './api.ts'
import { language, t } from './language.ts'
import { closeLive, line } from './live.ts'
import { LanguageSwitch } from './parts/language-switch.tsx'
import { Empty } from './parts/states.tsx'
import { forgetSession, may, session } from './session.ts'

interface Page {
  readonly path: string
  readonly area: Area
  readonly id: string
  readonly en: string
  readonly page: ComponentType
}

/** Loaded when it is first opened. */
const later = (load: () => Promise<ComponentType>): ComponentType => lazy(() => load())

/** Every page, in the order of the menu. */
const pages: readonly Page[] = [
  {
    path: '/',
    area: 'situation',
    id: 'Situasi',
    en: 'Situation',
    page: later(async () => (await import('./pages/situation/situation.tsx')).Situation),
  },
  {
    path: '/peringatan',
    area: 'alerts',
    id: 'Peringatan',
    en: 'Alerts',
    page: later(async () => (await import('./pages/alerts/alerts.tsx')).Alerts),
  },
  {
    path: '/jelajah',
    area: 'explore',
    id: 'Jelajah',
    en: 'Explore',
    page: later(async () => (await import('./pages/explore/explore.tsx')).Explore),
  },
  {
    path: '/sql',
    area: 'console',
    id: 'SQL',
    en: 'SQL',
    page: later(async () => (await import('./pages/console/console.tsx')).Console),
  },
  {
    path: '/sumber',
    area: 'sources',
    id: 'Sumber',
    en: 'Sources',
    page: later(async () => (await import('./pages/sources/sources.tsx')).Sources),
  },
  {
    path: '/laporan',
    area: 'reports',
    id: 'Laporan',
    en: 'Reports',
    page: later(async () => (await import('./pages/reports/reports.tsx')).Reports),
  },
  {
    path: '/aturan',
    area: 'rules',
    id: 'Aturan',
    en: 'Rules',
    page: later(async () => (await import('./pages/rules/rules.tsx')).Rules),
  },
  {
    path: '/aset',
    area: 'assets',
    id: 'Aset',
    en: 'Assets',
    page: later(async () => (await import('./pages/assets/assets.tsx')).Assets),
  },
  {
    path: '/pengguna',
    area: 'users',
    id: 'Pengguna',
    en: 'Users',
    page: later(async () => (await import('./pages/users/users.tsx')).Users),
  },
  {
    path: '/audit',
    area: 'audit',
    id: 'Audit',
    en: 'Audit',
    page: later(async () => (await import('./pages/audit/audit.tsx')).Audit),
  },
]

/** A screen on the wall: this page alone, without anything around it. */
const wall = later(async () => (await import('./pages/wall/wall.tsx')).Wall)
const account = later(async () => (await import('./pages/account/account.tsx')).OwnAccount)

export function Shell() {
  return (
    <LocationProvider>
      <ErrorBoundary>
        <Frame />
      </ErrorBoundary>
    </LocationProvider>
  )
}

function Frame() {
  const { path, route } = useLocation()
  const seen = pages.filter(({ area }) => may(area))
  const first = seen[0]?.path ?? '/akun'
  // Whoever may not see the situation begins with what is theirs.
  useEffect(() => {
    if (path === '/' && first !== '/') route(first, true)
  }, [path, first])
  useEffect(() => void sendReports(), [session.value?.account.id])
  const menu = useRef<HTMLElement>(null)
  // On a phone the menu is longer than the screen: where one is must be seen in it.
  useEffect(() => {
    const [from, here] = [menu.current, menu.current?.querySelector<HTMLElement>('[aria-current]')]
    if (from && here) from.scrollLeft = here.offsetLeft - (from.clientWidth - here.offsetWidth) / 2
  }, [path, language.value])
  if (session.value?.kind === 'wall' || (path === '/dinding' && may('situation')))
    return (
      <main id="main" class="bare">
        <Router>{[<Route key="wall" default component={wall} />]}</Router>
      </main>
    )
  return (
    <>
      <a class="skip" href="#main">
        {t('Langsung ke isi', 'Skip to content')}
      </a>
      <header class="bar">
        <a class="brand" href="/">
          Siaga
        </a>
        <nav ref={menu} aria-label={t('Bagian', 'Parts')}>
          {seen.map((page) => (
            <a key={page.path} href={page.path} aria-current={isOn(path, page.path) ? 'page' : undefined}>
              {t(page.id, page.en)}
            </a>
          ))}
        </nav>
        <Line />
        <LanguageSwitch />
        <Who />
      </header>
      <main id="main" tabIndex={-1}>
        <Router>
          {seen.flatMap(({ path: at, page }) => [
            <Route key={at} path={at} component={page} />,
            // What lies beneath a page is the same page: it reads the rest of the path itself.
            <Route key={`${at}/`} path={at === '/' ? '/region/:code' : `${at}/:id`} component={page} />,
          ])}
          <Route path="/akun" component={account} />
          <Route default component={Nowhere} />
        </Router>
      </main>
    </>
  )
}

/** What was written without a line is sent from whatever page is opened next. */
async function sendReports(): Promise<void> {
  const id = session.value?.account.id
  if (id === undefined || localStorage.getItem(`siaga.reports.${id}`) === null) return
  const { openOutbox } = await import('./pages/reports/outbox.ts')
  openOutbox()
}

const isOn = (path: string, page: string): boolean =>
  page === '/' ? path === '/' : path === page || path.startsWith(`${page}/`)

function Nowhere() {
  return (
    <Empty>
      {t('Halaman ini tidak ada, atau bukan untuk peran Anda.', 'There is no such page, or it is not for your role.')}
    </Empty>
  )
}

function Line() {
  if (line.value === 'idle') return null
  const live = line.value === 'live'
  return (
    <span class={`line ${live ? 'live' : 'waiting'}`} role="status">
      {live ? '●' : '○'} <span class="word">{live ? t('langsung', 'live') : t('menyambung …', 'connecting …')}</span>
    </span>
  )
}

function Who() {
  const info = session.value
  if (info == null || info.kind === 'wall') return null
  const out = async (): Promise<void> => {
    await ask('/api/logout', { method: 'POST' }).catch(() => undefined)
    closeLive()
    forgetSession()
  }
  return (
    <details class="menu">
      <summary>{info.account.name}</summary>
      <div>
        <p>
          {info.room.name} · {info.room.region_name}
        </p>
        <a href="/akun">{t('Akun saya', 'My account')}</a>
        <button type="button" onClick={() => void out()}>
          {t('Keluar', 'Log out')}
        </button>
      </div>
    </details>
  )
}
