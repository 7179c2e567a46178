// What is a ready configuration? The files of a device, filled in, with what is left to be done; the key's place holds a word that the page fills in.

import type { SourceFormat } from '../../../schemas/config.ts'
import type { Device, RecipeFile, Way } from '../../../schemas/sources-api.ts'

/** Stands where the key goes: a key is shown once, to whoever made it, and never travels in an address. */
export const KEY = 'SIAGA_KEY'

export interface Place {
  /** Source id: small letters, digits, dots, dashes, underscores. */
  readonly source: string
  /** Name or address of the machine of Siaga, without port; checked, so that it can end no line. */
  readonly host: string
  /** Where its web port is reached, such as `https://siaga.example:8443`; no slash behind it. */
  readonly url: string
  readonly ports: { readonly syslog: number; readonly syslogTls: number; readonly relp: number }
  /** Path of the Elasticsearch protocol, such as `/elastic`. */
  readonly elastic: string
  /** Of senders known by a certificate the encrypted way is shown. */
  readonly tls: boolean
}

export interface Text {
  readonly id: string
  readonly en: string
}

export interface Recipe {
  readonly files: readonly RecipeFile[]
  readonly steps: readonly Text[]
  /** `tested`: the same text stands in the README, whose blocks our tests run. */
  readonly tried: 'tested' | 'by_manual'
}

export interface DeviceRecipes {
  readonly device: Device
  readonly name: string
  /** Formats of sources that fit; empty: any. */
  readonly formats: readonly SourceFormat[]
  readonly note: Text
  readonly ways: Partial<Record<Way, (place: Place) => Recipe>>
}

/** A URL in the parts that some programs want. */
export function partsOf(url: string): { host: string; port: string; tls: boolean } {
  const { hostname, port, protocol } = new URL(url)
  const tls = protocol === 'https:'
  return { host: hostname, port: port === '' ? (tls ? '443' : '80') : port, tls }
}
