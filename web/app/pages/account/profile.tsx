// What am I called, in which language am I spoken to, and with which password do I log in?
import { useSignal } from '@preact/signals'
import type { Account } from '../../../../schemas/account.ts'
import type { OwnAccount } from '../../../../schemas/accounts-api.ts'
import { ask } from '../../api.ts'
import { speak, t } from '../../language.ts'
import { readSession } from '../../main-session.ts'
import { fieldsOf, useAct } from '../../parts/act.ts'
import { Choices, languages } from '../../parts/choice.tsx'
import { Failed } from '../../parts/states.tsx'
import { ProofFields, proofOf } from './proof.tsx'

export function ProfilePart({ account, done }: { account: Account; done: () => void }) {
  const { busy, error, run } = useAct()
  const saved = useSignal(false)
  const submit = async (event: SubmitEvent): Promise<void> => {
    const field = fieldsOf(event)
    const language = field('language') === 'en' ? 'en' : 'id'
    saved.value = await run(() => ask('/api/account', { method: 'PATCH', body: { name: field('name'), language } }))
    if (!saved.value) return
    speak(language)
    await readSession()
    done()
  }
  return (
    <section class="card" aria-labelledby="profile">
      <h2 id="profile">{t('Nama dan bahasa', 'Name and language')}</h2>
      <form onSubmit={(event) => void submit(event)}>
        <label>
          {t('Nama, seperti terlihat orang lain', 'Name, as others see it')}
          <input name="name" defaultValue={account.name} maxLength={100} autocomplete="name" required />
        </label>
        <Choices label={t('Bahasa', 'Language')} name="language" chosen={account.language} choices={languages} />
        {error.value !== undefined && <Failed error={error.value} />}
        <div class="row">
          <button type="submit" disabled={busy.value}>
            {t('Simpan', 'Save')}
          </button>
          <span role="status">{saved.value && t('✓ Tersimpan', '✓ Saved')}</span>
        </div>
      </form>
    </section>
  )
}

export function PasswordPart({ own, done }: { own: OwnAccount; done: () => void }) {
  const { busy, error, run } = useAct()
  const said = useSignal<'' | 'saved' | 'differ'>('')
  const submit = async (event: SubmitEvent): Promise<void> => {
    const field = fieldsOf(event)
    const form = event.currentTarget
    said.value = field('chosen') === field('again') ? '' : 'differ'
    if (said.value === 'differ') return
    const body = { ...proofOf(field), chosen: field('chosen') }
    if (!(await run(() => ask('/api/account/password', { method: 'POST', body })))) return
    said.value = 'saved'
    if (form instanceof HTMLFormElement) form.reset()
    // The server began another session for this browser: its token of the page is a new one.
    await readSession()
    done()
  }
  return (
    <section class="card" aria-labelledby="password">
      <h2 id="password">{t('Kata sandi', 'Password')}</h2>
      <form onSubmit={(event) => void submit(event)}>
        <input name="login" autocomplete="username" value={own.account.login} hidden readOnly />
        <ProofFields own={own} />
        <label>
          {t('Kata sandi baru, minimal 12 huruf', 'New password, at least 12 letters')}
          <input name="chosen" type="password" autocomplete="new-password" minLength={12} maxLength={256} required />
        </label>
        <label>
          {t('Sekali lagi', 'Once more')}
          <input name="again" type="password" autocomplete="new-password" required />
        </label>
        {said.value === 'differ' && (
          <p class="state failed" role="alert">
            {t('Keduanya tidak sama.', 'The two differ.')}
          </p>
        )}
        {error.value !== undefined && <Failed error={error.value} />}
        <p class="soft">{t('Semua sesi lain berakhir.', 'All other sessions end.')}</p>
        <div class="row">
          <button type="submit" disabled={busy.value}>
            {t('Ganti kata sandi', 'Change password')}
          </button>
          <span role="status">{said.value === 'saved' && t('✓ Kata sandi diganti', '✓ Password changed')}</span>
        </div>
      </form>
    </section>
  )
}
