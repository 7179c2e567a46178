// What could not be read, why, and what came of sending it again? Payloads are text of strangers: shown as text, never more than a part of it.
import { useSignal } from '@preact/signals'
import type { LetterDetail, LettersAnswer, LetterView, ReplayAnswer } from '../../../../schemas/sources-api.ts'
import { ask, query } from '../../api.ts'
import { ago, dateTime, number } from '../../format.ts'
import { t } from '../../language.ts'
import { visible } from '../../parts/hostile.ts'
import { useLoad } from '../../parts/load.ts'
import { Empty, Failed, Help, Loading } from '../../parts/states.tsx'
import { may } from '../../session.ts'
import { Pages } from './list.tsx'
import { sayReason } from './words.ts'

const PAGE = 50

export function Letters({ source }: { source: string }) {
  const reason = useSignal('')
  const all = useSignal(false)
  const from = useSignal(0)
  const chosen = useSignal<ReadonlySet<string>>(new Set())
  const { data, error, again } = useLoad<LettersAnswer>(
    () =>
      `/api/sources/letters${query({ source, reason: reason.value, all: all.value ? '1' : '0', from: from.value })}`,
    10_000,
  )
  const answer = data.value
  const toggle = (id: string): void => {
    const next = new Set(chosen.value)
    if (!next.delete(id)) next.add(id)
    chosen.value = next
  }
  const waiting = answer?.letters.filter(({ replayed }) => !replayed) ?? []
  return (
    <section aria-label={t('Kejadian gagal', 'Dead letters')}>
      <p class="soft">
        {t(
          'Kejadian yang tidak dapat diurai disimpan utuh, tidak dibuang.',
          'Events that could not be read are kept whole; none is thrown away.',
        )}{' '}
        <Help
          id="Setelah penyebabnya diperbaiki, putar ulang: kejadian dikirim lagi apa adanya dengan nomor yang sama, lalu masuk seperti kejadian lain atau gagal lagi dengan alasan baru."
          en="Once the cause is mended, replay: the event is sent again as it was with the same id, and then lands like any other or dies again with a new reason."
        />
      </p>
      <div class="filters">
        {source !== '' && (
          <p>
            {t('Hanya dari', 'Only of')} <span class="mono">{source}</span>{' '}
            <a href="/sumber?bagian=gagal">{t('semua sumber', 'all sources')}</a>
          </p>
        )}
        <label>
          {t('Alasan', 'Reason')}
          <select
            value={reason.value}
            onChange={(event) => {
              reason.value = event.currentTarget.value
              from.value = 0
            }}
          >
            <option value="">{t('semua', 'all')}</option>
            {answer?.reasons.map((one) => (
              <option key={one.reason} value={one.reason}>
                {sayReason(one.reason).what} ({number(one.letters)})
              </option>
            ))}
          </select>
        </label>
        <label class="check">
          <input
            type="checkbox"
            checked={all.value}
            onChange={() => {
              all.value = !all.value
              from.value = 0
            }}
          />
          {t('Juga yang sudah diputar ulang', 'Those replayed as well')}
        </label>
      </div>
      {error.value !== undefined && <Failed error={error.value} again={again} />}
      {may('sources', 'write') && answer !== undefined && (
        // Before the list and not a part of it: what came of the last ones is said although none is left.
        <Replay
          ids={[...chosen.value]}
          offered={answer.letters.length > 0}
          done={() => {
            chosen.value = new Set()
            again()
          }}
        />
      )}
      {answer === undefined ? (
        error.value === undefined && <Loading />
      ) : answer.letters.length === 0 ? (
        <Empty>{t('Tidak ada kejadian gagal.', 'There are no dead letters.')}</Empty>
      ) : (
        <>
          {answer.cut && (
            <p class="warn">{t('▲ Hanya yang terbaru yang ditampilkan.', '▲ Only the newest ones are shown.')}</p>
          )}
          <div class="scroll">
            <table class="cards">
              <caption class="soft">
                {t(`${number(answer.matching)} kejadian`, `${number(answer.matching)} letters`)}
              </caption>
              <thead>
                <tr>
                  {may('sources', 'write') && (
                    <th scope="col">
                      <input
                        type="checkbox"
                        aria-label={t('Pilih semua di halaman ini', 'Choose all of this page')}
                        checked={waiting.length > 0 && waiting.every(({ id }) => chosen.value.has(id))}
                        onChange={(event) => {
                          chosen.value = event.currentTarget.checked ? new Set(waiting.map(({ id }) => id)) : new Set()
                        }}
                      />
                    </th>
                  )}
                  <th scope="col">{t('Waktu', 'Time')}</th>
                  <th scope="col">{t('Sumber', 'Source')}</th>
                  <th scope="col">{t('Alasan', 'Reason')}</th>
                  <th scope="col">{t('Isi', 'Payload')}</th>
                </tr>
              </thead>
              <tbody>
                {answer.letters.map((letter) => (
                  <Row
                    key={letter.id}
                    letter={letter}
                    at={answer.at}
                    chosen={chosen.value.has(letter.id)}
                    toggle={toggle}
                  />
                ))}
              </tbody>
            </table>
          </div>
          {answer.matching > PAGE && (
            <Pages
              from={from.value}
              all={answer.matching}
              size={PAGE}
              go={(to) => {
                from.value = to
                chosen.value = new Set()
              }}
            />
          )}
        </>
      )}
    </section>
  )
}

