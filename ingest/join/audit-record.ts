// Is a line a record of the Linux audit system, of which event, and can more of that event follow?

/** A record begins within the head of its line: behind nothing, or behind a syslog header. */
const HEAD_BYTES = 512
/** Longest `msg=audit(SECONDS.MS:SERIAL):`. */
const ID_BYTES = 64

const mark = Buffer.from('msg=audit(')

export interface AuditRecord {
  /** Host of the syslog header and node, by which hosts in one stream are told apart. */
  readonly origin: string
  /** `1732670163.123:456` */
  readonly id: string
  /** Milliseconds since 1970 UTC. */
  readonly time: number
  /** `last`: PROCTITLE, behind which only the end mark comes. `end`: that mark. `single`: all of its event. */
  readonly kind: 'more' | 'last' | 'end' | 'single'
  /** It stands behind a syslog header: no line of audit.log. */
  readonly wrapped: boolean
}

const record =
  /(?:node=(\S{1,255}) )?type=([A-Z][A-Z0-9_-]{1,40}|UNKNOWN\[\d{1,5}\]) msg=audit\((\d{1,12})\.(\d{1,3}):(\d{1,20})\):/

/**
 * Headers of syslog that end where the record begins. A message that quotes a record behind words of its own (the name of a user who tried to log
 * in) is none: whoever wrote it would choose which messages are put together.
 */
const headers = [
  /^(?:<\d{1,3}>)?(?:(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT[\d:.,Z+-]{8,32}) )?(?:(\S{1,255}) )?[\w./-]{1,64}(?:\[\d{1,10}\])?: $/,
  /^(?:<\d{1,3}>)?1 \S{1,40} (\S{1,255}) \S{1,48} \S{1,128} \S{1,32} (?:-|\[[^\]]{1,256}\]) $/,
]

/**
 * Types of records that are events by themselves, as libaudit's `audit_is_last_record` has them: those of programs (1005 to 1299 but LOGIN, which
 * the kernel writes, and from 2000 on) and those of labelled networking.
 */
const single =
  /^(?:USER|CRED|DAEMON|SERVICE|SYSTEM|ADD|DEL|GRP|ACCT|ROLE|LABEL|DEV|CRYPTO|VIRT|RESP)(?:_|$)|^(?:CHGRP_ID|CHUSER_ID|TEST|TRUSTED_APP|USYS_CONFIG|FS_RELABEL|SOFTWARE_UPDATE|KERNEL)$|^ANOM_(?!PROMISCUOUS|ABEND|LINK|CREAT)|^MAC_(?:UNLBL|CIPSOV4|MAP|IPSEC|CALIPSO)_/

function kindOf(type: string): AuditRecord['kind'] {
  if (type === 'PROCTITLE') return 'last'
  if (type === 'EOE') return 'end'
  if (!type.startsWith('UNKNOWN[')) return single.test(type) ? 'single' : 'more'
  const number = Number.parseInt(type.slice(8), 10)
  return number === 1006 || (number >= 1300 && number < 2000) ? 'more' : 'single'
}

/** Whether bytes hold records of audit: of those that hold none no line has to be looked at. */
export function holdsAudit(bytes: Buffer): boolean {
  return bytes.includes(mark)
}

/** Reads the head of a line; undefined if it is no record. What the kernel prints itself (`audit: type=1400 audit(…)`) is one message for each event. */
export function auditRecord(line: Buffer): AuditRecord | undefined {
  const at = (line.length > HEAD_BYTES ? line.subarray(0, HEAD_BYTES) : line).indexOf(mark)
  if (at < 0) return undefined
  const text = line.toString('latin1', 0, at + ID_BYTES)
  const found = record.exec(text)
  if (found === null) return undefined
  const [, node = '', type = '', seconds = '', millis = '', serial = ''] = found
  const header = text.slice(0, found.index)
  const host = header === '' ? '' : hostOf(header)
  if (host === undefined) return undefined
  return {
    origin: `${host} ${node}`,
    id: `${seconds}.${millis}:${serial}`,
    time: Number(seconds) * 1000 + Number(millis),
    kind: kindOf(type),
    wrapped: header !== '',
  }
}

/** The host that a syslog header names; undefined if it is none. */
function hostOf(header: string): string | undefined {
  for (const form of headers) {
    const found = form.exec(header)
    if (found !== null) return found[1] ?? ''
  }
  return undefined
}
