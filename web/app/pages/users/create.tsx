// How is an account made? With a link with which its person chooses a password: nobody else ever knows it.
import { useSignal } from '@preact/signals'
import type { NewUser, UserRoom } from '../../../../schemas/accounts-api.ts'
import { ask } from '../../api.ts'
import { t } from '../../language.ts'
import { fieldsOf, useAct } from '../../parts/act.ts'
import { Failed } from '../../parts/states.tsx'
import { AccountFields, accountOf } from './fields.tsx'
import type { ShownLink } from './link.tsx'

export function CreateUser({ rooms, done }: { rooms: readonly UserRoom[]; done: (link: ShownLink) => void }) {
  const open = useSignal(false)
  const { busy, error, run } = useAct()
  const submit = async (event: SubmitEvent): Promise<void> => {
    const field = fieldsOf(event)
    await run(async () => {
      const body = { login: field('login'), ...accountOf(field) }
      const { user, path } = await ask<NewUser>('/api/users', { method: 'POST', body })
      open.value = false
      done({ login: user.login, path })
    })
  }
  if (!open.value)
    return (
      <p>
        <button
          type="button"
          class="main"
          onClick={() => {
            open.value = true
          }}
        >
          {t('Akun baru', 'New account')}
        </button>
      </p>
    )
  return (
    <section class="card" aria-labelledby="create">
      <h2 id="create">{t('Akun baru', 'New account')}</h2>
      <form class="fields" onSubmit={(event) => void submit(event)}>
        <label>
          {t('Nama masuk', 'Log-in name')}
          <input
            name="login"
            autocapitalize="none"
            autocomplete="off"
            spellcheck={false}
            pattern="[A-Za-z0-9][A-Za-z0-9._@\-]{1,63}"
            title={t('2–64 huruf kecil, angka, titik, garis, atau @', '2–64 small letters, digits, dots, dashes or @')}
            required
          />
        </label>
        <AccountFields rooms={rooms} />
        {error.value !== undefined && <Failed error={error.value} />}
        <div class="row">
          <button type="submit" disabled={busy.value}>
            {t('Buat akun', 'Make account')}
          </button>
          <button
            type="button"
            class="quiet"
            onClick={() => {
              open.value = false
            }}
          >
            {t('Batal', 'Cancel')}
          </button>
        </div>
      </form>
    </section>
  )
}