function Row({
  letter,
  at,
  chosen,
  toggle,
}: {
  letter: LetterView
  at: number
  chosen: boolean
  toggle: (id: string) => void
}) {
  return (
    <tr>
      {may('sources', 'write') && (
        <td>
          {letter.replayed ? null : (
            <input
              type="checkbox"
              aria-label={t(`Pilih kejadian dari ${letter.source}`, `Choose the letter of ${letter.source}`)}
              checked={chosen}
              onChange={() => toggle(letter.id)}
            />
          )}
        </td>
      )}
      <td data-label={t('Waktu', 'Time')}>
        <a href={`/sumber?bagian=gagal&surat=${encodeURIComponent(letter.id)}`}>{dateTime(letter.at)}</a>
        <small class="soft">{ago(letter.at, at)}</small>
      </td>
      <td class="mono" data-label={t('Sumber', 'Source')}>
        {visible(letter.source)}
      </td>
      <td data-label={t('Alasan', 'Reason')}>
        {sayReason(letter.reason).what}
        <small class="soft">{visible(letter.cause)}</small>
        {letter.replayed && <small>↻ {t('sudah diputar ulang', 'replayed')}</small>}
      </td>
      <td class="mono payload" data-label={t('Isi', 'Payload')}>
        {visible(letter.head.slice(0, 160))}
        {letter.head.length > 160 || letter.bytes > 160 ? ' …' : ''}
      </td>
    </tr>
  )
}

/** Asks once more before anything is sent, and says what came of it. `offered`: there is something to choose from. */
function Replay({ ids, offered = true, done }: { ids: readonly string[]; offered?: boolean; done: () => void }) {
  const asked = useSignal(false)
  const busy = useSignal(false)
  const said = useSignal('')
  const error = useSignal<unknown>(undefined)
  const send = async (): Promise<void> => {
    busy.value = true
    try {
      const { replayed, left_out } = await ask<ReplayAnswer>('/api/sources/letters/replay', {
        method: 'POST',
        body: { ids },
      })
      said.value = t(
        `${number(replayed)} kejadian dikirim ulang${left_out > 0 ? `; ${number(left_out)} dilewati karena sudah pernah diputar ulang` : ''}. Buka kejadiannya untuk melihat hasilnya.`,
        `${number(replayed)} letters were sent again${left_out > 0 ? `; ${number(left_out)} left out, they had been replayed` : ''}. Open a letter to see what came of it.`,
      )
      error.value = undefined
      done()
    } catch (caught) {
      error.value = caught
    } finally {
      busy.value = false
      asked.value = false
    }
  }
  return (
    <div class="replay">
      {asked.value ? (
        <p role="alert">
          {t(
            `Kirim ulang ${number(ids.length)} kejadian melalui pipeline? `,
            `Send ${number(ids.length)} letters through the pipeline again? `,
          )}
          <button type="button" class="main" disabled={busy.value} onClick={() => void send()}>
            {busy.value ? t('Mengirim …', 'Sending …') : t('Ya, putar ulang', 'Yes, replay')}
          </button>{' '}
          <button
            type="button"
            disabled={busy.value}
            onClick={() => {
              asked.value = false
            }}
          >
            {t('Batal', 'Cancel')}
          </button>
        </p>
      ) : offered ? (
        <button
          type="button"
          class="replay-button"
          disabled={ids.length === 0}
          onClick={() => {
            asked.value = true
            said.value = ''
          }}
        >
          {t(`Putar ulang yang dipilih (${number(ids.length)})`, `Replay those chosen (${number(ids.length)})`)}
        </button>
      ) : null}
      <p role="status">{said.value}</p>
      {error.value !== undefined && <Failed error={error.value} />}
    </div>
  )
}

