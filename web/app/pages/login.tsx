// How does somebody log in? Name, password, and the code of the second factor where the account has one; or by their organisation's own log-in.
import { useSignal } from '@preact/signals'
import type { Ways } from '../../../schemas/accounts-api.ts'
import { ApiError, ask } from '../api.ts'
import { t } from '../language.ts'
import { LanguageSwitch } from '../parts/language-switch.tsx'
import { useLoad } from '../parts/load.ts'

const inMinutes = (seconds: number): string =>
  seconds < 90
    ? t(`${seconds} detik`, `${seconds} seconds`)
    : t(`${Math.ceil(seconds / 60)} menit`, `${Math.ceil(seconds / 60)} minutes`)

export function Login({ onIn }: { onIn: () => Promise<void> }) {
  const failure = useSignal<ApiError | undefined>(undefined)
  const codeAsked = useSignal(false)
  const busy = useSignal(false)
  const ways = useLoad<Ways>(() => '/api/login')
  const providerFailed = useSignal(new URLSearchParams(location.search).get('masuk') === 'gagal')
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    if (!(event.currentTarget instanceof HTMLFormElement)) return
    const form = new FormData(event.currentTarget)
    const code = String(form.get('code') ?? '')
    busy.value = true
    providerFailed.value = false
    try {
      await ask('/api/login', {
        method: 'POST',
        body: { login: form.get('login'), password: form.get('password'), ...(code === '' ? {} : { code }) },
      })
      if (location.search.startsWith('?masuk=')) history.replaceState(null, '', '/')
      await onIn()
    } catch (error) {
      failure.value = error instanceof ApiError ? error : undefined
      if (failure.value?.refusal.error === 'CODE_NEEDED') {
        codeAsked.value = true
        failure.value = undefined
      }
    } finally {
      busy.value = false
    }
  }
  const wait = failure.value?.retryAfter ?? 0
  return (
    <main class="login">
      <header>
        <h1>Siaga</h1>
        <LanguageSwitch />
      </header>
      <p>{t('Pemantauan ancaman siber pemilu', 'Election cyber-threat monitoring')}</p>
      <form onSubmit={(event) => void submit(event)}>
        <label>
          {t('Nama masuk', 'Log-in name')}
          <input name="login" autocomplete="username" autocapitalize="none" spellcheck={false} required />
        </label>
        <label>
          {t('Kata sandi', 'Password')}
          <input name="password" type="password" autocomplete="current-password" required />
        </label>
        {codeAsked.value && (
          <label>
            {t('Kode dari ponsel, atau kode cadangan', 'Code from your phone, or a recovery code')}
            <input
              name="code"
              autocomplete="one-time-code"
              autocapitalize="none"
              spellcheck={false}
              maxLength={24}
              required
              ref={(input) => input?.focus()}
            />
          </label>
        )}
        {failure.value && (
          <p class="state failed" role="alert">
            <strong>{failure.value.what}</strong> {failure.value.action}
            {wait > 0 && ` (${inMinutes(wait)})`}
          </p>
        )}
        {providerFailed.value && (
          <p class="state failed" role="alert">
            <strong>
              {t('Masuk lewat akun instansi tidak berhasil.', 'The log-in with your organisation did not work.')}
            </strong>{' '}
            {t(
              'Coba lagi; bila gagal lagi, minta admin mengaitkan akun Anda.',
              'Try again; if it fails again, ask an administrator to bind your account.',
            )}
          </p>
        )}
        <button type="submit" disabled={busy.value}>
          {t('Masuk', 'Log in')}
        </button>
      </form>
      {ways.data.value?.oidc != null && (
        <p>
          <a href="/api/oidc/start">
            {t('Masuk lewat', 'Log in with')} {ways.data.value.oidc}
          </a>
        </p>
      )}
    </main>
  )
}
