// Where do the alerts of the container tests go? A web server on the bridge between this machine and the containers.
import { createServer } from 'node:http'
import { z } from 'zod'

const Body = z.object({
  notification_id: z.string(),
  reason: z.string(),
  alert: z.object({ alert_id: z.string(), entity: z.string(), title: z.string() }),
})
export type Told = z.infer<typeof Body>

export interface Receiver {
  readonly url: string
  /** Every message that was taken, repeats too. */
  readonly told: readonly Told[]
  close(): Promise<void>
}

/** Takes every message of a webhook at this address of this machine. */
export async function startReceiver(host: string): Promise<Receiver> {
  const told: Told[] = []
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const body = Body.safeParse(JSON.parse(Buffer.concat(parts).toString()))
      if (body.success) told.push(body.data)
      response.writeHead(body.success ? 204 : 400).end()
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, host, resolve)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the receiver has no port')
  return {
    url: `http://${host}:${address.port}/`,
    told,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}
