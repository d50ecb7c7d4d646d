// Over 200 lines: all that a key Secret of RSA may say, read, written and refused.
import {
  ANNOTATIONS,
  decodeBase64,
  decodeUtf8,
  encodeBase64,
  encodeUtf8,
  exportPrivateKey,
  formatPem,
  type ImportOptions,
  importKeyPair,
  isSoundKeyPair,
  KEY_ANNOTATIONS,
  KEY_LABEL,
  KEY_TYPES,
  type KeyPair,
  type KeyValidity,
  KIND,
  type RsaKeyPair,
  SEALING_KEY_LABEL,
  SealedSecretsError,
} from '@fuin/crypto-core';
import { parseCertificate } from '@fuin/crypto-core/x509';
import type { KubeObject } from '@fuin/kube/client';

const GROUP_PREFIX = 'bitnami.com/';
/**
 * Value of the key label on a key Secret that must never be used. No controller reads a key Secret with it.
 */
export const REFUSED = 'refused';
/** The labels that make a Secret a key Secret. */
export const KEY_LABELS = [KEY_LABEL, SEALING_KEY_LABEL] as const;
const plantedText = (label: string) =>
  `it was created by a SealedSecret, or a SealedSecret may write it: the author knows the private key and could read everyone's values. It is refused permanently, and its label ${label} is set to "${REFUSED}". If the key is yours, delete that SealedSecret with --cascade=orphan, remove the annotations ${Object.values(ANNOTATIONS).join(', ')}, then set the label to "active"`;

/** A key pair as a key Secret holds it. */
export interface SealingKey {
  /** Name of the key Secret. */
  readonly name: string;
  readonly keyPair: KeyPair;
  /** What people seal with: of RSA the certificate, one PEM block; of format v2 the recipient string. */
  readonly published: string;
  /** Names the key of a key service, where that holds the whole key. */
  readonly heldAs?: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly createdAt: Date;
  /** Whether somebody who may change key Secrets asks for a newer key. */
  readonly isReplacementAsked: boolean;
  /** When it was last backed up, as far as its Secret says. */
  readonly lastBackupAt: Date | undefined;
}

/** A new key pair that no Secret holds yet. */
export interface DrawnKey {
  readonly id: string;
  /** The Secret to create. */
  toSecret(validity: KeyValidity): Promise<KubeObject>;
}

/** What a new key Secret is created from. */
export interface NewKey {
  readonly keyPair: RsaKeyPair;
  readonly certificatePem: string;
  readonly namespace: string;
  /** Becomes generateName unchanged: no dash is added. */
  readonly prefix: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/**
 * Reads a key Secret of RSA: `tls.key` in PKCS#1 or PKCS#8, `tls.crt` with the certificate first in its
 * chain. Any type will do, but those of other kinds of keys.
 *
 * The numbers of the key are compared, and the key must open a value once. A damaged key can look intact, and
 * everything that people then seal for it may be lost. This is all the RSA work of a restart: one operation
 * for each key.
 *
 * @throws ERR_KEY_SECRET_INVALID for anything that is wrong, naming the Secret and the item, never its
 * content
 */
export async function readKeySecret(secret: KubeObject, options: ImportOptions): Promise<SealingKey> {
  const name = String(secret.metadata.name ?? '');
  if (Object.values<unknown>(KEY_TYPES).includes(secret['type']))
    throw invalid(name, `a Secret of its type is a sealing key under the label ${SEALING_KEY_LABEL} only`);
  const keyPair = await part(name, 'tls.key', () => importKeyPair(textOf(secret, 'tls.key'), options));
  const certificate = await part(name, 'tls.crt', () => readCertificate(textOf(secret, 'tls.crt')));
  if (certificate.keyId !== keyPair.id) {
    throw invalid(name, 'the certificate in tls.crt does not belong to the key in tls.key');
  }
  const isSound = await part(name, 'tls.key', () => isSoundKeyPair(keyPair));
  if (!isSound) throw invalid(name, 'tls.key: the private key is damaged');
  const { pem: published, notBefore, notAfter } = certificate;
  return { ...wishesOf(secret, notBefore), keyPair, published, notBefore, notAfter };
}

/** Whether the private key of a key Secret is wrapped by a key service. */
export function isWrapped(secret: KubeObject): boolean {
  return secret['type'] === KEY_TYPES.wrapped;
}

/** What the metadata of a key Secret of any kind says. */
export function wishesOf(
  { metadata }: KubeObject,
  notBefore: Date,
): Pick<SealingKey, 'name' | 'createdAt' | 'isReplacementAsked' | 'lastBackupAt'> {
  return {
    name: String(metadata.name ?? ''),
    createdAt: timeOf(metadata.creationTimestamp) ?? notBefore,
    isReplacementAsked: (metadata.annotations?.[KEY_ANNOTATIONS.replace] ?? '') !== '',
    lastBackupAt: timeOf(metadata.annotations?.[KEY_ANNOTATIONS.lastBackup]),
  };
}

/** The error for a key Secret that a SealedSecret created. */
export function plantedKey({ metadata }: KubeObject): SealedSecretsError {
  const label = KEY_LABELS.find((each) => metadata.labels?.[each] !== undefined) ?? KEY_LABEL;
  return invalid(String(metadata.name ?? ''), plantedText(label));
}

/** The key Secret to create for a new key pair, with the same fields as upstream's. */
export function toKeySecret({
  keyPair,
  certificatePem,
  namespace,
  prefix,
  labels,
  annotations,
}: NewKey): KubeObject {
  const hasAnnotations = Object.keys(annotations).length > 0;
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      generateName: prefix,
      namespace,
      labels: { ...labels, [KEY_LABEL]: 'active' },
      ...(hasAnnotations ? { annotations } : {}),
    },
    type: 'kubernetes.io/tls',
    data: {
      'tls.crt': encodeBase64(encodeUtf8(certificatePem)),
      'tls.key': encodeBase64(encodeUtf8(exportPrivateKey(keyPair))),
    },
  };
}

