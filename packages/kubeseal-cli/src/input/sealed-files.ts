import { KIND, parseSealedSecret } from '@fuin/crypto-core';
import { openLists } from '@fuin/manifests';
import { type ManifestFile, openManifests } from '@fuin/manifests/edit-in-place';
import { decodeStrictly } from '@fuin/manifests/text-encoding';
import type { Warn } from '../invocation/warnings.ts';
import { openSealedSecrets, type SealedInput } from './sealed-secrets.ts';
import { withPlace } from './secrets.ts';
import type { TreeFile } from './tree/tree.ts';

/** A file with SealedSecrets that may be changed in place. */
export interface SealedFile {
  readonly input: TreeFile;
  readonly file: ManifestFile;
  readonly sealed: readonly SealedInput[];
}

/**
 * Opens one file of a tree for changes. A file that an argument names must hold a SealedSecret; another file
 * without one is passed over, and if it lacks the word SealedSecret it is not even parsed.
 *
 * @returns undefined for a file that is passed over
 * @throws ERR_MANIFEST_INVALID also where one of several SealedSecrets is wrong: then the file stays as it is
 */
export async function openSealedFile(input: TreeFile, warn: Warn): Promise<SealedFile | undefined> {
  if (input.isNamed) return { input, ...(await openSealedSecrets(input, warn)) };
  if (decodeStrictly(input.bytes)?.text.includes(KIND) !== true) return undefined;
  const file = await openManifests(input.bytes, input.where);
  const sealed = openLists(file.documents)
    .filter(({ value }) => value['kind'] === KIND)
    .map((document): SealedInput => {
      const { label, value } = document;
      try {
        return { label, document, sealedSecret: parseSealedSecret(value) };
      } catch (error) {
        throw withPlace(error, label);
      }
    });
  return sealed.length === 0 ? undefined : { input, file, sealed };
}
