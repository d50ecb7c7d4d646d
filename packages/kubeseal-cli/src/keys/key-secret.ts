import { X509Certificate } from 'node:crypto';
import {
  decodeBase64,
  importKeyPair,
  KEY_ANNOTATIONS,
  KEY_LABEL,
  KEY_TYPES,
  type KeyPair,
  KeyRing,
  type KeyValidity,
  keyValidityIn,
  openValue,
  printable,
  SEALING_KEY_LABEL,
  SealedSecretsError,
} from '@fuin/crypto-core';
import { type Certificate, parseCertificate } from '@fuin/crypto-core/x509';
import { isTypeOfV2 } from '../input/sealed-format.ts';
import { type Fields, fieldsOf, textsOf } from '../io/fields.ts';
import { isHeld } from './kept-elsewhere.ts';

/** Value of the key label on a key that opens and, if it is the newest, is sealed with. */
export const ACTIVE = 'active';
/** Value of the key label on a key that `kubeseal keys retire` took out of service. */
export const RETIRED = 'retired';
/** Value of the key label on a key whose private half somebody else knows; the controller sets it. */
export const REFUSED = 'refused';

/** Annotation with a copy of a whole object, private key included. */
export const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** What the metadata of a key Secret tells. */
export interface KeyMetadata {
  readonly name: string;
  /** Value of the key label; empty where there is none. */
  readonly label: string;
  /** The label that says it: keys of format v2 have one of their own. */
  readonly labelName: typeof KEY_LABEL | typeof SEALING_KEY_LABEL;
  readonly createdAt: Date | undefined;
  readonly resourceVersion: string;
  readonly annotations: Readonly<Record<string, string>>;
}

/** What is public about a key. */
export interface KeyFacts extends KeyValidity {
  readonly fingerprint: string;
  /** Of the certificate, such as `CN=sealed-secrets-controller.kube-system`; empty for a key of format v2. */
  readonly subject: string;
}

/** A key pair that opens what is sealed for it. */
export interface SoundKey {
  readonly keyPair: KeyPair;
  readonly facts: KeyFacts;
}

/** The metadata of a key Secret. */
export function metadataOf(secret: Fields): KeyMetadata {
  const { name, labels, annotations, creationTimestamp, resourceVersion } = fieldsOf(secret['metadata']);
  const created = new Date(String(creationTimestamp ?? ''));
  const own = fieldsOf(labels);
  const labelName =
    own[KEY_LABEL] === undefined && own[SEALING_KEY_LABEL] !== undefined ? SEALING_KEY_LABEL : KEY_LABEL;
  return {
    name: textOf(name),
    label: textOf(own[labelName]),
    labelName,
    createdAt: Number.isNaN(created.getTime()) ? undefined : created,
    resourceVersion: textOf(resourceVersion),
    annotations: textsOf(annotations),
  };
}

/** Fingerprint and validity from the marks of our controller; undefined where it did not create the key. */
export function marksOf({ annotations }: Pick<KeyMetadata, 'annotations'>) {
  const fingerprint = annotations[KEY_ANNOTATIONS.fingerprint] ?? '';
  const validity = keyValidityIn(annotations);
  return validity && isFingerprint(fingerprint) ? { fingerprint, ...validity } : undefined;
}

/** Whether a key Secret says that it holds a key of format v2. */
export function isSecretOfV2(secret: Fields): boolean {
  return isTypeOfV2(secret['type']);
}

/** Whether the private key of a key Secret is wrapped. */
export function isWrapped(secret: Fields): boolean {
  return secret['type'] === KEY_TYPES.wrapped;
}

/** When `kubeseal keys retire` took the key out of service; undefined where it did not. */
export function retiredAtOf({ annotations, label }: Pick<KeyMetadata, 'annotations' | 'label'>) {
  const at = new Date(annotations[KEY_ANNOTATIONS.retired] ?? '');
  return label !== RETIRED || Number.isNaN(at.getTime()) ? undefined : at;
}

/**
 * Reads the key pair of a key Secret and proves that it is whole: what is sealed for its public half is
 * opened with the key.
 *
 * @throws ERR_KEY_INVALID naming the Secret and the item, never its content
 */
