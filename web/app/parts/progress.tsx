// How far is a query that somebody waits for? What the server has read, and a way to stop it.
import { number, short } from '../format.ts'
import { t } from '../language.ts'
import type { Progress } from '../pieces.ts'

/** Bytes in words. */
export function bytes(count: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  const at = Math.min(units.length - 1, count < 1 ? 0 : Math.floor(Math.log10(count) / 3))
  return `${number(count / 1000 ** at, at === 0 ? 0 : 1)} ${units[at]}`
}

export function QueryProgress({ progress, onCancel }: { progress: Progress | undefined; onCancel: () => void }) {
  const {
    read_rows: rows,
    total_rows: total,
    read_bytes: size,
  } = progress ?? { read_rows: 0, total_rows: 0, read_bytes: 0 }
  const share = total > 0 ? Math.min(1, rows / total) : undefined
  return (
    <div class="query-progress">
      <progress
        max={1}
        {...(share === undefined ? {} : { value: share })}
        aria-label={t('Kemajuan kueri', 'Progress of the query')}
      />
      <span class="soft">
        {t('dibaca', 'read')} {short(rows)} {t('baris', 'rows')}
        {total > 0 ? ` / ${short(total)}` : ''} · {bytes(size)}
      </span>
      <button type="button" onClick={onCancel}>
        {t('Hentikan', 'Stop')}
      </button>
    </div>
  )
}
