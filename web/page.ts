// What is served to a browser? The built page (web/dist), its routes behind the door, and for every path that is a page the same first file.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'
import { type Book, type BookParts, openBook } from './accounts/book.ts'
import { type AccountRoutes, accountRoutes } from './accounts/plugin.ts'
import { type DoorOptions, installDoor } from './door.ts'
import { WebError } from './errors.ts'
import type { Viewer } from './viewer.ts'

export type PageOptions = Omit<DoorOptions, 'sessions' | 'token' | 'inForce'> &
  BookParts &
  Pick<AccountRoutes, 'reference' | 'audit'> &
  Partial<Pick<AccountRoutes, 'oidc'>> & {
    /** Registers the routes of the page's parts, each with `config.access`. */
    readonly parts: (app: FastifyInstance) => void | Promise<void>
  }

const dist = join(import.meta.dirname, 'dist')
const YEAR = 365 * 24 * 3_600_000

/** True if the page was built (`npm run build`). */
export const isBuilt = (): boolean => existsSync(join(dist, 'index.html'))

/** Adds the page to the web server. */
export async function servePage(app: FastifyInstance, options: PageOptions): Promise<void> {
  await app.register(async (api) => {
    const book = openBook(options)
    const sessionOf = await installDoor(api, {
      ...options,
      token: (text) => viewerOfToken(book, text),
      inForce: (ids) => book.sessions.inForce(ids).union(book.tokens.inForce(ids)),
    })
    accountRoutes(api, { ...options, book, oidc: options.oidc, sessionOf })
    await options.parts(api)
  })
  await app.register(async (files) => {
    await files.register(fastifyStatic, {
      root: dist,
      wildcard: false,
      index: false,
      preCompressed: true,
      // Names hold a hash of their content.
      cacheControl: false,
      setHeaders: (reply, path) => {
        const lasting = path.includes('/assets/')
        void reply.header('cache-control', lasting ? `public, max-age=${YEAR / 1000}, immutable` : 'no-cache')
      },
    })
    // The page finds its own way from the path; a file or a route that is not there stays a 404.
    for (const path of new Set(['/', '/link/:token', '/dinding', '/dinding/:token', ...pages]))
      files.get(path, (_request, reply) => reply.sendFile('index.html'))
    // A person who mistyped an address is told so by the page; a program by the refusal that it knows. Nothing is kept of it: it may be there tomorrow.
    files.setNotFoundHandler((request, reply) => {
      reply.code(404)
      const isPerson = request.method === 'GET' && request.headers.accept?.includes('text/html')
      if (isPerson) return reply.sendFile('index.html', { etag: false, lastModified: false })
      return reply.send(new WebError('NOT_FOUND').body)
    })
  })
}

function viewerOfToken({ tokens, rooms }: Pick<Book, 'tokens' | 'rooms'>, text: string): Viewer | undefined {
  const token = tokens.find(text)
  const room = token === undefined ? undefined : rooms.find(({ id }) => id === token.room)
  if (token === undefined || room === undefined) return undefined
  return {
    id: token.account,
    name: token.name,
    role: token.role,
    room,
    kind: 'token',
    session: token.id,
    ...(token.verb === 'read' ? { most: 'read' } : {}),
  }
}

/** Paths at which the page may be loaded; the app's own list (web/app/shell.tsx) is held to this one by a test. */
const pages: readonly string[] = [
  '/region/:code',
  '/dinding',
  '/peringatan',
  '/peringatan/:id',
  '/jelajah',
  '/sql',
  '/sumber',
  '/laporan',
  '/laporan/:id',
  '/aturan',
  '/aset',
  '/pengguna',
  '/audit',
  '/akun',
]
