// Over 200 lines: every form that a recovery key may have.
import { availableParallelism } from 'node:os';
import {
  decodeBase64,
  formatPem,
  type ImportOptions,
  importKeyPair,
  KEY_ANNOTATIONS,
  type KeyPair,
  KeyRing,
  type KeyValidity,
  keyValidityIn,
  parsePem,
  SealedSecretsError,
} from '@fuin/crypto-core';
import { isNoSecretsFound, readManifests } from '@fuin/manifests';
import { decodeText } from '@fuin/manifests/text-encoding';
import { fieldsOf, textsOf } from '../io/fields.ts';
import { isDer, readInput } from '../io/files.ts';
import { isTypeOfV2 } from './sealed-format.ts';

const NEITHER = 'it is neither PEM nor a key Secret';
const NO_USABLE_KEY = 'unexpected private key type, or the key is damaged';

/**
 * For keys that open many values. Node runs that many operations at once by default; more copies of a key are
 * of no use.
 */
export const FOR_MANY_VALUES: ImportOptions = { copies: Math.min(4, availableParallelism()) };

/** A key of a backup, and what its file says about its age. */
export interface RecoveryKey {
  readonly key: KeyPair;
  /** PEM text that may hold the key's certificate, among others. */
  readonly certificates: string;
  /** When the key Secret was created; empty where the file does not say. */
  readonly created: string;
  /** When `kubeseal keys retire` took it out of service; empty where the file does not say. */
  readonly retired: string;
  /** From when to when one may seal for it, where its Secret says that without a certificate. */
  readonly validity?: KeyValidity | undefined;
}

/** The keys of --recovery-private-key as a ring. @throws ERR_KEY_INVALID like readRecoveryKeyFiles */
export async function readRecoveryKeys(
  cwd: string,
  files: readonly string[],
  options: ImportOptions = {},
): Promise<KeyRing> {
  return KeyRing.of(...(await readRecoveryKeyFiles(cwd, files, options)).map(({ key }) => key));
}

/**
 * Reads the keys of --recovery-private-key: every RSA key of a PEM file (PKCS#1 or PKCS#8), or RSA keys and
 * keys of format v2 of key Secrets in YAML or JSON, as single documents, streams, List or SecretList.
 *
 * @throws ERR_KEY_INVALID naming the file that holds no usable key
 */
export async function readRecoveryKeyFiles(
  cwd: string,
  files: readonly string[],
  options: ImportOptions = {},
): Promise<RecoveryKey[]> {
  if (files.length === 0) {
    throw new SealedSecretsError('ERR_USAGE', 'no private key given', {
      hint: 'name the backup of the sealing keys with --recovery-private-key FILE',
    });
  }
  const keys: RecoveryKey[] = [];
  for (const file of files)
    keys.push(...(await readKeyFile(await readInput(cwd, file, 'recovery-private-key'), file, options)));
  return keys;
}

async function readKeyFile(bytes: Uint8Array, file: string, options: ImportOptions): Promise<RecoveryKey[]> {
  if (isDer(bytes))
    return [{ key: await importDer(bytes, file, options), certificates: '', created: '', retired: '' }];
  const text = decodeText(bytes);
  if (/^-----BEGIN /m.test(text))
    return ofFile(await importBlocks(text, file, options), { certificates: text, created: '', retired: '' });
  const { documents } = await readManifests(Buffer.from(text), file, 'any').catch((error: unknown) => {
    if (!(error instanceof SealedSecretsError) || !isNoSecretsFound(error)) throw error;
    throw unreadable(file, NEITHER);
  });
  const secrets = documents.flatMap(({ value }) =>
    Array.isArray(value['items']) ? (value['items'] as unknown[]) : [value],
  );
  if (secrets.length === 0) throw unreadable(file, NEITHER);
  const keys: RecoveryKey[] = [];
  for (const secret of secrets) {
    if (isTypeOfV2(fieldsOf(secret)['type'])) {
      keys.push(await readSecretOfV2(secret, file));
      continue;
    }
    const pairs = await importBlocks(keyOf(secret, file), file, options);
    keys.push(...ofFile(pairs, { certificates: certificateOf(secret), ...datesOf(secret) }));
  }
  return keys;
}

function ofFile(keys: readonly KeyPair[], about: Omit<RecoveryKey, 'key'>): RecoveryKey[] {
  return keys.map((key) => ({ key, ...about }));
}

