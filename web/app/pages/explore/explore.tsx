// Which events are there? Search by field and time: question, span, histogram, rows, one event whole, and everything of one entity.
import './explore.css'
import { useComputed, useSignal } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import type { ExploreFields, Order } from '../../../../schemas/explore-api.ts'
import { number } from '../../format.ts'
import { t } from '../../language.ts'
import { useLoad } from '../../parts/load.ts'
import { QueryProgress } from '../../parts/progress.tsx'
import { Empty, Failed, Loading } from '../../parts/states.tsx'
import { type Asked, addressOf, also, keepColumns, readAddress } from './address.ts'
import { createAsking } from './asking.ts'
import { Columns } from './columns.tsx'
import { EntityCard, entityOf } from './entity.tsx'
import { EventDetail } from './event.tsx'
import { Export } from './export.tsx'
import { QueryHelp } from './help.tsx'
import { Histogram } from './histogram.tsx'
import { Presets } from './presets.tsx'
import { QueryBar } from './query-bar.tsx'
import { keyText, type RowKey, Rows } from './rows.tsx'
import { SaveHunt } from './save-hunt.tsx'
import { SpanChoice } from './span.tsx'

export function Explore() {
  const { query, route, url } = useLocation()
  const { data: fields } = useLoad<ExploreFields>(() => '/api/explore/fields')
  const asking = useMemo(createAsking, [])
  const asked = useSignal<Asked>(readAddress(query, Date.now()))
  const text = useSignal(asked.value.q)
  const open = useSignal<RowKey | undefined>(undefined)
  const hunting = useSignal(false)
  const copied = useSignal(false)
  const entity = useComputed(() => entityOf(asked.value.q))
  useEffect(() => {
    const now = readAddress(query, Date.now())
    asked.value = now
    text.value = now.q
    open.value = undefined
    copied.value = false
    void asking.ask(now)
  }, [url])
  useEffect(() => asking.leave, [])

  /** Goes to another question; the same one is asked again. */
  const go = (change: Partial<Asked>): void => {
    const to = addressOf({ ...asked.value, q: text.value.trim(), ...change })
    if (to === url) {
      const now = readAddress(query, Date.now())
      asked.value = now
      void asking.ask(now)
    } else route(to)
  }
  const columnsTo = (columns: readonly string[]): void => {
    keepColumns(columns)
    asked.value = { ...asked.value, columns }
    void asking.ask(asked.value)
  }
  // From an entity or an example: the same span, as times, so that what is seen beneath is of that span.
  const hrefOf = (q: string): string => addressOf({ ...asked.value, q })
  const page = asking.page.value
  const failed = asking.failed.value
  return (
    <div class="explore">
      <h1>{t('Jelajah', 'Explore')}</h1>
      <QueryBar
        text={text}
        fields={fields.value}
        to={asked.value.to}
        problem={asking.problem.value}
        onSubmit={() => go({})}
      />
      <div class="tools">
        <SpanChoice asked={asked.value} onSpan={go} />
        <label>
          {t('Urut', 'Order')}{' '}
          <select
            value={asked.value.order}
            onChange={(event) => {
              const order = orders.find((one) => one === event.currentTarget.value)
              if (order !== undefined) go({ order })
            }}
          >
            <option value="newest">{t('terbaru dulu', 'newest first')}</option>
            <option value="oldest">{t('terlama dulu', 'oldest first')}</option>
            <option value="score">{t('skor tertinggi dulu', 'highest score first')}</option>
          </select>
        </label>
        <Columns fields={fields.value} columns={asked.value.columns} onChange={columnsTo} />
        <Export asked={page === undefined ? undefined : asked.value} />
        <button
          type="button"
          onClick={() => {
            hunting.value = true
          }}
        >
          {t('Simpan sebagai perburuan', 'Save as a hunt')}
        </button>
        <button
          type="button"
          onClick={() =>
            void navigator.clipboard?.writeText(`${location.origin}${addressOf(asked.value, true)}`).then(() => {
              copied.value = true
            })
          }
        >
          {copied.value ? t('Tautan tersalin', 'Link copied') : t('Salin tautan', 'Copy the link')}
        </button>
      </div>
      <Presets q={asked.value.q} hrefOf={hrefOf} />
      <QueryHelp fields={fields.value} hrefOf={hrefOf} />
      {hunting.value && (
        <SaveHunt
          q={asked.value.q}
          onClose={() => {
            hunting.value = false
          }}
        />
      )}
      {asking.busy.value && <QueryProgress progress={asking.progress.value} onCancel={asking.stop} />}
      {asking.stopped.value && (
        <p class="state" role="status">
          {t('Dihentikan.', 'Stopped.')}{' '}
          <button type="button" onClick={() => void asking.ask(asked.value)}>
            {t('Cari lagi', 'Search again')}
          </button>
        </p>
      )}
      {asking.failure.value !== undefined && (
        <Failed error={asking.failure.value} again={() => void asking.ask(asked.value)} />
      )}
      {failed !== undefined && (
        <div class="state failed" role="alert">
          <p>
            <strong>{t(failed.refusal.pesan, failed.refusal.message)}</strong>{' '}
            {t(failed.refusal.tindakan, failed.refusal.action)}
          </p>
          {failed.detail !== '' && <p class="mono">{failed.detail}</p>}
        </div>
      )}
      {asking.histogram.value !== undefined && (
        <Histogram
          histogram={asking.histogram.value}
          from={asked.value.from}
          to={asked.value.to}
          busy={asking.counting.value}
          onRange={(from, to) => go({ back: '', from, to })}
        />
      )}
      {entity.value !== undefined && (
        <EntityCard entity={entity.value} from={asked.value.from} to={asked.value.to} hrefOf={hrefOf} />
      )}
      {page === undefined && asking.busy.value && <Loading />}
      {page !== undefined && page.rows.length === 0 && (
        <Empty>
          {t(
            'Tidak ada kejadian yang cocok dalam rentang ini. Coba rentang lebih panjang, atau kurangi syaratnya.',
            'No event of this span answers the question. Try a longer span, or fewer conditions.',
          )}{' '}
          {asked.value.q !== '' && <a href={hrefOf('')}>{t('Tampilkan semua kejadian', 'Show every event')}</a>}
        </Empty>
      )}
      {page !== undefined && page.rows.length > 0 && (
        <div class={`found${open.value === undefined ? '' : ' beside'}${asking.busy.value ? ' old' : ''}`}>
          <div>
            <Rows
              page={page}
              fields={fields.value?.fields ?? []}
              open={open.value === undefined ? undefined : keyText(open.value)}
              onOpen={(key) => {
                const same = open.value !== undefined && keyText(open.value) === keyText(key)
                open.value = same ? undefined : key
              }}
            />
            <nav class="pager" aria-label={t('Halaman hasil', 'Pages of the answer')}>
              <button
                type="button"
                disabled={asking.begins.value.length < 2 || asking.busy.value}
                onClick={() => void asking.turn(asked.value, 'back')}
              >
                {t('Sebelumnya', 'Back')}
              </button>
              <span>
                {t('halaman', 'page')} {number(asking.begins.value.length)}
              </span>
              <button
                type="button"
                disabled={page.next === null || asking.busy.value}
                onClick={() => void asking.turn(asked.value, 'next')}
              >
                {t('Berikutnya', 'Next')}
              </button>
            </nav>
          </div>
          {open.value !== undefined && (
            <EventDetail
              at={open.value}
              fields={fields.value?.fields ?? []}
              onAlso={(more) => go({ q: also(asked.value.q, more) })}
              hrefOf={hrefOf}
              onClose={() => {
                open.value = undefined
              }}
            />
          )}
        </div>
      )}
    </div>
  )
}

const orders: readonly Order[] = ['newest', 'oldest', 'score']