/**
 * Whether a SealedSecret created the key Secret, or could have, with any controller: there is an owner
 * reference, or an annotation that gives up ownership or lets SealedSecrets write into it. The author then
 * has the private key too. The author also chooses labels and annotations, so none of them can allow the key,
 * and the author can have the owner reference removed.
 */
export function isMadeBySealedSecret({ metadata }: KubeObject): boolean {
  const isOwned = metadata.ownerReferences?.some(
    ({ apiVersion, kind }) => kind === KIND && apiVersion.startsWith(GROUP_PREFIX),
  );
  const isMarked = Object.values(ANNOTATIONS).some((each) => metadata.annotations?.[each] === 'true');
  return isOwned === true || isMarked;
}

/** The certificates of a key Secret. @throws ERR_KEY_SECRET_INVALID, ERR_CERTIFICATE_INVALID */
export function certificateTextOf(secret: KubeObject): string {
  return textOf(secret, 'tls.crt');
}

function textOf(secret: KubeObject, item: string): string {
  const data = secret['data'];
  const value =
    typeof data === 'object' && data !== null ? (data as Record<string, unknown>)[item] : undefined;
  if (typeof value !== 'string') throw new SealedSecretsError('ERR_KEY_SECRET_INVALID', 'missing');
  return decodeUtf8(decodeBase64(value));
}

async function readCertificate(pem: string) {
  const { der, recipient, notBefore, notAfter } = await parseCertificate(pem);
  return {
    pem: formatPem('CERTIFICATE', der),
    keyId: recipient.id,
    notBefore,
    notAfter,
  };
}

/**
 * Parsers fail on garbage in many ways. All of them mean one corrupt item, and their texts are not passed on.
 *
 * @param item empty where the error names it
 */
export async function part<T>(name: string, item: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    const reason = cause instanceof SealedSecretsError ? cause.message : 'it cannot be read';
    throw invalid(name, item === '' ? reason : `${item}: ${reason}`, cause);
  }
}

function timeOf(text: unknown): Date | undefined {
  const time = new Date(String(text ?? ''));
  return Number.isNaN(time.getTime()) ? undefined : time;
}

/** The error for a key Secret that cannot be used. */
export function invalid(name: string, reason: string, cause?: unknown): SealedSecretsError {
  return new SealedSecretsError('ERR_KEY_SECRET_INVALID', `key Secret ${name}: ${reason}`, { cause });
}
