// How does a test sit at a terminal? A real pseudo-terminal of 24 lines and 80 columns, what was typed and what stands there.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { stripVTControlCharacters } from 'node:util'
import { mainFile, plainEnvironment } from '../run.ts'

const relay = `
import os, pty, sys, fcntl, termios, struct, select, signal
pid, fd = pty.fork()
if pid == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack('HHHH', 24, 80, 0, 0))
    os.execvp(sys.argv[1], sys.argv[1:])
watched = [fd, 0]
while True:
    ready, _, _ = select.select(watched, [], [])
    if fd in ready:
        try: data = os.read(fd, 65536)
        except OSError: data = b''
        if not data: break
        os.write(1, data)
    if 0 in ready:
        data = os.read(0, 65536)
        if data: os.write(fd, data)
        else: watched.remove(0)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`

const works = (command: string, args: readonly string[]): boolean => spawnSync(command, args).status === 0

/** Command and arguments that give a program a terminal; undefined where there is nothing to make one with. */
function terminalCommand(program: readonly string[]): readonly string[] | undefined {
  if (works('python3', ['-c', 'import pty, os; os.waitstatus_to_exitcode'])) return ['python3', '-c', relay, ...program]
  if (!works('script', ['-qefc', 'true', '/dev/null'])) return undefined
  const quoted = program.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ')
  return ['script', '-qefc', `stty rows 24 cols 80; exec ${quoted}`, '/dev/null']
}

/** Why tests at a terminal cannot run here; '' if they can. */
export const noTerminal =
  terminalCommand(['true']) === undefined
    ? 'neither python3 nor script of util-linux is there to make a pseudo-terminal'
    : ''

const DEADLINE_MS = 40_000

export interface Terminal {
  /** Types, as fast as a paste where it is more than a key. */
  type(text: string): void
  /** Waits for something to stand in what came since the last wait; answers that part of the screen, without colours and cursors. */
  until(wanted: string | RegExp): Promise<string>
  /** Everything since the start, byte for byte. */
  raw(): string
  /** Waits for the end; answers the exit code. */
  end(): Promise<number | null>
  kill(): void
}

/** Runs `siaga` at a terminal. */
export function openTerminal(
  args: readonly string[],
  { cwd, env }: { cwd: string; env: Record<string, string> },
): Terminal {
  const [command = '', ...rest] =
    terminalCommand([process.execPath, '--disable-warning=ExperimentalWarning', mainFile, ...args]) ?? []
  const child: ChildProcess = spawn(command, rest, {
    cwd,
    env: { ...plainEnvironment(), TERM: 'xterm', ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let all = ''
  let seen = 0
  let code: number | null | undefined
  let wake = (): void => undefined
  const take = (part: Buffer): void => {
    all += part.toString()
    wake()
  }
  child.stdout?.on('data', take)
  child.stderr?.on('data', take)
  child.on('close', (status) => {
    code = status
    wake()
  })
  const change = (left: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, left)
      wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  async function wait<T>(what: string, look: () => T | undefined): Promise<T> {
    const deadline = Date.now() + DEADLINE_MS
    for (;;) {
      const found = look()
      if (found !== undefined) return found
      const left = deadline - Date.now()
      if (left <= 0) throw new Error(`${what} did not come; the terminal shows:\n${stripVTControlCharacters(all)}`)
      await change(left)
    }
  }
  return {
    type: (text) => void child.stdin?.write(text),
    until: (wanted) =>
      wait(String(wanted), () => {
        if (code !== undefined && code !== null && all.length === seen)
          throw new Error(`it ended with ${code}:\n${all}`)
        const text = stripVTControlCharacters(all.slice(seen)).replaceAll('\r', '')
        const there = typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text)
        if (!there) return undefined
        seen = all.length
        return text
      }),
    raw: () => all,
    end: () => wait('the end', () => (code === undefined ? undefined : { code })).then((done) => done.code),
    kill: () => void child.kill('SIGKILL'),
  }
}
