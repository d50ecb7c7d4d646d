import { readFile, stat } from 'node:fs/promises';
import { type Bytes, fitsIntoSecret, SealedSecretsError } from '@fuin/crypto-core';

/** The content of a file as a value. @throws ERR_USAGE for what is no file, or fits into no Secret */
export async function readValueFile(path: string): Promise<Bytes> {
  const stats = await stat(path);
  if (!stats.isFile() || !fitsIntoSecret(stats.size))
    throw new SealedSecretsError('ERR_USAGE', `${path} is not a file of at most 1 MiB`);
  return Uint8Array.from(await readFile(path));
}
