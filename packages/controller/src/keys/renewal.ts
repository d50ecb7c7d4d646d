/** What decides when the next key is due. */
export interface RenewalState {
  /** When the newest key began to count; undefined when there is no key. */
  readonly newest: Date | undefined;
  /** 0: no scheduled renewal. */
  readonly periodMs: number;
  /** A key that is older than this is not good enough. */
  readonly cutoff: Date | undefined;
  readonly now: Date;
}

/**
 * When the next key is to be made; undefined for never. A moment that is not after `now` means at once. It depends on
 * the newest key alone, not on when the controller started, so restarts and replicas agree on it, and a key made by
 * hand or by SIGUSR1 counts: the next is due one period after it.
 */
export function nextRenewal({ newest, periodMs, cutoff, now }: RenewalState): Date | undefined {
  if (!newest) return now;
  const due = [
    ...(periodMs > 0 ? [newest.getTime() + periodMs] : []),
    // before a cut-off in the future every new key would be too old again, so it is waited for
    ...(cutoff && newest < cutoff ? [cutoff.getTime()] : []),
  ];
  return due.length === 0 ? undefined : new Date(Math.min(...due));
}
