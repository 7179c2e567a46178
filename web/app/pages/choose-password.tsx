// How does somebody who was sent a link choose a password?
import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { ask } from '../api.ts'
import { t } from '../language.ts'
import { LanguageSwitch } from '../parts/language-switch.tsx'
import { Failed, Loading } from '../parts/states.tsx'

const LEAST = 12

export function Choose({ token }: { token: string }) {
  const who = useSignal<{ login: string; name: string } | undefined>(undefined)
  const failure = useSignal<unknown>(undefined)
  const differs = useSignal(false)
  useEffect(() => {
    ask<{ login: string; name: string }>(`/api/links/${token}`).then(
      (found) => {
        who.value = found
      },
      (error: unknown) => {
        failure.value = error
      },
    )
  }, [])
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    if (!(event.currentTarget instanceof HTMLFormElement)) return
    const form = new FormData(event.currentTarget)
    const password = String(form.get('password'))
    differs.value = password !== form.get('again')
    if (differs.value) return
    try {
      await ask(`/api/links/${token}`, { method: 'POST', body: { password } })
      location.replace('/')
    } catch (error) {
      failure.value = error
    }
  }
  return (
    <main class="login">
      <header>
        <h1>Siaga</h1>
        <LanguageSwitch />
      </header>
      {failure.value !== undefined && <Failed error={failure.value} />}
      {failure.value === undefined && who.value === undefined && <Loading />}
      {who.value && (
        <form onSubmit={(event) => void submit(event)}>
          <p>
            {t('Pilih kata sandi untuk', 'Choose the password of')} <strong>{who.value.login}</strong>.{' '}
            {t(
              'Minimal 12 huruf; kalimat yang mudah diingat lebih baik daripada kata rumit.',
              'At least 12 letters; a sentence that you remember is better than an odd word.',
            )}
          </p>
          <input name="login" autocomplete="username" value={who.value.login} hidden readOnly />
          <label>
            {t('Kata sandi baru', 'New password')}
            <input
              name="password"
              type="password"
              autocomplete="new-password"
              minLength={LEAST}
              maxLength={256}
              required
            />
          </label>
          <label>
            {t('Sekali lagi', 'Once more')}
            <input name="again" type="password" autocomplete="new-password" required />
          </label>
          {differs.value && (
            <p class="state failed" role="alert">
              {t('Keduanya tidak sama.', 'The two differ.')}
            </p>
          )}
          <button type="submit">{t('Simpan dan masuk', 'Save and log in')}</button>
        </form>
      )}
    </main>
  )
}
