import { checkSignature, KIND, parseSealedSecret, SIGNATURE } from '@fuin/crypto-core';
import { openLists } from '@fuin/manifests';
import { openManifests, type TextEdit } from '@fuin/manifests/edit-in-place';
import { decodeStrictly } from '@fuin/manifests/text-encoding';
import { objectName } from '../../../input/object-name.ts';
import type { Warn } from '../../../invocation/warnings.ts';
import { type Fields, fieldsOf } from '../../../io/fields.ts';
import type { Signer } from './signer.ts';

/** Where an object stands in a file. */
export interface ObjectPlace {
  readonly index: number;
  readonly path: readonly string[];
}

/** What happens to the signatures of changed objects. */
export interface Settling {
  /** Signs them anew; without one, those that no longer fit are removed. */
  readonly signer: Signer | undefined;
  readonly changed: readonly ObjectPlace[];
  readonly warn: Warn;
}

/**
 * The content of a changed file in which no changed SealedSecret has a signature that does not fit: it is
 * made anew, or removed with a warning.
 *
 * @throws the errors of the signer; ERR_MANIFEST_INVALID where the annotation cannot be edited in place
 */
export async function settleSignatures(
  content: Uint8Array,
  where: string,
  { signer, changed, warn }: Settling,
): Promise<Uint8Array> {
  const isSigned = decodeStrictly(content)?.text.includes(SIGNATURE) === true;
  if (changed.length === 0 || (!signer && !isSigned)) return content;
  const file = await openManifests(content, where);
  const edits: TextEdit[] = [];
  for (const { value, index, path } of openLists(file.documents)) {
    if (value['kind'] !== KIND || !changed.some((place) => isSame(place, { index, path }))) continue;
    const sealedSecret = parseSealedSecret(value);
    const at = { document: index, path: [...path, 'metadata', 'annotations', SIGNATURE] };
    if (signer) edits.push({ ...at, text: await signer.sign(sealedSecret) });
    else if (await isWrong(sealedSecret)) {
      edits.push({ ...at, remove: true });
      warn(
        `warning: ${where}: the signature of ${objectName(sealedSecret.metadata)} no longer fits and was removed: sign again with kubeseal sign`,
      );
    }
  }
  return edits.length === 0 ? content : file.rewrite(edits);
}

/** The metadata of an object without its signature, which is over values that were there before. */
export function withoutSignature(metadata: Fields): Fields {
  const annotations = fieldsOf(metadata['annotations']);
  if (!Object.hasOwn(annotations, SIGNATURE)) return metadata;
  const { [SIGNATURE]: _signature, ...kept } = annotations;
  return { ...metadata, annotations: kept };
}

async function isWrong(sealedSecret: ReturnType<typeof parseSealedSecret>): Promise<boolean> {
  const { state } = await checkSignature(sealedSecret, { signers: undefined, now: new Date(0) });
  return state !== 'good' && state !== 'missing';
}

function isSame(a: ObjectPlace, b: ObjectPlace): boolean {
  return a.index === b.index && a.path.join('\0') === b.path.join('\0');
}
