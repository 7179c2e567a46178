// What of our environment do embedded services get? Only what a program needs to run: no secret, no Node option of ours.
// JAVA_TOOL_OPTIONS is where people give every Java of theirs an option.
const passedOn = [
  'PATH',
  'HOME',
  'USER',
  'LANG',
  'LC_ALL',
  'TMPDIR',
  'LD_LIBRARY_PATH',
  'JAVA_HOME',
  'JAVA_TOOL_OPTIONS',
]

/** The environment for a child process. */
export function childEnv(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  return Object.fromEntries(passedOn.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])))
}
