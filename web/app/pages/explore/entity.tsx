// What is known of one address, user, asset, host, path or domain? Shown above its events when a question is about one alone.

import type { EntityAnswer, EntityKind } from '../../../../schemas/explore-api.ts'
import { ago, dateTime, number } from '../../format.ts'
import { t } from '../../language.ts'
import { eventWord } from '../../parts/event-words.ts'
import { visible } from '../../parts/hostile.ts'
import { condition } from '../../parts/links.ts'
import { markedOf, SeverityMark, severityOfScore } from '../../parts/severity.tsx'
import { Failed, Help, Loading } from '../../parts/states.tsx'
import { useLoadPosted } from './posted.ts'

const kinds: Readonly<Record<string, EntityKind>> = {
  ip: 'address',
  alamat: 'address',
  'source.ip': 'address',
  source_ip: 'address',
  'destination.ip': 'address',
  destination_ip: 'address',
  user: 'user',
  pengguna: 'user',
  'user.name': 'user',
  user_name: 'user',
  'user.target.name': 'user',
  user_target_name: 'user',
  asset: 'asset',
  aset: 'asset',
  asset_id: 'asset',
  host: 'host',
  'host.name': 'host',
  host_name: 'host',
  path: 'path',
  'url.path': 'path',
  url_path: 'path',
  domain: 'domain',
  'url.domain': 'domain',
  url_domain: 'domain',
}

export interface Entity {
  readonly kind: EntityKind
  readonly value: string
}

/** The entity of a question that is about one alone. */
export function entityOf(q: string): Entity | undefined {
  const [, name = '', quoted, bare] =
    /^\s*([\w.]{2,24})\s*:\s*(?:"((?:[^"\\]|\\["\\])*)"|([^\s"()*?\\]+))\s*$/.exec(q) ?? []
  const kind = Object.hasOwn(kinds, name.toLowerCase()) ? kinds[name.toLowerCase()] : undefined
  const value = quoted === undefined ? bare : quoted.replace(/\\(["\\])/g, '$1')
  if (kind === undefined || value === undefined || value === '' || value.length > 2_000) return undefined
  return kind === 'address' && value.includes('/') ? undefined : { kind, value }
}

const titles: Readonly<Record<EntityKind, readonly [string, string]>> = {
  address: ['Alamat', 'Address'],
  user: ['Pengguna', 'User'],
  asset: ['Aset', 'Asset'],
  host: ['Host', 'Host'],
  path: ['Jalur', 'Path'],
  domain: ['Domain', 'Domain'],
}

interface Props {
  readonly entity: Entity
  readonly from: number
  readonly to: number
  readonly hrefOf: (q: string) => string
}

export function EntityCard({ entity, from, to, hrefOf }: Props) {
  const { data, error, again } = useLoadPosted<EntityAnswer>('/api/explore/entity', { ...entity, from, to })
  const [id, en] = titles[entity.kind]
  const told = data.value
  return (
    <section class="entity card" aria-labelledby="entity-title">
      <h2 id="entity-title">
        {t(id, en)} <span class="mono">{visible(entity.value)}</span>
      </h2>
      {error.value !== undefined && <Failed error={error.value} again={again} />}
      {told === undefined && error.value === undefined && <Loading />}
      {told !== undefined && <Told told={told} to={to} hrefOf={hrefOf} />}
    </section>
  )
}

function Told({ told, to, hrefOf }: { told: EntityAnswer; to: number; hrefOf: (q: string) => string }) {
  if (told.events === 0)
    return (
      <p class="soft">{t('Tidak ada kejadian tentangnya dalam rentang ini.', 'No event is about it in this span.')}</p>
    )
  return (
    <>
      <dl class="figures">
        <div>
          <dt>{t('Kejadian', 'Events')}</dt>
          <dd>{number(told.events)}</dd>
        </div>
        <div>
          <dt>{t('Gagal', 'Failures')}</dt>
          <dd>{number(told.failures)}</dd>
        </div>
        <div>
          <dt>{t('Skor tertinggi', 'Highest score')}</dt>
          <dd>
            <SeverityMark severity={severityOfScore(told.score_max)}>{told.score_max}</SeverityMark>
          </dd>
        </div>
        {told.risk !== null && (
          <div>
            <dt>
              {t('Risiko kini', 'Risk now')}{' '}
              <Help
                id="Jumlah skor kejadian 20 ke atas, berkurang separuh tiap 24 jam, dari wilayah yang boleh Anda lihat."
                en="Sum of the scores of events of 20 and more, halved every 24 hours, of the regions that you may see."
              />
            </dt>
            <dd>{number(told.risk)}</dd>
          </div>
        )}
        <div>
          <dt>{t('Temuan', 'Findings')}</dt>
          <dd>
            {number(told.findings)}
            {told.severities.map(({ value, events }) => (
              <>
                {' · '}
                <SeverityMark severity={markedOf(value)}>{number(events)}</SeverityMark>
              </>
            ))}
          </dd>
        </div>
        {told.first_seen !== null && (
          <div>
            <dt>{t('Pertama di rentang ini', 'First in this span')}</dt>
            <dd>{dateTime(told.first_seen)}</dd>
          </div>
        )}
        {told.last_seen !== null && (
          <div>
            <dt>{t('Terakhir di rentang ini', 'Last in this span')}</dt>
            <dd>
              {dateTime(told.last_seen)} <span class="soft">({ago(told.last_seen, to)})</span>
            </dd>
          </div>
        )}
      </dl>
      <div class="tops">
        <Top title={t('Alamat', 'Addresses')} name="ip" list={told.addresses} hrefOf={hrefOf} />
        <Top title={t('Pengguna', 'Users')} name="user" list={told.users} hrefOf={hrefOf} />
        <Top title={t('Aset', 'Assets')} name="asset" list={told.assets} hrefOf={hrefOf} />
        <Top title={t('Wilayah', 'Regions')} name="region_code" list={told.regions} hrefOf={hrefOf} />
        <Top title={t('Format', 'Formats')} name="dataset" list={told.datasets} hrefOf={hrefOf} />
        <Top title={t('Tindakan', 'Actions')} name="event.action" list={told.actions} hrefOf={hrefOf} />
        <Top title={t('Jalur', 'Paths')} name="url.path" list={told.paths} hrefOf={hrefOf} />
      </div>
    </>
  )
}

function Top({
  title,
  name,
  list,
  hrefOf,
}: {
  title: string
  name: string
  list: EntityAnswer['users']
  hrefOf: (q: string) => string
}) {
  if (list.length === 0) return null
  return (
    <div>
      <h3>{title}</h3>
      <ul>
        {list.map(({ value, events }) => (
          <li key={value}>
            <a class="mono" href={hrefOf(condition(name, value))}>
              {eventWord(name.replace('.', '_'), value) ?? visible(value.slice(0, 120))}
            </a>{' '}
            <span class="soft">{number(events)}</span>
          </li>
        ))}
      </ul>
    </div>
  )
}
