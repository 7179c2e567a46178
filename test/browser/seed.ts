// What happens while the tests look? Attacks, guessing, reports and hostile lines by the doors of the product, until alerts of every severity stand.
import type { Siaga } from '../e2e/siaga.ts'
import { until } from '../e2e/siaga.ts'
import { hostile } from './hostile.ts'
import { createRandom, guessing, hostileLines, webLine } from './lines.ts'
import { HOSTILE_ASSET, incident, kpuPlaces, type Mood, people, places, silentFor } from './world.ts'

export interface LiveOptions {
  readonly siaga: Siaga
  readonly mood: Mood
  readonly keys: ReadonlyMap<string, string>
  readonly roomKeys: ReadonlyMap<string, string>
  readonly say: (what: string) => void
}

interface AlertRow {
  readonly id: string
  readonly severity: string
  readonly asset: string
}

/** Where somebody attacks on a believable day: the share of attacks among the lines; elsewhere there are only visitors. */
const attacked: Readonly<Record<string, number>> = {
  '00': 0.5,
  '31': 0.25,
  '32': 0.75,
  '32.73': 0.5,
  '73': 0.5,
  '12': 0.25,
  '91': 0.25,
}
/** Where guessing works on a believable day. */
const guessed: readonly string[] = ['32', '73']

/** Resolves when everything has landed and the alerts that follow are there. */
export async function seedLive({ siaga, mood, keys, roomKeys, say }: LiveOptions): Promise<void> {
  const now = Date.now()
  const random = createRandom(7)
  const post = async (source: string, lines: readonly string[]): Promise<void> => {
    const answer = await siaga.post(lines.join('\n'), { source, key: keys.get(source) ?? '' })
    if (answer.status >= 300) throw new Error(`${source}: ${answer.status} ${answer.body}`)
  }
  const before = Number(await siaga.value('SELECT count() FROM siaga.events'))
  let sent = 0
  for (const place of places) {
    if (silentFor[place.code.slice(0, 2)] !== undefined) continue
    const share = mood === 'hostile' ? 0.5 : (attacked[place.code] ?? 0)
    const lines = Array.from({ length: 4 }, (_, i) => webLine(random, place, now - i * 4_000, share))
    sent += lines.length
    await post(place.source, lines)
  }
  for (const [i, place] of kpuPlaces.entries()) {
    if (mood === 'believable' && !guessed.includes(place.code)) continue
    const lines = guessing(place, now - 20_000, `198.51.100.${50 + i}`)
    sent += lines.length
    await post(`kpu-${place.code}`, lines)
  }
  if (mood === 'hostile') {
    const bad = hostileLines(now)
    await post(bad.source, bad.lines)
    sent += bad.lines.length
  }
  await fileReports(siaga, mood, roomKeys)
  await until(
    async () => Number(await siaga.value('SELECT count() FROM siaga.events')) >= before + sent,
    `${sent} live events`,
    180_000,
  )
  say(`${sent} live events and reports have landed`)
  const centre = roomKeys.get('pusat') ?? ''
  await until(
    async () => {
      const now = await alertsOf(siaga, centre)
      const severities = new Set(now.map(({ severity }) => severity))
      const all = ['critical', 'high', 'medium', 'low'].every((one) => severities.has(one))
      return all && (mood === 'believable' || now.some(({ asset }) => asset === HOSTILE_ASSET))
    },
    'alerts of every severity',
    240_000,
  )
  const alerts = await alertsOf(siaga, centre)
  say(`${alerts.length} alerts stand`)
  await act(siaga, mood, roomKeys, alerts)
}

async function alertsOf(siaga: Siaga, key: string): Promise<AlertRow[]> {
  const answer = await fetch(`${siaga.web}/v1/alerts?limit=1000`, { headers: { authorization: `Bearer ${key}` } })
  if (!answer.ok) return []
  const { alerts }: { alerts: AlertRow[] } = JSON.parse(await answer.text())
  return alerts
}

/** What people do about alerts; in a hostile world with hostile words as comment, reason and assignee. */
async function act(
  siaga: Siaga,
  mood: Mood,
  roomKeys: ReadonlyMap<string, string>,
  alerts: readonly AlertRow[],
): Promise<void> {
  const say = async (id: string, verb: string, body: Record<string, string>): Promise<void> => {
    const answer = await fetch(`${siaga.web}/v1/alerts/${id}/${verb}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${roomKeys.get('pusat') ?? ''}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    if (!answer.ok) throw new Error(`${verb} ${id}: ${answer.status} ${await answer.text()}`)
  }
  for (const alert of alerts.filter(({ asset }) => asset === HOSTILE_ASSET).slice(0, 2)) {
    for (const text of Object.values(hostile)) await say(alert.id, 'comment', { reason: text.slice(0, 3_900) })
  }
  const [, , , assigned, acknowledged] = alerts
  const assignee = mood === 'hostile' ? hostile.image : people.daerah.name
  if (assigned !== undefined) await say(assigned.id, 'assign', { assignee })
  if (acknowledged !== undefined) await say(acknowledged.id, 'acknowledge', {})
}

async function fileReports(siaga: Siaga, mood: Mood, roomKeys: ReadonlyMap<string, string>): Promise<void> {
  const file = async (room: string, path: string, body: unknown): Promise<void> => {
    const answer = await fetch(`${siaga.web}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${roomKeys.get(room) ?? ''}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
  }
  await file('jabar', '/v1/reports', incident('critical', 'web_defacement', 'Halaman depan diganti.', 'situs-32'))
  await file('bandung', '/v1/reports', incident('low', 'phishing', 'Surel palsu mengatasnamakan KPU.', 'situs-32.73'))
  await file('sulsel', '/v1/reports', incident('medium', 'outage', 'Server tidak menjawab.', 'situs-73'))
  for (const room of ['jabar', 'sulsel', 'kpu-jabar'])
    await file(room, '/v1/reports/nihil', { note: mood === 'hostile' ? hostile.single : 'Tidak ada insiden lain.' })
  if (mood === 'believable') return
  const texts = Object.values(hostile)
  const everything = {
    ...incident('high', 'data_breach', texts.join('\n').slice(0, 19_000), hostile.vector.slice(0, 250)),
  }
  await file('bandung', '/v1/reports', {
    ...everything,
    contact: { name: hostile.script, organisation: hostile.image.slice(0, 190), phone: '150' },
    chronology: texts.map((text) => ({ at: '08:00', what: text.slice(0, 3_900) })),
    impact: hostile.attribute,
  })
}
