import {
  encodeBase64,
  formatPem,
  KeyRing,
  openItems,
  parsePem,
  type Recipient,
  type SealedSecret,
  SealedSecretsError,
  sealedSizes,
  type ValueFacts,
} from '@fuin/crypto-core';
import { type Certificate, parseCertificate } from '@fuin/crypto-core/x509';
import type { RecoveryKey } from '../input/recovery-keys.ts';
import { factsOfValue, formatOfKey } from '../input/sealed-format.ts';

/** Which key a value was sealed for, as far as there is evidence. */
export interface SealingKey {
  /**
   * Undefined unless a given key opens the value, or the cluster, the sealing note or the value itself says
   * it. A value of format v2 names its keys: then it is all of them, with spaces, unless one opened the
   * value.
   */
  readonly fingerprint?: string;
  readonly createdAt?: Date;
  readonly status: 'current' | 'stale' | 'unknown';
  readonly evidence: 'opened' | 'cluster' | 'value' | 'note' | 'key-size' | 'none';
}

/** What is known of the cluster's keys. */
export interface KnownKeys {
  readonly ring: KeyRing;
  /** When the keys of the ring were created, by fingerprint, as far as that is known. */
  readonly dates: ReadonlyMap<string, Date>;
  readonly current: CurrentKey | undefined;
  /** Ids of the keys that are sealed for in format v2 now, ascending; undefined where nobody says it. */
  readonly recipients?: readonly string[] | undefined;
}

/** The key of the certificate that is sealed with now. */
export interface CurrentKey {
  readonly fingerprint: string;
  readonly keyBits: number;
  readonly notBefore: Date;
}

/** What recovery keys tell. */
export async function knownKeysOf(keys: readonly RecoveryKey[]): Promise<KnownKeys> {
  const dates = new Map<string, Date>();
  for (const { key, created, validity } of keys) {
    const date = validity?.notBefore ?? new Date(created);
    if (!Number.isNaN(date.getTime())) dates.set(key.id, date);
  }
  for (const text of new Set(keys.map(({ certificates }) => certificates)))
    for (const { recipient, notBefore } of await certificatesIn(text)) dates.set(recipient.id, notBefore);
  return { ring: KeyRing.of(...keys.map(({ key }) => key)), dates, current: undefined };
}

/** The same with the key that is sealed with now. */
export function withCurrent({ dates: known, ...rest }: KnownKeys, current: CurrentKey): KnownKeys {
  const dates = new Map(known);
  if (!dates.has(current.fingerprint)) dates.set(current.fingerprint, current.notBefore);
  return { ...rest, dates, current };
}

/** The certificates of a PEM text. Those that cannot be read are left out. */
export async function certificatesIn(text: string): Promise<Certificate[]> {
  const pems = parsePem(text).flatMap(({ label, bytes }) =>
    label === 'CERTIFICATE' ? [formatPem(label, bytes)] : [],
  );
  const read = await Promise.allSettled(pems.map((pem) => parseCertificate(pem)));
  return read.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
}

/** The key of the certificate that is sealed with now. */
export async function currentKeyOf({ recipient, notBefore }: Certificate): Promise<CurrentKey> {
  return { fingerprint: recipient.id, keyBits: await keyBitsOf(recipient), notBefore };
}

/** The size of a recipient's key, which every value that is sealed for it shows. */
export async function keyBitsOf(recipient: Recipient): Promise<number> {
  const sealed = await recipient.seal(new Uint8Array(), new Uint8Array());
  return sealedSizes(encodeBase64(sealed))?.keyBits ?? 0;
}

/** What others say of the key that sealed a value. Neither is proven. */
export interface SaidKeys {
  /** The status of the live object. */
  readonly cluster?: string | undefined;
  /** The sealing note of the object. */
  readonly note?: string | undefined;
}

/**
 * Finds the key that one value was sealed for. The plaintext is dropped at once.
 */
export async function sealingKeyOf(
  value: SealedItem,
  owner: Owner,
  known: KnownKeys,
  said: SaidKeys = {},
): Promise<SealingKey> {
  const { sealed } = value;
  const opener = known.ring.keys.length === 0 ? undefined : await openerOf(value, owner, known.ring);
  const facts = factsOfValue(sealed);
  if (facts.format === 'v2') return keyOfV2(facts, opener, known);
  const evidence = opener !== undefined ? 'opened' : said.cluster !== undefined ? 'cluster' : 'note';
  const fingerprint = opener ?? said.cluster ?? said.note;
  if (fingerprint !== undefined) {
    const createdAt = known.dates.get(fingerprint);
    const status = statusOf(fingerprint, createdAt, known);
    return { fingerprint, ...(createdAt ? { createdAt } : {}), status, evidence };
  }
  const { current } = known;
  const isOther = current !== undefined && sealedSizes(sealed)?.keyBits !== current.keyBits;
  return isOther ? { status: 'stale', evidence: 'key-size' } : { status: 'unknown', evidence: 'none' };
}

/** A value of format v2 names its keys, so that nothing else has to. */
function keyOfV2({ recipients: ids }: ValueFacts, opener: string | undefined, known: KnownKeys): SealingKey {
  const fingerprint = opener ?? ids.join(' ');
  const dates = ids.flatMap((id) => known.dates.get(id) ?? []);
  const [createdAt] = opener === undefined ? dates : [known.dates.get(opener)];
  const { recipients } = known;
  const isCurrent = recipients && recipients.join(' ') === ids.join(' ');
  const status = recipients ? (isCurrent ? 'current' : 'stale') : statusOf(fingerprint, createdAt, known);
  const evidence = opener === undefined ? 'value' : 'opened';
  return { fingerprint, ...(createdAt ? { createdAt } : {}), status, evidence };
}

type Owner = Pick<SealedSecret, 'apiVersion' | 'kind' | 'metadata'>;

/**
 * A value in base64 that looks sealed, and its item, without which a value that is bound to it stays closed.
 */
export interface SealedItem {
  readonly item: string;
  readonly sealed: string;
}

/**
 * The fingerprint of the key that opens the value; undefined where none does. Plaintext is dropped at once.
 */
export async function openerOf(
  { item, sealed }: SealedItem,
  owner: Owner,
  ring: KeyRing,
): Promise<string | undefined> {
  try {
    const { openedBy, values } = await openItems(
      { ...owner, spec: { encryptedData: { [item]: sealed } } },
      ring,
    );
    values.get(item)?.fill(0);
    return openedBy.get(item);
  } catch (error) {
    if (error instanceof SealedSecretsError) return undefined;
    throw error;
  }
}

/** Without the cluster's certificate nothing proves that a key is the newest, only that another is newer. */
function statusOf(
  fingerprint: string,
  createdAt: Date | undefined,
  { dates, ring, current }: KnownKeys,
): SealingKey['status'] {
  const format = formatOfKey(fingerprint);
  if (current && format === 'v1') {
    if (fingerprint === current.fingerprint) return 'current';
    const isNewer = createdAt !== undefined && createdAt > current.notBefore;
    return isNewer ? 'unknown' : 'stale'; // the certificate is then not the newest one itself
  }
  const others = ring.keys.flatMap(({ id }) => (formatOfKey(id) === format ? (dates.get(id) ?? []) : []));
  return createdAt !== undefined && others.some((date) => date > createdAt) ? 'stale' : 'unknown';
}
