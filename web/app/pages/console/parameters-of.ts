// Which parameters stand in a statement?

export interface Parameter {
  readonly name: string
  readonly type: string
}

const MOST = 20

/** Parameters that stand in a text, outside of comments. */
export function parametersOf(text: string): Parameter[] {
  const said = text.replace(/--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/g, ' ')
  const found = new Map<string, string>()
  for (const [, name = '', type = ''] of said.matchAll(/\{(\w{1,64}):\s*([^{}]{1,80}?)\s*\}/g)) found.set(name, type)
  return Array.from(found, ([name, type]) => ({ name, type })).slice(0, MOST)
}
