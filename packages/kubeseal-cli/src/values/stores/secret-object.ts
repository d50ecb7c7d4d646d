import { KEY_LABEL, parseSecret, plaintextOf, printable, type Secret } from '@fuin/crypto-core';
import { usageError } from '../../invocation/usage-error.ts';
import type { Warn } from '../../invocation/warnings.ts';
import { type Fields, fieldsOf } from '../../io/fields.ts';
import type { Loaded } from './store.ts';

/** Types of Secrets that something else makes and keeps up to date. */
const NEVER_SEALED: Readonly<Record<string, string>> = {
  'kubernetes.io/service-account-token': 'Kubernetes makes such tokens itself',
  'bootstrap.kubernetes.io/token': 'such a token lets nodes join the cluster',
  'helm.sh/release.v1': 'Helm keeps its releases in such Secrets',
};

/** Who owns annotations and labels that say who made an object. A SealedSecret makes it now. */
const FORMER_OWNERS = [
  'sealedsecrets.bitnami.com/',
  'kubectl.kubernetes.io/',
  'meta.helm.sh/',
  'helm.toolkit.fluxcd.io/',
  'kustomize.toolkit.fluxcd.io/',
  'reconcile.external-secrets.io/',
  'externalsecrets.external-secrets.io/',
  'argocd.argoproj.io/',
  'app.kubernetes.io/managed-by',
  'helm.sh/chart',
  'objectset.rio.cattle.io/',
  'deployment.kubernetes.io/',
  'kapp.k14s.io/',
];

/**
 * The items of an object of kind Secret, and what is worth keeping of the object.
 *
 * @throws ERR_USAGE for a Secret that must not be sealed; ERR_MANIFEST_INVALID
 */
export function loadedFrom(object: unknown, origin: string, warn: Warn): Loaded {
  const secret = parseSecret(object);
  const { name, namespace, labels = {}, annotations = {}, ownerReferences = [] } = secret.metadata;
  refuseSpecial(secret, origin);
  const [owner] = ownerReferences;
  if (owner)
    warn(
      `note: ${origin} belongs to ${printable(String(owner.kind))} ${printable(String(owner.name))}, which would write it again: remove that one first`,
    );
  const dropped = [...Object.keys(labels), ...Object.keys(annotations)].filter(isOfFormerOwner);
  if (dropped.length > 0)
    warn(`note: ${origin}: left out what marks its former owner: ${dropped.join(', ')}`);
  return {
    origin,
    items: plaintextOf(secret),
    secret: {
      ...(name ? { name } : {}),
      ...(namespace ? { namespace } : {}),
      ...(secret.type ? { type: secret.type } : {}),
      ...(secret.immutable === undefined ? {} : { immutable: secret.immutable }),
      labels: kept(labels),
      annotations: kept(annotations),
    },
  };
}

/** Whether a decoded file is a Kubernetes object, and not a map of items. */
export function isManifest(value: Fields): boolean {
  return typeof value['kind'] === 'string' && (value['apiVersion'] !== undefined || 'metadata' in value);
}

/** @throws ERR_USAGE for an object that is not a Secret */
export function refuseOtherKind(value: Fields, origin: string): void {
  if (value['kind'] === 'Secret') return;
  throw usageError(`${origin} is a ${printable(String(value['kind']).slice(0, 100))}, not a Secret`);
}

function refuseSpecial({ type = '', metadata }: Secret, origin: string): void {
  const reason = Object.hasOwn(NEVER_SEALED, type) ? NEVER_SEALED[type] : undefined;
  if (reason !== undefined) throw usageError(`${origin} has the type ${type}: ${reason}`);
  if (Object.hasOwn(fieldsOf(metadata.labels), KEY_LABEL))
    throw usageError(`${origin} is a sealing key, which no SealedSecret may hold`);
}

function kept(entries: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(entries).filter(([key]) => !isOfFormerOwner(key)));
}

function isOfFormerOwner(key: string): boolean {
  return FORMER_OWNERS.some((owner) => (owner.endsWith('/') ? key.startsWith(owner) : key === owner));
}
