import type { Metrics } from '../metrics.ts';
import type { SealingKey } from './key-secret.ts';

/** Clocks of people and of the cluster differ. */
const CLOCK_SKEW_MS = 300_000;

/**
 * Exports when each key was last backed up. A time in the future counts as never: it would keep the alert
 * silent until then.
 */
export function measureBackups(
  gauge: Metrics['keyLastBackup'],
  keys: Iterable<Pick<SealingKey, 'keyPair' | 'lastBackupAt'>>,
  now: Date,
): void {
  const times = new Map<string, number>(); // one pair may be in several Secrets
  for (const { keyPair, lastBackupAt } of keys) {
    const isPast = lastBackupAt !== undefined && lastBackupAt.getTime() <= now.getTime() + CLOCK_SKEW_MS;
    const seconds = isPast ? Math.max(0, lastBackupAt.getTime() / 1000) : 0;
    times.set(keyPair.id, Math.max(seconds, times.get(keyPair.id) ?? 0));
  }
  gauge.reset();
  for (const [fingerprint, seconds] of times) gauge.set({ fingerprint }, seconds);
}
