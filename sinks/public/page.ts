// What does the page for citizens look like? Indonesian first, English below; no script, nothing that is loaded from elsewhere, only numbers put in.
import type { PublicData } from '../../schemas/public.ts'

/** `lebih dari 300.000`, `fewer than 10`: a coarse figure as citizens read it. Figures are rounded down. */
function words(value: number, language: 'id' | 'en'): string {
  if (value === 0) return language === 'id' ? 'kurang dari 10' : 'fewer than 10'
  const number = new Intl.NumberFormat(language === 'id' ? 'id-ID' : 'en-GB').format(value)
  return language === 'id' ? `lebih dari ${number}` : `more than ${number}`
}

function day(date: string, language: 'id' | 'en'): string {
  return new Intl.DateTimeFormat(language === 'id' ? 'id-ID' : 'en-GB', { dateStyle: 'long', timeZone: 'UTC' }).format(
    Date.parse(date),
  )
}

/** The page as HTML; every part of it but dates and numbers is fixed. */
export function publicPage({ until, days, figures }: PublicData): string {
  const told = (language: 'id' | 'en', texts: readonly (readonly [value: number, text: string])[]): string =>
    texts.map(([value, text]) => `<li><strong>${words(value, language)}</strong> ${text}</li>`).join('\n        ')
  return `<!doctype html>
<html lang="id">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'self'">
    <title>Pemilu aman di dunia maya</title>
    <link rel="stylesheet" href="style.css">
  </head>
  <body>
    <main>
      <h1>Pemilu aman di dunia maya</h1>
      <p>Sistem pemilu dijaga siang dan malam. Ini gambaran ${days} hari sampai ${day(until, 'id')}, dibulatkan.</p>
      <ul class="figures">
        ${told('id', [
          [figures.events, 'catatan sistem diperiksa'],
          [figures.failed_logins, 'percobaan masuk yang gagal'],
          [figures.alerts_opened, 'peringatan dibuka untuk diperiksa petugas'],
          [figures.alerts_closed, 'peringatan selesai diperiksa'],
        ])}
      </ul>
      <p>Peringatan berarti ada yang diperiksa, bukan berarti pemilu terganggu.</p>
      <h2>Yang dapat Anda lakukan</h2>
      <ul>
        <li>Buka situs resmi dengan mengetik alamatnya sendiri. Alamat resmi pemerintah berakhiran <b>.go.id</b>.</li>
        <li>Jangan berikan NIK, nomor KK, kata sandi, atau kode OTP kepada siapa pun lewat pesan atau telepon.</li>
        <li>Curigai pesan yang mendesak, menjanjikan hadiah, atau meminta memasang aplikasi (berkas APK).</li>
        <li>Periksa kabar hasil pemilu di situs resmi penyelenggara sebelum membagikannya.</li>
        <li>Pakai kata sandi yang berbeda untuk tiap akun, dan nyalakan verifikasi dua langkah.</li>
        <li>Situs tiruan atau penipuan? Jangan diklik; laporkan ke penyelenggara pemilu atau ke aduan konten pemerintah.</li>
      </ul>
      <section lang="en">
        <h2>In English</h2>
        <p>The systems of the election are watched day and night. These are the ${days} days until ${day(until, 'en')}, rounded.</p>
        <ul class="figures">
        ${told('en', [
          [figures.events, 'records of systems looked at'],
          [figures.failed_logins, 'log-ins that failed'],
          [figures.alerts_opened, 'alerts opened for people to look at'],
          [figures.alerts_closed, 'alerts looked at and closed'],
        ])}
        </ul>
        <p>An alert means that something is looked at, not that the election is disturbed. Type the addresses of official sites yourself,
        give no identity number, password or code to anybody, and check news on official sites before you share it.</p>
      </section>
    </main>
  </body>
</html>
`
}

export const publicStyle = `:root {
  color-scheme: light dark;
}
body {
  margin: 0;
  font:
    18px / 1.6 system-ui,
    sans-serif;
  background: light-dark(#fbfaf8, #14171a);
  color: light-dark(#1d2329, #e8eaed);
}
main {
  max-width: 42rem;
  margin: 0 auto;
  padding: 1.5rem;
}
h1,
h2 {
  line-height: 1.2;
}
h1 {
  color: light-dark(#8a1c22, #f08a8f);
}
.figures {
  list-style: none;
  padding: 0;
}
.figures li {
  border-left: 4px solid light-dark(#8a1c22, #f08a8f);
  padding: 0.25rem 0.75rem;
  margin: 0.5rem 0;
}
section {
  border-top: 1px solid light-dark(#d9d6d0, #333b44);
  margin-top: 2rem;
}
`
