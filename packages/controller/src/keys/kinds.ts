import {
  type ImportOptions,
  KEY_ANNOTATIONS,
  KEY_LABEL,
  KEY_TYPES,
  SEALING_KEY_LABEL,
} from '@fuin/crypto-core';
import type { KubeObject } from '@fuin/kube/client';
import { recordOf } from '@fuin/kube/record';
import { invalid, readKeySecret, type SealingKey } from './key-secret.ts';
import type { SplitKeys } from './split/split-key.ts';

/**
 * Where a key Secret was found: by the label that upstream knows, by the name of the only key from before
 * there were labels, or by the label for kinds that Fuin alone knows.
 */
export type KeySource = 'labelled' | 'legacy' | 'own-kind';

/** The label that counts for the key Secrets of a source. */
export const LABEL_OF: Readonly<Record<KeySource, string>> = {
  labelled: KEY_LABEL,
  legacy: KEY_LABEL,
  'own-kind': SEALING_KEY_LABEL,
};

/** What reading a key may need. */
export interface ReadOptions extends ImportOptions {
  /** Undefined where no key service is configured that holds keys or halves of them. */
  readonly splitKeys?: Pick<SplitKeys, 'read'> | undefined;
}

type Reader = (secret: KubeObject, options: ReadOptions) => Promise<SealingKey>;

/**
 * What reads the key Secrets of each kind of our own, by the type of the Secret. Loaded with the first Secret
 * of the kind: a controller without such keys loads none of it.
 */
const READERS: Readonly<Record<string, () => Promise<Reader>>> = {
  [KEY_TYPES.xWing]: async () => (await import('./x-wing-secret.ts')).readXWingSecret,
  [KEY_TYPES.split]: async () => readSplit,
  [KEY_TYPES.held]: async () => readHeld,
  // by then its items are those of the plain Secret
  [KEY_TYPES.wrapped]: async () => readUnwrapped,
};

/**
 * Reads a key Secret of any kind.
 *
 * @throws ERR_KEY_SECRET_INVALID naming the Secret, never its content
 */
export async function readKey(
  secret: KubeObject,
  source: KeySource,
  options: ReadOptions,
): Promise<SealingKey> {
  if (source !== 'own-kind') return readKeySecret(secret, options);
  const { name = '', labels } = secret.metadata;
  const type = String(secret['type'] ?? '');
  const load = Object.hasOwn(READERS, type) ? READERS[type] : undefined;
  if (!load) throw invalid(name, 'its type is no kind of sealing key that this controller knows');
  if (labels?.[KEY_LABEL] !== undefined) throw invalid(name, `it has both labels of sealing keys`);
  return (await load())(secret, options);
}

async function readSplit(secret: KubeObject, { splitKeys }: ReadOptions): Promise<SealingKey> {
  const { name = '' } = secret.metadata;
  if (!splitKeys) throw invalid(name, 'it needs a key service, and --split-key names none');
  return (await import('./x-wing-secret.ts')).readV2Secret(secret, splitKeys.read);
}

/** Nothing in the Secret belongs to its public key alone, so the annotation tells whether that is damaged. */
async function readHeld(secret: KubeObject, options: ReadOptions): Promise<SealingKey> {
  return ofItsFingerprint(secret, await readSplit(secret, options));
}

/**
 * A key of any kind that was unwrapped. The wrapped form is bound to its fingerprint, so it must be that key.
 */
async function readUnwrapped(secret: KubeObject, options: ImportOptions): Promise<SealingKey> {
  const isRsa = Object.hasOwn(recordOf(secret['data']), 'tls.key');
  const key = isRsa
    ? await readKeySecret({ ...secret, type: 'kubernetes.io/tls' }, options)
    : await (await import('./x-wing-secret.ts')).readXWingSecret(secret);
  return ofItsFingerprint(secret, key);
}

function ofItsFingerprint({ metadata }: KubeObject, key: SealingKey): SealingKey {
  const { name = '', annotations } = metadata;
  if (key.keyPair.id === annotations?.[KEY_ANNOTATIONS.fingerprint]) return key;
  throw invalid(name, 'it holds another key than its annotation says');
}
