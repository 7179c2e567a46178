// How is progress told that a log must not drown in? In tenths.

/** `40 %`: what is done of all, down to the last tenth. */
export function share(done: number, all: number): string {
  return `${all === 0 ? 100 : Math.floor((done / all) * 10) * 10} %`
}
