// Can the ready configurations be used? Each is filled in whole; those whose program is installed are parsed by it.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { RecipeQuery } from '../../../schemas/sources-api.ts'
import { devices } from '../../../web/sources/recipes/index.ts'
import { KEY, type Place } from '../../../web/sources/recipes/recipe.ts'

const place: Place = {
  source: 'web-kpu-bandung',
  host: 'siaga.example',
  url: 'https://siaga.example:8443',
  ports: { syslog: 5514, syslogTls: 6514, relp: 2514 },
  elastic: '/elastic',
  tls: false,
}
const all = devices.flatMap(({ device, ways }) =>
  (['address', 'key'] as const).flatMap((way) => {
    const make = ways[way]
    return make === undefined
      ? []
      : [false, true].map((tls) => ({
          name: `${device} by ${way}${tls ? ', TLS' : ''}`,
          device,
          way,
          recipe: make({ ...place, tls }),
        }))
  }),
)

test.each(all)('$name: address, port and source stand in it, and the key where one is needed', ({ way, recipe }) => {
  const text = recipe.files.map((file) => file.text).join('\n')
  expect(text).toMatch(/siaga\.example/)
  expect(text.includes(KEY)).toBe(way === 'key')
  if (way === 'address') expect(text).toMatch(/2514|5514|6514/)
  expect(text).not.toMatch(/undefined|\$\{/)
  expect(recipe.steps.length).toBeGreaterThan(0)
})

test.each(all.filter(({ recipe }) => recipe.files.some(({ path }) => /\.ya?ml$/.test(path))))(
  '$name is YAML',
  ({ recipe }) => {
    for (const { text } of recipe.files) expect(parse(text)).toBeTypeOf('object')
  },
)

const rsyslogd = '/usr/sbin/rsyslogd'
const modules = ['omrelp', 'lmnsd_gtls', 'omelasticsearch'].every((name) =>
  ['/usr/lib/x86_64-linux-gnu/rsyslog', '/usr/lib/aarch64-linux-gnu/rsyslog'].some((folder) =>
    existsSync(join(folder, `${name}.so`)),
  ),
)
test.skipIf(!existsSync(rsyslogd) || !modules)('rsyslog takes its configurations', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'siaga-recipe-'))
  try {
    for (const { name, device, recipe } of all) {
      if (device !== 'rsyslog') continue
      const file = join(folder, 'rsyslog.conf')
      // The certificates of a device are its own.
      const text = recipe.files
        .map((one) => one.text)
        .join('\n')
        .replace(/^global\([\s\S]*?\)$/m, '')
      await writeFile(file, `global(workDirectory="${folder}")\nmodule(load="imuxsock" SysSock.Use="off")\n${text}`)
      const { status, stderr } = spawnSync(rsyslogd, ['-N1', '-f', file], { encoding: 'utf8' })
      expect([name, status, stderr.includes('error')]).toEqual([name, 0, false])
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

test('the command of curl is one that a shell takes', () => {
  const curl = all.find(({ device }) => device === 'curl')
  expect(() => execFileSync('/bin/sh', ['-n'], { input: curl?.recipe.files[0]?.text ?? 'if' })).not.toThrow()
})

test('nothing that ends a line or a text gets into an address', () => {
  const ask = (host: string, url: string) =>
    RecipeQuery.safeParse({ device: 'rsyslog', way: 'address', host, url }).success
  expect(ask('siaga.example', 'https://siaga.example')).toBe(true)
  expect(ask('192.0.2.7', 'http://192.0.2.7:8080')).toBe(true)
  expect(ask('[2001:db8::1]', 'http://[2001:db8::1]:8080')).toBe(true)
  for (const bad of ['a"b', 'a\nb', 'a b', '', 'a;b', '$(id)', '-a', 'a..b'])
    expect([bad, ask(bad, 'http://a')]).toEqual([bad, false])
  for (const bad of ['http://a"', 'http://a/b', 'javascript:a', 'http://a\nb', 'http://a b', 'a'])
    expect([bad, ask('a', bad)]).toEqual([bad, false])
})
