import { parseSecret, type Scope, SealedSecretsError, type Secret, scopeOf } from '@fuin/crypto-core';
import {
  type ManifestDocument,
  noSecretsFound,
  OBJECT_HINT,
  openLists,
  readManifests,
  SECRET_SHAPE,
  withOwnNames,
} from '@fuin/manifests';
import type { TargetOptions } from '../invocation/options.ts';
import { usageError } from '../invocation/usage-error.ts';
import type { Warn } from '../invocation/warnings.ts';
import type { Input } from '../io/inputs.ts';

/** One Secret ready for sealing and its place for messages. */
export interface SecretInput {
  readonly label: string;
  readonly secret: Secret;
}

/** Name and namespace that replace the input's, as --merge-into has them. */
export interface SecretOverrides {
  readonly name?: string;
  readonly namespace?: string;
  readonly scope?: Scope;
}

/** What Secrets are sealed for, where they do not say it themselves. */
export interface SealingPlace extends TargetOptions {
  /** The namespace of the kubeconfig's context. @throws ERR_USAGE where there is none */
  contextNamespace(): Promise<string>;
}

/**
 * Reads the Secrets of the input and gives each its name and namespace: the object's own, then -n, then the
 * kubeconfig's context.
 *
 * @throws ERR_MANIFEST_INVALID, ERR_USAGE in upstream's words, the place in the hint
 */
export async function readSecrets(
  input: Input,
  place: SealingPlace,
  warn: Warn,
  overridesFor: (secret: Secret, label: string) => SecretOverrides = () => ({}),
): Promise<SecretInput[]> {
  const { documents, warnings } = await readManifests(input.bytes, input.where, SECRET_SHAPE);
  for (const warning of warnings) warn(warning);
  const objects = openLists(documents);
  if (objects.length === 0) throw noSecretsFound(`${input.where} holds no object`);
  const secrets: SecretInput[] = [];
  for (const given of objects) {
    const { label } = given;
    const document = { ...given, value: withOwnNames(given.value, SECRET_SHAPE) };
    const secret = await prepare(document, place, warn, overridesFor).catch((error: unknown) => {
      throw withPlace(error, label);
    });
    if (secret.metadata.finalizers?.length) {
      warn(
        `warning: ${label}: the Secret will carry finalizers and cannot be deleted until they are removed`,
      );
    }
    secrets.push({ label, secret });
  }
  return secrets;
}

/** Names the document in the hint, so that the error's text stays what people grep for. */
export function withPlace(error: unknown, label: string): unknown {
  if (!(error instanceof SealedSecretsError) || error.message.includes(label)) return error;
  const hint = error.hint === undefined ? `in ${label}` : `in ${label}: ${error.hint}`;
  return error.withHint(hint);
}

/** Names the document that could not be sealed, and where plain text belongs. */
export function explainUnsealed(error: unknown, label: string): unknown {
  const isPlain = error instanceof SealedSecretsError && error.message.includes('illegal base64 data');
  if (!isPlain) return withPlace(error, label);
  return withPlace(error.withHint('values under data are base64; plain text goes under stringData'), label);
}

async function prepare(
  document: ManifestDocument,
  place: SealingPlace,
  warn: Warn,
  overridesFor: (secret: Secret, label: string) => SecretOverrides,
): Promise<Secret> {
  refuseOtherKinds(document);
  const secret = parseSecret(document.value);
  const overrides = overridesFor(secret, document.label);
  if (!place.allowsEmpty) refuseEmpty(secret, document);
  const name = overrides.name ?? (place.name || secret.metadata.name);
  if (!name) throw invalid('missing metadata.name in input Secret', 'add metadata.name, or give --name');
  const scope =
    overrides.scope ?? (place.scope === 'strict' ? scopeOf(secret.metadata.annotations) : place.scope);
  const own = overrides.namespace ?? secret.metadata.namespace;
  const namespace = own || (scope === 'cluster-wide' ? '' : await defaultNamespace(place));
  if (scope !== 'cluster-wide') refuseOtherNamespace(own, place.namespace);
  if (!own && place.namespace === '') adviseOnNamespace(namespace, document.label, warn);
  return { ...secret, metadata: { ...secret.metadata, name, ...(namespace ? { namespace } : {}) } };
}

function refuseEmpty({ data, stringData }: Secret, { value }: ManifestDocument): void {
  if ([data, stringData].some((items) => Object.keys(items ?? {}).length > 0)) return;
  const isNoManifest = value['kind'] === undefined && value['metadata'] === undefined;
  throw invalid(
    'secret.data is empty in input Secret, assuming this is an error and aborting. To work with empty data, --allow-empty-data can be used',
    isNoManifest ? OBJECT_HINT : undefined,
  );
}

/** kind is optional, as for upstream; but what says that it is something else is not sealed by mistake. */
function refuseOtherKinds({ value, label }: ManifestDocument): void {
  const { kind } = value;
  if (kind === undefined || kind === null || kind === '' || kind === 'Secret') return;
  const hint =
    kind === 'SealedSecret'
      ? 'it is sealed already; --re-encrypt seals it with the newest key'
      : 'kubeseal seals objects of kind Secret';
  throw invalid(`${label} is a ${String(kind).slice(0, 100)}, not a Secret`, hint);
}

function refuseOtherNamespace(own: string | undefined, asked: string): void {
  if (!asked || !own || own === asked) return;
  throw usageError(
    `namespace mismatch: input secret is in namespace "${own}" but "${asked}" was specified`,
    'a value sealed for one namespace cannot be opened in another: change metadata.namespace or -n',
  );
}

async function defaultNamespace({ namespace, contextNamespace }: SealingPlace): Promise<string> {
  if (namespace) return namespace;
  try {
    return await contextNamespace();
  } catch (cause) {
    if (!(cause instanceof SealedSecretsError)) throw cause;
    throw invalid(
      'secret must declare a namespace',
      `add metadata.namespace or give -n (no kubeconfig names one: ${cause.message})`,
    );
  }
}

/** Says which namespace was taken for something that names none. */
export function adviseOnNamespace(namespace: string, who: string, warn: Warn): void {
  if (namespace === '') return;
  warn(
    `note: ${who} has no namespace: sealing for ${namespace}, the namespace of the kubeconfig's context; -n chooses another`,
  );
}

function invalid(message: string, hint?: string): SealedSecretsError {
  return new SealedSecretsError('ERR_MANIFEST_INVALID', message, hint === undefined ? {} : { hint });
}
