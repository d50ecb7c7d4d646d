import type { Ending } from '@fuin/cloud/split';
import type { KeyPair, SealedSecretsError } from '@fuin/crypto-core';

/** A new key that no Secret holds yet. */
export interface DrawnSplitKey {
  readonly id: string;
  /** Of the key Secret. */
  readonly type: string;
  /** Of the key Secret. */
  readonly data: Readonly<Record<string, string>>;
}

/** A key of a key Secret. */
export interface ReadSplitKey {
  readonly keyPair: KeyPair;
  /** The recipient string. */
  readonly published: string;
  /** Names the key of the service, where that holds the whole key. */
  readonly heldAs?: string;
}

/** Sealing keys of format v2 of which a key service holds the ML-KEM half, or the whole. */
export interface SplitKeys {
  /** For a person: the key of the service with which new sealing keys are made. */
  readonly description: string;
  /** The name of that key, where the service holds it whole: every draw gives the same sealing key. */
  readonly only: string | undefined;
  /**
   * The key pair in a key Secret of this type. Asks no service.
   *
   * @throws ERR_KEY_INVALID; ERR_KEY_SERVICE_REJECTED where the Secret names a service that is not configured
   */
  read(data: Readonly<Record<string, unknown>>, type: unknown): Promise<ReadSplitKey>;
  /**
   * Draws a key and proves that it opens values.
   *
   * @throws ERR_KEY_SERVICE_UNAVAILABLE, ERR_KEY_SERVICE_REJECTED, ERR_KEY_INVALID
   */
  draw(): Promise<DrawnSplitKey>;
  /** Tells each decapsulation from now on. */
  onDecapsulation(listener: DecapsulationListener): void;
  close(): Promise<void>;
}

/** Hears of each decapsulation how it ended. */
export type DecapsulationListener = (ending: Ending, error?: SealedSecretsError) => void;
