// Records of audit for tests: one event of a file that was opened, by its serial number.

/** `at`: seconds after a fixed time. */
export function audit(serial: number, at = 0) {
  const id = `msg=audit(${(1732670163 + at).toFixed(3)}:${serial}):`
  return {
    syscall: `type=SYSCALL ${id} arch=c000003e syscall=257 success=yes exit=3 items=1 ppid=1 pid=${1000 + serial} auid=1000 uid=0 euid=0 comm="cat" exe="/usr/bin/cat" key="rahasia"`,
    cwd: `type=CWD ${id} cwd="/root"`,
    path: `type=PATH ${id} item=0 name="/etc/shadow" nametype=NORMAL`,
    title: `type=PROCTITLE ${id} proctitle=636174002F6574632F736861646F77`,
    end: `type=EOE ${id} `,
  }
}

/** All records of an event, as auditd writes them to its log. */
export function auditLines(serial: number, at = 0): string[] {
  const { syscall, cwd, path, title } = audit(serial, at)
  return [syscall, cwd, path, title]
}

/** Mulberry32: the same numbers for the same seed. */
export function random(seed: number): () => number {
  let a = seed
  return () => {
    a = (a + 0x6d2b79f5) | 0
    let t = Math.imul(a ^ (a >>> 15), 1 | a)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}
