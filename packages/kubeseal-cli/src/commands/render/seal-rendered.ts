import {
  leakingMetadata,
  parseSecret,
  type Recipient,
  type Scope,
  type SealedSecret,
  type Secret,
  scopeOf,
  sealSecret,
} from '@fuin/crypto-core';
import { SECRET_SHAPE, withOwnNames } from '@fuin/manifests';
import { adviseOnSecret } from '../../input/advice.ts';
import { explainUnsealed } from '../../input/secrets.ts';
import { isClearSecret } from '../../inspect/judge/judge-secret.ts';
import type { SealingFormat } from '../../invocation/sealing-format.ts';
import { usageError } from '../../invocation/usage-error.ts';
import type { Warnings } from '../../invocation/warnings.ts';

/** An object that another program rendered. */
export interface Rendered {
  /** How messages call it. */
  readonly label: string;
  readonly value: Readonly<Record<string, unknown>>;
}

/** What rendered Secrets are sealed with. */
export interface RenderedSealing {
  readonly recipient: Recipient;
  readonly terms: SealingFormat;
  readonly scope: Scope;
  /** Of Secrets that name none; empty where nobody says it. The context of a kubeconfig never stands in. */
  readonly namespace: string;
}

/**
 * Annotations that tell other tools what to do with an object. They stay with the object that is
 * rendered: in the template they would be about the Secret that the controller makes.
 */
const DIRECTIVE =
  /^(?:internal\.)?config\.(?:kubernetes|k8s)\.io\/|^kustomize\.(?:config\.k8s|toolkit\.fluxcd)\.io\/|(?:^|\.)helm\.sh\/|^argocd\.argoproj\.io\//;

/** Whether an object is a Secret with items in the clear. One without items has nothing to seal. */
export function isPlainSecret(value: Rendered['value']): boolean {
  const object = withOwnNames(value, SECRET_SHAPE);
  return object['kind'] === 'Secret' && isClearSecret(object);
}

/**
 * Seals a rendered Secret. The SealedSecret keeps its labels and the annotations for other tools.
 *
 * @throws ERR_MANIFEST_INVALID, ERR_USAGE where the namespace is missing
 */
export async function sealRendered(
  { label, value }: Rendered,
  { recipient, terms, scope, namespace: fallback }: RenderedSealing,
  { warns, warn }: Warnings,
): Promise<SealedSecret> {
  try {
    const secret = parseSecret(withOwnNames(value, SECRET_SHAPE));
    if (warns) await adviseOnSecret(secret, label, warn);
    const { annotations = {}, namespace: own = '', ...metadata } = secret.metadata;
    const leaking = await leakingMetadata(secret);
    const directives = entriesOf(
      annotations,
      (key) => isDirective(key) && !leaking.annotations.includes(key),
    );
    const others = entriesOf(annotations, (key) => !isDirective(key));
    const namespace = own || fallback;
    if (namespace === '' && isBound(scope, others)) throw missingNamespace(secret);
    const place = namespace === '' ? {} : { namespace };
    const placed = { ...secret, metadata: { ...metadata, ...place, annotations: others } };
    return withMetadata(await sealSecret(placed, recipient, scope, terms), directives);
  } catch (error) {
    throw explainUnsealed(error, label);
  }
}

/** Whether an annotation of a Secret is about the object that is rendered. */
function isDirective(annotation: string): boolean {
  return DIRECTIVE.test(annotation);
}

function entriesOf(
  entries: Readonly<Record<string, string>>,
  isKept: (key: string) => boolean,
): Record<string, string> {
  return Object.fromEntries(Object.entries(entries).filter(([key]) => isKept(key)));
}

function isBound(scope: Scope, annotations: Readonly<Record<string, string>>): boolean {
  return (scope === 'strict' ? scopeOf(annotations) : scope) !== 'cluster-wide';
}

function missingNamespace({ metadata: { name = '(no name)' } }: Secret): Error {
  return usageError(
    `the namespace of Secret ${name} is missing`,
    'write it into the manifest, or give -n: a value that is sealed for one namespace opens in no other',
  );
}

/** The SealedSecret with the labels of its template, from which sealing left out values, and directives. */
function withMetadata(sealed: SealedSecret, directives: Readonly<Record<string, string>>): SealedSecret {
  const { labels } = sealed.spec.template?.metadata ?? {};
  const annotations = { ...sealed.metadata.annotations, ...directives };
  const own = {
    ...(labels === undefined ? {} : { labels }),
    ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
  };
  return { ...sealed, metadata: { ...sealed.metadata, ...own } };
}
