// Has the device been heard? Waits for the first line of a source and shows how it was read, or why it was not and what to do.
import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { Arrival, Candidate, Way } from '../../../../schemas/sources-api.ts'
import { ask } from '../../api.ts'
import { clock, dateTime, number } from '../../format.ts'
import { t } from '../../language.ts'
import { visible } from '../../parts/hostile.ts'
import { exploreHref } from '../../parts/links.ts'
import { Failed } from '../../parts/states.tsx'
import { sayReason } from './words.ts'

const EVERY_MS = 2_000
const PATIENCE_MS = 60_000

/** Begins to wait at `since` (by the server); ends with the first event. */
export function FirstLine({ source, way, since }: { source: Candidate; way: Way; since: number }) {
  const arrival = useSignal<Arrival | undefined>(undefined)
  const error = useSignal<unknown>(undefined)
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const stop = new AbortController()
    const look = async (): Promise<void> => {
      try {
        arrival.value = await ask<Arrival>(
          `/api/sources/by-id/${encodeURIComponent(source.id)}/arrival?since=${since}`,
          {
            signal: stop.signal,
          },
        )
        error.value = undefined
      } catch (caught) {
        if (!stop.signal.aborted) error.value = caught
      }
      if (!stop.signal.aborted && arrival.value?.first == null) timer = setTimeout(() => void look(), EVERY_MS)
    }
    void look()
    return () => {
      stop.abort()
      clearTimeout(timer)
    }
  }, [source.id, since, arrival, error])
  const { first, letter, at } = arrival.value ?? { first: null, letter: null, at: since }
  return (
    <div aria-live="polite">
      {error.value !== undefined && <Failed error={error.value} />}
      {first === null && letter === null && (
        <div class="card">
          <p>
            <span class="spinner" aria-hidden="true" />{' '}
            {t(
              `Menunggu baris pertama dari ${source.id} sejak ${clock(since)} …`,
              `Waiting for the first line of ${source.id} since ${clock(since)} …`,
            )}
          </p>
          {at - since > PATIENCE_MS && <Hints way={way} source={source} />}
        </div>
      )}
      {letter !== null && first === null && (
        <div class="card died" role="alert">
          <h3>{t('▲ Barisnya sampai, tetapi tidak dapat diurai', '▲ Its line arrived and could not be read')}</h3>
          <p>
            <strong>{sayReason(letter.reason).what}.</strong> {sayReason(letter.reason).help}
          </p>
          <p class="mono">{visible(letter.cause)}</p>
          <pre>{visible(letter.head)}</pre>
          <p>
            <a href={`/sumber?bagian=gagal&surat=${encodeURIComponent(letter.id)}`}>
              {t('Buka kejadian gagal ini', 'Open this dead letter')}
            </a>{' '}
            · {t('masih menunggu baris yang terurai …', 'still waiting for a line that is read …')}
          </p>
        </div>
      )}
      {first !== null && (
        <div class="card arrived">
          <h3>
            {t('✓ Baris pertama sampai', '✓ The first line arrived')} · {clock(first.landed)}
          </h3>
          {first.dataset === 'plain' ? (
            <p class="warn">
              {t(
                '▲ Formatnya tidak dikenali: baris disimpan utuh sebagai plain, tanpa kolom. Periksa format di perangkat (misalnya nginx: combined) atau minta pusat mengatur format sumber.',
                '▲ Its format was not recognised: the line is kept whole as plain, without columns. See to the format on the device (nginx: combined), or ask the centre to set the format of the source.',
              )}
            </p>
          ) : (
            <p>
              {t('Terurai sebagai', 'Read as')} <strong>{first.dataset}</strong>.{' '}
              {t('Waktu kejadian', 'Time of the event')}: {dateTime(first.at)}
              {first.tags.length > 0 && ` · ${first.tags.join(', ')}`}
            </p>
          )}
          <pre>{visible(first.message)}</pre>
          <details open>
            <summary>
              {t(`${number(first.columns.length)} kolom terisi`, `${number(first.columns.length)} columns set`)}
            </summary>
            <dl>
              {first.columns.map(({ name, value }) => (
                <div key={name}>
                  <dt class="mono">{visible(name)}</dt>
                  <dd class="mono">{visible(value)}</dd>
                </div>
              ))}
            </dl>
          </details>
          <p>
            <a href={`/sumber?sumber=${encodeURIComponent(source.id)}`}>{t('Buka sumbernya', 'Open its source')}</a> ·{' '}
            <a href={exploreHref('source_id', source.id)}>{t('Jelajahi kejadiannya', 'Explore its events')}</a>
          </p>
        </div>
      )}
    </div>
  )
}

function Hints({ way, source }: { way: Way; source: Candidate }) {
  return (
    <>
      <p>{t('Belum ada yang sampai. Periksa:', 'Nothing has arrived yet. Look at:')}</p>
      <ul>
        <li>
          {t(
            'Apakah perangkat menulis log baru? Buat satu kejadian, misalnya buka situsnya.',
            'Does the device write anything new? Make an event, such as by opening the site.',
          )}
        </li>
        {way === 'key' ? (
          <li>
            {t(
              'Apa jawaban Siaga di log perangkat? 401: kuncinya salah atau dicabut. 400 atau 404: alamat atau nama sumbernya salah. Tanpa jawaban: jaringan atau tembok api.',
              'What does Siaga answer, in the log of the device? 401: the key is wrong or revoked. 400 or 404: address or source are wrong. No answer: the network or a firewall.',
            )}
          </li>
        ) : (
          <li>
            {t(
              `Apakah alamat pengirim termasuk ${source.known_by.join(', ')}? Di balik NAT alamatnya lain; tanyakan pusat apakah barisnya ada di unknown-peer.`,
              `Is the address of the sender within ${source.known_by.join(', ')}? Behind NAT it is another; ask the centre whether its lines are in unknown-peer.`,
            )}
          </li>
        )}
        <li>{t('Apakah tembok api membuka portnya?', 'Does the firewall let the port through?')}</li>
      </ul>
    </>
  )
}
