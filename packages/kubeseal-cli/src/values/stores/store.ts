import type { Bytes, Secret } from '@fuin/crypto-core';
import type { Kubeconfig } from '../../invocation/invocation.ts';
import type { Warn } from '../../invocation/warnings.ts';
import type { Io } from '../../io/io.ts';
import type { ValueInputs } from '../inputs.ts';

/** A place outside of this program that holds values: one row of the table of stores. */
export interface Store {
  /** How a value in it is named, such as `vault:PATH`, for help and messages. */
  readonly usage: string;
  /** One sentence for help and documentation, without a full stop. */
  readonly summary: string;
  /** Whether a value that is a JSON object usually stands for items. */
  readonly splitsJson?: boolean;
  /** Reads a name without reading what it names. @throws ERR_USAGE */
  check(name: string): void;
  /** Reads the values. @throws ERR_USAGE, ERR_MANIFEST_INVALID, ERR_API_UNAVAILABLE, ERR_API_REJECTED */
  load(name: string, world: StoreWorld): Promise<Loaded>;
}

/** What reading a store may use. */
export interface StoreWorld {
  readonly io: Pick<Io, 'cwd' | 'env' | 'stdin' | 'stderr' | 'now'>;
  readonly inputs: ValueInputs;
  readonly kubeconfig: Kubeconfig;
  readonly warn: Warn;
  /** Value of --namespace. */
  readonly namespace: string;
  /** Value of --request-timeout. */
  readonly requestTimeout: string;
  /** Whether a value that is a JSON object stands for several items. */
  readonly splitsJson: boolean;
  /** Files of SecretStores that an ExternalSecret may name. */
  readonly secretStores: readonly string[];
  /** Whether an item is asked for: another one may be of a kind that cannot be sealed. */
  wants(item: string): boolean;
}

/** What a store holds under one name. Drop it as soon as it is sealed. */
export interface Loaded {
  /** Plaintext by item. */
  readonly items: ReadonlyMap<string, Bytes>;
  /** What the values are of, for notes: `secret/db of https://vault:8200`. It holds no value. */
  readonly origin: string;
  /** What a source that is a Secret already says of it. */
  readonly secret?: KnownSecret;
}

/** What is known of the Secret beside its values. */
export interface KnownSecret
  extends Pick<Secret, 'type' | 'immutable'>,
    Pick<Secret['metadata'], 'name' | 'namespace' | 'labels' | 'annotations'> {}
