// What does Grafana send for a query of a dashboard? Variables and macros, put in as Grafana and the ClickHouse plugin do.

export interface Asked {
  readonly from: Date
  readonly to: Date
  /** Width of a point of a time series. */
  readonly intervalSeconds: number
  /** Chosen values by variable; 'all' where "All" is chosen, with the options that there are. */
  readonly variables: Readonly<Record<string, Chosen>>
}

export interface Chosen {
  readonly all: boolean
  readonly values: readonly string[]
}

/**
 * In the order of the plugin (grafana/clickhouse-datasource 4.x): the browser takes `$__conditionalAll(condition, $variable)` away where "All" is
 * chosen and puts variables in; the plugin's server puts in the macros of pkg/macros. Throws if a macro or variable is left that neither knows.
 */
export function expand(sql: string, asked: Asked): string {
  const text = putMacros(putVariables(conditionalAll(sql, asked), asked), asked)
  const left = /\$\w*|\$\{[^}]*\}/.exec(text)
  if (left !== null) throw new Error(`nothing puts in ${left[0]}: ${text}`)
  return text
}

function conditionalAll(sql: string, { variables }: Asked): string {
  const macro = '$__conditionalAll('
  const at = sql.lastIndexOf(macro)
  if (at === -1) return sql
  const { args, end } = argumentsAt(sql, at + macro.length)
  const [condition = '', variable = ''] = args
  const name = /\w+/.exec(variable)?.[0] ?? ''
  const chosen = variables[name]
  if (args.length !== 2 || chosen === undefined) throw new Error(`conditionalAll of what? ${sql.slice(at)}`)
  return conditionalAll(`${sql.slice(0, at)}${chosen.all ? '1=1' : condition}${sql.slice(end)}`, {
    ...anyTime,
    variables,
  })
}

const anyTime = { from: new Date(0), to: new Date(0), intervalSeconds: 1 }

/** Arguments up to the bracket that closes; the plugin looks at brackets and commas only, not at quotes. */
function argumentsAt(sql: string, start: number): { args: string[]; end: number } {
  const args: string[] = []
  let depth = 1
  let from = start
  for (let at = start; at < sql.length; at += 1) {
    const one = sql[at]
    if (one === '(') depth += 1
    if (one === ')') depth -= 1
    if (depth === 0 || (depth === 1 && one === ',')) {
      args.push(sql.slice(from, at).trim())
      from = at + 1
    }
    if (depth === 0) return { args, end: at + 1 }
  }
  throw new Error(`a bracket is not closed: ${sql.slice(start)}`)
}

// Grafana's format sqlstring: each value in quotes, a quote in it doubled, commas between.
function putVariables(sql: string, { variables }: Asked): string {
  return sql.replace(/\$\{(\w+):sqlstring\}/g, (whole, name: string) => {
    const chosen = variables[name]
    if (chosen === undefined) throw new Error(`no variable ${whole}`)
    return chosen.values.map((value) => `'${value.replaceAll("'", "''")}'`).join(',')
  })
}

function putMacros(sql: string, { from, to, intervalSeconds }: Asked): string {
  const time = (date: Date): string => `toDateTime(${Math.floor(date.getTime() / 1000)})`
  // Older versions of the plugin do not count brackets: an argument is a bare column, or a query works in some versions only.
  return sql
    .replace(
      /\$__timeFilter\((\w+)\)/g,
      (_, column: string) => `${column} >= ${time(from)} AND ${column} <= ${time(to)}`,
    )
    .replace(
      /\$__timeInterval\((\w+)\)/g,
      (_, column: string) => `toStartOfInterval(toDateTime(${column}), INTERVAL ${intervalSeconds} second)`,
    )
    .replace(/\$__fromTime\b(?!_)/g, time(from))
    .replace(/\$__toTime\b(?!_)/g, time(to))
    .replace(/\$__interval_s\b/g, String(intervalSeconds))
}
