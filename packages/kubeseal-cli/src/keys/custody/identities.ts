import { createPrivateKey, type KeyObject } from 'node:crypto';
import { type Bytes, SealedSecretsError } from '@fuin/crypto-core';
import { usageError } from '../../invocation/usage-error.ts';
import { readInput } from '../../io/files.ts';
import { decryptAge, identitiesIn, isAgeFile, linesOf } from './age.ts';
import { decryptCms, isCmsFile } from './cms.ts';
import { looksLikeShare, parseShare } from './share.ts';
import { type GivenShare, joinShares } from './split.ts';

/** What decrypts backups. */
export interface Identities {
  /** Identities of age. */
  readonly age: readonly string[];
  /** Private keys of certificates. */
  readonly rsa: readonly KeyObject[];
}

/** Whether a backup is encrypted, in either format. */
export function isEncrypted(bytes: Uint8Array): boolean {
  return isAgeFile(bytes) || isCmsFile(bytes);
}

/**
 * What the files of `--identity` hold: identities of age, shares of one, and RSA keys in PEM.
 *
 * @throws ERR_USAGE, ERR_KEY_INVALID
 */
export async function readIdentities(files: readonly string[], cwd: string): Promise<Identities> {
  const age: string[] = [];
  const rsa: KeyObject[] = [];
  const shares: GivenShare[] = [];
  for (const file of files) {
    const bytes = await readInput(cwd, file, 'identity');
    if (isAgeFile(bytes)) throw protectedBy(file, `age -d ${file}`);
    const found = [identitiesIn(bytes), sharesIn(bytes, file), privateKeysIn(bytes, file)] as const;
    if (found.every(({ length }) => length === 0))
      throw new SealedSecretsError('ERR_KEY_INVALID', `${file} holds no identity of age`, {
        hint: 'expected: an identity of age, shares of one from kubeseal keys split, or an RSA key in PEM',
      });
    age.push(...found[0]);
    shares.push(...found[1]);
    rsa.push(...found[2]);
  }
  return { age: shares.length > 0 ? [...age, await joinShares(shares)] : age, rsa };
}

/** The shares in a file, among comments and other lines. @throws ERR_KEY_INVALID for a damaged one */
export function sharesIn(bytes: Uint8Array, where: string): GivenShare[] {
  return linesOf(bytes)
    .filter(looksLikeShare)
    .map((line) => ({ share: parseShare(line, where), where }));
}

/**
 * Decrypts a backup.
 *
 * @param where what messages call it
 * @throws ERR_KEY_INVALID, in words of our own; ERR_USAGE without an identity
 */
export async function decryptWith(
  { age, rsa }: Identities,
  bytes: Uint8Array,
  where: string,
): Promise<Bytes> {
  const isCms = isCmsFile(bytes);
  if ((isCms ? rsa : age).length === 0)
    throw usageError(
      `${where} is encrypted ${isCms ? 'for a certificate' : 'with age'}`,
      `give the file with the ${isCms ? 'private key' : 'identity'}: -i FILE`,
    );
  const opened = isCms
    ? await readCms(() => decryptCms(rsa, Buffer.from(bytes).toString('latin1')))
    : await decryptAge(age, bytes);
  if (opened) return opened;
  throw new SealedSecretsError('ERR_KEY_INVALID', `${where} cannot be decrypted`, {
    hint: 'the identity is of none of its recipients, or the file is damaged or cut',
  });
}

/** A message that is none is one that nothing opens. */
async function readCms(open: () => Bytes | undefined): Promise<Bytes | undefined> {
  try {
    return open();
  } catch (error) {
    if (error instanceof SealedSecretsError) return undefined;
    throw error;
  }
}

function privateKeysIn(bytes: Uint8Array, file: string): KeyObject[] {
  const text = Buffer.from(bytes).toString('latin1');
  if (!/^-----BEGIN [A-Z ]*PRIVATE KEY-----/m.test(text)) return [];
  if (/^-----BEGIN ENCRYPTED|^Proc-Type: 4,ENCRYPTED/m.test(text))
    throw protectedBy(file, `openssl pkey -in ${file}`);
  const key = privateKeyOf(text);
  if (key?.asymmetricKeyType !== 'rsa')
    throw new SealedSecretsError('ERR_KEY_INVALID', `${file} holds no RSA key that can be used`);
  return [key];
}

function privateKeyOf(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined; // OpenSSL's text is not passed on
  }
}

function protectedBy(file: string, command: string): SealedSecretsError {
  return new SealedSecretsError('ERR_KEY_INVALID', `${file} is protected with a passphrase`, {
    hint: `decrypt it into a pipe: ${command} | kubeseal keys verify -i /dev/stdin BACKUP`,
  });
}
