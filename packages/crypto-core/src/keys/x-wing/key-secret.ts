import { type Bytes, decodeBase64, decodeUtf8, encodeBase64, encodeUtf8 } from '../../bytes.ts';
import { printable, SealedSecretsError } from '../../errors.ts';
import { type KeyMaterial, XWingKeyPair } from './key-pair.ts';
import { PUBLIC_KEY_BYTES, type Suite } from './suite.ts';

/** The items of a key Secret of type `x-wing-key`: 32 bytes, and 1,216. */
const ITEMS = { seed: 'seed', publicKey: 'public-key' } as const;

/** The `data` of a key Secret of type `x-wing-key`, in base64. */
export type XWingKey = Readonly<Record<(typeof ITEMS)[keyof typeof ITEMS], string>>;

/**
 * A key pair as the `data` of a key Secret holds it. Secret: anyone who has it can open every value.
 *
 * @example
 * ```js
 * import { readXWingKey, toXWingKey, XWingKeyPair } from '@fuin/crypto-core/v2';
 *
 * const data = toXWingKey(await XWingKeyPair.generate());
 * console.log(Object.keys(data).join(' ')); // seed public-key
 * ```
 */
export function toXWingKey({ seed, publicKey }: KeyMaterial): XWingKey {
  return { [ITEMS.seed]: encodeBase64(seed), [ITEMS.publicKey]: encodeBase64(publicKey) };
}

/**
 * Reads the `data` of a key Secret of type `x-wing-key`, and proves the key: it opens what is sealed for its
 * public key. A Secret that holds anything else beside the key is refused: two programs must never take two
 * different keys from one Secret.
 *
 * @throws ERR_KEY_INVALID naming the item, never its content
 * @example
 * ```js
 * import { readXWingKey, toXWingKey, XWingKeyPair } from '@fuin/crypto-core/v2';
 *
 * const pair = await readXWingKey(toXWingKey(await XWingKeyPair.generate()));
 * console.log(pair.id.length); // 35
 * ```
 */
export async function readXWingKey(
  data: Readonly<Record<string, unknown>> | undefined,
  suite?: Suite,
): Promise<XWingKeyPair> {
  refuseOthers(data, Object.values(ITEMS));
  const seed = bytesIn(data, ITEMS.seed);
  try {
    return await XWingKeyPair.of({ seed, publicKey: bytesIn(data, ITEMS.publicKey) }, suite);
  } catch (error) {
    // parsers fail on garbage in many ways; their texts are not passed on, unless they are ours
    throw error instanceof SealedSecretsError ? error : invalid('the key cannot be read');
  } finally {
    seed.fill(0);
  }
}

/** The items of a key Secret of type `split-key`: 1,216 bytes, 32, and a name. */
const SPLIT_ITEMS = {
  publicKey: 'public-key',
  curveKey: 'x25519-key',
  keyService: 'key-service',
} as const;
const CURVE_KEY_BYTES = 32;

/**
 * A key pair whose ML-KEM half is in a key service. Without the service, it opens nothing.
 */
export interface SplitKeyMaterial {
  /** 1,216 bytes. */
  readonly publicKey: Bytes;
  /** The private X25519 key: 32 bytes. Secret. */
  readonly curveKey: Bytes;
  /** Names the key of the service, such as `aws-kms:arn:aws:kms:...:key/...`. */
  readonly keyService: string;
}

/** The `data` of a key Secret of type `split-key`, in base64. */
export type SplitKey = Readonly<Record<(typeof SPLIT_ITEMS)[keyof typeof SPLIT_ITEMS], string>>;

/**
 * A split key pair as the `data` of a key Secret holds it.
 *
 * @example
 * ```js
 * import { readSplitKey, toSplitKey } from '@fuin/crypto-core/v2';
 *
 * const [publicKey, curveKey] = [new Uint8Array(1216), new Uint8Array(32)];
 * const data = toSplitKey({ publicKey, curveKey, keyService: 'aws-kms:arn:aws:kms:...' });
 * console.log(readSplitKey(data).keyService); // aws-kms:arn:aws:kms:...
 * ```
 */
export function toSplitKey({ publicKey, curveKey, keyService }: SplitKeyMaterial): SplitKey {
  return {
    [SPLIT_ITEMS.publicKey]: encodeBase64(publicKey),
    [SPLIT_ITEMS.curveKey]: encodeBase64(curveKey),
    [SPLIT_ITEMS.keyService]: encodeBase64(encodeUtf8(keyService)),
  };
}

