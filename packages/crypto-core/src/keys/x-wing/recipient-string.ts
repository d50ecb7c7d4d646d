import { bech32m } from '@scure/base';
import { type Bytes, concatBytes } from '../../bytes.ts';
import { SealedSecretsError } from '../../errors.ts';
import { PUBLIC_KEY_BYTES, SUITE_NUMBER } from './suite.ts';

const PREFIX = 'fuin';

/**
 * A recipient in one word, for command lines and files: Bech32m (BIP 350, here without its limit of length)
 * of the suite's number and the public key. Its checksum finds slips of the keyboard; it proves nothing else.
 *
 * @example
 * ```js
 * import { formatRecipient, XWingKeyPair } from '@fuin/crypto-core/v2';
 *
 * const pair = await XWingKeyPair.of(await XWingKeyPair.generate());
 * console.log(formatRecipient(pair.recipient.publicKey).length); // 1959
 * ```
 */
export function formatRecipient(publicKey: Uint8Array): string {
  return bech32m.encode(
    PREFIX,
    bech32m.toWords(concatBytes(new Uint8Array([SUITE_NUMBER]), publicKey)),
    false,
  );
}

/**
 * The public key in such a word.
 *
 * @throws ERR_KEY_INVALID for a damaged word, another suite or another prefix; the word is not quoted
 * @example
 * ```js
 * import { formatRecipient, importRecipient, parseRecipient, XWingKeyPair } from '@fuin/crypto-core/v2';
 *
 * const pair = await XWingKeyPair.of(await XWingKeyPair.generate());
 * const word = formatRecipient(pair.recipient.publicKey);
 * const recipient = await importRecipient(parseRecipient(word));
 * console.log(recipient.id === pair.id); // true
 * ```
 */
export function parseRecipient(text: string): Bytes {
  const [suite, ...publicKey] = wordsIn(text.trim());
  if (suite !== SUITE_NUMBER || publicKey.length !== PUBLIC_KEY_BYTES)
    throw new SealedSecretsError('ERR_KEY_INVALID', 'the recipient is of an unknown kind');
  return Uint8Array.from(publicKey);
}

function wordsIn(text: string): Uint8Array {
  try {
    const { prefix, words } = bech32m.decode(text as `${string}1${string}`, false);
    if (prefix === PREFIX) return bech32m.fromWords(words);
  } catch {
    // falls through
  }
  throw new SealedSecretsError(
    'ERR_KEY_INVALID',
    'the recipient is damaged: it must be one word that begins with fuin1',
  );
}
