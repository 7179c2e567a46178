// What keeps a wall going for weeks? A screen that stays awake, and a page that is loaded anew when the server has another build of it.

/** Keeps the screen awake as long as the page is seen, where the browser allows (by https, or on the machine itself). */
export function keepAwake(): () => void {
  let lock: WakeLockSentinel | undefined
  let gone = false
  const take = async (): Promise<void> => {
    if (gone || document.visibilityState !== 'visible' || !('wakeLock' in navigator)) return
    // Refused on an empty battery, for one: the wall goes on without.
    lock = await navigator.wakeLock.request('screen').catch(() => undefined)
    if (gone) await lock?.release()
  }
  const onChange = (): void => void take()
  // The browser lets go when the page is hidden.
  document.addEventListener('visibilitychange', onChange)
  void take()
  return () => {
    gone = true
    document.removeEventListener('visibilitychange', onChange)
    void lock?.release()
  }
}

const SPREAD_MS = 10_000

/** Loads the page anew soon; walls of a whole country do not all come in one second. */
export function reloadOnNewBuild(): () => void {
  const timer = setTimeout(() => location.reload(), Math.random() * SPREAD_MS)
  return () => clearTimeout(timer)
}
