import { afterEach, describe, expect, test } from 'vitest'
import { serve } from '../../runtime/guard/serve.ts'
import { endAll, officePage, probing } from './probing.ts'

afterEach(endAll)

describe('a healthy site', () => {
  test('is told as DNS and page, each agent with its own words, counted and sealed', async () => {
    const agents: string[] = []
    const { port } = await serve((request, response) => {
      agents.push(`${request.url} ${request.headers['user-agent']}`)
      response.writeHead(200, { 'content-type': 'text/html', server: 'nginx', 'x-frame-options': 'DENY' })
      response.end(officePage)
    })
    const { round, writer, metrics } = await probing({ situs: `http://kpu-uji.go.id:${port}/` })
    const records = await round()
    expect(records.map(({ kind }) => kind)).toEqual(['dns', 'page'])
    const [dns, page] = records
    expect(dns).toMatchObject({
      asset: 'situs',
      host: 'kpu-uji.go.id',
      at: '2024-11-20T08:00:00.000Z',
      changed: [],
      now: {
        addresses: ['127.0.0.1'],
        name_servers: ['ns1.kpu-uji.go.id'],
        mail_servers: ['mail.kpu-uji.go.id'],
        aliases: [],
      },
    })
    expect(page).toMatchObject({
      changed: [],
      added_text: '',
      views: [
        {
          agent: 'desktop',
          status: 200,
          address: '127.0.0.1',
          server: 'nginx',
          security_headers: { 'x-frame-options': 'DENY' },
          charset: 'utf-8',
          page: { title: 'KPU Kabupaten Uji', generator: 'WordPress 6.4', language: 'id', hidden_links: [] },
        },
        { agent: 'phone', status: 200 },
        { agent: 'crawler', status: 200 },
      ],
      views_similarity: { phone: 1, crawler: 1 },
      sitemap: { urls: 0 },
    })
    expect(agents).toEqual([
      expect.stringMatching(/^\/ .*Windows NT.*Chrome/),
      expect.stringMatching(/^\/ .*Android.*Mobile/),
      expect.stringMatching(/^\/ .*Googlebot/),
      '/sitemap.xml Siaga/9.9 (+csirt@siaga.example)',
    ])
    expect(writer.events.map(({ source, format, key }) => [source, format, key])).toEqual([
      ['siaga-probe', 'siaga.probe', 'situs'],
      ['siaga-probe', 'siaga.probe', 'situs'],
    ])
    expect(metrics.counts).toEqual({ received: 2, accepted: 2, refused: 0, lost: 0 })
  })
})