export async function soundKeyOf(secret: Fields): Promise<SoundKey> {
  const { name } = metadataOf(secret);
  if (isSecretOfV2(secret)) return keyOfV2(secret);
  const keyPair = await part(name, 'tls.key', () => importKeyPair(itemOf(secret, 'tls.key')));
  const certificate = await certificateOf(secret);
  if (certificate.recipient.id !== keyPair.id)
    throw invalid(name, 'tls.crt is the certificate of another key');
  if (!(await opensProbe(keyPair, certificate))) throw invalid(name, 'the private key is damaged');
  return { keyPair, facts: factsOfCertificate(certificate) };
}

/** What a key Secret tells of its key; the private half is read only where nothing else tells it. */
export async function factsOf(secret: Fields): Promise<KeyFacts> {
  if (isSecretOfV2(secret)) return (await keyOfV2(secret)).facts;
  return factsOfCertificate(await certificateOf(secret));
}

function factsOfCertificate(certificate: Certificate): KeyFacts {
  const { recipient, notBefore, notAfter } = certificate;
  return { fingerprint: recipient.id, notBefore, notAfter, subject: subjectOf(certificate) };
}

/**
 * A key of format v2; reading it proves it. Nothing in a Secret proves the public key of one that a key
 * service holds, so the annotation must say the same.
 *
 * @throws ERR_KEY_INVALID
 */
async function keyOfV2(secret: Fields): Promise<SoundKey> {
  const { name, annotations } = metadataOf(secret);
  const { readV2Key } = await import('../recipients/suite.ts');
  const keyPair = await readV2Key(fieldsOf(secret['data']), secret['type']).catch((error: unknown) => {
    if (!(error instanceof SealedSecretsError)) throw error;
    throw invalid(name, error.message);
  });
  const validity = keyValidityIn(annotations);
  if (!validity) throw invalid(name, `the annotation ${KEY_ANNOTATIONS.validity} cannot be read`);
  if (isHeld(secret) && annotations[KEY_ANNOTATIONS.fingerprint] !== keyPair.id)
    throw invalid(name, 'it holds another key than its annotation says');
  return { keyPair, facts: { fingerprint: keyPair.id, subject: '', ...validity } };
}

/** The first certificate of a key Secret. @throws ERR_KEY_INVALID */
function certificateOf(secret: Fields): Promise<Certificate> {
  return part(metadataOf(secret).name, 'tls.crt', () => parseCertificate(itemOf(secret, 'tls.crt')));
}

/** In one line; empty for a certificate without a subject. */
export function subjectOf({ der }: Certificate): string {
  return (new X509Certificate(der).subject ?? '').replaceAll('\n', ', ');
}

/** Whether a string has the form of a fingerprint. */
export function isFingerprint(text: string): boolean {
  return /^(?:SHA256:[A-Za-z0-9+/]{43}|v2:[0-9a-f]{32})$/.test(text);
}

async function opensProbe(keyPair: KeyPair, { recipient }: Certificate): Promise<boolean> {
  const probe = crypto.getRandomValues(new Uint8Array(32));
  const label = new Uint8Array();
  try {
    const sealed = await recipient.seal(probe, label);
    return Buffer.from(await openValue(sealed, KeyRing.of(keyPair), label)).equals(probe);
  } catch (error) {
    if (error instanceof SealedSecretsError) return false;
    throw error;
  }
}

/** The text of an item of a Secret. @throws ERR_KEY_INVALID where it is missing */
export function itemOf(secret: Fields, item: string): string {
  const plain = fieldsOf(secret['stringData'])[item];
  if (typeof plain === 'string') return plain;
  const value = fieldsOf(secret['data'])[item];
  if (typeof value !== 'string') throw new SealedSecretsError('ERR_KEY_INVALID', 'missing');
  return Buffer.from(decodeBase64(value)).toString('latin1');
}

/** Parsers fail on garbage in many ways. Their texts are not passed on, unless they are ours. */
async function part<T>(name: string, item: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    const reason = error instanceof SealedSecretsError ? error.message : 'it cannot be read';
    throw invalid(name, `${item}: ${reason}`);
  }
}

function invalid(name: string, reason: string): SealedSecretsError {
  return new SealedSecretsError('ERR_KEY_INVALID', `key Secret ${printable(name)}: ${reason}`);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
