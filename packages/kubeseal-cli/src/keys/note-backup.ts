import { KEY_ANNOTATIONS, SealedSecretsError } from '@fuin/crypto-core';
import type { Warn } from '../invocation/warnings.ts';
import type { Fields } from '../io/fields.ts';
import type { KeyStore } from './key-store.ts';

/**
 * Writes the time of a backup that was read back on the key Secrets that it holds, for the metric of the
 * controller. The backup is good without that, so what goes wrong here is a warning.
 */
export async function noteBackup(
  saved: readonly Fields[],
  store: Pick<KeyStore, 'mark'>,
  now: Date,
  warn: Warn,
): Promise<void> {
  const annotations = { [KEY_ANNOTATIONS.lastBackup]: now.toISOString() };
  for (const secret of saved) {
    try {
      await store.mark(secret, { labels: {}, annotations });
    } catch (error) {
      if (!(error instanceof SealedSecretsError)) throw error;
      const message = `the backup is good, but its time cannot be noted on the key Secrets: ${error.message}`;
      return warn(`warning: ${message}; --note=false does not try it`);
    }
  }
}
