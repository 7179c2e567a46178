// Pengguna: who may log in here, as what and where, and how does somebody get in or out?
import { useComputed, useSignal } from '@preact/signals'
import type { Account } from '../../../../schemas/account.ts'
import type { UserList } from '../../../../schemas/accounts-api.ts'
import { number } from '../../format.ts'
import { t } from '../../language.ts'
import { useLoad } from '../../parts/load.ts'
import { Empty, Failed, Loading } from '../../parts/states.tsx'
import { session } from '../../session.ts'
import { CreateUser } from './create.tsx'
import { OneTimeLink, type ShownLink } from './link.tsx'
import { UserRow } from './user.tsx'
import './users.css'

export function Users() {
  const { data, error, again } = useLoad<UserList>(() => '/api/users', 30_000)
  const sought = useSignal('')
  const link = useSignal<ShownLink | undefined>(undefined)
  const found = useComputed(() => {
    const words = sought.value.trim().toLowerCase()
    return (data.value?.users ?? []).filter(({ login, name, room, role }) =>
      [login, name, room, role].some((text) => text.toLowerCase().includes(words)),
    )
  })
  const list = data.value
  if (list === undefined) return error.value === undefined ? <Loading /> : <Failed error={error.value} again={again} />
  return (
    <>
      <h1>{t('Pengguna', 'Users')}</h1>
      {error.value !== undefined && <Failed error={error.value} again={again} />}
      {link.value && (
        <OneTimeLink
          link={link.value}
          close={() => {
            link.value = undefined
          }}
        />
      )}
      <CreateUser
        rooms={list.rooms}
        done={(made) => {
          link.value = made
          again()
        }}
      />
      <label class="find">
        {t('Cari nama, ruang, atau peran', 'Find a name, room or role')}
        <input
          type="search"
          value={sought.value}
          onInput={({ currentTarget }) => {
            sought.value = currentTarget.value
          }}
        />
      </label>
      <p class="soft" role="status">
        {t(
          `${number(found.value.length)} dari ${number(list.users.length)} akun`,
          `${number(found.value.length)} of ${number(list.users.length)} accounts`,
        )}
      </p>
      {found.value.length === 0 ? (
        <Empty />
      ) : (
        <ul class="users">
          {found.value.map((user: Account) => (
            <UserRow
              key={user.id}
              user={user}
              list={list}
              self={user.id === session.value?.account.id}
              again={again}
              onLink={(made) => {
                link.value = made
              }}
            />
          ))}
        </ul>
      )}
    </>
  )
}
