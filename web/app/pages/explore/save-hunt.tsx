// How does a question become a hunt? A form for what a hunt must say; the file is shown to copy or to download, and nothing is written on the server.
import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type { HuntText } from '../../../../schemas/explore-api.ts'
import { ask } from '../../api.ts'
import { language, t } from '../../language.ts'
import { saveFile } from '../../parts/save-file.ts'
import { Failed } from '../../parts/states.tsx'

const categories = [
  ['login', 'Log-in', 'Log-ins'],
  ['host', 'Host', 'Hosts'],
  ['web', 'Situs web', 'Web sites'],
  ['election', 'Data pemilu', 'Election data'],
  ['network', 'Jaringan', 'Networks'],
  ['intelligence', 'Intelijen', 'Intelligence'],
  ['regions', 'Lintas wilayah', 'Regions'],
  ['siaga', 'Siaga sendiri', 'Siaga itself'],
] as const

const entities = [
  ['address', 'Alamat asal', 'Source address'],
  ['user', 'Pengguna', 'User'],
  ['asset', 'Aset', 'Asset'],
  ['host', 'Host', 'Host'],
  ['path', 'Jalur web', 'Web path'],
  ['domain', 'Domain', 'Domain'],
] as const

export function SaveHunt({ q, onClose }: { q: string; onClose: () => void }) {
  const hunt = useSignal<Extract<HuntText, { kind: 'hunt' }> | undefined>(undefined)
  const failure = useSignal<unknown>(undefined)
  const wrong = useSignal('')
  const copied = useSignal(false)
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => dialog.current?.showModal(), [])
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    if (!(event.currentTarget instanceof HTMLFormElement)) return
    const form = new FormData(event.currentTarget)
    const said = (name: string): string => String(form.get(name) ?? '').trim()
    // A text in one language stands for both, until somebody writes the other into the file.
    const both = (name: string) => ({ id: said(name), en: said(`${name}_en`) || said(name) })
    failure.value = undefined
    wrong.value = ''
    copied.value = false
    try {
      const answer = await ask<HuntText>('/api/explore/hunt', {
        method: 'POST',
        body: {
          q,
          id: said('id'),
          category: said('category'),
          entity: said('entity'),
          attack: said('attack')
            .toUpperCase()
            .split(/[\s,]+/)
            .filter((one) => one !== ''),
          title: both('title'),
          finds: both('finds'),
          matters: both('matters'),
          action: both('action'),
          usual: both('usual'),
        },
      })
      if (answer.kind === 'hunt') hunt.value = answer
      else wrong.value = language.value === 'en' ? answer.problem.message : answer.problem.pesan
    } catch (error) {
      failure.value = error
    }
  }
  const text = hunt.value?.text ?? ''
  return (
    <dialog ref={dialog} class="save-hunt" aria-labelledby="save-hunt-title" onClose={onClose}>
      <header>
        <h2 id="save-hunt-title">{t('Simpan sebagai perburuan', 'Save as a hunt')}</h2>
        <button type="button" onClick={() => dialog.current?.close()}>
          {t('Tutup', 'Close')}
        </button>
      </header>
      <p class="soft">
        {t(
          'Hasilnya berkas .sql. Letakkan di folder hunts.dir pada siaga.yaml agar dapat dijalankan dan dijadwalkan.',
          'The result is a file .sql. Put it into the folder hunts.dir of siaga.yaml, so that it can be run and scheduled.',
        )}
      </p>
      <p>
        <code>{q === '' ? t('(semua kejadian)', '(every event)') : q}</code>
      </p>
      <form onSubmit={(event) => void submit(event)}>
        <label>
          {t('Nama berkas (huruf kecil dan garis bawah)', 'Name of the file (small letters and underscores)')}
          <input name="id" required pattern="[a-z][a-z0-9_]{2,63}" class="mono" autocomplete="off" />
        </label>
        <div class="two">
          <label>
            {t('Topik', 'Subject')}
            <select name="category">
              {categories.map(([value, id, en]) => (
                <option key={value} value={value}>
                  {t(id, en)}
                </option>
              ))}
            </select>
          </label>
          <label>
            {t('Dikelompokkan menurut', 'Grouped by')}
            <select name="entity">
              {entities.map(([value, id, en]) => (
                <option key={value} value={value}>
                  {t(id, en)}
                </option>
              ))}
            </select>
          </label>
          <label>
            {t('Teknik ATT&CK', 'ATT&CK techniques')}
            <input
              name="attack"
              required
              placeholder="T1110, T1110.003"
              pattern="[Tt][0-9]{4}(\.[0-9]{3})?([\s,]+[Tt][0-9]{4}(\.[0-9]{3})?)*"
            />
          </label>
        </div>
        <Both name="title" id="Judul" en="Title" />
        <Both name="finds" id="Apa yang ditemukan" en="What it finds" />
        <Both name="matters" id="Mengapa penting bagi pemilu" en="Why it matters in an election" />
        <Both name="action" id="Apa yang dilakukan bila ada temuan" en="What to do with a hit" />
        <Both name="usual" id="Salah duga yang lazim" en="A usual false positive" />
        <button type="submit">{t('Buat berkas', 'Make the file')}</button>
      </form>
      {wrong.value !== '' && (
        <p class="state failed" role="alert">
          {wrong.value}
        </p>
      )}
      {failure.value !== undefined && <Failed error={failure.value} />}
      {hunt.value !== undefined && (
        <section aria-live="polite">
          <h3 class="mono">{hunt.value.file}</h3>
          <p>
            <button
              type="button"
              class="main"
              onClick={() => saveFile(hunt.value?.file ?? 'hunt.sql', text, 'application/sql')}
            >
              {t('Unduh', 'Download')}
            </button>{' '}
            <button
              type="button"
              onClick={() =>
                void navigator.clipboard?.writeText(text).then(() => {
                  copied.value = true
                })
              }
            >
              {copied.value ? t('Tersalin', 'Copied') : t('Salin', 'Copy')}
            </button>
          </p>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls */}
          <pre class="raw" tabIndex={0}>
            {text}
          </pre>
        </section>
      )}
    </dialog>
  )
}

function Both({ name, id, en }: { name: string; id: string; en: string }) {
  return (
    <div class="two">
      <label>
        {t(id, en)}
        <input name={name} required maxLength={800} />
      </label>
      <label>
        {t(`${id}, dalam bahasa Inggris (boleh kosong)`, `${en}, in English (if the first is Indonesian)`)}
        <input name={`${name}_en`} maxLength={800} />
      </label>
    </div>
  )
}
