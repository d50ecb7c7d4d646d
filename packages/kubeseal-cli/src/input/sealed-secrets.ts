import { KIND, parseSealedSecret, type SealedSecret, SealedSecretsError } from '@fuin/crypto-core';
import {
  type ManifestDocument,
  type Manifests,
  noSecretsFound,
  openLists,
  readManifests,
  SEALED_SECRET_SHAPE,
} from '@fuin/manifests';
import { type ManifestFile, openManifests } from '@fuin/manifests/edit-in-place';
import { usageError } from '../invocation/usage-error.ts';
import type { Warn } from '../invocation/warnings.ts';
import type { Input } from '../io/inputs.ts';
import { objectName } from './object-name.ts';
import { withPlace } from './secrets.ts';

/** One SealedSecret of the input. */
export interface SealedInput {
  readonly label: string;
  readonly sealedSecret: SealedSecret;
  /** The whole object, also fields that SealedSecret does not have. */
  readonly document: ManifestDocument;
}

/**
 * Reads the SealedSecrets of the input, those in Lists too. Their kind is checked before anything is sent
 * anywhere: a plain Secret would go over the wire in the clear.
 *
 * @throws ERR_MANIFEST_INVALID also when there is none
 */
export async function readSealedSecrets(input: Input, warn: Warn): Promise<SealedInput[]> {
  const manifests = await readManifests(input.bytes, input.where, SEALED_SECRET_SHAPE);
  const { sealed, others } = sealedAmong(manifests, input.where, warn);
  for (const { label, value } of others)
    warn(`note: ${label} is a ${String(value['kind']).slice(0, 100)}, not a SealedSecret: skipped`);
  return sealed;
}

/** The SealedSecrets of a file that will be changed in place. Other objects are skipped without a note. */
export async function openSealedSecrets(
  { bytes, where }: Input,
  warn: Warn,
): Promise<{ readonly file: ManifestFile; readonly sealed: SealedInput[] }> {
  const file = await openManifests(bytes, where);
  return { file, sealed: sealedAmong(file, where, warn).sealed };
}

function sealedAmong(
  { documents, warnings }: Manifests,
  where: string,
  warn: Warn,
): { sealed: SealedInput[]; others: readonly ManifestDocument[] } {
  for (const warning of warnings) warn(warning);
  const objects = openLists(documents);
  if (objects.length === 0) throw noSecretsFound(`${where} holds no object`);
  const others = objects.filter(({ value }) => isOther(value));
  // if all objects are something else, parse says what is wrong
  const own = others.length === objects.length ? objects : objects.filter(({ value }) => !isOther(value));
  const sealed = own.map((document) => ({ label: document.label, document, sealedSecret: parse(document) }));
  return { sealed, others };
}

/** Whether an object says that it is something else; one that does not say is reported. */
function isOther({ kind }: ManifestDocument['value']): boolean {
  return typeof kind === 'string' && kind !== '' && kind !== KIND;
}

function parse(document: ManifestDocument): SealedSecret {
  const { label, value } = document;
  try {
    return parseSealedSecret(value);
  } catch (error) {
    if (value['kind'] === 'Secret') {
      throw new SealedSecretsError('ERR_MANIFEST_INVALID', `${label} is a Secret, not a SealedSecret`, {
        hint: 'seal it first; without a mode flag kubeseal seals',
      });
    }
    throw withPlace(error, label);
  }
}

/** @throws ERR_MANIFEST_INVALID for an object with spec.data, next to which items cannot be opened */
export function refuseLegacyData(targets: readonly SealedInput[]): void {
  const legacy = targets.find(({ sealedSecret }) => sealedSecret.spec.data !== undefined);
  if (!legacy) return;
  throw new SealedSecretsError(
    'ERR_MANIFEST_INVALID',
    `${legacy.label} has the deprecated field spec.data, which cannot hold more items`,
    {
      hint: 'nothing can open spec.data next to spec.encryptedData: seal all of its values again',
    },
  );
}

/**
 * The only SealedSecret of a file, or the one of several that has this name and namespace.
 *
 * @param sayer what says name and namespace, for a hint
 * @throws ERR_USAGE where none or several fit
 */
export function chooseSealed(
  { name, namespace }: { readonly name: string | undefined; readonly namespace: string },
  targets: readonly SealedInput[],
  file: string,
  sayer: string,
): SealedInput {
  const [only, ...more] = targets;
  if (only && more.length === 0) return only;
  const fitting = targets.filter(
    ({ sealedSecret: { metadata: own } }) =>
      own.name === name && (!namespace || (own.namespace ?? '') === namespace),
  );
  const [target, ...others] = fitting;
  if (target && others.length === 0) return target;
  const asked = objectName({ namespace, name });
  const found = fitting.length === 0 ? 'and none is' : `of which ${fitting.length} are`;
  const names = targets.map(({ sealedSecret: { metadata: own } }) => objectName(own));
  throw usageError(
    `${file} holds ${targets.length} SealedSecrets${name === undefined ? '' : `, ${found} ${asked}`}`,
    `${sayer} say which one; there are ${names.slice(0, 10).join(', ')}`,
  );
}

/** Says what may be wrong when no key opens a value; the causes look alike on purpose. */
export function explainUnopened(error: unknown): unknown {
  if (!(error instanceof SealedSecretsError) || error.code !== 'ERR_NO_KEY_OPENS_VALUE') return error;
  return error.withHint(
    'the key is missing from --recovery-private-key, the value was changed, or name, namespace or scope are not those it was sealed for',
  );
}
