// What of one's own is on its way? Drafts, what waits for the line, receipts, and what others left on this device.
import { useSignal } from '@preact/signals'
import { ago, dateTime } from '../../format.ts'
import { t } from '../../language.ts'
import { drop, dropOthers, type Entry, entries, keeps, othersHere, send, sending, submit } from './outbox.ts'
import { categories, say } from './words.ts'

export function Mine({ onOpen }: { onOpen: (entry: Entry) => void }) {
  const others = useSignal(othersHere().length)
  return (
    <>
      {!keeps.value && (
        <p class="state failed" role="alert">
          {t(
            'Perangkat ini tidak dapat menyimpan draf. Jangan tutup halaman sebelum terkirim.',
            'This device cannot keep drafts. Leave the page open until it is sent.',
          )}
        </p>
      )}
      {entries.value.length > 0 && (
        <section
          aria-label={t('Laporan di perangkat ini', 'Reports on this device')}
          class="rep-mine"
          aria-live="polite"
        >
          {entries.value.map((entry) => (
            <One key={entry.id} entry={entry} onOpen={onOpen} />
          ))}
        </section>
      )}
      {others.value > 0 && (
        <p class="rep-note">
          {t(
            'Akun lain meninggalkan draf di perangkat ini; isinya tidak ditampilkan.',
            'Another account left drafts on this device; they are not shown.',
          )}{' '}
          <button
            type="button"
            onClick={() => {
              if (
                !confirm(
                  t(
                    'Hapus draf akun lain? Yang belum terkirim akan hilang.',
                    'Remove them? What was not sent is lost.',
                  ),
                )
              )
                return
              dropOthers()
              others.value = 0
            }}
          >
            {t('Hapus dari perangkat', 'Remove from the device')}
          </button>
        </p>
      )}
    </>
  )
}

function One({ entry, onOpen }: { entry: Entry; onOpen: (entry: Entry) => void }) {
  const title = entry.kind === 'nihil' ? t('Laporan nihil', 'Nothing to report (nihil)') : titleOf(entry)
  const start = (entry.form?.description ?? '').slice(0, 120)
  if (entry.state === 'filed' && entry.answer !== undefined) {
    const { receipt, clocks, late } = entry.answer
    return (
      <article class="card rep-filed">
        <p>
          <strong>✓ {t('Laporan diterima', 'Report received')}</strong>
          <br />
          {t('Nomor tanda terima', 'Receipt number')}:{' '}
          <a class="whole" href={`/laporan/${receipt}`}>
            {receipt}
          </a>
        </p>
        {late === true && <p>{t('Tercatat terlambat dari tenggatnya.', 'It came after its time.')}</p>}
        {clocks.map(({ clock, due_local, passed }) => (
          <p key={clock}>
            {clock === 'iiv' ? t('Tenggat IIV', 'IIV clock') : t('Tenggat data pribadi', 'Personal data clock')}:{' '}
            {due_local} {passed && <strong>{t('LEWAT', 'OVER')}</strong>}
          </p>
        ))}
        <button type="button" class="quiet" onClick={() => drop(entry.id)}>
          {t('Sembunyikan', 'Hide')}
        </button>
      </article>
    )
  }
  if (entry.state === 'waiting') {
    const now = sending.value === entry.id
    return (
      <article class="card rep-waiting">
        <p>
          <strong>
            {now ? t('↑ Sedang dikirim …', '↑ Being sent …') : t('○ Menunggu jaringan', '○ Waiting for the line')}
          </strong>
          <br />
          {title}
        </p>
        <p class="soft">
          {t(
            'Terkirim sendiri begitu jaringan ada, dan tercatat satu kali saja. Halaman boleh ditutup; buka lagi nanti.',
            'It is sent by itself when the line is back, and filed once. You may close the page and open it again later.',
          )}
        </p>
        {!now && (
          <button type="button" onClick={() => void send()}>
            {t('Coba sekarang', 'Try now')}
          </button>
        )}
      </article>
    )
  }
  return (
    <article class="card rep-draft">
      <p>
        <strong>✎ {t('Draf', 'Draft')}</strong> · {title}
        <br />
        {start !== '' && (
          <>
            {start}
            <br />
          </>
        )}
        <span class="soft">
          {dateTime(entry.changed_at)} ({ago(entry.changed_at, Date.now())})
        </span>
      </p>
      {entry.refusal && <p class="rep-problem">{t(entry.refusal.pesan, entry.refusal.message)}</p>}
      {entry.kind === 'incident' ? (
        <button type="button" class="main" onClick={() => onOpen(entry)}>
          {t('Lanjutkan', 'Go on')}
        </button>
      ) : (
        <button type="button" onClick={() => submit(entry, {})}>
          {t('Coba lagi', 'Try again')}
        </button>
      )}{' '}
      <button type="button" class="quiet" onClick={() => drop(entry.id)}>
        {t('Hapus', 'Remove')}
      </button>
    </article>
  )
}

function titleOf({ form }: Entry): string {
  const known = Object.entries(categories).find(([name]) => name === form?.category)
  return known === undefined ? t('laporan insiden', 'incident report') : say(known[1])
}
