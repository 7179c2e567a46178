// How does a screen become one for the wall? Somebody opens the link on it and says yes: a preview of the link does not spend it.
import { ask } from '../api.ts'
import { t } from '../language.ts'
import { useAct } from '../parts/act.ts'
import { LanguageSwitch } from '../parts/language-switch.tsx'
import { Failed } from '../parts/states.tsx'

export function OpenWall({ token }: { token: string }) {
  const { busy, error, run } = useAct()
  const begin = async (): Promise<void> => {
    if (await run(() => ask('/api/walls/open', { method: 'POST', body: { token } }))) location.replace('/dinding')
  }
  return (
    <main class="login">
      <header>
        <h1>{t('Layar dinding', 'Wall screen')}</h1>
        <LanguageSwitch />
      </header>
      <p>
        {t(
          'Layar ini akan menampilkan Situasi terus-menerus tanpa masuk lagi, dan tidak dapat mengubah apa pun. Bila Anda sedang masuk di peramban ini, Anda keluar.',
          'This screen will show the situation from now on without another log-in, and can change nothing. If you are logged in with this browser, you are logged out.',
        )}
      </p>
      <p class="soft">
        {t(
          'Pembuat tautan dapat mencabutnya kapan saja di halaman Akun saya.',
          'Whoever made the link can take it back at any time on the page My account.',
        )}
      </p>
      {error.value !== undefined && <Failed error={error.value} />}
      <p>
        <button type="button" class="main" disabled={busy.value} onClick={() => void begin()}>
          {t('Jadikan layar dinding', 'Make it a wall screen')}
        </button>
      </p>
    </main>
  )
}
