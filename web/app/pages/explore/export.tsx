// How does somebody take events along? A file of up to a hundred thousand, streamed; it says when it was cut.
import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { t } from '../../language.ts'
import { bytes } from '../../parts/progress.tsx'
import { saveFile } from '../../parts/save-file.ts'
import { Failed } from '../../parts/states.tsx'
import { post } from '../../pieces.ts'
import type { Asked } from './address.ts'

export function Export({ asked }: { asked: Asked | undefined }) {
  const got = useSignal(-1)
  const failure = useSignal<unknown>(undefined)
  const said = useSignal('')
  const whole = useSignal(false)
  const going = useRef<AbortController | undefined>(undefined)
  useEffect(() => () => going.current?.abort(), [])
  const save = async (format: 'csv' | 'jsonl'): Promise<void> => {
    if (asked === undefined) return
    const { q, from, to, order, columns } = asked
    const stop = new AbortController()
    going.current = stop
    got.value = 0
    failure.value = undefined
    said.value = ''
    try {
      const wanted = whole.value ? [] : [...new Set(['timestamp', ...columns])]
      const response = await post('/api/explore/export', { q, from, to, order, columns: wanted, format }, stop.signal)
      const name =
        /filename="([\w.-]+)"/.exec(response.headers.get('content-disposition') ?? '')?.[1] ?? `siaga.${format}`
      const parts: BlobPart[] = []
      const reader = response.body?.getReader()
      for (;;) {
        const read = await reader?.read()
        if (read === undefined || read.done) break
        parts.push(read.value)
        got.value += read.value.length
      }
      const blob = new Blob(parts, { type: response.headers.get('content-type') ?? 'text/plain' })
      const end = await blob.slice(-200).text()
      saveFile(name, blob)
      said.value = end.includes('cut after ')
        ? t(
            `${name}: terpotong pada 100.000 baris; persempit rentang untuk sisanya.`,
            `${name}: cut at 100,000 rows; choose a shorter span for the rest.`,
          )
        : t(`${name} tersimpan, lengkap.`, `${name} saved, complete.`)
    } catch (error) {
      if (!stop.signal.aborted) failure.value = error
    } finally {
      got.value = -1
    }
  }
  return (
    <details class="menu export">
      <summary>{t('Unduh', 'Download')}</summary>
      <div>
        <label>
          <input
            type="checkbox"
            checked={whole.value}
            onChange={(event) => {
              whole.value = event.currentTarget.checked
            }}
          />{' '}
          {t('semua kolom', 'every column')}
        </label>
        <p>
          <button type="button" disabled={asked === undefined || got.value >= 0} onClick={() => void save('csv')}>
            CSV
          </button>{' '}
          <button type="button" disabled={asked === undefined || got.value >= 0} onClick={() => void save('jsonl')}>
            JSONL
          </button>
        </p>
        <p class="soft">
          {t(
            "Paling banyak 100.000 kejadian. Di CSV, teks yang diawali = + - @ diberi tanda ' agar tidak menjadi rumus.",
            "At most 100,000 events. In CSV, text that begins with = + - @ gets a ' so that it is no formula.",
          )}
        </p>
        {got.value >= 0 && (
          <p role="status">
            {bytes(got.value)}{' '}
            <button type="button" onClick={() => going.current?.abort()}>
              {t('Hentikan', 'Stop')}
            </button>
          </p>
        )}
        {said.value !== '' && <p role="status">{said.value}</p>}
        {failure.value !== undefined && <Failed error={failure.value} />}
      </div>
    </details>
  )
}
