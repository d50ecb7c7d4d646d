import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  exportPrivateKey,
  generateKeyPair,
  importKeyPair,
  KEY_LABEL,
  KEY_TYPES,
  type KeyPair,
  keyMarksOf,
  type RsaKeyPair,
  SEALING_KEY_LABEL,
} from '@fuin/crypto-core';
import { suiteOf, toXWingKey, XWingKeyPair } from '@fuin/crypto-core/v2';
import { createCertificate } from '@fuin/crypto-core/x509';
import { NATIVE_ALGORITHMS } from '../../../packages/native-hpke/src/index.ts';
import type { ApiClient } from '../../support/api/api-client.ts';
import type { ApiObject } from '../../support/api/types.ts';

/** A sealing key and the Secret that both controllers read it from. */
export interface BenchKey<Pair extends KeyPair = KeyPair> {
  readonly keyPair: Pair;
  readonly secret: ApiObject;
}

const CACHE = join(import.meta.dirname, '..', '.cache');
const KEY_SIZE_BITS = 4096;
const DAY_MS = 86_400_000;

/** Some sealing keys, newest first, a month apart. Made once per machine: making one takes a second. */
export async function benchKeys(count: number): Promise<readonly BenchKey<RsaKeyPair>[]> {
  const pems = await readOrMake(count);
  return Promise.all(pems.map((pem, age) => toBenchKey(pem, age)));
}

/** A sealing key of format v2 and its Secret. */
export async function benchKeyV2(): Promise<BenchKey> {
  const suite = suiteOf(NATIVE_ALGORITHMS);
  const material = await XWingKeyPair.generate(suite);
  const keyPair = await XWingKeyPair.of(material, suite);
  const notBefore = new Date(Date.now() - DAY_MS);
  const validity = { notBefore, notAfter: new Date(notBefore.getTime() + 3650 * DAY_MS) };
  const metadata = {
    name: 'sealed-secrets-key-v2',
    labels: { [SEALING_KEY_LABEL]: 'active' },
    annotations: keyMarksOf(keyPair.id, validity),
  };
  const data = { ...toXWingKey(material) };
  return { keyPair, secret: { apiVersion: 'v1', kind: 'Secret', type: KEY_TYPES.xWing, metadata, data } };
}

/** Stores keys where the controller of a namespace finds them. */
export async function storeKeys(
  client: ApiClient,
  namespace: string,
  keys: readonly BenchKey[],
): Promise<void> {
  for (const { secret } of keys.toReversed())
    await client.create(`/api/v1/namespaces/${namespace}/secrets`, secret);
}

async function readOrMake(count: number): Promise<readonly string[]> {
  const file = join(CACHE, `keys-${KEY_SIZE_BITS}.json`);
  const known = JSON.parse(await readFile(file, 'utf8').catch(() => '[]')) as string[];
  if (known.length >= count) return known.slice(0, count);
  const missing = Array.from({ length: count - known.length }, () => generateKeyPair(KEY_SIZE_BITS));
  const all = [...known, ...(await Promise.all(missing)).map((pair) => exportPrivateKey(pair))];
  await mkdir(CACHE, { recursive: true });
  await writeFile(file, JSON.stringify(all), { mode: 0o600 });
  return all;
}

async function toBenchKey(pem: string, age: number): Promise<BenchKey<RsaKeyPair>> {
  const keyPair = await importKeyPair(pem);
  const notBefore = new Date(Date.now() - (1 + 30 * age) * DAY_MS);
  const notAfter = new Date(notBefore.getTime() + 3650 * DAY_MS);
  const certificate = await createCertificate(keyPair, { commonName: '', notBefore, notAfter });
  const metadata = { name: `sealed-secrets-key-${age}`, labels: { [KEY_LABEL]: 'active' } };
  const data = { 'tls.key': btoa(pem), 'tls.crt': btoa(certificate) };
  return { keyPair, secret: { apiVersion: 'v1', kind: 'Secret', type: 'kubernetes.io/tls', metadata, data } };
}
