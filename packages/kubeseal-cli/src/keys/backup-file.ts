import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { KEY_ANNOTATIONS, KEY_LABEL, printable, SealedSecretsError } from '@fuin/crypto-core';
import { formatManifest, isNoSecretsFound, orderSecret, readManifests } from '@fuin/manifests';
import { decodeText } from '@fuin/manifests/text-encoding';
import { type Fields, fieldsOf } from '../io/fields.ts';
import { readInput } from '../io/files.ts';
import { decryptWith, isEncrypted, readIdentities } from './custody/identities.ts';
import { ACTIVE, isSecretOfV2, LAST_APPLIED, metadataOf } from './key-secret.ts';

/** Thousands of keys fit. */
const MAX_BACKUP_BYTES = 16 * 1024 * 1024;
/** What belongs to one cluster, or asks for something that must not happen again after a restore. */
const LEFT_OUT: readonly string[] = [LAST_APPLIED, KEY_ANNOTATIONS.replace, KEY_ANNOTATIONS.lastBackup];

/**
 * The key Secret as a backup holds it: name, namespace, labels, annotations, type and items. Everything that
 * belongs to one cluster or one moment is left out.
 */
export function cleanKeySecret(secret: Fields, namespace: string): Fields {
  const { name, annotations } = metadataOf(secret);
  const kept = Object.entries(annotations).filter(([key]) => !LEFT_OUT.includes(key));
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name,
      namespace,
      labels: fieldsOf(fieldsOf(secret['metadata'])['labels']),
      ...(kept.length > 0 ? { annotations: Object.fromEntries(kept) } : {}),
    },
    type: typeof secret['type'] === 'string' ? secret['type'] : 'kubernetes.io/tls',
    data: fieldsOf(secret['data']),
  };
}

/** The text of a backup: one document for each key Secret. */
export function formatBackup(secrets: readonly Fields[]): string {
  return secrets.map((secret) => formatManifest(orderSecret(secret), 'yaml')).join('');
}

/**
 * Reads the key Secrets of a backup, encrypted or not.
 *
 * @param identities files with what decrypts it
 * @throws ERR_KEY_INVALID, ERR_USAGE
 */
export async function readBackup(
  file: string,
  identities: readonly string[],
  cwd: string,
): Promise<Fields[]> {
  const tooLarge = `it is over ${MAX_BACKUP_BYTES / 1024 / 1024} MiB, which is too large for keys`;
  const size = await stat(resolve(cwd, file)).catch(() => undefined);
  if ((size?.size ?? 0) > MAX_BACKUP_BYTES) throw invalid(file, tooLarge);
  const bytes = await readInput(cwd, file);
  const plain = isEncrypted(bytes)
    ? await decryptWith(await readIdentities(identities, cwd), bytes, file)
    : bytes;
  return parseBackup(plain, file);
}

/** The key Secrets in the text of a backup. @throws ERR_KEY_INVALID */
export async function parseBackup(bytes: Uint8Array, file: string): Promise<Fields[]> {
  const text = Buffer.from(decodeText(bytes));
  const { documents } = await readManifests(text, file, 'any').catch((error: unknown) => {
    if (!(error instanceof SealedSecretsError)) throw error;
    if (isNoSecretsFound(error)) throw invalid(file, 'it holds no key Secret');
    throw invalid(file, 'it is neither YAML nor JSON'); // the reason may quote a key
  });
  const objects = documents.flatMap(({ value }) =>
    Array.isArray(value['items']) ? value['items'].map(fieldsOf) : [value],
  );
  if (objects.length === 0) throw invalid(file, 'it holds no key Secret');
  const names = new Set<string>();
  for (const secret of objects) {
    const { name } = metadataOf(secret);
    const kind = secret['kind'] ?? 'Secret'; // items of a SecretList name none
    if (kind !== 'Secret' || name === '') throw invalid(file, 'it holds something else than key Secrets');
    if (names.has(name)) throw invalid(file, `it holds ${printable(name)} twice`);
    names.add(name);
  }
  return objects.map(withLabel);
}

/**
 * Before keys had labels, the one key Secret was without. A recovery key of format v2 is without on purpose.
 */
function withLabel(secret: Fields): Fields {
  if (isSecretOfV2(secret)) return secret;
  const metadata = fieldsOf(secret['metadata']);
  const labels = fieldsOf(metadata['labels']);
  if (typeof labels[KEY_LABEL] === 'string') return secret;
  return { ...secret, metadata: { ...metadata, labels: { ...labels, [KEY_LABEL]: ACTIVE } } };
}

function invalid(file: string, reason: string): SealedSecretsError {
  return new SealedSecretsError('ERR_KEY_INVALID', `cannot read the backup ${file}: ${reason}`, {
    hint: 'expected: what kubeseal keys backup or kubectl get secret -o yaml writes',
  });
}
