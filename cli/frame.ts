// What is the same in every command? The program around them: help, global options, configuration, errors, exit codes.
import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { type LoadedConfig, loadConfig } from '../runtime/config.ts'
import { environmentSettings, readEnvironmentFiles } from '../runtime/config-environment.ts'
import { errorText, SiagaError } from '../runtime/errors.ts'
import { createProgress, type Paint, type Progress, painter } from './terminal.ts'

/** Exit codes: 0 done, 1 failed, 2 used wrongly. */
const FAILED = 1
const WRONG_USE = 2

/** A failure that a command explains itself: what happened and what to do. */
export class CommandError extends Error {
  readonly action: string
  readonly exitCode: number

  constructor(message: string, action: string, exitCode = FAILED) {
    super(message)
    this.name = 'CommandError'
    this.action = action
    this.exitCode = exitCode
  }
}

/** What a command gets from the program around it. */
export interface Frame {
  readonly env: NodeJS.ProcessEnv
  readonly cwd: string
  readonly stdin: NodeJS.ReadStream
  readonly stdout: NodeJS.WriteStream
  readonly stderr: NodeJS.WriteStream
  /** Colours for what goes to stdout; none if it is not a terminal. */
  readonly paint: Paint
  readonly paintError: Paint
  /** The configuration named by --config, SIAGA_CONFIG or siaga.yaml; its warnings go to stderr once. */
  config(): LoadedConfig
  /** A progress line on stderr. */
  progress(): Progress
  /** Sets the exit code of a command that goes on to its end. */
  failed(exitCode?: number): void
}

/** One command of `siaga`. */
export interface CliCommand {
  readonly name: string
  /** One line, in English. */
  readonly summary: string
  /** The same line in Indonesian. */
  readonly ringkasan: string
  /** What it does in more than one line; optional. */
  readonly details?: string
  /** At least one, each with what it does. */
  readonly examples: readonly { readonly run: string; readonly what: string }[]
  /** Adds arguments, options and the action. */
  readonly build?: (command: Command, frame: Frame) => void
  readonly subcommands?: readonly CliCommand[]
}

/** The version in package.json. */
export function version(): string {
  const text: { version: string } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  return text.version
}

/** Puts the commands into one program. Nothing runs yet. */
export function createProgram(commands: readonly CliCommand[], frameOf: (program: Command) => Frame): Command {
  const program = new Command('siaga')
  program
    .description(
      'Siaga watches election infrastructure: logs go in at the edge, scored events come out of ClickHouse.\n' +
        'Siaga mengawasi infrastruktur pemilu: log masuk di tepi, kejadian berskor keluar dari ClickHouse.',
    )
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help for a command')
    .option('--config <file>', 'configuration file (default: siaga.yaml in this folder, if there is one)')
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false })
    .exitOverride()
    .showHelpAfterError('Run `siaga --help` for the list of commands.')
    .addHelpText('after', `\n${environmentHelp()}`)
  const frame = frameOf(program)
  for (const spec of commands) add(program, spec, frame)
  return program
}

function add(parent: Command, spec: CliCommand, frame: Frame): void {
  const command = parent.command(spec.name)
  const lines = [spec.summary, spec.ringkasan, ...(spec.details ? ['', spec.details] : [])]
  const full = [parent.parent ? `${parent.name()} ` : '', spec.name].join('')
  command
    .summary(`${spec.summary}`)
    .description(lines.join('\n'))
    .showHelpAfterError(`Run \`siaga ${full} --help\` for the usage and examples.`)
    .addHelpText(
      'after',
      `\nExamples:\n${spec.examples.map(({ run, what }) => `  # ${what}\n  $ ${run}`).join('\n')}\n`,
    )
  for (const subcommand of spec.subcommands ?? []) add(command, subcommand, frame)
  spec.build?.(command, frame)
}

function environmentHelp(): string {
  const longest = Math.max(...environmentSettings.map((setting) => setting.name.length))
  const lines = environmentSettings.map((setting) => `  ${setting.name.padEnd(longest)}  ${setting.description}`)
  return `Environment (each may be given as NAME_FILE, the path of a file that holds the value):\n${lines.join('\n')}\n\nExample:\n  # everything on this machine: Kafka, ClickHouse, collectors, processors\n  $ siaga start\n`
}

/** Runs `siaga` with these arguments; returns the exit code. Known errors are printed, unknown ones are thrown. */
export async function runCli(commands: readonly CliCommand[], argv: readonly string[]): Promise<number> {
  const { stdout, stderr, stdin } = process
  endQuietlyOnBrokenPipe(stdout, stderr)
  const paintError = painter(stderr, process.env)
  let env = process.env
  try {
    env = readEnvironmentFiles(env)
  } catch (error) {
    return told(error, stderr, paintError)
  }
  let exitCode = 0
  const program = createProgram(commands, (root) => {
    let loaded: LoadedConfig | undefined
    return {
      env,
      cwd: process.cwd(),
      stdin,
      stdout,
      stderr,
      paint: painter(stdout, env),
      paintError,
      config() {
        if (loaded) return loaded
        loaded = loadConfig({ file: root.opts<{ config?: string }>().config, env, cwd: process.cwd() })
        for (const warning of loaded.warnings) stderr.write(`${paintError('yellow', 'warning:')} ${warning}\n`)
        return loaded
      },
      progress: () => createProgress(stderr, paintError),
      failed(code = FAILED) {
        exitCode = code
      },
    }
  })
  try {
    await program.parseAsync(argv, { from: 'user' })
    return exitCode
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : WRONG_USE
    return told(error, stderr, paintError)
  }
}

/** Prints a known error and answers its exit code; throws any other. */
function told(error: unknown, stderr: NodeJS.WriteStream, paint: Paint): number {
  const known = knownError(error)
  if (known === undefined) throw error
  stderr.write(`${paint('red', 'siaga:')} ${known.message}\n${known.action ? `  ${known.action}\n` : ''}`)
  return known.exitCode
}

interface KnownError {
  readonly message: string
  readonly action: string
  readonly exitCode: number
}

function knownError(error: unknown): KnownError | undefined {
  if (error instanceof CommandError) return error
  if (error instanceof SiagaError) {
    return { message: error.message, action: error.action, exitCode: error.code === 'USAGE' ? WRONG_USE : FAILED }
  }
  // What the operating system refused (a file, a port) is for the user, not a fault of Siaga.
  if (error instanceof Error && 'syscall' in error && 'code' in error) {
    return { message: errorText(error), action: '', exitCode: FAILED }
  }
  return undefined
}

/** `siaga sql … | head` must end without a word. */
function endQuietlyOnBrokenPipe(...streams: NodeJS.WriteStream[]): void {
  for (const stream of streams) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(process.exitCode ?? 0)
      throw error
    })
  }
}
