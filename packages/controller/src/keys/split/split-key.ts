import type { Ending } from '@fuin/cloud/split';
import type { KeyPair, SealedSecretsError } from '@fuin/crypto-core';

/** A new split key that no Secret holds yet. */
export interface DrawnSplitKey {
  readonly id: string;
  /** Of the key Secret. */
  readonly data: Readonly<Record<string, string>>;
}

/** A split key of a key Secret. */
export interface ReadSplitKey {
  readonly keyPair: KeyPair;
  /** The recipient string. */
  readonly published: string;
}

/** Sealing keys of format v2 of which a key service holds the ML-KEM half. */
export interface SplitKeys {
  /** For a person: the key of the service with which new sealing keys are split. */
  readonly description: string;
  /**
   * The key pair in the data of a key Secret. Asks no service.
   *
   * @throws ERR_KEY_INVALID; ERR_KEY_SERVICE_REJECTED where the Secret names a service that is not configured
   */
  read(data: Readonly<Record<string, unknown>>): Promise<ReadSplitKey>;
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
