// Child entry: becomes the program given as arguments, with the promise that it ends when the supervisor does.
import { dieWithParent } from './die-with-parent.ts'

const [file, ...args] = process.argv.slice(2)
if (!file || !process.execve) throw new Error('usage: exec.ts PROGRAM [ARGUMENT…]')
dieWithParent()
const { SIAGA_SUPERVISOR_PID: _, ...env } = process.env
process.execve(file, [file, ...args], env)
