// How is the state of a source said? By shape and word; the colour says the same once more.
import type { RegionView, SourceFilter, SourceState } from '../../../../schemas/sources-api.ts'
import { t } from '../../language.ts'

export interface Said {
  readonly shape: string
  readonly word: string
}

export function sayState(state: SourceState): Said {
  switch (state) {
    case 'live':
      return { shape: '●', word: t('terdengar', 'heard') }
    case 'quiet':
      return { shape: '◐', word: t('sepi seperti biasa', 'quiet as usual') }
    case 'silent':
      return { shape: '▲', word: t('diam', 'silent') }
    case 'unjudged':
      return { shape: '?', word: t('belum dapat dinilai', 'not judged') }
    case 'never':
      return { shape: '○', word: t('belum pernah terdengar', 'never heard') }
  }
}

export function sayFilter(filter: SourceFilter): Said {
  if (filter === 'all') return { shape: '', word: t('semua', 'all') }
  if (filter === 'trouble') return { shape: '!', word: t('perlu perhatian', 'needs attention') }
  return sayState(filter)
}

export function sayRegion(state: RegionView['state']): Said & { readonly tone: string } {
  switch (state) {
    case 'terpantau':
      return { shape: '●', word: t('terpantau', 'monitored'), tone: 'live' }
    case 'sebagian':
      return { shape: '◐', word: t('sebagian terpantau', 'partly monitored'), tone: 'unjudged' }
    case 'tidak terpantau':
      return { shape: '▨', word: t('tidak terpantau', 'not monitored'), tone: 'silent' }
  }
}

/** Reasons of dead letters: what happened, and what helps. Others are shown as they are. */
export function sayReason(reason: string): { readonly what: string; readonly help: string } {
  switch (reason) {
    case 'format_mismatch':
      return {
        what: t('Baris tidak sesuai format sumber', 'The line is not of the format of its source'),
        help: t(
          'Samakan format sumber di siaga.yaml dengan perangkatnya, atau pakai auto; lalu putar ulang.',
          'Set the format of the source in siaga.yaml to that of the device, or to auto; then replay.',
        ),
      }
    case 'unknown_source':
      return {
        what: t('Sumbernya tidak dikenal', 'Its source is not known'),
        help: t(
          'Tambahkan sumber itu di siaga.yaml dan jalankan ulang Siaga; lalu putar ulang.',
          'Add the source to siaga.yaml and start Siaga again; then replay.',
        ),
      }
    case 'parser_error':
      return {
        what: t('Pengurai gagal', 'The parser failed'),
        help: t(
          'Kesalahan di Siaga: kirim isinya kepada pusat; putar ulang setelah diperbaiki.',
          'A mistake in Siaga: send the payload to the centre; replay once it is mended.',
        ),
      }
    case 'json_too_deep':
    case 'json_too_many_keys':
      return {
        what: t('JSON terlalu dalam atau terlalu banyak kunci', 'JSON too deep, or with too many keys'),
        help: t(
          'Bisa jadi serangan. Bila sah, sederhanakan di pengirim.',
          'It may be an attack. If it is not, make it simpler at the sender.',
        ),
      }
    case 'row_too_large':
      return {
        what: t('Kejadian terlalu besar', 'The event is too large'),
        help: t('Perpendek di pengirim.', 'Cut it at the sender.'),
      }
    case 'bad_envelope':
      return {
        what: t('Tidak datang lewat pengumpul Siaga', "It did not come by Siaga's collectors"),
        help: t('Beri tahu pusat.', 'Tell the centre.'),
      }
    default:
      return { what: reason, help: t('Beri tahu pusat.', 'Tell the centre.') }
  }
}

/** Milliseconds as people say them. */
export function span(ms: number): string {
  const abs = Math.abs(ms)
  const [value, unit] =
    abs < 1_000
      ? [abs, 'ms']
      : abs < 120_000
        ? [abs / 1_000, t('dtk', 's')]
        : abs < 7_200_000
          ? [abs / 60_000, t('mnt', 'min')]
          : [abs / 3_600_000, t('jam', 'h')]
  return `${value < 10 && unit !== 'ms' ? value.toFixed(1).replace('.', t(',', '.')) : Math.round(value)} ${unit}`
}