/** The reader of such keys is loaded with the first of them. */
async function readSecretOfV2(secret: unknown, file: string): Promise<RecoveryKey> {
  const { readV2Key } = await import('../recipients/suite.ts');
  const { data, metadata, type } = fieldsOf(secret);
  const key = await readV2Key(fieldsOf(data), type).catch((cause: unknown) => {
    if (!(cause instanceof SealedSecretsError)) throw cause;
    throw unreadable(file, cause.message, cause);
  });
  const validity = keyValidityIn(textsOf(fieldsOf(metadata)['annotations']));
  return { key, certificates: '', ...datesOf(secret), validity };
}

interface KeySecret {
  readonly metadata?: {
    readonly creationTimestamp?: unknown;
    readonly annotations?: Readonly<Record<string, unknown>> | null;
  } | null;
  readonly data?: Readonly<Record<string, unknown>>;
  readonly stringData?: Readonly<Record<string, unknown>>;
}

function datesOf(secret: unknown): Pick<RecoveryKey, 'created' | 'retired'> {
  const { creationTimestamp: created, annotations } = ((secret ?? {}) as KeySecret).metadata ?? {};
  const retired = annotations?.[KEY_ANNOTATIONS.retired];
  return {
    created: typeof created === 'string' ? created : '',
    retired: typeof retired === 'string' ? retired : '',
  };
}

/** Empty where the Secret holds none that can be read: it is not needed for opening. */
function certificateOf(secret: unknown): string {
  const { data, stringData } = (secret ?? {}) as KeySecret;
  const plain = stringData?.['tls.crt'];
  if (typeof plain === 'string') return plain;
  const encoded = data?.['tls.crt'];
  try {
    return typeof encoded === 'string' ? Buffer.from(decodeBase64(encoded)).toString('utf8') : '';
  } catch {
    return '';
  }
}

function keyOf(secret: unknown, file: string): string {
  const { data, stringData } = (secret ?? {}) as KeySecret;
  const plain = stringData?.['tls.key'];
  if (typeof plain === 'string') return plain;
  const encoded = data?.['tls.key'];
  // sic: upstream's words
  if (typeof encoded !== 'string') throw unreadable(file, "secret must contain a 'tls.data' key");
  try {
    return Buffer.from(decodeBase64(encoded)).toString('utf8');
  } catch {
    throw unreadable(file, 'tls.key is not base64');
  }
}

/** A key without PEM around it: PKCS#8, else PKCS#1. */
async function importDer(bytes: Uint8Array, file: string, options: ImportOptions): Promise<KeyPair> {
  const pem = ['PRIVATE KEY', 'RSA PRIVATE KEY'].map((label) => formatPem(label, bytes)).join('');
  return importKeyPair(pem, options).catch((cause: unknown) => {
    throw unreadable(file, NO_USABLE_KEY, cause);
  });
}

async function importBlocks(text: string, file: string, options: ImportOptions): Promise<KeyPair[]> {
  const blocks = parsePem(text);
  const isEncrypted = blocks.some(
    ({ label, hasHeaders }) =>
      label === 'ENCRYPTED PRIVATE KEY' || (label.endsWith('PRIVATE KEY') && hasHeaders),
  );
  if (isEncrypted) {
    const hint = 'remove the passphrase in a safe place: openssl pkey -in FILE -out PLAIN';
    throw unreadable(file, 'a private key in it is encrypted with a passphrase', undefined, hint);
  }
  const rsa = blocks.filter(({ label }) => label === 'RSA PRIVATE KEY' || label === 'PRIVATE KEY');
  if (rsa.length === 0) {
    const other = blocks.find(({ label }) => label.endsWith('PRIVATE KEY'));
    throw unreadable(
      file,
      other ? `unexpected private key type ${other.label}` : 'it holds no PEM private key',
    );
  }
  const imports = rsa.map(({ label, bytes }) => importKeyPair(formatPem(label, bytes), options));
  return Promise.all(imports).catch((cause: unknown) => {
    throw unreadable(file, NO_USABLE_KEY, cause);
  });
}

function unreadable(
  file: string,
  reason: string,
  cause?: unknown,
  hint = 'expected: an RSA key in PEM, or a backup made with kubectl get secret -l sealedsecrets.bitnami.com/sealed-secrets-key -o yaml',
): SealedSecretsError {
  return new SealedSecretsError('ERR_KEY_INVALID', `cannot read private keys from ${file}: ${reason}`, {
    hint,
    ...(cause === undefined ? {} : { cause }),
  });
}
