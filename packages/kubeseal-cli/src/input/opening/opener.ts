import type { Bytes } from '@fuin/crypto-core';
import type { SealedInput } from '../sealed-secrets.ts';

/** The values of one SealedSecret, as far as they can be known. */
export interface OpenedValues {
  /** Plaintext by item. Drop it as soon as it is used. */
  readonly values: ReadonlyMap<string, Bytes>;
  /** Why each of the other items stays closed: a clause without a value, such as `no given key opens it`. */
  readonly closed: ReadonlyMap<string, string>;
}

/** Opens SealedSecrets for a person who may see the values: with private keys, or from the cluster. */
export interface Opener {
  /** Where the values come from, for notes: `the given private keys`, `the cluster of context prod`. */
  readonly source: string;
  /**
   * Opens what can be opened. An item that stays closed is no error.
   *
   * @throws ERR_API_UNAVAILABLE, ERR_API_REJECTED where the cluster gives no answer
   */
  open(input: Pick<SealedInput, 'sealedSecret' | 'label'>): Promise<OpenedValues>;
  close(): Promise<void>;
}
