import { globSync } from 'node:fs';
import { dirname, relative, resolve, sep } from 'node:path';
import { formatPem, SealedSecretsError } from '@fuin/crypto-core';
import type { Certificate } from '@fuin/crypto-core/x509';
import { decodeText } from '@fuin/manifests/text-encoding';
import { isDer, readInput } from '../io/files.ts';
import { certificatesIn, keyBitsOf } from './sealing-key.ts';

/** The key of a certificate that items should be sealed with. */
export interface PinnedKey {
  /** How messages call what pins it: the file of the certificate, as it was named, or a cluster. */
  readonly name: string;
  /** Where findings about it are. */
  readonly file: string;
  readonly fingerprint: string;
  /** Undefined where only the fingerprint is known. */
  readonly keyBits?: number;
  /** False for the older certificates of a file with several. */
  readonly isNewest: boolean;
  readonly notAfter?: Date;
}

/**
 * The keys of the certificates of --certs. A name with `*` or `**` stands for all files that match it.
 *
 * @throws ERR_USAGE where no file matches; ERR_CERTIFICATE_INVALID for a file without a certificate
 */
export async function readPinnedKeys(cwd: string, names: readonly string[]): Promise<PinnedKey[]> {
  const keys: PinnedKey[] = [];
  for (const file of new Set(names.flatMap((name) => filesOf(cwd, name)))) {
    const bytes = await readInput(cwd, file, 'certs');
    const text = isDer(bytes) ? formatPem('CERTIFICATE', bytes) : decodeText(bytes);
    const certificates = await certificatesIn(text);
    if (certificates.length === 0)
      throw new SealedSecretsError(
        'ERR_CERTIFICATE_INVALID',
        `${file} holds no certificate that can be read`,
      );
    const newest = Math.max(...certificates.map(({ notBefore }) => notBefore.getTime()));
    for (const certificate of certificates)
      keys.push(await pinnedKeyOf(certificate, file, certificate.notBefore.getTime() === newest));
  }
  return keys;
}

function filesOf(cwd: string, name: string): string[] {
  if (!name.includes('*')) return [name];
  const files = globSync(name, { cwd }).sort();
  if (files.length > 0) return files;
  throw new SealedSecretsError('ERR_USAGE', `no file matches ${name}`, {
    hint: 'this is a pattern of --certs',
  });
}

/** The key of a certificate of that file. */
export async function pinnedKeyOf(
  { recipient, notAfter }: Certificate,
  file: string,
  isNewest = true,
): Promise<PinnedKey> {
  const { id: fingerprint } = recipient;
  return { name: file, file, fingerprint, keyBits: await keyBitsOf(recipient), isNewest, notAfter };
}

/**
 * The keys that items of a file should be sealed with: those of the certificates in the nearest directory
 * that the file is in or below, such as `clusters/a` for `clusters/a/shop/db.yaml`; otherwise all.
 */
export function keysFor(file: string, keys: readonly PinnedKey[], cwd: string): readonly PinnedKey[] {
  const depthOf = (key: PinnedKey) => {
    const directory = dirname(resolve(cwd, key.file));
    const path = relative(directory, resolve(cwd, file));
    const isBelow = path !== '' && !path.startsWith('..') && !path.startsWith(sep);
    return isBelow ? directory.split(sep).length : 0;
  };
  const deepest = Math.max(0, ...keys.map(depthOf));
  return keys.filter((key) => depthOf(key) === deepest);
}
