/** API group of SealedSecret. */
export const GROUP = 'bitnami.com';
/** apiVersion of SealedSecret. */
export const API_VERSION = `${GROUP}/v1alpha1`;
/** kind of SealedSecret. */
export const KIND = 'SealedSecret';

const PREFIX = 'sealedsecrets.bitnami.com/';
/** Annotations that change what the controller does; each counts only with the exact value `true`. */
export const ANNOTATIONS = {
  managed: `${PREFIX}managed`,
  patch: `${PREFIX}patch`,
  skipSetOwnerReferences: `${PREFIX}skip-set-owner-references`,
} as const;
/** Label of key Secrets; only keys whose label has the value `active` are used. */
export const KEY_LABEL = `${PREFIX}sealed-secrets-key`;

/**
 * Label of key Secrets of kinds that Fuin alone knows; like the one above in its values. Other controllers do
 * not select by it, and so leave these Secrets alone. The type of the Secret says the kind.
 */
export const SEALING_KEY_LABEL = `${PREFIX}sealing-key`;
/** Types of Secrets with SEALING_KEY_LABEL. */
export const KEY_TYPES = {
  /** A key of format v2: its seed and public key in the clear. */
  xWing: `${PREFIX}x-wing-key`,
  /** A key of format v2 of which a key service holds the ML-KEM half. */
  split: `${PREFIX}split-key`,
  /** A key of format v2 that a key service holds whole: nothing in it is secret. */
  held: `${PREFIX}held-key`,
  /** A key of any kind whose private item a key service has wrapped. */
  wrapped: `${PREFIX}wrapped-key`,
} as const;

/** Annotations of key Secrets. No other tool reads them, and a key without them is as good. */
export const KEY_ANNOTATIONS = {
  /** Fingerprint of the key pair, written when the controller creates the key. */
  fingerprint: `${PREFIX}key-fingerprint`,
  /** From when to when the certificate is valid, as `START/END` in ISO 8601. */
  validity: `${PREFIX}key-validity`,
  /** Any text on the key that is sealed with now: the controller replaces that key once. */
  replace: `${PREFIX}replace-key`,
  /** When `kubeseal keys backup` last wrote the key to a file and read it back, in ISO 8601. */
  lastBackup: `${PREFIX}last-backup`,
  /** When `kubeseal keys retire` took the key out of service, in ISO 8601. */
  retired: `${PREFIX}retired-at`,
} as const;

/** From when to when one may seal for a key. */
export interface KeyValidity {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/**
 * The annotations of a key Secret that tell a reader of its metadata which key it holds and how long one may
 * seal for it. They count whole seconds, like certificates.
 *
 * @example
 * ```js
 * import { keyMarksOf, keyValidityIn } from '@fuin/crypto-core';
 *
 * const [notBefore, notAfter] = [new Date('2026-01-01T00:00:00Z'), new Date('2036-01-01T00:00:00Z')];
 * const marks = keyMarksOf('v2:00', { notBefore, notAfter });
 * console.log(keyValidityIn(marks).notAfter.toISOString()); // 2036-01-01T00:00:00.000Z
 * ```
 */
export function keyMarksOf(id: string, { notBefore, notAfter }: KeyValidity): Record<string, string> {
  const [start, end] = [notBefore, notAfter].map((date) => date.toISOString().replace(/\.\d+Z$/, 'Z'));
  return { [KEY_ANNOTATIONS.fingerprint]: id, [KEY_ANNOTATIONS.validity]: `${start}/${end}` };
}

/**
 * The validity that the annotations of a key Secret tell; undefined where they tell none that can be read.
 *
 * @example
 * ```js
 * import { keyValidityIn } from '@fuin/crypto-core';
 *
 * console.log(keyValidityIn({}) === undefined); // true
 * ```
 */
export function keyValidityIn(
  annotations: Readonly<Record<string, string>> | undefined,
): KeyValidity | undefined {
  const text = annotations?.[KEY_ANNOTATIONS.validity] ?? '';
  const [, start = '', end = ''] = /^([-\d:TZ]{20})\/([-\d:TZ]{20})$/.exec(text) ?? [];
  const [notBefore, notAfter] = [new Date(start), new Date(end)];
  return notBefore < notAfter ? { notBefore, notAfter } : undefined;
}

/** ownerReference of Kubernetes meta/v1. */
export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
  readonly blockOwnerDeletion?: boolean;
}

/** ObjectMeta of Kubernetes meta/v1, as far as Fuin reads it; other fields pass through untouched. */
export interface ObjectMeta {
  readonly name?: string;
  readonly generateName?: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly creationTimestamp?: string | null;
  readonly deletionTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly OwnerReference[];
  readonly finalizers?: readonly string[];
}

/** A core/v1 Secret. `data` values are standard base64. */
export interface Secret {
  readonly apiVersion: 'v1';
  readonly kind: 'Secret';
  readonly metadata: ObjectMeta;
  readonly type?: string;
  readonly immutable?: boolean;
  readonly data?: Readonly<Record<string, string>>;
  readonly stringData?: Readonly<Record<string, string>>;
}

/** What the opened Secret looks like apart from the sealed items. `data` holds Go templates. */
export interface SecretTemplate {
  readonly metadata?: ObjectMeta | null;
  readonly type?: string;
  readonly immutable?: boolean;
  readonly data?: Readonly<Record<string, string | null>> | null;
}

/** A bitnami.com/v1alpha1 SealedSecret. `encryptedData` values are base64 envelopes. */
export interface SealedSecret {
  readonly apiVersion: typeof API_VERSION;
  readonly kind: typeof KIND;
  readonly metadata: ObjectMeta;
  readonly spec: {
    readonly template?: SecretTemplate;
    readonly encryptedData: Readonly<Record<string, string>>;
    /** Legacy: one envelope in base64 with the whole Secret as JSON (docs/wire-format.md §6). */
    readonly data?: string;
  };
  readonly status?: SealedSecretStatus;
}

/** Condition of a SealedSecret; times are RFC 3339 in UTC with seconds. */
export interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly lastUpdateTime?: string;
  readonly lastTransitionTime?: string;
  readonly reason?: string;
  readonly message?: string;
}

/** Status of a SealedSecret as the controller writes it. */
export interface SealedSecretStatus {
  readonly observedGeneration?: number;
  readonly conditions?: readonly Condition[];
}

/**
 * The owner reference that makes the garbage collector delete the Secret with its SealedSecret; without
 * blockOwnerDeletion, like upstream.
 *
 * @example
 * ```js
 * import { ownerReferenceTo, parseSealedSecret } from '@fuin/crypto-core';
 *
 * const metadata = { namespace: 'shop', name: 'db', uid: '8f6c' };
 * const sealed = parseSealedSecret({ apiVersion: 'bitnami.com/v1alpha1', kind: 'SealedSecret', metadata });
 * console.log(ownerReferenceTo(sealed).uid); // 8f6c
 * ```
 */
export function ownerReferenceTo({ metadata }: SealedSecret): OwnerReference {
  return {
    apiVersion: API_VERSION,
    kind: KIND,
    name: metadata.name ?? '',
    uid: metadata.uid ?? '',
    controller: true,
  };
}
