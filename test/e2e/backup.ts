// What do tests of back-ups compare? What a Siaga knows and answers, put side by side before a loss and after the restore.
import { spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { TOTP } from 'otpauth'
import { z } from 'zod'
import { clickhouseCredentials } from '../../deploy/clickhouse/users.ts'
import { createClickHouse } from '../../runtime/clickhouse.ts'
import { loadMasterKey } from '../../runtime/secrets.ts'
import { createAccounts } from '../../web/accounts/accounts.ts'
import { createSecondFactor } from '../../web/accounts/second-factor.ts'
import { openStore } from '../../web/accounts/store.ts'
import { createTokens } from '../../web/accounts/tokens.ts'
import { plainEnvironment, starterFile } from '../cli/run.ts'
import type { Home, Siaga } from './siaga.ts'

export interface Answer {
  readonly status: number
  readonly json: Record<string, unknown>
}

/** Asks an API of a Siaga; a body makes it a POST. */
export async function ask(siaga: Siaga, token: string, path: string, body?: object): Promise<Answer> {
  const answer = await fetch(`${siaga.web}${path}`, {
    headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { method: 'POST', body: JSON.stringify(body) }),
  })
  return { status: answer.status, json: z.record(z.string(), z.unknown()).parse(await answer.json()) }
}

/** A request that several rules know. */
export function attack(address: string, at = new Date()): string {
  const [, day, month, year, time] = /^\w+, (\d+) (\w+) (\d+) ([\d:]+) GMT$/.exec(at.toUTCString()) ?? []
  return `${address} - - [${day}/${month}/${year}:${time} +0000] "GET /cari?q=1%27%20UNION%20SELECT%20username,password%20FROM%20users-- HTTP/1.1" 200 512 "-" "sqlmap/1.8"`
}

const Listed = z.object({ alerts: z.array(z.looseObject({ id: z.string(), status: z.string() })) })

/** The events of source `web` once more, as if they had landed on each of so many days before. */
export async function daysBefore(siaga: Siaga, days: number): Promise<void> {
  const url = `http://127.0.0.1:${siaga.ports.clickhouse}`
  const admin = createClickHouse({ url, ...clickhouseCredentials(loadMasterKey(siaga.dataDir), 'admin') })
  try {
    for (let day = 1; day <= days; day += 1)
      await admin.command(
        `INSERT INTO siaga.events SELECT * REPLACE (ingested_at - INTERVAL ${day} DAY AS ingested_at, concat(event_id, '-${day}') AS event_id,
           '${String(day).repeat(16)}' AS _stream)
         FROM (SELECT * FROM siaga.events WHERE source_id = 'web' AND ingested_at > now() - INTERVAL 1 HOUR)`,
      )
  } finally {
    await admin.close()
  }
}

/** Every alert, its timeline, suppressions and notices, as the API tells them. */
export async function toldOfAlerts(siaga: Siaga, token: string): Promise<Record<string, unknown>> {
  const told: Record<string, unknown> = {}
  const { alerts } = Listed.parse((await ask(siaga, token, '/v1/alerts?limit=200')).json)
  for (const { id } of alerts.toSorted((a, b) => (a.id < b.id ? -1 : 1))) {
    told[id] = (await ask(siaga, token, `/v1/alerts/${id}`)).json
    told[`${id} timeline`] = (await ask(siaga, token, `/v1/alerts/${id}/timeline`)).json
  }
  told.suppressions = (await ask(siaga, token, '/v1/suppressions')).json
  told.notices = (await ask(siaga, token, '/v1/notices')).json
  return told
}

