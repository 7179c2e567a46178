// Akun saya: who am I here, how do I log in, and what goes on in my name?
import type { OwnAccount as Own } from '../../../../schemas/accounts-api.ts'
import { t } from '../../language.ts'
import { useLoad } from '../../parts/load.ts'
import { roleMeaning, roleText } from '../../parts/roles.ts'
import { Failed, Help, Loading } from '../../parts/states.tsx'
import { session } from '../../session.ts'
import './account.css'
import { PasswordPart, ProfilePart } from './profile.tsx'
import { SecondFactorPart } from './second-factor.tsx'
import { SessionsPart } from './sessions.tsx'
import { TokensPart } from './tokens.tsx'
import { WallsPart } from './walls.tsx'

export function OwnAccount() {
  const { data, error, again } = useLoad<Own>(() => '/api/account', 30_000)
  const own = data.value
  if (own === undefined) return error.value === undefined ? <Loading /> : <Failed error={error.value} again={again} />
  const room = session.value?.room
  return (
    <>
      <h1>{t('Akun saya', 'My account')}</h1>
      <p>
        <strong>{own.account.login}</strong> · {roleText(own.account.role)}{' '}
        <Help id={roleMeaning(own.account.role)} en={roleMeaning(own.account.role)} />
        {room && (
          <>
            {' '}
            · {room.name} · {room.region_name}
          </>
        )}
      </p>
      {error.value !== undefined && <Failed error={error.value} again={again} />}
      <div class="account">
        <ProfilePart account={own.account} done={again} />
        {own.account.password && <PasswordPart own={own} done={again} />}
        <SecondFactorPart own={own} done={again} />
        <SessionsPart own={own} done={again} />
        {own.may_wall && <WallsPart own={own} done={again} />}
        <TokensPart own={own} done={again} />
      </div>
    </>
  )
}
