/** What decides when the next key is due. */
export interface RenewalState {
  /** When the newest key began to count; undefined if there is no key. */
  readonly newest: Date | undefined;
  /** 0: no scheduled renewal. */
  readonly periodMs: number;
  /** A key that is older than this must be replaced. */
  readonly cutoff: Date | undefined;
  /** Whether somebody asks for a newer key than the newest. */
  readonly isReplacementAsked: boolean;
  readonly now: Date;
}

/**
 * When the next key must be created; undefined for never. A time that is not after `now` means at once. It
 * depends only on the newest key, not on when the controller started, so that restarts and replicas agree. A
 * key created by hand or by SIGUSR1 counts: the next one is due one period after it.
 */
export function nextRenewal({
  newest,
  periodMs,
  cutoff,
  isReplacementAsked,
  now,
}: RenewalState): Date | undefined {
  if (!newest) return now;
  const due = [
    ...(periodMs > 0 ? [newest.getTime() + periodMs] : []),
    // before a cut-off in the future every new key would be too old again, so the renewal waits for it
    ...(cutoff && newest < cutoff ? [cutoff.getTime()] : []),
    // certificates count whole seconds: only from the next one on is a new key the newest, so one suffices
    ...(isReplacementAsked ? [newest.getTime() + 1000] : []),
  ];
  return due.length === 0 ? undefined : new Date(Math.min(...due));
}
