import { createHash } from 'node:crypto';
import { type Bytes, SealedSecretsError } from '@fuin/crypto-core';
import type { Decapsulator } from './decapsulator.ts';
import { Gate, type GateLimits } from './gate.ts';
import { type CacheLimits, SecretCache } from './secret-cache.ts';

/** How a decapsulation ended: by a call, without one, or not at all. */
export type Ending = 'asked' | 'cached' | 'failed';

/** What bounds the calls to a key service, and what is remembered of them. */
export interface Bounds extends GateLimits {
  readonly cache: Omit<CacheLimits, 'nowMs'>;
  readonly onEnd: (ending: Ending, error?: SealedSecretsError) => void;
}

/** What the controller uses: 4,096 secrets take about a megabyte. */
export const BOUNDS = {
  cache: {
    entries: 4096,
    lifetimeMs: 600_000,
    later: (delayMs: number, work: () => void) => void setTimeout(work, delayMs).unref(),
  },
  calls: 8,
  pause: { firstMs: 1_000, longestMs: 30_000 },
  nowMs: () => performance.now(),
} satisfies Omit<Bounds, 'onEnd'>;

/** A call for one ciphertext, and how many callers wait for its answer. */
interface Asking {
  readonly answer: Promise<Bytes | null>;
  waiting: number;
}

/**
 * The same key of a key service, but gentle with it: one value costs one call while it is remembered, few
 * calls are under way at once, and while the service fails it is asked now and then only, so that values for
 * its key wait without keeping others from being opened.
 *
 * A secret is remembered under the hash of its ciphertext, of which it is a function, and so for whatever
 * value the ciphertext stands in: it opens none that was not sealed with it.
 */
export function bounded(decapsulator: Decapsulator, bounds: Bounds): Decapsulator {
  const cache = new SecretCache({ ...bounds.cache, nowMs: bounds.nowMs });
  const underWay = new Map<string, Asking>();
  const gate = new Gate(bounds);
  const ask = async (name: string, ciphertext: Bytes) => {
    try {
      const secret = await gate.pass(() => decapsulator.decapsulate(ciphertext));
      if (secret) cache.set(name, secret);
      bounds.onEnd('asked');
      return secret;
    } catch (error) {
      bounds.onEnd('failed', error instanceof SealedSecretsError ? error : undefined);
      throw error;
    } finally {
      underWay.delete(name);
    }
  };
  return {
    name: decapsulator.name,
    holds: decapsulator.holds,
    describe: () => decapsulator.describe(),
    publicKey: () => decapsulator.publicKey(),
    decapsulate: async (ciphertext) => {
      const name = createHash('sha256').update(ciphertext).digest('base64');
      const known = cache.get(name);
      if (known) bounds.onEnd('cached');
      if (known) return known;
      const asking = underWay.get(name) ?? { answer: ask(name, ciphertext), waiting: 0 };
      underWay.set(name, asking);
      return copyFor(asking);
    },
    close: () => {
      cache.clear();
      return decapsulator.close();
    },
  };
}

/** A copy for one caller. The last one zeroes the answer: nobody joins a call that has ended. */
async function copyFor(asking: Asking): Promise<Bytes | null> {
  asking.waiting += 1;
  const secret = await asking.answer;
  const copy = secret?.slice() ?? null;
  asking.waiting -= 1;
  if (asking.waiting === 0) secret?.fill(0);
  return copy;
}
