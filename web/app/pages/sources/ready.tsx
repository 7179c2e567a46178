// What is copied onto the device? The configuration with address, port, source and key filled in; the key is made when it is asked for and shown once.
import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { AddAnswer, Candidate, Device, KeyAnswer, RecipeAnswer, Way } from '../../../../schemas/sources-api.ts'
import { ask, query } from '../../api.ts'
import { t } from '../../language.ts'
import { useLoad } from '../../parts/load.ts'
import { Failed, Loading } from '../../parts/states.tsx'

const KEY = 'SIAGA_KEY'

interface Props {
  readonly device: Device
  readonly source: Candidate
  readonly way: Way
  readonly answer: AddAnswer
  /** The configuration is on the screen: from here on a line is waited for. Milliseconds since 1970 UTC, by the server. */
  readonly shown: (at: number) => void
}

export function Ready({ device, source, way, answer, shown }: Props) {
  const host = useSignal(location.hostname)
  const url = useSignal(location.origin)
  const key = useSignal('')
  const label = useSignal('')
  const busy = useSignal(false)
  const failed = useSignal<unknown>(undefined)
  const { data, error, again } = useLoad<RecipeAnswer>(
    () =>
      `/api/sources/by-id/${encodeURIComponent(source.id)}/recipe${query({ device, way, host: host.value, url: url.value })}`,
  )
  const recipe = data.value
  useEffect(() => {
    if (recipe !== undefined) shown(answer.at)
  }, [recipe !== undefined])
  const make = async (): Promise<void> => {
    busy.value = true
    try {
      const made = await ask<KeyAnswer>(`/api/sources/by-id/${encodeURIComponent(source.id)}/keys`, {
        method: 'POST',
        body: { label: label.value },
      })
      key.value = made.text
      failed.value = undefined
    } catch (caught) {
      failed.value = caught
    } finally {
      busy.value = false
    }
  }
  const off =
    way === 'address' && (answer.ports.syslog === null || (device === 'rsyslog' && answer.ports.relp === null))
  const local =
    way === 'key'
      ? answer.local_only.includes('http')
      : answer.local_only.includes(device === 'rsyslog' ? 'relp' : 'syslog')
  return (
    <>
      <div class="fields">
        {way === 'address' ? (
          <label>
            {t('Alamat mesin Siaga, dilihat dari perangkat', 'Address of the machine of Siaga, as the device sees it')}
            <input
              value={host.value}
              maxLength={253}
              onChange={(event) => {
                host.value = event.currentTarget.value.trim()
              }}
            />
          </label>
        ) : (
          <label>
            {t('Alamat web Siaga, dilihat dari perangkat', 'Web address of Siaga, as the device sees it')}
            <input
              value={url.value}
              maxLength={300}
              onChange={(event) => {
                url.value = event.currentTarget.value.trim().replace(/\/$/, '')
              }}
            />
          </label>
        )}
      </div>
      {off && (
        <p class="warn">
          {t(
            '▲ Jalan masuk ini dimatikan di Siaga; minta pusat menyalakannya.',
            '▲ This way in is switched off; ask the centre to switch it on.',
          )}
        </p>
      )}
      {local && (
        <p class="warn">
          {t(
            '▲ Siaga sekarang hanya menerima dari mesinnya sendiri lewat jalan ini (host: 127.0.0.1). Pusat harus membukanya, atau memasang proksi di depannya.',
            '▲ As it is configured, Siaga takes this way in from its own machine only (host: 127.0.0.1). The centre must open it, or put a proxy before it.',
          )}
        </p>
      )}
      {way === 'address' && (
        <p>
          {t('Perangkat harus mengirim dari', 'The device must send from')}{' '}
          <span class="mono">{source.known_by.join(', ')}</span>.{' '}
          {t(
            'Dari alamat lain, kejadiannya jatuh ke unknown-peer yang hanya dilihat pusat.',
            'From anywhere else its events fall to unknown-peer, which only the centre sees.',
          )}
        </p>
      )}
      {way === 'key' && (
        <div class={`card ${key.value === '' ? '' : 'secret'}`}>
          {key.value === '' ? (
            <form
              onSubmit={(event) => {
                event.preventDefault()
                void make()
              }}
            >
              <div class="fields">
                <label>
                  {t('Keterangan kunci (nama perangkat)', 'Label of the key (name of the device)')}
                  <input
                    value={label.value}
                    maxLength={100}
                    onInput={(event) => {
                      label.value = event.currentTarget.value
                    }}
                  />
                </label>
              </div>
              <button type="submit" disabled={busy.value}>
                {t('Buat kunci dan isikan', 'Make a key and fill it in')}
              </button>
              <p class="soft">
                {t(
                  `Sudah punya kunci untuk ${source.id}? Ganti ${KEY} di bawah ini dengan kunci itu.`,
                  `You have a key of ${source.id} already? Put it where ${KEY} stands below.`,
                )}
              </p>
            </form>
          ) : (
            <>
              <p>
                <strong>
                  {t(
                    'Kunci ini hanya ditampilkan sekali dan sudah diisikan di bawah. Simpan baik-baik.',
                    'This key is shown this once, and is filled in below. Keep it safe.',
                  )}
                </strong>
              </p>
              <p class="mono">{key.value}</p>
              <Copy text={key.value} what={t('Salin kunci', 'Copy the key')} />
            </>
          )}
          {failed.value !== undefined && <Failed error={failed.value} />}
        </div>
      )}
      {error.value !== undefined && <Failed error={error.value} again={again} />}
      {recipe === undefined
        ? error.value === undefined && <Loading />
        : recipe.files.map((file) => {
            const text = key.value === '' ? file.text : file.text.replaceAll(KEY, key.value)
            return (
              <section key={file.path} class="card">
                <h3 class="mono">{file.path === '' ? t('Perintah', 'Command') : file.path}</h3>
                <pre>{text}</pre>
                <Copy text={text} what={t('Salin', 'Copy')} />
              </section>
            )
          })}
      {recipe !== undefined && (
        <>
          <ul>
            {recipe.steps.map((step) => (
              <li key={step.en}>{t(step.id, step.en)}</li>
            ))}
          </ul>
          <p class="soft">
            {recipe.tried === 'tested'
              ? t('Cara ini diuji dengan program aslinya.', 'This way is tested with the real program.')
              : t(
                  'Ditulis menurut buku petunjuk pembuatnya; belum diuji dengan program aslinya.',
                  "Written by its maker's manual; not tested with the real program.",
                )}
          </p>
        </>
      )}
    </>
  )
}

export function Copy({ text, what }: { text: string; what: string }) {
  const said = useSignal('')
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text)
      said.value = t('✓ tersalin', '✓ copied')
    } catch {
      // Over plain http a browser has no clipboard to give.
      said.value = t('Pilih teksnya dan salin dengan Ctrl-C.', 'Select the text and copy it with Ctrl-C.')
    }
  }
  return (
    <p>
      <button type="button" onClick={() => void copy()}>
        {what}
      </button>{' '}
      <span role="status">{said.value}</span>
    </p>
  )
}
