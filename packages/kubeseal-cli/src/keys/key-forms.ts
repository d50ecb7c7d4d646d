import {
  type KeyContext,
  type KeyWrapper,
  type SecretData,
  unwrapSecretData,
  wrapSecretData,
} from '@fuin/cloud';
import {
  ANNOTATIONS,
  KEY_ANNOTATIONS,
  KEY_LABEL,
  KEY_TYPES,
  type KeyValidity,
  keyMarksOf,
  printable,
  SEALING_KEY_LABEL,
  SealedSecretsError,
} from '@fuin/crypto-core';
import { type Fields, fieldsOf, textsOf } from '../io/fields.ts';
import { readV2Key } from '../recipients/suite.ts';
import { ACTIVE, isWrapped, LAST_APPLIED, marksOf, metadataOf, RETIRED, soundKeyOf } from './key-secret.ts';

/** The wrappers of a run: the first one wraps. */
export type Wrappers = readonly [KeyWrapper, ...KeyWrapper[]];

/** A key that was opened and opens what is sealed for it. */
export interface ProvenKey {
  readonly fingerprint: string;
  /** The items of its plain Secret. Secret. */
  readonly plain: SecretData;
  /** Of the plain Secret. */
  readonly type: string;
  /** Of its certificate; a key of format v2 has none. */
  readonly validity?: KeyValidity;
}

const LABELS: readonly string[] = [KEY_LABEL, SEALING_KEY_LABEL];
/** What belongs to one Secret, holds a copy of it, or asks the controller for something once. */
const LEFT_OUT: readonly string[] = [LAST_APPLIED, KEY_ANNOTATIONS.replace];

/** The value of the label that makes a Secret a key Secret. */
export function statusOf(secret: Fields): string {
  const labels = fieldsOf(fieldsOf(secret['metadata'])['labels']);
  const values = LABELS.map((label) => labels[label]).filter((value) => typeof value === 'string');
  return values.length === 1 ? String(values[0]) : '';
}

/** Whether a Secret is one of a key that is in service, or may be again. */
export function isKept(secret: Fields): boolean {
  return [ACTIVE, RETIRED].includes(statusOf(secret));
}

/**
 * Whether a key Secret can take the place of another one: it has the same status, stays, and nobody but an
 * administrator may know its key. Whether it holds the key is another question.
 */
export function canReplace(stored: Fields, secret: Fields): boolean {
  const { deletionTimestamp } = fieldsOf(stored['metadata']);
  const isSameStatus = isKept(stored) && statusOf(stored) === statusOf(secret);
  return isSameStatus && deletionTimestamp === undefined && !isOfOthers(stored);
}

/**
 * Proves a key Secret, plain or wrapped. @throws ERR_KEY_INVALID, ERR_KEY_SECRET_INVALID, those of key
 * services
 */
export async function proveKey(secret: Fields, wrappers: Wrappers): Promise<ProvenKey> {
  if (!isWrapped(secret)) return provenPlain(secret, { type: String(secret['type']), data: dataOf(secret) });
  const context = contextOf(secret);
  const proven = await provenPlain(secret, await unwrapSecretData(dataOf(secret), context, wrappers));
  if (proven.fingerprint === context.fingerprint) return proven;
  throw invalid(secret, 'it holds another key than its annotation says');
}

async function provenPlain(
  secret: Fields,
  { type, data }: { readonly type: string; readonly data: SecretData },
): Promise<ProvenKey> {
  if (type === KEY_TYPES.xWing) return { fingerprint: (await readV2Key(data)).id, plain: data, type };
  const { keyPair, facts } = await soundKeyOf({ ...secret, type, data, stringData: {} });
  const plain = pick(data, ['tls.crt', 'tls.key']);
  return { fingerprint: keyPair.id, plain, type: 'kubernetes.io/tls', validity: facts };
}

/**
 * The wrapped Secret for a plain one.
 *
 * A key that a SealedSecret may have planted is never copied: the copy would be without the marks by which
 * the controller refuses it.
 */
