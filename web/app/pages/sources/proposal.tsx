// What if no source fits? Lines for siaga.yaml, checked by the server, to be sent to the centre.
import { useSignal } from '@preact/signals'
import type { AddAnswer, ProposalAnswer } from '../../../../schemas/sources-api.ts'
import { ask, query } from '../../api.ts'
import { t } from '../../language.ts'
import { Failed } from '../../parts/states.tsx'
import { Copy } from './ready.tsx'

export function Proposal({ answer, format, byAddress }: { answer: AddAnswer; format: string; byAddress: boolean }) {
  const made = useSignal<ProposalAnswer | undefined>(undefined)
  const error = useSignal<unknown>(undefined)
  const send = async (form: HTMLFormElement): Promise<void> => {
    const values = Object.fromEntries(
      Array.from(new FormData(form), ([name, value]) => [name, typeof value === 'string' ? value.trim() : '']),
    )
    try {
      made.value = await ask<ProposalAnswer>(`/api/sources/proposal${query({ ...values, format })}`)
      error.value = undefined
    } catch (caught) {
      error.value = caught
    }
  }
  return (
    <details class="card">
      <summary>{t('Tidak ada sumber yang cocok?', 'No source fits?')}</summary>
      <p>
        {t(
          'Hanya pusat yang menambah sumber, karena di sana tertulis wilayah dan pemilik datanya. Susun barisnya di sini, kirim kepada pusat, dan kembali setelah ditambahkan.',
          'Only the centre adds sources, since region and owner of the data are laid down there. Put its lines together here, send them to the centre, and come back once they were added.',
        )}
      </p>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void send(event.currentTarget)
        }}
      >
        <div class="fields">
          <label>
            {t('Nama singkat (huruf kecil, angka, tanda hubung)', 'Short name (small letters, digits, dashes)')}
            <input name="id" required maxLength={64} pattern="[a-z0-9][a-z0-9._\-]*" placeholder="web-kpu-bandung" />
          </label>
          <label>
            {t('Nama', 'Name')}
            <input name="name" maxLength={100} />
          </label>
          <label>
            {t('Kode wilayah', 'Code of the region')}
            <input
              name="region"
              required
              defaultValue={answer.region}
              maxLength={5}
              placeholder="32.73"
              pattern="\d\d(\.\d\d)?"
            />
          </label>
          <label>
            {t('Pemilik data', 'Owner of the data')}
            <input name="owner" defaultValue={answer.owner} maxLength={60} placeholder="kpu" />
          </label>
          <label>
            {t('Alamat atau jaringan pengirim', 'Address or network of the sender')}
            <input name="address" required={byAddress} maxLength={60} placeholder="10.32.73.0/24" />
          </label>
        </div>
        <button type="submit">{t('Susun', 'Put together')}</button>
      </form>
      {error.value !== undefined && <Failed error={error.value} />}
      {made.value !== undefined && (
        <>
          {made.value.taken && (
            <p class="warn">
              {t('▲ Nama itu sudah dipakai; pilih yang lain.', '▲ That name is taken; choose another.')}
            </p>
          )}
          <pre>{made.value.yaml}</pre>
          <Copy text={made.value.yaml} what={t('Salin untuk pusat', 'Copy for the centre')} />
        </>
      )}
    </details>
  )
}
