import {
  type Bytes,
  encodeBase64,
  encryptionLabel,
  looksSealed,
  printable,
  type Recipient,
  type SealedSecret,
  SealedSecretsError,
  SIGNATURE,
  scopeOf,
  valueFactsOf,
} from '@fuin/crypto-core';
import type { ManifestDocument } from '@fuin/manifests';
import type { ManifestFile, TextEdit } from '@fuin/manifests/edit-in-place';
import { keptNote, noteEdits, rewriteWithNotes } from '@fuin/manifests/note-edits';

/** A SealedSecret of a file that can be changed in place. */
export interface OpenedSealed {
  readonly file: ManifestFile;
  readonly document: ManifestDocument;
  readonly sealedSecret: SealedSecret;
}

/** What becomes of the items; those that are in neither list stay byte for byte. */
export interface ItemChanges {
  readonly set: readonly (readonly [name: string, value: Bytes])[];
  readonly removed: readonly string[];
}

/**
 * The new content of the file. Values are sealed for the name, namespace and scope that the SealedSecret has.
 * A sealing note is kept true. A signature of the sealer, which does not fit any more, is removed.
 *
 * @throws ERR_MANIFEST_INVALID for YAML that cannot be edited in place; ERR_USAGE where a value would be
 *   sealed for RSA in an object that has values of format v2
 */
export async function changeSealed(
  opened: OpenedSealed,
  { set, removed }: ItemChanges,
  recipient: Recipient,
): Promise<Uint8Array> {
  const { file, document, sealedSecret } = opened;
  if (set.length > 0 && recipient.format === 'v1') refuseDowngrade(sealedSecret);
  const { name = '', namespace = '', annotations } = sealedSecret.metadata;
  const label = encryptionLabel(scopeOf(annotations), namespace, name);
  const sealed = await Promise.all(
    set.map(async ([item, value]) => [item, encodeBase64(await recipient.seal(value, label))] as const),
  );
  const place = { document: document.index, path: [...document.path, 'spec', 'encryptedData'] };
  const isSigned = annotations !== undefined && Object.hasOwn(annotations, SIGNATURE);
  const signature = { ...place, path: [...document.path, 'metadata', 'annotations', SIGNATURE] };
  const edits: TextEdit[] = [
    ...(isSigned ? [{ ...signature, remove: true } as const] : []),
    ...removed.map((item) => ({ ...place, path: [...place.path, item], remove: true }) as const),
    ...sealed.map(([item, text]) => ({ ...place, path: [...place.path, item], text })),
  ];
  const change = { set: Object.fromEntries(sealed), removed, ...keptNote(opened, recipient.id) };
  return rewriteWithNotes(file, edits, noteEdits(opened, change, false));
}

/** An object with values of format v2 is meant to withstand quantum computers, which values of v1 do not. */
function refuseDowngrade({ spec }: SealedSecret): void {
  const isV2 = (text: string) => looksSealed(text) === 'sealed' && valueFactsOf(text).format === 'v2';
  const item = Object.keys(spec.encryptedData).find((each) => isV2(spec.encryptedData[each] ?? ''));
  if (item === undefined) return;
  throw new SealedSecretsError(
    'ERR_USAGE',
    `the item ${printable(item)} is of format v2, and a certificate seals in format v1: use kubeseal set`,
  );
}
