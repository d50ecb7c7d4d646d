import { type Bytes, encodeUtf8, fitsIntoSecret, looksSealed } from '@fuin/crypto-core';
import type { ManifestFile } from '@fuin/manifests/edit-in-place';
import { entryAt } from '@fuin/manifests/lines';
import { sealFor } from '../commands/access/seal-value.ts';
import { changedContent } from '../commands/change/change-file.ts';
import { changeTo } from '../commands/change/set.ts';
import { TOO_LARGE } from '../input/advice.ts';
import { objectName } from '../input/object-name.ts';
import { openSealedSecrets, type SealedInput } from '../input/sealed-secrets.ts';
import { usageError } from '../invocation/usage-error.ts';
import type { Warn } from '../invocation/warnings.ts';
import type { Sealing } from './sealing.ts';
import { type EditorText, whereOf } from './world.ts';

/** A SealedSecret, and the parsed text that it stands in. */
interface Found {
  readonly input: SealedInput;
  readonly file: ManifestFile;
}

/** A SealedSecret of a text. */
export interface SealedChoice extends Found {
  /** `shop/db`. */
  readonly name: string;
  readonly items: readonly string[];
}

/** The SealedSecrets of a text. @throws ERR_MANIFEST_INVALID also where there is none */
export async function sealedIn(source: EditorText, warn: Warn): Promise<readonly SealedChoice[]> {
  const { file, sealed } = await openSealedSecrets(inputOf(source), warn);
  return sealed.map((input) => ({
    name: objectName(input.sealedSecret.metadata),
    items: Object.keys(input.sealedSecret.spec.encryptedData),
    input,
    file,
  }));
}

/** A value for an item of a SealedSecret. */
export interface NewValue extends Found {
  readonly item: string;
  readonly value: Bytes;
}

/** A text in which an item was sealed. */
export interface ChangedText {
  readonly text: string;
  /** Such as `changed password`. */
  readonly says: string;
  readonly sealedWith: string;
}

/**
 * Seals a value for an item of a SealedSecret of the text. Every other byte stays, like with `kubeseal set`.
 *
 * @param source the text that `sealedIn` or `clearItemAt` found the SealedSecret in, unchanged
 * @throws ERR_MANIFEST_INVALID for YAML that cannot be changed in place, ERR_USAGE, the errors of the key
 */
export async function setItem(
  source: EditorText,
  { input, file, item, value }: NewValue,
  sealing: Sealing,
  warn: Warn,
): Promise<ChangedText> {
  if (!fitsIntoSecret(value.length)) throw usageError(`the value of ${item}: ${TOO_LARGE}`);
  const { bytes, where } = inputOf(source);
  const target = { ...input, file: where };
  const sealer = {
    formatFor: async () => sealing.terms,
    namespaceFor: async () => sealing.rule?.namespace ?? '',
    namespaceHint:
      'write metadata.namespace into the SealedSecret, or namespace into its rule of .kubeseal.yaml',
    recipientFor: (_file: string, format = sealing.terms.asked ?? 'v1') => sealing.recipientFor(format),
  };
  const { text, sealedWith } = await sealFor(target, { item, value }, sealer, warn);
  const change = { ...changeTo(input.sealedSecret, item, text), sealedWith };
  const mode = { to: where, isDryRun: false, signer: undefined, warn };
  const content = await changedContent({ input: { bytes }, file }, [{ target, change }], mode);
  return { text: Buffer.from(content).toString('utf8'), says: change.says, sealedWith };
}

/**
 * The value that stands in the clear in `encryptedData` at an offset of the text; undefined where there is no
 * item of a SealedSecret.
 *
 * @throws ERR_USAGE where it is sealed already; ERR_MANIFEST_INVALID
 */
export async function clearItemAt(
  source: EditorText,
  offset: number,
  warn: Warn,
): Promise<NewValue | undefined> {
  const entry = entryAt(source.text, offset);
  if (!entry) return undefined;
  const { file, sealed } = await openSealedSecrets(inputOf(source), warn);
  for (const input of sealed) {
    const { index, path } = input.document;
    const items = [...path, 'spec', 'encryptedData'];
    const item = entry.path[items.length];
    if (index !== entry.document || item === undefined) continue;
    if (items.some((key, at) => key !== entry.path[at])) continue;
    const text = input.sealedSecret.spec.encryptedData[item] ?? '';
    if (looksSealed(text) === 'sealed') throw usageError(`item ${item} is sealed already`);
    return { input, file, item, value: encodeUtf8(text) };
  }
  return undefined;
}

function inputOf(source: EditorText) {
  return { bytes: Buffer.from(source.text), where: whereOf(source) };
}
