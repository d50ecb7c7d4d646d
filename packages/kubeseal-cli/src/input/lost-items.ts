import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseSealedSecret, type SealedSecret, SealedSecretsError } from '@fuin/crypto-core';
import { readManifests, SEALED_SECRET_SHAPE } from '@fuin/manifests';
import type { Warn } from '../invocation/warnings.ts';
import { isStream } from '../io/files.ts';
import { objectName } from './object-name.ts';

/**
 * Warns of items in the file of -w that the SealedSecrets about to replace it lack.
 *
 * @param file relative to `cwd`
 */
export async function warnOfLostItems(
  sealed: readonly SealedSecret[],
  file: string,
  cwd: string,
  warn: Warn,
): Promise<void> {
  if (file === '' || isStream(file)) return;
  const kept = new Set(sealed.flatMap(itemsOf));
  const lost = (await readOld(resolve(cwd, file))).flatMap(itemsOf).filter((item) => !kept.has(item));
  if (lost.length === 0) return;
  warn(
    `warning: ${file} held ${lost.join(', ')}, which is now removed; --merge-into ${file} keeps what it does not change`,
  );
}

function itemsOf({ metadata, spec }: SealedSecret): string[] {
  const place = objectName(metadata);
  return Object.keys(spec.encryptedData).map((item) => `${item} of ${place}`);
}

/** The SealedSecrets of a file; none where it is missing or something else. */
async function readOld(path: string): Promise<SealedSecret[]> {
  try {
    const { documents } = await readManifests(await readFile(path), path, SEALED_SECRET_SHAPE);
    return documents.map(({ value }) => parseSealedSecret(value));
  } catch (error) {
    if (error instanceof SealedSecretsError || (error as NodeJS.ErrnoException).code !== undefined) return [];
    throw error;
  }
}
