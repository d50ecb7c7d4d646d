import type { Bytes } from '@fuin/crypto-core';
import type { KeyContext } from './key-context.ts';

/** What a wrapper takes from the process around it. */
export interface WrapperWorld {
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * A key service that wraps data keys of 32 bytes. One call takes 10 seconds at most, credentials included,
 * and is never repeated here: the caller knows whether that makes sense.
 *
 * Every method rejects with ERR_KEY_SERVICE_UNAVAILABLE where the service does not answer or says that it
 * cannot now, and with ERR_KEY_SERVICE_REJECTED where it refuses. Messages hold no key, no token, and nothing
 * that the service said.
 */
export interface KeyWrapper {
  /** As the flag and the key Secrets name it, such as `vault:transit/sealed-secrets`. */
  readonly name: string;
  /** For a person: which key of which server it is. Asks nobody. */
  describe(): string;
  /**
   * Wraps a data key. What comes out opens under the same context only; where a service cannot bind one
   * (Azure), the envelope around the data key does (wrapped-key.ts).
   */
  wrap(dataKey: Bytes, context: KeyContext): Promise<Bytes>;
  unwrap(wrapped: Bytes, context: KeyContext): Promise<Bytes>;
  /** The same data key, wrapped with the newest version of the service's key. */
  rewrap(wrapped: Bytes, context: KeyContext): Promise<Bytes>;
  close(): Promise<void>;
}

/** Length of every data key: AES-256. */
export const DATA_KEY_BYTES = 32;
/** Longest wrapped data key that is read; services give some hundred bytes. */
export const MAX_WRAPPED_BYTES = 8192;
/** For one call, credentials included. */
export const CALL_TIMEOUT_MS = 10_000;
