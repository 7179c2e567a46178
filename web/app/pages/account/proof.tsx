// Is it really you? The fields for the own password, and the code where there is a second factor.
import type { OwnAccount } from '../../../../schemas/accounts-api.ts'
import { t } from '../../language.ts'

export function ProofFields({ own }: { own: OwnAccount }) {
  if (!own.account.password)
    return (
      <p class="soft">
        {t(
          'Akun ini masuk lewat akun instansi: hal ini dapat dilakukan dalam lima belas menit sesudah masuk.',
          'This account logs in with its organisation: this can be done within fifteen minutes of the log-in.',
        )}
      </p>
    )
  return (
    <>
      <label>
        {t('Kata sandi Anda sekarang', 'Your password now')}
        <input name="password" type="password" autocomplete="current-password" required />
      </label>
      {own.account.second_factor && (
        <label>
          {t('Kode dari ponsel, atau kode cadangan', 'Code from your phone, or a recovery code')}
          <input
            name="code"
            autocomplete="one-time-code"
            autocapitalize="none"
            spellcheck={false}
            maxLength={24}
            required
          />
        </label>
      )}
    </>
  )
}

export const proofOf = (field: (name: string) => string): { password: string; code: string } => ({
  password: field('password'),
  code: field('code'),
})
