import { type KeyPair, SealedSecretsError, type ValueFormat } from '@fuin/crypto-core';
import { type Certificate, parseCertificate } from '@fuin/crypto-core/x509';
import type { RecoveryKey } from '../input/recovery-keys.ts';
import { formatOfKey } from '../input/sealed-format.ts';
import type { Warn } from '../invocation/warnings.ts';
import type { Fields } from '../io/fields.ts';
import {
  ACTIVE,
  factsOf,
  type KeyFacts,
  marksOf,
  metadataOf,
  retiredAtOf,
  soundKeyOf,
  subjectOf,
} from './key-secret.ts';
import type { KeyStore } from './key-store.ts';

/** Clocks of a cluster differ: like in the controller, a certificate that begins a little later counts. */
const CLOCK_SKEW_MS = 300_000;

/** What is known of one key. */
export interface KnownKey {
  /** Name of the key Secret; that of the file for keys of a backup in PEM. */
  readonly name: string;
  /** `SHA256:...`, or `v2:...` of a key of format v2; empty where the Secret cannot be read. */
  readonly fingerprint: string;
  /** Value of the key label; `backup` for keys of files. */
  readonly status: string;
  readonly createdAt: Date | undefined;
  readonly notBefore: Date | undefined;
  readonly expiresAt: Date | undefined;
  /** When `kubeseal keys retire` took it out of service. */
  readonly retiredAt?: Date | undefined;
  /** Of the certificate, such as `CN=sealed-secrets-controller.kube-system`; empty where it was not read. */
  readonly subject: string;
  /** Only where private keys were read. */
  readonly keyPair?: KeyPair;
}

/**
 * The keys of the cluster without their private halves: the metadata of key Secrets says enough where our
 * controller created them, and of the others only the certificate is kept.
 */
export async function keysByMetadata(store: KeyStore, warn: Warn): Promise<KnownKey[]> {
  const keys: KnownKey[] = [];
  for (const object of await store.listMetadata()) {
    const metadata = metadataOf(object);
    const marks = marksOf(metadata);
    const { name, label: status, createdAt } = metadata;
    if (marks) {
      const { fingerprint, notBefore, notAfter: expiresAt } = marks;
      const retiredAt = retiredAtOf(metadata);
      keys.push({ name, fingerprint, status, createdAt, notBefore, expiresAt, retiredAt, subject: '' });
      continue;
    }
    const secret = await store.get(name);
    if (secret) keys.push(await keyOf(secret, () => factsOf(secret), warn));
  }
  return inOrder(keys);
}

/** The keys of the cluster with their private halves. */
export async function keysWithSecrets(secrets: readonly Fields[], warn: Warn): Promise<KnownKey[]> {
  const keys: KnownKey[] = [];
  for (const secret of secrets) {
    let keyPair: KeyPair | undefined;
    const read = async () => {
      const sound = await soundKeyOf(secret);
      keyPair = sound.keyPair;
      return sound.facts;
    };
    const key = await keyOf(secret, read, warn);
    keys.push(keyPair ? { ...key, keyPair } : key);
  }
  return inOrder(keys);
}

/** The keys of a backup. */
export async function keysOfBackup(keys: readonly RecoveryKey[]): Promise<KnownKey[]> {
  const known = new Map<string, KnownKey>();
  for (const { key, certificates, created, validity } of keys) {
    const certificate = await certificateFor(key.id, certificates);
    const { notBefore, notAfter: expiresAt } = certificate ?? validity ?? NO_VALIDITY;
    const date = new Date(created);
    const createdAt = Number.isNaN(date.getTime()) ? notBefore : date;
    const subject = certificate ? subjectOf(certificate) : '';
    const name = '';
    const row = { name, fingerprint: key.id, status: 'backup', createdAt, notBefore, expiresAt, subject };
    known.set(key.id, { ...row, keyPair: key });
  }
  return inOrder([...known.values()]);
}

const NO_VALIDITY = { notBefore: undefined, notAfter: undefined };

/** The key that is sealed with in a format: the newest active one whose validity has begun. */
export function newestOf(keys: readonly KnownKey[], now: Date, format: ValueFormat): KnownKey | undefined {
  const latestMs = now.getTime() + CLOCK_SKEW_MS;
  return keys.find(
    ({ fingerprint, status, notBefore }) =>
      formatOfKey(fingerprint) === format &&
      status === ACTIVE &&
      notBefore !== undefined &&
      notBefore.getTime() <= latestMs,
  );
}

/** The keys that are sealed with now, one of each format that there is. */
export function newestKeys(keys: readonly KnownKey[], now: Date): KnownKey[] {
  return (['v1', 'v2'] as const).flatMap((format) => newestOf(keys, now, format) ?? []);
}

async function keyOf(secret: Fields, read: () => Promise<KeyFacts>, warn: Warn): Promise<KnownKey> {
  const metadata = metadataOf(secret);
  const { name, label: status, createdAt } = metadata;
  try {
    const { fingerprint, notBefore, notAfter: expiresAt, subject } = await read();
    const retiredAt = retiredAtOf(metadata);
    return { name, fingerprint, status, createdAt, notBefore, expiresAt, retiredAt, subject };
  } catch (error) {
    if (!(error instanceof SealedSecretsError)) throw error;
    warn(`warning: ${error.message}`);
    return {
      name,
      fingerprint: '',
      status,
      createdAt,
      notBefore: undefined,
      expiresAt: undefined,
      subject: '',
    };
  }
}

/** The certificate of a key among others in a PEM text; undefined where it is not there. */
async function certificateFor(fingerprint: string, pem: string): Promise<Certificate | undefined> {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
  for (const block of blocks) {
    const certificate = await parseCertificate(block).catch(() => undefined);
    if (certificate?.recipient.id === fingerprint) return certificate;
  }
  return undefined;
}

/** Newest first. */
function inOrder(keys: readonly KnownKey[]): KnownKey[] {
  const since = ({ notBefore, createdAt }: KnownKey) => (notBefore ?? createdAt)?.getTime() ?? 0;
  return [...keys].sort((a, b) => since(b) - since(a) || (a.name < b.name ? -1 : 1));
}
