// What does the interactive mode say? Indonesian first, English second.
import type { Language } from '../terminal.ts'

export interface Words {
  readonly welcome: (server: string, user: string) => string
  readonly hint: string
  readonly rows: (n: string) => string
  readonly read: (rows: string, bytes: string, atLeast: boolean) => string
  readonly cut: (rows: string) => string
  readonly left: string
  readonly cancelling: string
  readonly cancelled: string
  readonly toLeave: string
  readonly format: (name: string) => string
  readonly vertical: (on: boolean) => string
  readonly timing: (on: boolean) => string
  readonly nextTo: (file: string) => string
  readonly screenAgain: string
  readonly wrote: (file: string, bytes: string) => string
  readonly noParameters: string
  readonly unknownMeta: (name: string) => string
  readonly tooLong: string
  readonly noSet: string
  readonly noHistory: (why: string) => string
  readonly nameOrder: readonly [string, string, string]
  readonly columnOrder: readonly [string, string, string]
  readonly view: string
  readonly table: string
}

export const words: Readonly<Record<Language, Words>> = {
  id: {
    welcome: (server, user) => `ClickHouse ${server}, sebagai ${user}.`,
    hint: 'Akhiri kueri dengan ;   \\? bantuan   \\d tabel   Tab melengkapi   Ctrl-D keluar',
    rows: (n) => `${n} baris`,
    read: (rows, bytes, atLeast) => `dibaca${atLeast ? ' paling sedikit' : ''} ${rows} baris, ${bytes}`,
    cut: (rows) => `Hanya ${rows} baris pertama; \\o BERKAS mengambil semuanya.`,
    left: 'Sisanya tidak diambil.',
    cancelling: 'membatalkan …',
    cancelled: 'Kueri dibatalkan; server berhenti mengerjakannya.',
    toLeave: 'Ctrl-D atau \\q untuk keluar.',
    format: (name) => `Format: ${name}`,
    vertical: (on) => `Tampilan tegak: ${on ? 'ya' : 'tidak'}`,
    timing: (on) => `Waktu dan jumlah yang dibaca: ${on ? 'ditampilkan' : 'tidak ditampilkan'}`,
    nextTo: (file) => `Hasil berikutnya ditulis ke ${file}`,
    screenAgain: 'Hasil berikutnya ke layar.',
    wrote: (file, bytes) => `${file}: ${bytes}`,
    noParameters: 'Belum ada parameter. \\p nama=nilai mengisi {nama:String} dalam kueri.',
    unknownMeta: (name) => `Tidak ada perintah ${name}; \\? menampilkan semuanya.`,
    tooLong: 'Kueri terlalu panjang; jalankan dari berkas: siaga sql --file BERKAS',
    noSet: 'SET tidak bertahan di sini; tulis SETTINGS nama = nilai di akhir kueri.',
    noHistory: (why) => `Riwayat tidak disimpan: ${why}`,
    nameOrder: ['Nama', 'Jenis', 'Keterangan'],
    columnOrder: ['Kolom', 'Tipe', 'Keterangan'],
    view: 'view',
    table: 'tabel',
  },
  en: {
    welcome: (server, user) => `ClickHouse ${server}, as ${user}.`,
    hint: 'End a query with ;   \\? help   \\d tables   Tab completes   Ctrl-D leaves',
    rows: (n) => `${n} rows`,
    read: (rows, bytes, atLeast) => `read ${atLeast ? 'at least ' : ''}${rows} rows, ${bytes}`,
    cut: (rows) => `Only the first ${rows} rows; \\o FILE takes all of them.`,
    left: 'The rest was not fetched.',
    cancelling: 'cancelling …',
    cancelled: 'The query was cancelled; the server ends it.',
    toLeave: 'Ctrl-D or \\q leaves.',
    format: (name) => `Format: ${name}`,
    vertical: (on) => `Vertical: ${on ? 'on' : 'off'}`,
    timing: (on) => `Time and what was read: ${on ? 'shown' : 'not shown'}`,
    nextTo: (file) => `The next result is written to ${file}`,
    screenAgain: 'The next result goes to the screen.',
    wrote: (file, bytes) => `${file}: ${bytes}`,
    noParameters: 'There are no parameters. \\p name=value fills {name:String} in a query.',
    unknownMeta: (name) => `There is no command ${name}; \\? shows all of them.`,
    tooLong: 'The query is too long; run it from a file: siaga sql --file FILE',
    noSet: 'SET does not last here; write SETTINGS name = value at the end of the query.',
    noHistory: (why) => `The history is not kept: ${why}`,
    nameOrder: ['Name', 'Kind', 'About'],
    columnOrder: ['Column', 'Type', 'About'],
    view: 'view',
    table: 'table',
  },
}

/** The text of `\?`, both languages, within 80 columns. */
export const metaHelp = `Bahasa Indonesia
  \\d                tabel dan view dengan keterangannya
  \\d NAMA           kolom sebuah tabel atau view: tipe dan keterangan
  \\f FORMAT         table, vertical, JSON, CSV, TSV, Parquet, Arrow, atau format
                    ClickHouse lain; Parquet dan Arrow hanya ke berkas (\\o)
  \\x                satu kolom per baris (tegak), nyala/mati
  \\timing           waktu, baris dan byte yang dibaca, nyala/mati
  \\o BERKAS         hasil berikutnya ke berkas baru; \\o saja: kembali ke layar
  \\p nama=nilai     isi {nama:Tipe} dalam kueri; \\p: daftar; \\p nama: hapus
  \\q                keluar (juga Ctrl-D)
  ;                 mengakhiri kueri; Ctrl-C membatalkannya; Tab melengkapi
  Kueri yang diawali spasi tidak masuk riwayat, begitu pula nomor NIK, NKK, dan
  telepon. SIAGA_SQL_HISTORY=off mematikan riwayat.

English
  \\d                tables and views with their comments
  \\d NAME           columns of a table or view: type and comment
  \\f FORMAT         table, vertical, JSON, CSV, TSV, Parquet, Arrow, or another
                    of ClickHouse; Parquet and Arrow go to a file only (\\o)
  \\x                a line for each column (vertical), on/off
  \\timing           time, rows and bytes read, on/off
  \\o FILE           the next result into a new file; \\o alone: the screen again
  \\p name=value     fills {name:Type} in a query; \\p: list; \\p name: remove
  \\q                leave (also Ctrl-D)
  ;                 ends a query; Ctrl-C cancels it; Tab completes
  Queries that begin with a space are not kept in the history, nor are numbers
  of citizens (NIK, NKK, phone). SIAGA_SQL_HISTORY=off keeps none.
`
