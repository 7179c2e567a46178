// How does a question become a hunt? A file in the format of docs/hunts.md: its condition as SQL, every value a parameter with a default.
import type { EntityKind, HuntWish } from '../../schemas/explore-api.ts'
import type { Compiled, Parameter } from './compile.ts'
import { entityKinds } from './entity.ts'

/** What an entity is called by in `entity`, where findings have no word for it. */
const words: Readonly<Record<EntityKind, string>> = {
  address: 'source_ip',
  user: 'user',
  asset: 'asset',
  host: 'host',
  path: 'path',
  domain: 'domain',
}

/** The text of the file. Names of parameters follow the fields; `siaga hunt run` may give them other values. */
export function huntText(compiled: Compiled, wish: HuntWish): string {
  const named = nameParameters(compiled.parameters)
  const renamed = new Map(compiled.parameters.map(({ name }, at) => [name, named[at]?.name ?? name]))
  const condition = compiled.condition.replaceAll(
    /\{(q\d+):/g,
    (whole, name: string) => `{${renamed.get(name) ?? whole}:`,
  )
  const both = (text: { id: string; en: string }): string => `{ id: ${yaml(text.id)}, en: ${yaml(text.en)} }`
  const [column = 'source_ip'] = entityKinds[wish.entity].columns
  const head = [
    `id: ${wish.id}`,
    `title: ${both(wish.title)}`,
    `category: ${wish.category}`,
    `attack: [${wish.attack.join(', ')}]`,
    'scope: regional',
    'window: 24h',
    `finds: ${both(wish.finds)}`,
    `matters: ${both(wish.matters)}`,
    `action: ${both(wish.action)}`,
    `usual: ${both(wish.usual)}`,
    ...(named.length === 0 ? [] : ['parameters:']),
    ...named.map(
      ({ name, type, value, about }) =>
        `  ${name}: { default: ${type === 'String' ? yaml(value) : value}, id: ${yaml(about)}, en: ${yaml(about)} }`,
    ),
    'columns: [region_code, owner, entity, score, events, first_seen, last_seen, example]',
  ]
  return `-- ---
${head.map((line) => `-- ${line}`).join('\n')}
-- ---
SELECT
    e.region_code AS region_code, e.owner AS owner, concat('${words[wish.entity]}:', e.${column}) AS entity, max(e.score) AS score,
    count() AS events, min(e.timestamp) AS first_seen, max(e.timestamp) AS last_seen, substringUTF8(any(e.message), 1, 200) AS example
FROM siaga.events AS e
WHERE e.timestamp >= {since:DateTime('UTC')} AND e.timestamp < {until:DateTime('UTC')}
    AND ({region:String} = '' OR e.region_code = {region:String} OR startsWith(e.region_code, concat({region:String}, '.')))
    AND (${condition})
GROUP BY e.region_code, e.owner, e.${column}
ORDER BY score DESC, events DESC, entity
LIMIT 200
`
}

/** `source_ip`, `source_ip_2` … */
function nameParameters(parameters: readonly Parameter[]): Parameter[] {
  const seen = new Map<string, number>()
  return parameters.map((parameter) => {
    const base = `v_${parameter.about
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '_')
      .replaceAll(/^_+|_+$/g, '')}`.slice(0, 56)
    const times = (seen.get(base) ?? 0) + 1
    seen.set(base, times)
    return { ...parameter, name: times === 1 ? base : `${base}_${times}` }
  })
}

/** A text that YAML reads as itself, on one line: JSON is YAML, once what ends a line is escaped. */
function yaml(text: string): string {
  return JSON.stringify(text).replaceAll(
    /[\u007f-\u009f\u2028\u2029\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
