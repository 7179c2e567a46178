// How does somebody log in? Name, password, and the code of the second factor where the account has one.
import { useSignal } from '@preact/signals'
import { ApiError, ask } from '../api.ts'
import { t } from '../language.ts'
import { LanguageSwitch } from '../parts/language-switch.tsx'

export function Login({ onIn }: { onIn: () => Promise<void> }) {
  const failure = useSignal<ApiError | undefined>(undefined)
  const codeAsked = useSignal(false)
  const busy = useSignal(false)
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    if (!(event.currentTarget instanceof HTMLFormElement)) return
    const form = new FormData(event.currentTarget)
    const code = String(form.get('code') ?? '')
    busy.value = true
    try {
      await ask('/api/login', {
        method: 'POST',
        body: { login: form.get('login'), password: form.get('password'), ...(code === '' ? {} : { code }) },
      })
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
            {t('Kode dari ponsel', 'Code from your phone')}
            <input name="code" inputMode="numeric" autocomplete="one-time-code" pattern="[0-9 ]{6,8}" required />
          </label>
        )}
        {failure.value && (
          <p class="state failed" role="alert">
            <strong>{failure.value.what}</strong> {failure.value.action}
          </p>
        )}
        <button type="submit" disabled={busy.value}>
          {t('Masuk', 'Log in')}
        </button>
      </form>
    </main>
  )
}
