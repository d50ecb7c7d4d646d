import { type Bytes, decodeBase64, encodeBase64 } from '../../bytes.ts';
import { printable, SealedSecretsError } from '../../errors.ts';
import { type KeyMaterial, XWingKeyPair } from './key-pair.ts';
import type { Suite } from './suite.ts';

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
  const known: readonly string[] = Object.values(ITEMS);
  const other = Object.keys(data ?? {}).find((item) => !known.includes(item));
  if (other !== undefined)
    throw invalid(`${printable(other)}: a key Secret of this type holds only ${known.join(' and ')}`);
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
