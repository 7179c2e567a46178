// What can go wrong between a log and us? It is away, it answers what cannot be read, it leaves out, or it lies.

/** A log that says two things, or cannot show what it signed. Not read past until it can. */
export type DistrustReason =
  | 'bad_signature'
  /** Two roots for one size. */
  | 'equivocation'
  /** A new tree does not begin with the one before. */
  | 'inconsistent'
  /** The entries do not give the root that was signed. */
  | 'root_mismatch'
  /** Entries within the signed size are not answered. */
  | 'missing_entries'

export class Distrust extends Error {
  readonly reason: DistrustReason

  constructor(reason: DistrustReason, message: string) {
    super(message)
    this.name = 'Distrust'
    this.reason = reason
  }
}

/** An answer that is not of the form it should have: of a proxy, or of a log that is broken for now. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable'
}

/** The log asks to come later: 429 or 503. */
export class Busy extends Error {
  override readonly name = 'Busy'
  /** Milliseconds that it asked for; 0 if it did not say. */
  readonly afterMs: number

  constructor(status: number, afterMs: number) {
    super(`answered ${status}`)
    this.afterMs = afterMs
  }
}

/** Any other status than 200. */
export class Refused extends Error {
  override readonly name = 'Refused'
  readonly status: number

  constructor(status: number, what: string) {
    super(`answered ${status} to ${what}`)
    this.status = status
  }
}

/** An entry that the log has signed is not answered. */
export class MissingEntry extends Error {
  override readonly name = 'MissingEntry'
}
