// What does an account have? Name, role, room and language, as fields of a form.
import { useSignal } from '@preact/signals'
import type { Account, Role } from '../../../../schemas/account.ts'
import type { UserRoom } from '../../../../schemas/accounts-api.ts'
import { t } from '../../language.ts'
import { Choices, languages } from '../../parts/choice.tsx'
import { roleMeaning, roles, roleText } from '../../parts/roles.ts'

/** Rooms in which a role can be: the centre's roles at the centre, a region's in a region. The server decides again. */
const roomsOf = (role: Role, rooms: readonly UserRoom[]): readonly UserRoom[] =>
  rooms.filter(({ region }) =>
    role === 'pusat' || role === 'admin' ? region === '00' : role !== 'daerah' || region !== '00',
  )

export function AccountFields({ user, rooms }: { user?: Account; rooms: readonly UserRoom[] }) {
  const role = useSignal<Role>(user?.role ?? 'daerah')
  const fitting = roomsOf(role.value, rooms)
  return (
    <>
      <label>
        {t('Nama orang', 'Name of the person')}
        <input name="name" defaultValue={user?.name ?? ''} maxLength={100} autocomplete="off" required />
      </label>
      <Choices
        label={t('Peran', 'Role')}
        name="role"
        chosen={role.value}
        choices={roles.map((one) => ({ value: one, text: roleText(one) }))}
        onChoose={(value) => {
          role.value = roles.find((one) => one === value) ?? role.value
        }}
      >
        <span class="soft">{roleMeaning(role.value)}</span>
      </Choices>
      <Choices
        label={t('Ruang', 'Room')}
        name="room"
        key={role.value}
        chosen={user?.room ?? fitting[0]?.id ?? ''}
        choices={fitting.map(({ id, name, region_name }) => ({ value: id, text: `${name} · ${region_name}` }))}
        required
      >
        {fitting.length === 0 && (
          <span class="soft">
            {t(
              'Belum ada ruang daerah; tambahkan di siaga.yaml (rooms).',
              'There is no room of a region yet; add one in siaga.yaml (rooms).',
            )}
          </span>
        )}
      </Choices>
      <Choices label={t('Bahasa', 'Language')} name="language" chosen={user?.language ?? 'id'} choices={languages} />
    </>
  )
}

export const accountOf = (field: (name: string) => string) => ({
  name: field('name'),
  role: field('role'),
  room: field('room'),
  language: field('language'),
})
