// Does Siaga run here, and does it say itself that events can flow?
import { z } from 'zod'
import type { ResolvedConfig } from '../../runtime/config.ts'
import { errorText } from '../../runtime/errors.ts'
import { tlsProblems, tlsSettings, tlsWarnings } from '../certificates.ts'
import { holderOf } from '../holder.ts'
import { localAddress } from '../local-address.ts'
import { type Examined, ok, trouble } from './examined.ts'

const TIMEOUT_MS = 5_000
const Ready = z.object({ reasons: z.array(z.string()) })

/**
 * The process of the data directory, by what it answers to /readyz. One with a Kafka and a ClickHouse of yours does not hold the directory: it is there if it
 * answers.
 */
export async function examineProcess({
  data_dir,
  http,
  kafka,
  clickhouse,
}: Pick<ResolvedConfig, 'data_dir' | 'http' | 'kafka' | 'clickhouse'>): Promise<Examined> {
  const holds = kafka.brokers.length === 0 || clickhouse.url === ''
  const pid = holderOf(data_dir)
  if (pid === undefined && holds)
    return trouble(
      'process',
      'wrong',
      {
        id: `Siaga tidak berjalan dengan direktori data ${data_dir}`,
        en: `Siaga does not run with the data directory ${data_dir}`,
      },
      { id: 'siaga start', en: 'siaga start' },
    )
  const address = `${localAddress(http)}/readyz`
  try {
    const answer = await fetch(address, { signal: AbortSignal.timeout(TIMEOUT_MS) })
    const { reasons } = Ready.parse(await answer.json())
    if (reasons.length === 0)
      return ok(
        'process',
        `Siaga berjalan (${pid === undefined ? address : `proses ${pid}`}) dan siap`,
        `Siaga runs (${pid === undefined ? address : `process ${pid}`}) and is ready`,
      )
    return trouble(
      'process',
      'wrong',
      { id: `Siaga belum siap: ${reasons.join('; ')}`, en: `Siaga is not ready: ${reasons.join('; ')}` },
      { id: 'Tunggu sebentar; bila tetap begitu, baca lognya.', en: 'Wait a moment; if it stays so, read its log.' },
    )
  } catch (error) {
    const text = errorText(error)
    return trouble(
      'process',
      'wrong',
      {
        id: `${pid === undefined ? 'Siaga' : `proses ${pid}`} tidak menjawab di ${address}: ${text}`,
        en: `${pid === undefined ? 'Siaga' : `process ${pid}`} does not answer at ${address}: ${text}`,
      },
      { id: 'Baca lognya; hentikan dan jalankan lagi.', en: 'Read its log; stop it and start it again.' },
    )
  }
}

/** Certificates of the configuration. */
export function examineCertificates(config: ResolvedConfig, now: number): Examined[] {
  const todo = { id: 'Pasang sertifikat yang baru.', en: 'Install a new certificate.' }
  const found = [
    ...tlsProblems(config).map((text) => trouble('certificates', 'wrong', { id: text, en: text }, todo)),
    ...tlsWarnings(config, now).map((text) => trouble('certificates', 'warning', { id: text, en: text }, todo)),
  ]
  if (found.length > 0 || tlsSettings(config).length === 0) return found
  return [ok('certificates', 'sertifikat berlaku lebih dari 30 hari', 'certificates are good for more than 30 days')]
}
