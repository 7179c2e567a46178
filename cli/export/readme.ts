// What does whoever opens a package read first? What it is and how to check it without Siaga, Indonesian first.
import type { Manifest } from './package.ts'

/** The text of README.txt. */
export function readme({ id, exported_by, exported_at, exported_at_local }: Manifest): string {
  return `Paket bukti Siaga ${id}
Diekspor oleh ${oneLine(exported_by)}, ${exported_at_local} (${exported_at}).

rows.*           baris hasil kueri; rows.jsonl dan rows.csv berisi baris yang sama
query.sql        kueri; parameternya dalam manifest.json
manifest.json    siapa, kapan, mengapa, server, kolom, jumlah baris
SHA256SUMS       hash SHA-256 setiap berkas; SHA256SUMS.sig tanda tangannya (Ed25519)

Memeriksa:
  sha256sum -c SHA256SUMS
  openssl pkeyutl -verify -pubin -inkey public-key.pem -rawin -in SHA256SUMS -sigfile SHA256SUMS.sig
  siaga export verify PAKET.tar --key kunci-publik.pem
Kunci publik di sini hanya sebagai rujukan: minta dari pemilik Siaga (siaga export key) dan bandingkan.
CSV: impor sebagai teks; sel yang diawali = + - @ dapat dijalankan oleh program lembar kerja.

Siaga evidence package ${id}
Exported by ${oneLine(exported_by)}, ${exported_at_local} (${exported_at}).

rows.*           rows of the answer; rows.jsonl and rows.csv hold the same rows
query.sql        the query; its parameters are in manifest.json
manifest.json    who, when, why, the server, columns, number of rows
SHA256SUMS       SHA-256 of every file; SHA256SUMS.sig is its signature (Ed25519)

To check it:
  sha256sum -c SHA256SUMS
  openssl pkeyutl -verify -pubin -inkey public-key.pem -rawin -in SHA256SUMS -sigfile SHA256SUMS.sig
  siaga export verify PACKAGE.tar --key public-key.pem
The public key in here is for reference: ask for it where Siaga runs (siaga export key) and compare.
CSV: import it as text; spreadsheets may run cells that begin with = + - @.
`
}

const oneLine = (text: string): string => text.replace(/\s+/g, ' ')
