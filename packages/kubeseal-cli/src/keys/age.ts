import { type Bytes, SealedSecretsError } from '@fuin/crypto-core';
import { usageError } from '../invocation/usage-error.ts';
import { readInput } from '../io/files.ts';

const ARMOR = '-----BEGIN AGE ENCRYPTED FILE-----';
const INTRO = 'age-encryption.org/';
const POST_QUANTUM = /^age1(?:tag)?pq1/;
const IDENTITY = /^AGE-SECRET-KEY-/i;

/** Whether bytes are a file that age encrypted, armored or not. */
export function isAgeFile(bytes: Uint8Array): boolean {
  const start = Buffer.from(bytes.subarray(0, 64)).toString('latin1').trimStart();
  return start.startsWith(ARMOR) || start.startsWith(INTRO);
}

/**
 * The recipients that `--to` names: each a recipient of age, or a file with one in each line.
 *
 * @throws ERR_USAGE for one that cannot be encrypted to, and where post-quantum and other recipients are
 *   mixed: the file would be as weak as the weakest
 */
export async function readRecipients(words: readonly string[], cwd: string): Promise<string[]> {
  const recipients: string[] = [];
  for (const word of words) {
    if (IDENTITY.test(word)) throw identityGiven();
    if (word.startsWith('age1')) recipients.push(word);
    else recipients.push(...linesOf(await readInput(cwd, word, 'to')));
  }
  await refuseUnknown(recipients);
  const strong = recipients.filter((each) => POST_QUANTUM.test(each)).length;
  if (strong > 0 && strong < recipients.length)
    throw usageError(
      'post-quantum recipients and others cannot be mixed',
      'the other recipients would make the file as weak as without post-quantum ones: give recipients of one kind',
    );
  return recipients;
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

/** The identities in the files of `--identity`. @throws ERR_USAGE, ERR_KEY_INVALID */
export async function readIdentities(files: readonly string[], cwd: string): Promise<string[]> {
  const identities: string[] = [];
  for (const file of files) {
    const bytes = await readInput(cwd, file, 'identity');
    if (isAgeFile(bytes))
      throw new SealedSecretsError('ERR_KEY_INVALID', `${file} is protected with a passphrase`, {
        hint: `decrypt it into a pipe: age -d ${file} | kubeseal keys verify -i /dev/stdin BACKUP`,
      });
    const found = linesOf(bytes).filter((line) => IDENTITY.test(line));
    if (found.length === 0)
      throw new SealedSecretsError('ERR_KEY_INVALID', `${file} holds no identity of age`);
    identities.push(...found);
  }
  return identities;
}

/**
 * Decrypts a file of age.
 *
 * @param where what messages call it
 * @throws ERR_KEY_INVALID, in words of our own: the texts of the library may change
 */
export async function decryptWith(
  identities: readonly string[],
  bytes: Uint8Array,
  where: string,
): Promise<Bytes> {
  if (identities.length === 0)
    throw usageError(`${where} is encrypted with age`, 'give the file with the identity: -i FILE');
  const { Decrypter, armor } = await import('age-encryption');
  try {
    const decrypter = new Decrypter();
    for (const identity of identities) decrypter.addIdentity(identity);
    const isArmored = !Buffer.from(bytes.subarray(0, INTRO.length)).equals(Buffer.from(INTRO));
    const file = isArmored ? armor.decode(Buffer.from(bytes).toString('latin1')) : bytes;
    return new Uint8Array(await decrypter.decrypt(file));
  } catch {
    throw new SealedSecretsError('ERR_KEY_INVALID', `${where} cannot be decrypted`, {
      hint: 'the identity is of none of its recipients, or the file is damaged or cut',
    });
  }
}

async function refuseUnknown(recipients: readonly string[]): Promise<void> {
  if (recipients.length === 0) throw usageError('--to names no recipient');
  const { Encrypter } = await import('age-encryption');
  for (const [at, recipient] of recipients.entries()) {
    if (IDENTITY.test(recipient)) throw identityGiven();
    try {
      new Encrypter().addRecipient(recipient);
    } catch {
      // not quoted: what stands there may be anything
      throw usageError(
        `recipient ${at + 1} of --to is none that kubeseal can encrypt to`,
        'recipients begin with age1; for keys of SSH and for plugins write the backup with --plain into a pipe to age',
      );
    }
  }
}

function identityGiven(): SealedSecretsError {
  return usageError(
    '--to names an identity, which is a private key',
    'give its recipient: age-keygen -y FILE',
  );
}

/** Lines without blanks around them; empty ones and comments are left out. */
function linesOf(bytes: Uint8Array): string[] {
  const lines = Buffer.from(bytes)
    .toString('utf8')
    .split('\n')
    .map((line) => line.trim());
  return lines.filter((line) => line !== '' && !line.startsWith('#'));
}
