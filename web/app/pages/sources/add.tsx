// How is a device added? Four steps: what it is, which source it belongs to, a configuration to copy, and its first line.
import { type Signal, useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { AddAnswer, Candidate, Device, Way } from '../../../../schemas/sources-api.ts'
import { t } from '../../language.ts'
import { useLoad } from '../../parts/load.ts'
import { ownerName } from '../../parts/owner-words.ts'
import { placeName } from '../../parts/region-names.ts'
import { sourceName } from '../../parts/source-name.ts'
import { Failed, Help, Loading } from '../../parts/states.tsx'
import { FirstLine } from './first-line.tsx'
import { Proposal } from './proposal.tsx'
import { Ready } from './ready.tsx'
import { sayState } from './words.ts'

export function AddDevice({ source }: { source: string }) {
  const { data, error, again } = useLoad<AddAnswer>(() => '/api/sources/devices')
  const device = useSignal<Device | undefined>(undefined)
  const chosen = useSignal(source)
  const way = useSignal<Way | undefined>(undefined)
  const since = useSignal<number | undefined>(undefined)
  const answer = data.value
  // What was chosen before may not fit what is chosen now.
  useEffect(() => {
    way.value = undefined
    since.value = undefined
  }, [device.value, chosen.value, way, since])
  if (answer === undefined)
    return error.value === undefined ? <Loading /> : <Failed error={error.value} again={again} />
  const what = answer.devices.find((one) => one.device === device.value)
  const where = answer.candidates.find(({ id }) => id === chosen.value)
  const ways = what === undefined || where === undefined ? [] : what.ways.filter((one) => where.ways.includes(one))
  const by = way.value ?? ways[0]
  return (
    <ol class="steps">
      <li>
        <h2>{t('Perangkat apa?', 'What is it?')}</h2>
        <fieldset class="choices">
          <legend class="soft">{t('Pilih jenisnya', 'Choose its type')}</legend>
          {answer.devices.map((one) => (
            <label key={one.device} class="choice">
              <input
                type="radio"
                name="device"
                checked={device.value === one.device}
                onChange={() => {
                  device.value = one.device
                }}
              />
              <span>
                <strong>{one.name}</strong>
                <small>{t(one.note.id, one.note.en)}</small>
              </span>
            </label>
          ))}
        </fieldset>
      </li>
      {what !== undefined && (
        <li>
          <h2>
            {t('Milik sumber yang mana?', 'Which source does it belong to?')}{' '}
            <Help
              id="Sumber ditetapkan oleh pusat di siaga.yaml: di sana tertulis wilayah dan pemilik kejadiannya. Di sini Anda menyambungkan perangkat ke salah satu sumber wilayah Anda."
              en="Sources are laid down by the centre in siaga.yaml, with the region and owner of their events. Here you connect a device to one of the sources of your region."
            />
          </h2>
          <Choose answer={answer} chosen={chosen} ways={what.ways} />
          {where !== undefined && what.formats.length > 0 && !what.formats.includes(where.format) && (
            <p class="warn">
              {t(
                `▲ Sumber ini diatur untuk format ${where.format}; baris dari ${what.name} bisa gagal diurai. Pilih sumber lain, atau minta pusat mengubah format menjadi auto.`,
                `▲ This source is set to the format ${where.format}; lines of ${what.name} may not be read. Choose another, or ask the centre to set the format to auto.`,
              )}
            </p>
          )}
          {where !== undefined && ways.length === 0 && <NoWay source={where} ways={what.ways} />}
          <Proposal
            answer={answer}
            format={what.formats.find((one) => one !== 'auto') ?? 'auto'}
            byAddress={!what.ways.includes('key')}
          />
        </li>
      )}
      {what !== undefined && where !== undefined && by !== undefined && (
        <>
          <li>
            <h2>{t('Salin konfigurasi', 'Copy the configuration')}</h2>
            {ways.length > 1 && (
              <fieldset class="filters">
                <legend>{t('Dikenali lewat', 'Known by')}</legend>
                {ways.map((one) => (
                  <label key={one} class="chip">
                    <input
                      type="radio"
                      name="way"
                      checked={by === one}
                      onChange={() => {
                        way.value = one
                      }}
                    />
                    <span>
                      {one === 'address'
                        ? t(
                            `alamat atau sertifikat (${where.known_by.join(', ')})`,
                            `address or certificate (${where.known_by.join(', ')})`,
                          )
                        : t('kunci', 'a key')}
                    </span>
                  </label>
                ))}
              </fieldset>
            )}
            <Ready
              key={`${what.device} ${where.id} ${by}`}
              device={what.device}
              source={where}
              way={by}
              answer={answer}
              shown={(at) => {
                since.value ??= at
              }}
            />
          </li>
          <li>
            <h2>{t('Baris pertama', 'The first line')}</h2>
            {since.value === undefined ? (
              <Loading />
            ) : (
              <FirstLine key={`${where.id} ${since.value}`} source={where} way={by} since={since.value} />
            )}
          </li>
        </>
      )}
    </ol>
  )
}

function Choose({ answer, chosen, ways }: { answer: AddAnswer; chosen: Signal<string>; ways: readonly Way[] }) {
  const fits = (one: Candidate): boolean => one.ways.some((way) => ways.includes(way))
  const never = answer.candidates.filter((one) => one.state === 'never')
  const others = answer.candidates.filter((one) => one.state !== 'never')
  if (answer.candidates.length === 0)
    return (
      <p>
        {t(
          'Belum ada sumber untuk wilayah Anda. Susun usulan di bawah ini dan kirim kepada pusat.',
          'There is no source for your region yet. Put one together below and send it to the centre.',
        )}
      </p>
    )
  const option = (one: Candidate) => (
    <option key={one.id} value={one.id} disabled={!fits(one)}>
      {sayState(one.state).shape} {sourceName(one)} ({one.id}) · {placeName(one.region, one.region_name)}
      {one.owner !== '' ? ` · ${ownerName(one.owner)}` : ''} · {one.format}
      {fits(one) ? '' : ` · ${t('tidak cocok dengan perangkat ini', 'does not fit this device')}`}
    </option>
  )
  return (
    <>
      <div class="fields">
        <label>
          {t('Sumber', 'Source')}
          <select
            value={chosen.value}
            onChange={(event) => {
              chosen.value = event.currentTarget.value
            }}
          >
            <option value="">{t('— pilih —', '— choose —')}</option>
            {never.length > 0 && (
              <optgroup label={t('Belum pernah terdengar', 'Never heard')}>{never.map(option)}</optgroup>
            )}
            {others.length > 0 && (
              <optgroup label={t('Sudah pernah terdengar', 'Heard before')}>{others.map(option)}</optgroup>
            )}
          </select>
        </label>
      </div>
      {answer.more && (
        <p class="soft">
          {t(
            'Hanya 500 sumber pertama yang ditampilkan; yang lain lewat halaman sumbernya.',
            'Only the first 500 sources are listed; reach others from their own page.',
          )}
        </p>
      )}
    </>
  )
}

function NoWay({ source, ways }: { source: Candidate; ways: readonly Way[] }) {
  return (
    <p class="warn">
      {ways.includes('address') && !source.ways.includes('address')
        ? t(
            `▲ Perangkat ini dikenali lewat alamatnya, tetapi sumber ${source.id} belum punya jaringan (networks) di siaga.yaml. Minta pusat menambahkannya, atau pilih perangkat yang memakai kunci.`,
            `▲ This device is known by its address, and the source ${source.id} has no networks in siaga.yaml. Ask the centre to add them, or choose a device that uses a key.`,
          )
        : t(
            `▲ Sumber ${source.id} hanya menerima kejadian dari mesin pusat sendiri.`,
            `▲ The source ${source.id} takes events of the machine of the centre only.`,
          )}
    </p>
  )
}