/**
 * Reads the `data` of a key Secret of type `split-key`. It proves nothing: that takes the key service.
 *
 * @throws ERR_KEY_INVALID naming the item, never its content
 * @example
 * ```js
 * import { readSplitKey, toSplitKey } from '@fuin/crypto-core/v2';
 *
 * const [publicKey, curveKey] = [new Uint8Array(1216), new Uint8Array(32)];
 * const material = readSplitKey(toSplitKey({ publicKey, curveKey, keyService: 'aws-kms:arn' }));
 * console.log(material.publicKey.length, material.curveKey.length); // 1216 32
 * ```
 */
export function readSplitKey(data: Readonly<Record<string, unknown>> | undefined): SplitKeyMaterial {
  refuseOthers(data, Object.values(SPLIT_ITEMS));
  const [publicKey, curveKey] = [publicKeyIn(data), bytesIn(data, SPLIT_ITEMS.curveKey)];
  if (curveKey.length !== CURVE_KEY_BYTES)
    throw invalid(`${SPLIT_ITEMS.curveKey}: not ${CURVE_KEY_BYTES} bytes`);
  return { publicKey, curveKey, keyService: decodeUtf8(bytesIn(data, SPLIT_ITEMS.keyService)) };
}

/** The items of a key Secret of type `held-key`: 1,216 bytes, and a name. */
const HELD_ITEMS = { publicKey: 'public-key', keyService: 'key-service' } as const;

/** A key pair that a key service holds whole. Nothing of it is secret. */
export type HeldKeyMaterial = Omit<SplitKeyMaterial, 'curveKey'>;

/** The `data` of a key Secret of type `held-key`, in base64. */
export type HeldKey = Readonly<Record<(typeof HELD_ITEMS)[keyof typeof HELD_ITEMS], string>>;

/**
 * A key pair that a key service holds, as the `data` of a key Secret names it.
 *
 * @example
 * ```js
 * import { readHeldKey, toHeldKey } from '@fuin/crypto-core/v2';
 *
 * const keyService = 'gcp-kms:projects/.../cryptoKeyVersions/1';
 * const data = toHeldKey({ publicKey: new Uint8Array(1216), keyService });
 * console.log(Object.keys(data).join(' ')); // public-key key-service
 * ```
 */
export function toHeldKey({ publicKey, keyService }: HeldKeyMaterial): HeldKey {
  return {
    [HELD_ITEMS.publicKey]: encodeBase64(publicKey),
    [HELD_ITEMS.keyService]: encodeBase64(encodeUtf8(keyService)),
  };
}

/**
 * Reads the `data` of a key Secret of type `held-key`. It proves nothing: that takes the key service.
 *
 * @throws ERR_KEY_INVALID naming the item, never its content
 * @example
 * ```js
 * import { readHeldKey, toHeldKey } from '@fuin/crypto-core/v2';
 *
 * const data = toHeldKey({ publicKey: new Uint8Array(1216), keyService: 'gcp-kms:projects/...' });
 * console.log(readHeldKey(data).keyService); // gcp-kms:projects/...
 * ```
 */
export function readHeldKey(data: Readonly<Record<string, unknown>> | undefined): HeldKeyMaterial {
  refuseOthers(data, Object.values(HELD_ITEMS));
  return { publicKey: publicKeyIn(data), keyService: decodeUtf8(bytesIn(data, HELD_ITEMS.keyService)) };
}

/** Two programs must never take two different keys from one Secret. */
function refuseOthers(data: Readonly<Record<string, unknown>> | undefined, known: readonly string[]): void {
  const other = Object.keys(data ?? {}).find((item) => !known.includes(item));
  if (other !== undefined)
    throw invalid(`${printable(other)}: a key Secret of this type holds only ${known.join(' and ')}`);
}

function publicKeyIn(data: Readonly<Record<string, unknown>> | undefined): Bytes {
  const publicKey = bytesIn(data, ITEMS.publicKey);
  if (publicKey.length === PUBLIC_KEY_BYTES) return publicKey;
  throw invalid(`${ITEMS.publicKey}: not ${PUBLIC_KEY_BYTES} bytes`);
}

function bytesIn(data: Readonly<Record<string, unknown>> | undefined, item: string): Bytes {
  const text = data && Object.hasOwn(data, item) ? data[item] : undefined;
  if (typeof text !== 'string') throw invalid(`${item}: missing`);
  try {
    return decodeBase64(text);
  } catch {
    throw invalid(`${item}: not base64`);
  }
}

function invalid(message: string): SealedSecretsError {
  return new SealedSecretsError('ERR_KEY_INVALID', message);
}
