// Which screens hang on a wall in my name, and how is one added or taken down?
import { useSignal } from '@preact/signals'
import type { NewLink, OwnAccount } from '../../../../schemas/accounts-api.ts'
import { ask } from '../../api.ts'
import { ago, dateTime } from '../../format.ts'
import { t } from '../../language.ts'
import { fieldsOf, useAct } from '../../parts/act.ts'
import { Qr } from '../../parts/qr.tsx'
import { Copyable } from '../../parts/secret.tsx'
import { Failed, Help } from '../../parts/states.tsx'

export function WallsPart({ own, done }: { own: OwnAccount; done: () => void }) {
  const { busy, error, run } = useAct()
  const link = useSignal('')
  const create = async (event: SubmitEvent): Promise<void> => {
    const form = event.currentTarget
    const label = fieldsOf(event)('label')
    await run(async () => {
      const { path } = await ask<NewLink>('/api/account/walls', { method: 'POST', body: { label } })
      link.value = `${location.origin}${path}`
      if (form instanceof HTMLFormElement) form.reset()
      done()
    })
  }
  const revoke = async (id: string): Promise<void> => {
    await run(() => ask(`/api/account/walls/${id}`, { method: 'DELETE' }))
    done()
  }
  return (
    <section class="card" aria-labelledby="walls">
      <h2 id="walls">
        {t('Layar dinding', 'Wall screens')}{' '}
        <Help
          id="Layar di dinding Ruang Operasi yang hanya menampilkan Situasi wilayah Anda. Tetap hidup setelah server dimulai ulang, sampai Anda mencabutnya."
          en="A screen on the wall of an Operation Room that shows the situation of your region and nothing else. It goes on when the server starts again, until you take it down."
        />
      </h2>
      {own.walls.length > 0 && (
        <ul class="things">
          {own.walls.map(({ id, label, waiting, seen_at, expires_at, address }) => (
            <li key={id}>
              <div>
                <strong>{label}</strong>
                <br />
                <span class="soft">
                  {waiting
                    ? `○ ${t('belum dibuka, berlaku sampai', 'not opened yet, good until')} ${dateTime(expires_at)}`
                    : `● ${address} · ${t('terakhir', 'last')} ${ago(seen_at ?? 0, Date.now())}`}
                </span>
              </div>
              <button
                type="button"
                disabled={busy.value}
                aria-label={t(`Cabut layar ${label}`, `Take down the screen ${label}`)}
                onClick={() => void revoke(id)}
              >
                {t('Cabut', 'Take down')}
              </button>
            </li>
          ))}
        </ul>
      )}
      {link.value !== '' && (
        <div class="once" role="status">
          <p>
            <strong>{t('Buka tautan ini di layar itu, sekali saja.', 'Open this link on that screen, once.')}</strong>{' '}
            {t('Berlaku 24 jam dan tidak ditampilkan lagi.', 'It is good for 24 hours and not shown again.')}
          </p>
          <Copyable text={link.value} label={t('Tautan layar dinding', 'Link of the wall screen')} />
          <Qr text={link.value} label={t('Kode QR tautan layar dinding', 'QR code of the link')} />
          <p>
            <button
              type="button"
              onClick={() => {
                link.value = ''
              }}
            >
              {t('Tutup', 'Close')}
            </button>
          </p>
        </div>
      )}
      <form onSubmit={(event) => void create(event)}>
        <label>
          {t('Layar yang mana?', 'Which screen?')}
          <input
            name="label"
            maxLength={80}
            placeholder={t('Ruang piket, lantai 2', 'Duty room, 2nd floor')}
            required
          />
        </label>
        <button type="submit" disabled={busy.value}>
          {t('Buat tautan', 'Make a link')}
        </button>
      </form>
      {error.value !== undefined && <Failed error={error.value} />}
    </section>
  )
}