export function LetterPage({ id }: { id: string }) {
  const { data, error, again } = useLoad<LetterDetail>(() => `/api/sources/letters/${encodeURIComponent(id)}`, 3_000)
  const answer = data.value
  if (answer === undefined)
    return error.value === undefined ? <Loading /> : <Failed error={error.value} again={again} />
  const { letter, payload, payload_cut, outcome, again: dead } = answer
  const { what, help } = sayReason(letter.reason)
  return (
    <article class="source-page">
      <p>
        <a href="/sumber?bagian=gagal">← {t('Kejadian gagal', 'Dead letters')}</a>
      </p>
      <h2>{what}</h2>
      <p>{help}</p>
      {error.value !== undefined && <Failed error={error.value} again={again} />}
      <section class="card">
        <dl>
          <div>
            <dt>{t('Sumber', 'Source')}</dt>
            <dd class="mono">{visible(letter.source)}</dd>
          </div>
          <div>
            <dt>{t('Sebab', 'Cause')}</dt>
            <dd class="mono">{visible(letter.cause)}</dd>
          </div>
          <div>
            <dt>{t('Diterima', 'Received')}</dt>
            <dd>{letter.received_at === null ? '–' : dateTime(letter.received_at)}</dd>
          </div>
          <div>
            <dt>{t('Gagal', 'Died')}</dt>
            <dd>{dateTime(letter.at)}</dd>
          </div>
          <div>
            <dt>{t('Format', 'Format')}</dt>
            <dd>{letter.format || 'auto'}</dd>
          </div>
          <div>
            <dt>{t('Ukuran', 'Size')}</dt>
            <dd>
              {number(letter.bytes)} {t('bita', 'bytes')}
            </dd>
          </div>
        </dl>
        <p role="status" class="outcome">
          {outcome === null && t('○ Belum diputar ulang.', '○ Not replayed yet.')}
          {outcome === 'landed' &&
            t('✓ Sudah diputar ulang dan tersimpan sebagai kejadian.', '✓ Replayed, and landed as an event.')}
          {outcome === 'waiting' &&
            t(
              '… Sudah dikirim ulang; belum terlihat. Halaman ini memeriksa lagi sendiri.',
              '… Sent again; not seen yet. This page looks again by itself.',
            )}
          {outcome === 'sent' && t('↻ Sudah dikirim ulang.', '↻ Sent again.')}
          {outcome === 'dead_again' && (
            <>
              {t('▲ Sudah dikirim ulang dan gagal lagi: ', '▲ Sent again, and died again: ')}
              {dead !== null && (
                <a href={`/sumber?bagian=gagal&surat=${encodeURIComponent(dead.id)}`}>{sayReason(dead.reason).what}</a>
              )}
            </>
          )}
        </p>
        {may('sources', 'write') && !letter.replayed && <Replay ids={[letter.id]} done={again} />}
      </section>
      <section class="card">
        <h3>{t('Isi', 'Payload')}</h3>
        <pre class="payload">{visible(payload)}</pre>
        {payload_cut && (
          <p class="soft">
            {t(
              'Hanya awalnya yang ditampilkan; seluruhnya: siaga dlq show --raw di mesin pusat.',
              'Only the beginning is shown; the whole: siaga dlq show --raw on the machine of the centre.',
            )}
          </p>
        )}
      </section>
    </article>
  )
}
