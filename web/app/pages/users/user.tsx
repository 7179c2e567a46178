// What is an account's state, and what can be done with it?
import { useSignal } from '@preact/signals'
import type { Account } from '../../../../schemas/account.ts'
import type { NewLink, UserList } from '../../../../schemas/accounts-api.ts'
import { ask } from '../../api.ts'
import { ago, dateTime } from '../../format.ts'
import { t } from '../../language.ts'
import { fieldsOf, useAct } from '../../parts/act.ts'
import { roleText } from '../../parts/roles.ts'
import { Failed } from '../../parts/states.tsx'
import { may } from '../../session.ts'
import { AccountFields, accountOf } from './fields.tsx'
import type { ShownLink } from './link.tsx'

interface UserRowProps {
  readonly user: Account
  readonly list: UserList
  readonly self: boolean
  readonly again: () => void
  readonly onLink: (link: ShownLink) => void
}

export function UserRow({ user, list, self, again, onLink }: UserRowProps) {
  const editing = useSignal(false)
  const { busy, error, run } = useAct()
  const room = list.rooms.find(({ id }) => id === user.room)
  const act = async (path: string): Promise<void> => {
    await run(() => ask(`/api/users/${user.id}/${path}`, { method: 'POST', body: {} }))
    again()
  }
  const newLink = async (): Promise<void> => {
    await run(async () => {
      const { path } = await ask<NewLink>(`/api/users/${user.id}/link`, { method: 'POST', body: {} })
      onLink({ login: user.login, path })
    })
  }
  const save = async (event: SubmitEvent): Promise<void> => {
    const field = fieldsOf(event)
    const body = { ...accountOf(field), ...(list.oidc ? { subject: field('subject') } : {}) }
    if (await run(() => ask(`/api/users/${user.id}`, { method: 'PATCH', body }))) editing.value = false
    again()
  }
  return (
    <li class="card">
      <div class="who">
        <div>
          <strong>{user.name}</strong> <span class="mono">{user.login}</span> {self && t('(Anda)', '(you)')}
          <br />
          {roleText(user.role)} ·{' '}
          {room === undefined ? `${user.room} ${t('(ruang tidak ada lagi)', '(no such room)')}` : room.name}
          {room !== undefined && ` · ${room.region_name}`}
        </div>
        <ul class="marks">
          <State user={user} />
          <li>
            {user.second_factor
              ? t('✓ faktor kedua', '✓ second factor')
              : t('✗ tanpa faktor kedua', '✗ no second factor')}
          </li>
          {user.subject !== '' && <li>{t('✓ akun instansi', '✓ organisation log-in')}</li>}
          <li class="soft">
            {user.last_seen_at === null
              ? `${t('dibuat', 'made')} ${dateTime(user.created_at)}`
              : `${t('terlihat', 'seen')} ${ago(user.last_seen_at, Date.now())}`}
          </li>
        </ul>
      </div>
      {editing.value ? (
        <form class="fields" onSubmit={(event) => void save(event)}>
          <AccountFields user={user} rooms={list.rooms} />
          {list.oidc && (
            <label>
              {t('Subjek di penyedia akun instansi', 'Subject at the provider')}
              <input
                name="subject"
                class="mono"
                defaultValue={user.subject}
                maxLength={255}
                autocomplete="off"
                spellcheck={false}
              />
              <span class="soft">
                {t(
                  'Terlihat di Audit setelah orangnya mencoba masuk; kosong: tidak dikaitkan.',
                  'Stands in the audit after the person tried to log in; empty: not bound.',
                )}
              </span>
            </label>
          )}
          <p class="soft">
            {t(
              'Mengganti peran atau ruang mengakhiri semua sesi, layar, dan tokennya.',
              'A change of role or room ends all its sessions, screens and tokens.',
            )}
          </p>
          <div class="row">
            <button type="submit" disabled={busy.value}>
              {t('Simpan', 'Save')}
            </button>
            <button
              type="button"
              class="quiet"
              onClick={() => {
                editing.value = false
              }}
            >
              {t('Batal', 'Cancel')}
            </button>
          </div>
        </form>
      ) : (
        may('users', 'write') && (
          <div class="row">
            <button
              type="button"
              onClick={() => {
                editing.value = true
              }}
            >
              {t('Ubah', 'Change')}
            </button>
            {!user.disabled && (
              <button type="button" disabled={busy.value} onClick={() => void newLink()}>
                {t('Tautan baru', 'New link')}
              </button>
            )}
            {user.second_factor && (
              <Sure
                label={t('Atur ulang faktor kedua', 'Reset second factor')}
                act={() => void act('reset-second-factor')}
              />
            )}
            <Sure label={t('Akhiri semua sesi', 'End all sessions')} act={() => void act('end-sessions')} />
            {user.disabled ? (
              <button type="button" disabled={busy.value} onClick={() => void act('enable')}>
                {t('Aktifkan lagi', 'Enable again')}
              </button>
            ) : (
              <Sure label={t('Nonaktifkan', 'Disable')} act={() => void act('disable')} />
            )}
          </div>
        )
      )}
      {error.value !== undefined && <Failed error={error.value} />}
    </li>
  )
}

function State({ user: { disabled, password, subject } }: { user: Account }) {
  if (disabled) return <li>{t('✗ dinonaktifkan', '✗ disabled')}</li>
  if (password || subject !== '') return <li>{t('● aktif', '● active')}</li>
  return <li>{t('○ menunggu memilih kata sandi', '○ has yet to choose a password')}</li>
}

/** A button that asks once more, in its own place. */
function Sure({ label, act }: { label: string; act: () => void }) {
  const asked = useSignal(false)
  return (
    <button
      type="button"
      onBlur={() => {
        asked.value = false
      }}
      onClick={() => {
        if (asked.value) act()
        asked.value = !asked.value
      }}
    >
      {asked.value ? `${t('Yakin?', 'Sure?')} ${label}` : label}
    </button>
  )
}