/** Rows that stand still while nobody acts: the audit trail, heartbeats and what a test sends on and on are left out. */
const STILL = "source_id NOT IN ('siaga-audit', 'siaga-heartbeat', 'demo')"
const sums: Readonly<Record<string, string>> = {
  events: `SELECT count() AS n, uniqExact(event_id) AS ids, toString(sum(cityHash64(event_id, message, toString(timestamp), toString(ingested_at), score, _stream, _offset))) AS sum FROM siaga.events WHERE ${STILL}`,
  days: `SELECT toString(groupArray((day, n))) AS n FROM (SELECT toDate(ingested_at) AS day, count() AS n FROM siaga.events WHERE ${STILL} GROUP BY day ORDER BY day)`,
  minutes: `SELECT sum(events) AS n FROM siaga.source_minutes WHERE ${STILL}`,
  risk: "SELECT sum(points) AS n FROM siaga.entity_risk_hours WHERE entity LIKE '203.0.113.%'",
  findings: `SELECT count() AS n, uniqExact(finding_id) AS ids, toString(sum(cityHash64(finding_id, toString(evidence)))) AS sum FROM siaga.findings WHERE ${STILL}`,
  alerts: 'SELECT count() AS n, toString(sum(cityHash64(alert_id, status, version))) AS sum FROM siaga.alerts',
  actions:
    'SELECT count() AS n, toString(sum(cityHash64(alert_id, verb, actor, reason, toString(at)))) AS sum FROM siaga.alert_actions',
  suppressions: 'SELECT count() AS n FROM siaga.alert_suppressions',
  cases: 'SELECT count() AS n FROM siaga.alert_cases',
  notices: 'SELECT count() AS n FROM siaga.notices',
  verdicts: 'SELECT count() AS n FROM siaga.verdicts',
  reports: 'SELECT count() AS n, toString(sum(cityHash64(receipt, description))) AS sum FROM siaga.reports',
  migrations: 'SELECT count() AS n FROM siaga.migrations',
}

/** Counts and hashes of what every table says. */
export async function sumsOf(siaga: Siaga): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {}
  for (const [name, query] of Object.entries(sums)) found[name] = (await siaga.sql(query, 'admin'))[0]
  return found
}

const PASSWORD = 'kuda baterai stapler benar'

export interface Person {
  readonly token: string
  /** A code that was not used yet. */
  readonly recovery: string
  readonly codeAt: (ms: number) => string
}

/** An account of the centre with password, second factor and a personal token, made as the page makes it. */
export async function makePerson(home: Home, login: string): Promise<Person> {
  const store = openStore(home.dataDir)
  try {
    const accounts = createAccounts(store, Date.now)
    const account = accounts.create({ login, name: login, role: 'pusat', room: 'pusat', language: 'id' })
    await accounts.setPassword(account.id, PASSWORD)
    const factors = createSecondFactor(store, loadMasterKey(home.dataDir), Date.now)
    const { secret } = factors.begin(account)
    const totp = new TOTP({ secret, algorithm: 'SHA1', digits: 6, period: 30 })
    const codes = factors.confirm(account, totp.generate()) ?? []
    return {
      token: createTokens(store, Date.now).create(account.id, { label: 'uji', verb: 'read', days: 30 }).text,
      recovery: codes[0] ?? '',
      codeAt: (timestamp) => totp.generate({ timestamp }),
    }
  } finally {
    store.close()
  }
}

/** A log-in on the page; its status. */
export async function logIn(siaga: Siaga, login: string, code?: string): Promise<number> {
  const answer = await fetch(`${siaga.web}/api/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ login, password: PASSWORD, ...(code === undefined ? {} : { code }) }),
  })
  return answer.status
}

/** Runs a command in a home and kills it (SIGKILL) when it first says what `at` names. Answers what it had said. */
export async function killedAt(home: Home, at: string, ...args: string[]): Promise<string> {
  const child = spawn(process.execPath, [starterFile, ...args], {
    cwd: home.folder,
    env: { ...plainEnvironment(), ...home.env },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', (part: Buffer) => {
    said += part.toString()
    if (said.includes(at)) child.kill('SIGKILL')
  })
  await new Promise((resolve) => child.once('close', resolve))
  if (!said.includes(at)) throw new Error(`it never said ${at}:\n${said}`)
  return said
}

/** Sends numbered lines, one request after the other, until it is told to stop. Answers how many were accepted. */
export function keepSending(
  siaga: Siaga,
  source: string,
  key: string,
): { accepted(): number; stop(): Promise<number> } {
  let going = true
  let sent = 0
  const running = (async () => {
    while (going) {
      const answer = await siaga.post(`nomor ${sent} tiba`, { source, key })
      if (answer.status === 202) sent += 1
      else await sleep(50)
    }
    return sent
  })()
  return {
    accepted: () => sent,
    stop() {
      going = false
      return running
    },
  }
}
