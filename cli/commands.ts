// Which commands does `siaga` have? In the order of the help; each is loaded when it is asked for, so that small ones start quickly.
import type { CliCommand } from './frame.ts'

export const commandLoaders: Readonly<Record<string, () => Promise<CliCommand>>> = {
  start: async () => (await import('./commands/start.ts')).start,
  ingest: async () => (await import('./commands/ingest.ts')).ingest,
  process: async () => (await import('./commands/process.ts')).processCommand,
  send: async () => (await import('./commands/send.ts')).send,
  report: async () => (await import('./commands/report.ts')).report,
  alerts: async () => (await import('./commands/alerts.ts')).alerts,
  sql: async () => (await import('./commands/sql.ts')).sql,
  hunt: async () => (await import('./commands/hunt.ts')).hunt,
  export: async () => (await import('./commands/export.ts')).exportCommand,
  status: async () => (await import('./commands/status.ts')).status,
  sources: async () => (await import('./commands/sources.ts')).sources,
  probe: async () => (await import('./commands/probe.ts')).probe,
  feeds: async () => (await import('./commands/feeds.ts')).feeds,
  rules: async () => (await import('./commands/rules.ts')).rules,
  score: async () => (await import('./commands/score.ts')).score,
  dlq: async () => (await import('./commands/dlq.ts')).dlq,
  check: async () => (await import('./commands/check.ts')).check,
  doctor: async () => (await import('./commands/doctor.ts')).doctor,
  size: async () => (await import('./commands/size.ts')).size,
  migrate: async () => (await import('./commands/migrate.ts')).migrate,
  backup: async () => (await import('./commands/backup.ts')).backup,
  restore: async () => (await import('./commands/restore.ts')).restore,
  rollups: async () => (await import('./commands/rollups.ts')).rollups,
  access: async () => (await import('./commands/access.ts')).access,
  accounts: async () => (await import('./commands/accounts.ts')).accounts,
  keys: async () => (await import('./commands/keys.ts')).keys,
}

/** All commands, for the help and the reference page. */
export function allCommands(): Promise<CliCommand[]> {
  return Promise.all(Object.values(commandLoaders).map((load) => load()))
}

/** The one command that these arguments name, none where the version is asked for, or all of them where it takes all to answer (help, a slip of the finger). */
export async function commandsFor(argv: readonly string[]): Promise<CliCommand[]> {
  const name = argv.find((argument, index) => !argument.startsWith('-') && argv[index - 1] !== '--config')
  // The frame answers that; all commands would take four times as long to load.
  if (name === undefined && argv.some((argument) => argument === '-V' || argument === '--version')) return []
  const load = name !== undefined && Object.hasOwn(commandLoaders, name) ? commandLoaders[name] : undefined
  return load ? [await load()] : allCommands()
}
