import {
  exportPrivateKey,
  generateKeyPair,
  importKeyPair,
  KEY_LABEL,
  type RsaKeyPair,
} from '@fuin/crypto-core';
import { createCertificate } from '@fuin/crypto-core/x509';
import { stringify } from 'yaml';
import { readVector } from '../../vectors/read.ts';
import type { ApiClient } from '../api/api-client.ts';
import type { ApiObject } from '../api/types.ts';

/** A sealing key made outside any controller. */
export interface TestKey {
  readonly secret: { readonly type: string; readonly data: Record<string, string> };
  readonly certificatePem: string;
}

const DAY_MS = 24 * 60 * 60 * 1000;
export const KEY_SELECTOR = `${KEY_LABEL}=active`;

/** A key of test/vectors (`a`, `b` or `c`) with a certificate that began to count `ageDays` ago. */
export async function testKey(letter: string, ageDays: number): Promise<TestKey> {
  return keyOf(readVector(`keys/rsa2048-${letter}.pkcs8.pem`), ageDays);
}

/** A key that no other test has: for those that count what a cluster holds for a key. */
export async function ownKey(ageDays: number): Promise<TestKey> {
  return keyOf(exportPrivateKey(await generateKeyPair(2048), 'pkcs8'), ageDays);
}

/** The keys of a cluster of the made-up repository: the newest is a day old, the older one a month. */
export async function storeKeyPairs(
  client: ApiClient,
  namespace: string,
  { newest, older }: { readonly newest: RsaKeyPair; readonly older: RsaKeyPair },
): Promise<void> {
  for (const [name, pair, ageDays] of [
    ['newest', newest, 1],
    ['older', older, 30],
  ] as const)
    await storeKey(client, namespace, { name, key: await keyOf(exportPrivateKey(pair), ageDays) });
}

async function keyOf(privateKey: string, ageDays: number): Promise<TestKey> {
  const notBefore = new Date(Date.now() - ageDays * DAY_MS);
  const notAfter = new Date(Date.now() + 3650 * DAY_MS);
  const keyPair = await importKeyPair(privateKey);
  const certificatePem = await createCertificate(keyPair, { commonName: '', notBefore, notAfter });
  const data = { 'tls.key': btoa(privateKey), 'tls.crt': btoa(certificatePem) };
  return { certificatePem, secret: { type: 'kubernetes.io/tls', data } };
}

/** Stores a key where the controller of `namespace` finds it. */
export function storeKey(
  client: ApiClient,
  namespace: string,
  { key: { secret }, name }: { readonly key: TestKey; readonly name: string },
): Promise<ApiObject> {
  const metadata = { name, namespace, labels: { [KEY_LABEL]: 'active' } };
  const object = { apiVersion: 'v1', kind: 'Secret', metadata, ...secret };
  return client.create(`/api/v1/namespaces/${namespace}/secrets`, object);
}

/** The key Secrets of a namespace, oldest first by name of creation order. */
export async function keySecrets(client: ApiClient, namespace: string): Promise<ApiObject[]> {
  const { items } = await client.list(
    `/api/v1/namespaces/${namespace}/secrets?labelSelector=${KEY_SELECTOR}`,
  );
  return items.map((item) => ({ ...item, apiVersion: 'v1', kind: 'Secret' }));
}

/** What `kubectl get secret NAME -o yaml` prints. */
export function asYaml(secret: ApiObject): string {
  return stringify(secret);
}

/** What `kubectl get secret -l ... -o yaml` prints. */
export function asList(secrets: readonly ApiObject[]): string {
  return stringify({ apiVersion: 'v1', items: secrets, kind: 'List', metadata: { resourceVersion: '' } });
}
