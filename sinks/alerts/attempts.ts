// Which findings tell of attempts? What stands on the internet is looked at, tried and guessed at every day; that alone is no break-in.

/** Attempts against what stands on the internet, and looks around: every such site sees them every day. */
export const attempts: readonly string[] = ['T1190', 'T1059.007', 'T1595']

/** Patterns that are as common: guessing of passwords and looking around. */
export const guessing: readonly string[] = ['T1110', 'T1589', 'T1595']

/** What a flood itself is. */
const flooding = ['T1498', 'T1499']

const all = [...new Set([...attempts, ...guessing, ...flooding])]

/** True if one of the techniques is that of an attempt, of guessing or of a flood; a technique stands for its sub-techniques too. */
export function tellsOfAttempts(attack: readonly string[]): boolean {
  return attack.some((one) => all.some((wanted) => one === wanted || one.startsWith(`${wanted}.`)))
}
