// How is a second factor switched on and off? A QR code for the app on the phone, a first code, and ten recovery codes for the day it is lost.
import { useSignal } from '@preact/signals'
import type { OwnAccount, RecoveryCodes, SecondFactorBegun } from '../../../../schemas/accounts-api.ts'
import { ask } from '../../api.ts'
import { number } from '../../format.ts'
import { t } from '../../language.ts'
import { fieldsOf, useAct } from '../../parts/act.ts'
import { Qr } from '../../parts/qr.tsx'
import { Copyable } from '../../parts/secret.tsx'
import { Failed, Help } from '../../parts/states.tsx'
import { ProofFields, proofOf } from './proof.tsx'

const path = '/api/account/second-factor'
type Wish = 'begin' | 'remove' | 'codes'

export function SecondFactorPart({ own, done }: { own: OwnAccount; done: () => void }) {
  const { busy, error, run } = useAct()
  const wish = useSignal<Wish | undefined>(undefined)
  const begun = useSignal<SecondFactorBegun | undefined>(undefined)
  const codes = useSignal<readonly string[]>([])
  const on = own.account.second_factor
  const choose = (next: Wish | undefined): void => {
    wish.value = next
    begun.value = undefined
    codes.value = []
    error.value = undefined
  }
  const prove = async (event: SubmitEvent): Promise<void> => {
    const body = proofOf(fieldsOf(event))
    await run(async () => {
      if (wish.value === 'begin') begun.value = await ask<SecondFactorBegun>(`${path}/begin`, { method: 'POST', body })
      else if (wish.value === 'codes')
        codes.value = (await ask<RecoveryCodes>('/api/account/recovery-codes', { method: 'POST', body })).codes
      else await ask(`${path}/remove`, { method: 'POST', body })
      wish.value = undefined
      done()
    })
  }
  const confirm = async (event: SubmitEvent): Promise<void> => {
    const field = fieldsOf(event)
    await run(async () => {
      codes.value = (await ask<RecoveryCodes>(path, { method: 'POST', body: { code: field('first') } })).codes
      begun.value = undefined
      done()
    })
  }
  return (
    <section class="card" aria-labelledby="factor">
      <h2 id="factor">
        {t('Faktor kedua', 'Second factor')}{' '}
        <Help
          id="Kode enam angka dari aplikasi di ponsel (TOTP), diminta sesudah kata sandi. Kata sandi yang bocor saja tidak cukup untuk masuk."
          en="Six digits from an app on the phone (TOTP), asked for after the password. A password that leaked is not enough to log in."
        />
      </h2>
      <p>
        {on
          ? t(
              `✓ Aktif. Kode cadangan tersisa: ${number(own.codes_left)}.`,
              `✓ On. Recovery codes left: ${number(own.codes_left)}.`,
            )
          : t('✗ Belum aktif.', '✗ Not on yet.')}
      </p>
      {codes.value.length > 0 && <Codes codes={codes.value} close={() => choose(undefined)} />}
      {begun.value && (
        <form onSubmit={(event) => void confirm(event)}>
          <p>
            {t(
              'Pindai dengan aplikasi autentikator (misalnya FreeOTP, Aegis, Google Authenticator), lalu ketik kode yang muncul.',
              'Scan it with an authenticator app (such as FreeOTP, Aegis, Google Authenticator), then type the code that it shows.',
            )}
          </p>
          <Qr
            text={begun.value.uri}
            label={t('Kode QR untuk aplikasi autentikator', 'QR code for the authenticator app')}
          />
          <span class="soft">{t('Atau ketik rahasia ini di aplikasi:', 'Or type this secret into the app:')}</span>
          <Copyable text={begun.value.secret} label={t('Rahasia faktor kedua', 'Secret of the second factor')} />
          <label>
            {t('Kode enam angka', 'Six digits')}
            <input name="first" inputMode="numeric" autocomplete="one-time-code" pattern="[0-9 ]{6,7}" required />
          </label>
          <div class="row">
            <button type="submit" disabled={busy.value}>
              {t('Aktifkan', 'Switch on')}
            </button>
            <button type="button" class="quiet" onClick={() => choose(undefined)}>
              {t('Batal', 'Cancel')}
            </button>
          </div>
        </form>
      )}
      {wish.value !== undefined && (
        <form onSubmit={(event) => void prove(event)}>
          <ProofFields own={own} />
          <div class="row">
            <button type="submit" disabled={busy.value}>
              {wish.value === 'begin' && t('Lanjut', 'Continue')}
              {wish.value === 'codes' && t('Buat kode cadangan baru', 'Make new recovery codes')}
              {wish.value === 'remove' && t('Matikan faktor kedua', 'Switch the second factor off')}
            </button>
            <button type="button" class="quiet" onClick={() => choose(undefined)}>
              {t('Batal', 'Cancel')}
            </button>
          </div>
        </form>
      )}
      {error.value !== undefined && <Failed error={error.value} />}
      {wish.value === undefined && begun.value === undefined && (
        <div class="row">
          <button type="button" onClick={() => choose('begin')}>
            {on ? t('Ganti ponsel', 'Change phone') : t('Aktifkan faktor kedua', 'Switch on the second factor')}
          </button>
          {on && (
            <>
              <button type="button" onClick={() => choose('codes')}>
                {t('Kode cadangan baru', 'New recovery codes')}
              </button>
              <button type="button" onClick={() => choose('remove')}>
                {t('Matikan', 'Switch off')}
              </button>
            </>
          )}
        </div>
      )}
    </section>
  )
}

function Codes({ codes, close }: { codes: readonly string[]; close: () => void }) {
  return (
    <div class="once" role="status">
      <p>
        <strong>{t('Kode cadangan, hanya ditampilkan sekali ini.', 'Recovery codes, shown this once.')}</strong>{' '}
        {t(
          'Catat di kertas dan simpan. Masing-masing dapat dipakai satu kali bila ponsel hilang.',
          'Write them on paper and keep it. Each can be used once when the phone is lost.',
        )}
      </p>
      <ul class="codes mono">
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <Copyable text={codes.join(' ')} label={t('Semua kode cadangan', 'All recovery codes')} />
      <p>
        <button type="button" onClick={close}>
          {t('Sudah saya catat', 'I wrote them down')}
        </button>
      </p>
    </div>
  )
}
