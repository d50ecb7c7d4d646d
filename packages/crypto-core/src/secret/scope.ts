import { type Bytes, encodeUtf8 } from '../bytes.ts';
import { SealedSecretsError } from '../errors.ts';

/**
 * Where a sealed value may be opened: as this object only (`strict`), anywhere in the namespace
 * (`namespace-wide`), anywhere in the cluster (`cluster-wide`).
 */
export type Scope = 'strict' | 'namespace-wide' | 'cluster-wide';

interface ScopeRow {
  readonly annotation?: string;
  readonly label: (namespace: string, name: string) => string;
}

/**
 * One row per scope, weakest binding first: cluster-wide wins when several annotations are set, like
 * upstream.
 */
const SCOPES: Readonly<Record<Scope, ScopeRow>> = {
  'cluster-wide': { annotation: 'sealedsecrets.bitnami.com/cluster-wide', label: () => '' },
  'namespace-wide': {
    annotation: 'sealedsecrets.bitnami.com/namespace-wide',
    label: (namespace) => namespace,
  },
  strict: { label: (namespace, name) => `${namespace}/${name}` },
};

/** All scopes, widest first. */
const SCOPE_NAMES = Object.keys(SCOPES) as readonly Scope[];

/**
 * The scope that annotations ask for; only the exact string `true` counts.
 *
 * @example
 * ```js
 * import { scopeOf } from '@fuin/crypto-core';
 *
 * console.log(scopeOf({ 'sealedsecrets.bitnami.com/cluster-wide': 'true' })); // cluster-wide
 * console.log(scopeOf(undefined)); // strict
 * ```
 */
export function scopeOf(annotations: Readonly<Record<string, unknown>> | undefined): Scope {
  const isSet = (scope: Scope) => {
    const { annotation } = SCOPES[scope];
    return annotation !== undefined && annotations?.[annotation] === 'true';
  };
  return SCOPE_NAMES.find(isSet) ?? 'strict';
}

/**
 * The annotations with the one of `scope` added, and those of other scopes removed.
 *
 * @example
 * ```js
 * import { scopeOf, withScope } from '@fuin/crypto-core';
 *
 * const annotations = withScope({ 'sealedsecrets.bitnami.com/cluster-wide': 'true' }, 'namespace-wide');
 * console.log(scopeOf(annotations), Object.keys(annotations).length); // namespace-wide 1
 * ```
 */
export function withScope(
  annotations: Readonly<Record<string, string>>,
  scope: Scope,
): Record<string, string> {
  const marks = new Set(SCOPE_NAMES.map((name) => SCOPES[name].annotation));
  const others = Object.entries(annotations).filter(([key]) => !marks.has(key));
  const { annotation } = SCOPES[scope];
  return Object.fromEntries(annotation ? [...others, [annotation, 'true']] : others);
}

/**
 * The label that a value is bound to by its scope, UTF-8 without normalisation (docs/wire-format.md §2). The
 * name of the item is not part of it.
 *
 * @throws ERR_MANIFEST_INVALID for a namespace with a slash: namespace-wide `a/b` would open what is strict
 *   in `a`
 * @example
 * ```js
 * import { decodeUtf8, encryptionLabel } from '@fuin/crypto-core';
 *
 * console.log(decodeUtf8(encryptionLabel('strict', 'shop', 'db'))); // shop/db
 * console.log(decodeUtf8(encryptionLabel('namespace-wide', 'shop', 'db'))); // shop
 * ```
 */
export function encryptionLabel(scope: Scope, namespace: string, name: string): Bytes {
  if (scope !== 'cluster-wide' && namespace.includes('/')) {
    throw new SealedSecretsError('ERR_MANIFEST_INVALID', 'metadata.namespace must not contain a slash');
  }
  return encodeUtf8(SCOPES[scope].label(namespace, name));
}
