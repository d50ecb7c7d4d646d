import { exportPrivateKey, formatPem, generateKeyPair, KEY_LABEL, type RsaKeyPair } from '@fuin/crypto-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { KubeObject } from '../../packages/kube/src/client/types.ts';
import { certificateOf, keySecret, registryWithLog } from './key-registry.ts';

let good: RsaKeyPair;
let other: RsaKeyPair;

beforeAll(async () => {
  [good, other] = await Promise.all([generateKeyPair(2048), generateKeyPair(2048)]);
});

describe('a poison key Secret hurts only itself', () => {
  it('when its certificate belongs to another key', async () => {
    const { registry } = registryWithLog();
    await registry.upsert(keySecret('good', exportPrivateKey(good), await certificateOf(good)));
    await registry.upsert(keySecret('mixed', exportPrivateKey(other), await certificateOf(good)));
    expect(registry.keyRing.keys).toHaveLength(1);
    expect(registry.newest?.name).toBe('good');
  });

  it('when it has no data, no labels, wrong types or bytes that are nothing', async () => {
    const { registry, lines } = registryWithLog();
    const labels = { [KEY_LABEL]: 'active' };
    const hostile: KubeObject[] = [
      { metadata: { name: 'a', labels } },
      { metadata: { name: 'b', labels }, data: null },
      { metadata: { name: 'c', labels }, data: { 'tls.key': 7, 'tls.crt': [] } },
      { metadata: { labels }, data: { 'tls.key': '!', 'tls.crt': '!' } },
      keySecret('d', formatPem('RSA PRIVATE KEY', new Uint8Array(64).fill(0x30)), 'x'),
      keySecret('e', formatPem('PRIVATE KEY', new Uint8Array()), 'x'),
      keySecret('f', '-----BEGIN EC PRIVATE KEY-----\ncanary\n-----END EC PRIVATE KEY-----\n', 'canary'),
    ];
    for (const secret of hostile) await registry.upsert(secret);
    await registry.upsert(keySecret('good', exportPrivateKey(good), await certificateOf(good)));
    expect(registry.newest?.name).toBe('good');
    expect(lines.join('')).not.toContain('canary');
    expect(lines.join('')).not.toContain(btoa('canary'));
  });

  it('when it repeats a key: the copy goes without taking the key along', async () => {
    const { registry } = registryWithLog();
    const certificate = await certificateOf(good);
    await registry.upsert(keySecret('one', exportPrivateKey(good), certificate));
    await registry.upsert(keySecret('two', exportPrivateKey(good), certificate));
    expect(registry.keyRing.keys).toHaveLength(1);
    await registry.remove('one');
    expect(registry.keyRing.keys).toHaveLength(1);
    expect(registry.newest?.name).toBe('two');
  });
});
