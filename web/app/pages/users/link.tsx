// How does the link with which somebody chooses a password reach them? Shown once, to be copied or scanned.
import { useEffect, useRef } from 'preact/hooks'
import { t } from '../../language.ts'
import { Qr } from '../../parts/qr.tsx'
import { Copyable } from '../../parts/secret.tsx'

export interface ShownLink {
  readonly login: string
  readonly path: string
}

export function OneTimeLink({ link: { login, path }, close }: { link: ShownLink; close: () => void }) {
  const address = `${location.origin}${path}`
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [path])
  return (
    <section class="card once" aria-labelledby="link">
      <h2 id="link" ref={heading} tabIndex={-1}>
        {t('Tautan sekali pakai untuk', 'One-time link for')} {login}
      </h2>
      <p>
        {t(
          'Berikan langsung kepada orangnya. Berlaku tiga hari, satu kali, dan tidak ditampilkan lagi; yang sebelumnya tidak berlaku.',
          'Give it to the person directly. It is good for three days, once, and is not shown again; an earlier one is void.',
        )}
      </p>
      <Copyable text={address} label={t('Tautan sekali pakai', 'One-time link')} />
      <Qr text={address} label={t('Kode QR tautan sekali pakai', 'QR code of the one-time link')} />
      <p>
        <button type="button" onClick={close}>
          {t('Sudah saya berikan', 'I have handed it over')}
        </button>
      </p>
    </section>
  )
}