export async function toWrapped(secret: Fields, proven: ProvenKey, wrapper: KeyWrapper): Promise<Fields> {
  refusePlanted(secret);
  const name = endingWith(metadataOf(secret).name, '-wrapped', '-plain');
  const { fingerprint, plain } = proven;
  const namespace = namespaceOf(secret);
  const data = await wrapSecretData(plain, { namespace, name, fingerprint }, wrapper);
  return secretLike(secret, { name, label: SEALING_KEY_LABEL, type: KEY_TYPES.wrapped, data }, proven);
}

/** The plain Secret for a wrapped one. */
export function toPlain(secret: Fields, proven: ProvenKey): Fields {
  refusePlanted(secret);
  const { plain, type } = proven;
  const name = endingWith(metadataOf(secret).name, '-plain', '-wrapped');
  const label = type === KEY_TYPES.xWing ? SEALING_KEY_LABEL : KEY_LABEL;
  return secretLike(secret, { name, label, type, data: plain }, proven);
}

/** What a wrapped key Secret is bound to. @throws ERR_KEY_SECRET_INVALID */
export function contextOf(secret: Fields): KeyContext {
  const { name, annotations } = metadataOf(secret);
  const fingerprint = annotations[KEY_ANNOTATIONS.fingerprint] ?? '';
  if (fingerprint === '') throw invalid(secret, `the annotation ${KEY_ANNOTATIONS.fingerprint} is missing`);
  return { namespace: namespaceOf(secret), name, fingerprint };
}

/** The items of a Secret. */
export function dataOf(secret: Fields): SecretData {
  return textsOf(secret['data']);
}

interface NewForm {
  readonly name: string;
  readonly label: string;
  readonly type: string;
  readonly data: SecretData;
}

/** Labels and annotations stay; the marks of the key are written where it has none. */
function secretLike(
  secret: Fields,
  { name, label, type, data }: NewForm,
  { fingerprint, validity }: Pick<ProvenKey, 'fingerprint' | 'validity'>,
): Fields {
  const metadata = metadataOf(secret);
  const labels = Object.entries(fieldsOf(fieldsOf(secret['metadata'])['labels']));
  const kept = Object.entries(metadata.annotations).filter(([key]) => !LEFT_OUT.includes(key));
  const marks = validity ?? marksOf(metadata);
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name,
      namespace: namespaceOf(secret),
      labels: {
        ...Object.fromEntries(labels.filter(([key]) => !LABELS.includes(key))),
        [label]: statusOf(secret),
      },
      annotations: {
        ...Object.fromEntries(kept),
        ...(marks ? keyMarksOf(fingerprint, marks) : { [KEY_ANNOTATIONS.fingerprint]: fingerprint }),
      },
    },
    type,
    data,
  };
}

/** Whether something else owns a Secret, and deletes it, or a SealedSecret may write it. */
function isOfOthers(secret: Fields): boolean {
  const { ownerReferences } = fieldsOf(secret['metadata']);
  const { annotations } = metadataOf(secret);
  const isOwned = Array.isArray(ownerReferences) && ownerReferences.length > 0;
  return isOwned || Object.values(ANNOTATIONS).some((each) => annotations[each] !== undefined);
}

function refusePlanted(secret: Fields): void {
  if (isOfOthers(secret))
    throw invalid(secret, 'something else owns it, or a SealedSecret may write it: others may know the key');
}

/** A name that says the form. */
function endingWith(name: string, ending: string, other: string): string {
  const stem = name.endsWith(other) ? name.slice(0, -other.length) : name;
  return stem === name ? `${stem}${ending}` : stem;
}

function pick(data: SecretData, items: readonly string[]): SecretData {
  return Object.fromEntries(Object.entries(data).filter(([item]) => items.includes(item)));
}

function namespaceOf(secret: Fields): string {
  return String(fieldsOf(secret['metadata'])['namespace'] ?? '');
}

function invalid(secret: Fields, reason: string): SealedSecretsError {
  return new SealedSecretsError(
    'ERR_KEY_SECRET_INVALID',
    `key Secret ${printable(metadataOf(secret).name)}: ${reason}`,
  );
}
