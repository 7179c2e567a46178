// What does whoever opens the link of a message see? How to look at what it is about, and nothing of that: anybody may open the address.
import type { FastifyPluginAsync, FastifyReply } from 'fastify'
import { pagePolicy, plainPage } from '../notices/page.ts'

/**
 * Addresses that messages name (`linkOf` of sinks/alerts/message). `publicUrl`: `alerts.public_url`. They lead to the page, which asks who looks; where it is not built,
 * to the commands.
 */
export function alertLinks(publicUrl: string, hasPage: boolean): FastifyPluginAsync {
  const url = publicUrl.replace(/\/$/, '')
  const say = (reply: FastifyReply, command: string): FastifyReply => {
    const whole = `SIAGA_KEY=… npx siaga alerts ${command} --url ${url}`
    return reply
      .header('content-security-policy', pagePolicy)
      .header('cache-control', 'no-store')
      .type('text/html; charset=utf-8')
      .send(
        plainPage({
          judul: 'Peringatan Siaga',
          pesan: `Bukti dan langkah ada di balik kunci ruang Anda: ${whole}`,
          title: 'Alert of Siaga',
          message: `Evidence and what to do are behind the key of your room: ${whole}`,
        }),
      )
  }
  const lead = (reply: FastifyReply, page: string, command: string): FastifyReply =>
    hasPage ? reply.redirect(`/peringatan${page}`) : say(reply, command)
  const known = /^[AK]-[0-9A-Z]{1,32}$/
  return async (app) => {
    app.get('/alerts', (_request, reply) => lead(reply, '', 'list'))
    app.get<{ Params: { id: string } }>('/alerts/:id', (request, reply) => {
      const { id } = request.params
      return known.test(id) ? lead(reply, `/${id}`, `show ${id}`) : reply.callNotFound()
    })
    app.get<{ Params: { id: string } }>('/cases/:id', (request, reply) => {
      const { id } = request.params
      return known.test(id) ? lead(reply, `?status=semua&kasus=${id}`, `list --case ${id}`) : reply.callNotFound()
    })
  }
}
