// Which programs ask in my name, and how is a token made and revoked?
import { useSignal } from '@preact/signals'
import type { NewToken, OwnAccount } from '../../../../schemas/accounts-api.ts'
import { ask } from '../../api.ts'
import { ago, dateTime } from '../../format.ts'
import { t } from '../../language.ts'
import { fieldsOf, useAct } from '../../parts/act.ts'
import { Choices } from '../../parts/choice.tsx'
import { Copyable } from '../../parts/secret.tsx'
import { Failed, Help } from '../../parts/states.tsx'
import { ProofFields, proofOf } from './proof.tsx'

export function TokensPart({ own, done }: { own: OwnAccount; done: () => void }) {
  const { busy, error, run } = useAct()
  const shown = useSignal('')
  const making = useSignal(false)
  const create = async (event: SubmitEvent): Promise<void> => {
    const field = fieldsOf(event)
    const body = { ...proofOf(field), label: field('label'), verb: field('verb'), days: Number(field('days')) }
    await run(async () => {
      shown.value = (await ask<NewToken>('/api/account/tokens', { method: 'POST', body })).token
      making.value = false
      done()
    })
  }
  const revoke = async (id: string): Promise<void> => {
    await run(() => ask(`/api/account/tokens/${id}`, { method: 'DELETE' }))
    done()
  }
  const now = Date.now()
  return (
    <section class="card" aria-labelledby="tokens">
      <h2 id="tokens">
        {t('Token API', 'API tokens')}{' '}
        <Help
          id="Untuk program yang bertanya atas nama Anda: Authorization: Bearer …. Tidak pernah boleh lebih dari peran Anda, dan tidak boleh mengurus akun."
          en="For programs that ask in your name: Authorization: Bearer …. Never more than your role may, and never the care of accounts."
        />
      </h2>
      {own.tokens.length > 0 && (
        <ul class="things">
          {own.tokens.map(({ id, label, verb, expires_at, used_at }) => (
            <li key={id}>
              <div>
                <strong>{label}</strong> ·{' '}
                {verb === 'read' ? t('hanya membaca', 'reads only') : t('membaca dan mengubah', 'reads and changes')}
                <br />
                <span class="soft">
                  {expires_at < now ? t('✗ kedaluwarsa', '✗ expired') : t('sampai', 'until')} {dateTime(expires_at)} ·{' '}
                  {used_at === null
                    ? t('belum pernah dipakai', 'never used')
                    : `${t('dipakai', 'used')} ${ago(used_at, now)}`}
                </span>
              </div>
              <button
                type="button"
                disabled={busy.value}
                aria-label={t(`Cabut token ${label}`, `Revoke the token ${label}`)}
                onClick={() => void revoke(id)}
              >
                {t('Cabut', 'Revoke')}
              </button>
            </li>
          ))}
        </ul>
      )}
      {shown.value !== '' && (
        <div class="once" role="status">
          <p>
            <strong>{t('Token baru, hanya ditampilkan sekali ini.', 'A new token, shown this once.')}</strong>
          </p>
          <Copyable text={shown.value} label={t('Token baru', 'New token')} />
          <p>
            <button
              type="button"
              onClick={() => {
                shown.value = ''
              }}
            >
              {t('Sudah saya simpan', 'I have kept it')}
            </button>
          </p>
        </div>
      )}
      {making.value ? (
        <form onSubmit={(event) => void create(event)}>
          <label>
            {t('Untuk apa?', 'What for?')}
            <input name="label" maxLength={80} placeholder={t('Dasbor Grafana', 'Grafana dashboard')} required />
          </label>
          <Choices
            label={t('Boleh apa?', 'What may it do?')}
            name="verb"
            chosen="read"
            choices={[
              { value: 'read', text: t('hanya membaca', 'read only') },
              { value: 'write', text: t('membaca dan mengubah', 'read and change') },
            ]}
          />
          <Choices
            label={t('Berlaku', 'Good for')}
            name="days"
            chosen="30"
            choices={[7, 30, 90, 366].map((days) => ({
              value: String(days),
              text: t(`${days} hari`, `${days} days`),
            }))}
          />
          <ProofFields own={own} />
          <div class="row">
            <button type="submit" disabled={busy.value}>
              {t('Buat token', 'Make token')}
            </button>
            <button
              type="button"
              class="quiet"
              onClick={() => {
                making.value = false
              }}
            >
              {t('Batal', 'Cancel')}
            </button>
          </div>
        </form>
      ) : (
        <button
          type="button"
          onClick={() => {
            making.value = true
          }}
        >
          {t('Token baru', 'New token')}
        </button>
      )}
      {error.value !== undefined && <Failed error={error.value} />}
    </section>
  )
}
