import type { Bytes, SealedSecretsError } from '@fuin/crypto-core';
import { usageError } from '../../invocation/usage-error.ts';

const ARMOR = '-----BEGIN AGE ENCRYPTED FILE-----';
const INTRO = 'age-encryption.org/';
const POST_QUANTUM = /^age1(?:tag)?pq1/;
/** How an identity of age begins. It is a private key. */
export const IDENTITY = /^AGE-SECRET-KEY-/i;

/** Whether bytes are a file that age encrypted, armored or not. */
export function isAgeFile(bytes: Uint8Array): boolean {
  const start = Buffer.from(bytes.subarray(0, 64)).toString('latin1').trimStart();
  return start.startsWith(ARMOR) || start.startsWith(INTRO);
}

/** Whether a file for a recipient withstands quantum computers. */
export function isPostQuantum(recipient: string): boolean {
  return POST_QUANTUM.test(recipient);
}

/**
 * Refuses recipients that cannot be encrypted to, and a mixture of post-quantum and other recipients: the
 * file would be as weak as the weakest.
 *
 * @throws ERR_USAGE
 */
export async function checkRecipients(recipients: readonly string[]): Promise<void> {
  await refuseUnknown(recipients);
  const strong = recipients.filter(isPostQuantum).length;
  if (strong > 0 && strong < recipients.length)
    throw usageError(
      'post-quantum recipients and others cannot be mixed',
      'the other recipients would make the file as weak as without post-quantum ones: give recipients of one kind',
    );
}

/** Encrypts to recipients, with the armor of age. */
export async function encryptTo(recipients: readonly string[], plaintext: Uint8Array): Promise<string> {
  const { Encrypter, armor } = await import('age-encryption');
  const encrypter = new Encrypter();
  for (const recipient of recipients) encrypter.addRecipient(recipient);
  return armor.encode(await encrypter.encrypt(plaintext));
}

/** How many recipients an armored file has. */
export async function countRecipients(armored: string): Promise<number> {
  const { armor } = await import('age-encryption');
  const [header = ''] = Buffer.from(armor.decode(armored)).toString('latin1').split('\n---');
  return header.split('\n').filter((line) => line.startsWith('-> ')).length;
}

/** The identities in a file, among comments and other lines. */
export function identitiesIn(bytes: Uint8Array): string[] {
  return linesOf(bytes).filter((line) => IDENTITY.test(line));
}

/** Decrypts a file of age, armored or not. @returns undefined where no identity opens it */
export async function decryptAge(
  identities: readonly string[],
  bytes: Uint8Array,
): Promise<Bytes | undefined> {
  const { Decrypter, armor } = await import('age-encryption');
  try {
    const decrypter = new Decrypter();
    for (const identity of identities) decrypter.addIdentity(identity);
    const isArmored = !Buffer.from(bytes.subarray(0, INTRO.length)).equals(Buffer.from(INTRO));
    const file = isArmored ? armor.decode(Buffer.from(bytes).toString('latin1')) : bytes;
    return new Uint8Array(await decrypter.decrypt(file));
  } catch {
    return undefined; // the texts of the library may change
  }
}

async function refuseUnknown(recipients: readonly string[]): Promise<void> {
  const { Encrypter } = await import('age-encryption');
  for (const [at, recipient] of recipients.entries()) {
    if (IDENTITY.test(recipient)) throw identityGiven();
    try {
      new Encrypter().addRecipient(recipient);
    } catch {
      // not quoted: what stands there may be anything
      throw usageError(
        `recipient ${at + 1} of --to is none that kubeseal can encrypt to`,
        'recipients begin with age1, or are RSA certificates in PEM; for keys of SSH and for plugins write the backup with --plain into a pipe to age',
      );
    }
  }
}

/** The error for a private key where a recipient belongs. */
export function identityGiven(): SealedSecretsError {
  return usageError(
    '--to names an identity, which is a private key',
    'give its recipient: age-keygen -y FILE',
  );
}

/** Lines without blanks around them; empty ones and comments are left out. */
export function linesOf(bytes: Uint8Array): string[] {
  const lines = Buffer.from(bytes)
    .toString('utf8')
    .split('\n')
    .map((line) => line.trim());
  return lines.filter((line) => line !== '' && !line.startsWith('#'));
}
