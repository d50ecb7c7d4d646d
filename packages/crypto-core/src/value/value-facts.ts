import { decodeBase64 } from '../bytes.ts';
import { nameOfKey } from './envelope-v2.ts';
import { type Envelope, parseEnvelope, type ValueFormat } from './format-table.ts';

/**
 * What everyone can see of a sealed value. It is the sealer's word until the value is opened, which proves
 * it.
 */
export interface ValueFacts {
  readonly format: ValueFormat;
  /** Ids of all keys that open it, in ascending order. Empty for v1, which does not name its key. */
  readonly recipients: readonly string[];
  /** Whether it opens only as the item that it was sealed for. */
  readonly bindsItem: boolean;
  /** After this moment the sealer wants nobody to use it; undefined where it does not expire. */
  readonly expiresAt: Date | undefined;
}

/**
 * What a sealed value tells without a key.
 *
 * @param text the value in base64
 * @throws ERR_ENVELOPE_MALFORMED
 * @example
 * ```js
 * import { encodeBase64, encodeUtf8, encryptionLabel, valueFactsOf } from '@fuin/crypto-core';
 * import { XWingKeyPair } from '@fuin/crypto-core/v2';
 *
 * const pair = await XWingKeyPair.of(await XWingKeyPair.generate());
 * const expiresAt = new Date('2030-01-01T00:00:00Z');
 * const label = encryptionLabel('strict', 'shop', 'db');
 * const sealed = await pair.seal(encodeUtf8('hunter2'), label, { expiresAt });
 * const facts = valueFactsOf(encodeBase64(sealed));
 * console.log(facts.format, facts.expiresAt.getUTCFullYear()); // v2 2030
 * console.log(facts.recipients[0] === pair.id); // true
 * ```
 */
export function valueFactsOf(text: string): ValueFacts {
  return factsOf(parseEnvelope(decodeBase64(text)));
}

/** The same of a value that is taken apart. */
export function factsOf(envelope: Envelope): ValueFacts {
  if (envelope.format === 'v1')
    return { format: 'v1', recipients: [], bindsItem: false, expiresAt: undefined };
  const { format, recipients, bindsItem, expiresAt } = envelope;
  return { format, recipients: recipients.map(({ keyId }) => nameOfKey(keyId)), bindsItem, expiresAt };
}
