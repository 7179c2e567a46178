// How is an incident reported from a phone? A short form in plain words, kept on the device with every letter.
import { useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import type { ReportDeskInfo, ReportRefusal } from '../../../../schemas/reports-api.ts'
import { localIso, type Zone } from '../../format.ts'
import { language, t } from '../../language.ts'
import { SeverityMark, severities } from '../../parts/severity.tsx'
import { Help } from '../../parts/states.tsx'
import { session } from '../../session.ts'
import { drop, type Entry, type Form, newId, put, submit } from './outbox.ts'
import { categories, say, severityHints } from './words.ts'

const CONTACT = 'siaga.report-contact.'

/** What a `datetime-local` of that zone shows now. */
const localNow = (zone: Zone): string => localIso(Date.now(), zone, 16)

interface Contact {
  readonly phone: string
  readonly email: string
}

/** How this account was reached last time. */
function lastContact(): Contact {
  try {
    const read: unknown = JSON.parse(localStorage.getItem(CONTACT + (session.value?.account.id ?? '')) ?? '{}')
    if (typeof read !== 'object' || read === null) return { phone: '', email: '' }
    const text = (value: unknown): string => (typeof value === 'string' ? value : '')
    return {
      phone: 'phone' in read ? text(read.phone) : '',
      email: 'email' in read ? text(read.email) : '',
    }
  } catch {
    return { phone: '', email: '' }
  }
}

/** Of the form nothing else: what a report says leaves this device when it is sent. */
function keepContact({ phone, email }: Contact): void {
  try {
    localStorage.setItem(CONTACT + (session.value?.account.id ?? ''), JSON.stringify({ phone, email }))
  } catch {
    // A comfort only.
  }
}

/** An empty form as a draft; it is kept from the first letter on. */
export function newDraft(zone: Zone): Entry {
  const form: Form = {
    category: '',
    severity: '',
    asset: '',
    discovered_at: localNow(zone),
    description: '',
    chronology: '',
    impact: '',
    iiv: false,
    personal_data: false,
    name: session.value?.account.name ?? '',
    ...lastContact(),
  }
  return { id: newId(), kind: 'incident', state: 'draft', form, body: undefined, changed_at: Date.now() }
}

/** What is sent: as `siaga report` sends it (schemas/report.ts). */
function bodyOf(form: Form): Record<string, unknown> {
  const { name, phone, email, ...rest } = form
  return {
    contact: {
      name: name.trim(),
      ...(phone.trim() && { phone: phone.trim() }),
      ...(email.trim() && { email: email.trim() }),
    },
    ...rest,
    attachments: [],
  }
}

export function IncidentForm({ entry, desk, onSent }: { entry: Entry; desk: ReportDeskInfo; onSent: () => void }) {
  const draft = useSignal(entry)
  const unreachable = useSignal(false)
  const form = draft.value.form ?? newDraft(desk.zone).form
  const element = useRef<HTMLFormElement>(null)
  const { refusal } = draft.value
  useEffect(() => {
    if (refusal?.fields === undefined) return
    element.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus()
  }, [refusal])
  if (form === undefined) return null
  const set = (change: Partial<Form>): void => {
    draft.value = { ...draft.value, form: { ...form, ...change }, changed_at: Date.now() }
    unreachable.value = false
    put(draft.value)
  }
  const text = (
    name: 'asset' | 'discovered_at' | 'description' | 'chronology' | 'impact' | 'name' | 'phone' | 'email',
  ) => ({
    id: `f-${name}`,
    value: form[name],
    'aria-invalid': problemOf(refusal, name) !== undefined,
    'aria-describedby': problemOf(refusal, name) === undefined ? undefined : `f-${name}-problem`,
    onInput: ({ currentTarget }: { currentTarget: HTMLInputElement | HTMLTextAreaElement }) =>
      set({ [name]: currentTarget.value }),
  })
  const send = (event: SubmitEvent): void => {
    event.preventDefault()
    if (form.phone.trim() === '' && form.email.trim() === '') {
      unreachable.value = true
      element.current?.querySelector<HTMLElement>('#f-phone')?.focus()
      return
    }
    keepContact(form)
    submit(draft.value, bodyOf(form))
    onSent()
  }
  return (
    <form class="rep-form" ref={element} onSubmit={send}>
      {refusal && (
        <p class="state failed" role="alert">
          <strong>{language.value === 'en' ? refusal.message : refusal.pesan}</strong>{' '}
          {language.value === 'en' ? refusal.action : refusal.tindakan}
        </p>
      )}
      <Field name="category" refusal={refusal} label={t('Apa yang terjadi?', 'What happened?')}>
        <select
          id="f-category"
          required
          value={form.category}
          aria-invalid={problemOf(refusal, 'category') !== undefined}
          onChange={({ currentTarget }) => set({ category: currentTarget.value })}
        >
          <option value="">{t('Pilih …', 'Choose …')}</option>
          {Object.entries(categories).map(([name, words]) => (
            <option key={name} value={name}>
              {say(words)}
            </option>
          ))}
        </select>
      </Field>
      <fieldset class="rep-severity">
        <legend>{t('Seberapa berat?', 'How bad is it?')}</legend>
        {severities.map((name) => (
          <label key={name} class={`rep-choice rep-${name}`}>
            <input
              type="radio"
              name="severity"
              value={name}
              required
              checked={form.severity === name}
              onChange={() => set({ severity: name })}
            />
            <span>
              <SeverityMark severity={name} /> <small>{say(severityHints[name])}</small>
            </span>
          </label>
        ))}
      </fieldset>
      <Field
        name="asset"
        refusal={refusal}
        label={t('Di mana? Situs, aplikasi, atau alamat', 'Where? Site, application or address')}
      >
        <input {...text('asset')} required maxLength={300} list="f-assets" autocapitalize="none" spellcheck={false} />
      </Field>
      <datalist id="f-assets">
        {desk.assets.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </datalist>
      <Field
        name="discovered_at"
        refusal={refusal}
        label={t(`Kapan diketahui? (waktu ${desk.zone})`, `When was it discovered? (${desk.zone})`)}
      >
        <input {...text('discovered_at')} type="datetime-local" required max={localNow(desk.zone)} />
      </Field>
      <Field name="description" refusal={refusal} label={t('Ceritakan apa yang terlihat', 'Tell what you see')}>
        <textarea {...text('description')} required rows={4} maxLength={20_000} />
      </Field>
      <Field
        name="chronology"
        refusal={refusal}
        label={t('Urutan kejadian: apa dulu, lalu apa', 'In which order: what first, what then')}
      >
        <textarea {...text('chronology')} required rows={3} maxLength={20_000} />
      </Field>
      <Field name="impact" refusal={refusal} label={t('Apa dampaknya?', 'What does it harm?')}>
        <textarea {...text('impact')} required rows={2} maxLength={20_000} />
      </Field>
      <fieldset>
        <legend>{t('Apakah menyangkut …', 'Does it concern …')}</legend>
        <Tick checked={form.iiv} set={(iiv) => set({ iiv })}>
          {t('infrastruktur informasi vital (IIV)', 'vital information infrastructure (IIV)')}{' '}
          <Help
            id="Sistem yang bila terganggu merugikan kepentingan umum, seperti daftar pemilih dan rekapitulasi. Tenggat lapor 1 × 24 jam (Peraturan BSSN 1/2024)."
            en="Systems whose failure harms the public, such as the voter roll and the count. To be reported within 1 × 24 hours (BSSN regulation 1/2024)."
          />
        </Tick>
        <Tick checked={form.personal_data} set={(personal_data) => set({ personal_data })}>
          {t('data pribadi yang terungkap', 'personal data that was exposed')}{' '}
          <Help
            id="Nama, NIK, alamat, dan data orang lain yang terlihat oleh yang tidak berhak. Tenggat 3 × 24 jam (UU 27/2022)."
            en="Names, NIK, addresses and other data of people, seen by those who should not. To be told within 3 × 24 hours (law 27/2022)."
          />
        </Tick>
      </fieldset>
      <fieldset>
        <legend>{t('Siapa yang dapat dihubungi?', 'Who can be asked?')}</legend>
        <Field name="name" refusal={refusal} label={t('Nama', 'Name')}>
          <input {...text('name')} required maxLength={200} autocomplete="name" />
        </Field>
        <Field name="phone" refusal={refusal} label={t('Telepon', 'Phone')}>
          <input {...text('phone')} type="tel" maxLength={60} autocomplete="tel" />
        </Field>
        <Field name="email" refusal={refusal} label={t('Surel', 'E-mail')}>
          <input {...text('email')} type="email" maxLength={200} autocomplete="email" />
        </Field>
        {unreachable.value && (
          <p class="rep-problem" role="alert">
            {t('Isi telepon atau surel, agar dapat dihubungi.', 'Give a phone number or an e-mail address.')}
          </p>
        )}
        <p class="soft">
          {t(
            'Nomor telepon disimpan sebagai token; surel terbaca oleh yang menangani.',
            'The phone number is kept as a token; those who work on it can read the e-mail address.',
          )}
        </p>
      </fieldset>
      <div class="rep-actions">
        <button type="submit">{t('Kirim laporan', 'Send the report')}</button>
        <button
          type="button"
          class="quiet"
          onClick={() => {
            if (!confirm(t('Hapus draf ini dari perangkat?', 'Remove this draft from the device?'))) return
            drop(draft.value.id)
            onSent()
          }}
        >
          {t('Hapus draf', 'Remove draft')}
        </button>
      </div>
      <p class="soft">
        {t(
          'Yang diketik tersimpan di perangkat ini, juga bila sinyal hilang atau halaman tertutup.',
          'What you type is kept on this device, also if the signal is lost or the page is closed.',
        )}
      </p>
    </form>
  )
}

/** What is wrong with a field; those of the contact carry its name in front. */
function problemOf(refusal: ReportRefusal | undefined, name: string): string | undefined {
  const problem = refusal?.fields?.find(
    ({ field }) => field === name || field === `contact.${name}` || (field === 'contact' && name === 'phone'),
  )
  if (problem === undefined) return undefined
  return language.value === 'en' ? problem.message : problem.pesan
}

function Field(props: {
  name: string
  label: string
  refusal: ReportRefusal | undefined
  children: ComponentChildren
}) {
  const problem = problemOf(props.refusal, props.name)
  return (
    <div class="rep-field">
      <label for={`f-${props.name}`}>{props.label}</label>
      {props.children}
      {problem && (
        <p class="rep-problem" id={`f-${props.name}-problem`}>
          {problem}
        </p>
      )}
    </div>
  )
}

function Tick(props: { checked: boolean; set: (checked: boolean) => void; children: ComponentChildren }) {
  return (
    <label class="rep-choice">
      <input
        type="checkbox"
        checked={props.checked}
        onChange={({ currentTarget }) => props.set(currentTarget.checked)}
      />
      <span>{props.children}</span>
    </label>
  )
}
