import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadConfig } from '../../runtime/config.ts'
import { errorText } from '../../runtime/errors.ts'
import { Config } from '../../schemas/config.ts'
import { startStack } from './accounts/stack.ts'

const headersOf = async (http: Record<string, unknown>, url: string) => {
  const stack = await startStack({ http })
  const { headers } = await stack.app.inject({ url })
  await stack.stop()
  return headers
}

test('every answer tells browsers to run no script but the page’s own, to put it in no frame, and to lend it nothing', async () => {
  for (const url of ['/', '/api/session', '/api/account', '/tidak-ada', '/link/x', '/healthz']) {
    const headers = await headersOf({}, url)
    const policy = new Map(
      String(headers['content-security-policy'])
        .split(';')
        .map((part) => part.trim().split(/ (.*)/) as [string, string]),
    )
    expect(policy.get('default-src'), url).toBe("'none'")
    expect(policy.get('script-src'), url).toBe("'self'")
    expect(policy.get('style-src'), url).toBe("'self'")
    expect(policy.get('frame-ancestors'), url).toBe("'none'")
    expect(policy.get('base-uri'), url).toBe("'none'")
    expect(policy.get('form-action'), url).toBe("'self'")
    expect(headers, url).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'permissions-policy': expect.stringContaining('camera=()'),
    })
    expect(headers['strict-transport-security'], url).toBeUndefined()
  }
})

test('by https browsers are told to use nothing else', async () => {
  const headers = await headersOf({ public_url: 'https://siaga.example' }, '/api/session')
  expect(headers['strict-transport-security']).toBe('max-age=31536000')
})

test('what the API answers is kept by no browser', async () => {
  expect(await headersOf({}, '/api/session')).toMatchObject({ 'cache-control': 'no-store' })
  expect(await headersOf({}, '/api/login')).toMatchObject({ 'cache-control': 'no-store' })
})

test('a provider needs the public address, https unless it is this machine, and a secret that stands elsewhere', () => {
  const folder = mkdtempSync(join(tmpdir(), 'siaga-web-config-'))
  const problems = (yaml: string): string => {
    writeFileSync(join(folder, 'siaga.yaml'), yaml)
    try {
      loadConfig({ env: {}, cwd: folder })
      return ''
    } catch (error) {
      return errorText(error)
    }
  }
  const oidc = (fields: string, url = 'https://siaga.example') =>
    problems(`http: {public_url: "${url}"}\nweb: {oidc: {client_id: siaga, ${fields}}}\n`)
  expect(oidc('issuer: https://sso.example/realms/pemilu, client_secret: {env: SIAGA_OIDC}')).toBe('')
  expect(oidc('issuer: http://127.0.0.1:9000')).toBe('')
  expect(oidc('issuer: https://sso.example', '')).toContain('needs `http.public_url`')
  expect(oidc('issuer: http://sso.example')).toContain('an https address')
  expect(oidc('issuer: https://sso.example, client_secret: rahasia')).toContain('where it stands')
  expect(oidc('issuer: https://sso.example, scope: profile')).toContain('openid')
  rmSync(folder, { recursive: true })
})

test('the public address is an address without a path', () => {
  const parse = (public_url: string) => Config.safeParse({ http: { public_url } }).success
  expect(['', 'https://siaga.example', 'http://10.1.2.3:8080/'].map(parse)).toEqual([true, true, true])
  expect(['siaga.example', 'https://siaga.example/siaga', 'ftp://x', 'javascript:alert(1)'].map(parse)).toEqual([
    false,
    false,
    false,
    false,
  ])
})
