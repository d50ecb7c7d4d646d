import { openDecapsulator } from '@fuin/cloud/split';
import { KEY_ANNOTATIONS, KEY_TYPES, SEALING_KEY_LABEL } from '@fuin/crypto-core';
import { importRecipient, parseRecipient } from '@fuin/crypto-core/v2';
import type { KubeObject } from '@fuin/kube/client';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type FakeKms, startFakeKms } from '../../../../cloud/src/testing/fake-kem-service.ts';
import { type FaultProxy, startFaultProxy } from '../../../../cloud/src/testing/fault-proxy.ts';
import { createMetrics } from '../../metrics.ts';
import { noLocks, noRefusals, recordingEvents, recordingLog } from '../../testing/recorders.ts';
import { splitMaker } from '../generation.ts';
import { KeyRegistry } from '../registry.ts';
import type { SplitKeys } from './split-key.ts';
import { openSplitKeys } from './split-keys.ts';
import { splitKeysOf } from './split-pairs.ts';

const LABEL = new TextEncoder().encode('shop/db');
const VALUE = new TextEncoder().encode('hunter2');
const VALIDITY = { notBefore: new Date('2026-01-01T00:00:00Z'), notAfter: new Date('2036-01-01T00:00:00Z') };
const CONFIG = { prefix: 'sealed-secrets-key', labels: { team: 'a' }, annotations: {} };

let kms: FakeKms;
let proxy: FaultProxy;
let split: SplitKeys;
let secret: KubeObject;
beforeAll(async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAEXAMPLE');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
  kms = await startFakeKms();
  proxy = await startFaultProxy(kms.url);
  split = await opened();
  secret = await newSecret();
});
afterAll(async () => {
  await split?.close();
  await proxy?.close();
  await kms?.close();
  vi.unstubAllEnvs();
});

const opened = async () =>
  (await openSplitKeys([`aws-kms:${kms.arn}`], { AWS_ENDPOINT_URL_KMS: proxy.url })) ?? expect.fail();

/** A new key Secret as the server would give it. */
async function newSecret(keys = split): Promise<KubeObject> {
  const drawn = await splitMaker(CONFIG, 'home', keys).draw();
  const created = await drawn.toSecret(VALIDITY);
  const metadata = { ...created.metadata, name: 'k', uid: 'u', creationTimestamp: '2026-01-01T00:00:00Z' };
  return { ...created, metadata };
}

async function registryWith(object: KubeObject, splitKeys: SplitKeys | undefined) {
  const parts = { events: recordingEvents(), log: recordingLog(), metrics: createMetrics('test') };
  const deps = { order: 'CertNotBefore', copies: 1, now: () => VALIDITY.notBefore } as const;
  const registry = new KeyRegistry({ ...deps, refusals: noRefusals, locks: noLocks, splitKeys, ...parts });
  await registry.upsert(object, 'own-kind');
  return Object.assign(registry, parts);
}

const changed = (data: object): KubeObject => ({ ...secret, data: { ...Object(secret['data']), ...data } });

describe('a split key', () => {
  it('is a Secret with one half and the name of the other, which upstream and older controllers ignore', () => {
    expect(secret).toMatchObject({
      metadata: {
        generateName: 'sealed-secrets-key-v2-',
        labels: { team: 'a', [SEALING_KEY_LABEL]: 'active' },
        annotations: { [KEY_ANNOTATIONS.fingerprint]: expect.stringMatching(/^v2:/) },
      },
      type: KEY_TYPES.split,
    });
    const data = secret['data'] as Record<string, string>;
    expect(Object.keys(data).sort()).toEqual(['key-service', 'public-key', 'x25519-key']);
    expect(atob(data['key-service'] ?? '')).toBe(`aws-kms:${kms.arn}`);
  });
  it('is offered and opens values, with one call for each and none when the keys are read', async () => {
    const keys = await opened();
    kms.actions.length = 0;
    const registry = await registryWith(secret, keys);
    const [offered] = registry.offeredV2;
    expect(kms.actions).toEqual([]);
    const recipient = await importRecipient(parseRecipient(offered?.published ?? ''));
    for (let round = 0; round < 2; round++) {
      const { parseEnvelope } = await import('../../../../crypto-core/src/value/format-table.ts');
      const envelope = parseEnvelope(await recipient.seal(VALUE, LABEL));
      for (let again = 0; again < 3; again++)
        expect(await offered?.keyPair.open(envelope, LABEL, '')).toEqual(VALUE);
    }
    expect(kms.actions).toEqual(['Decapsulate', 'Decapsulate']);
    await keys.close();
  });
  it('is another one each time, with the same key of the service', async () => {
    const other = await newSecret();
    expect(other['data']).not.toEqual(secret['data']);
    expect(other.metadata.annotations).not.toEqual(secret.metadata.annotations);
  });
  it('is drawn only where the service opens what is sealed for it', async () => {
    const keys = await opened();
    proxy.trouble = 503;
    await expect(keys.draw()).rejects.toMatchObject({ code: 'ERR_KEY_SERVICE_UNAVAILABLE' });
    proxy.trouble = undefined;
    expect((await keys.draw()).id).toMatch(/^v2:/);
    await keys.close();
  });
  it('is not drawn where the service opens with another key than the one that it shows', async () => {
    const other = await startFakeKms();
    const [shown, opening] = await Promise.all(
      [other.url, kms.url].map((url) =>
        openDecapsulator(`aws-kms:${kms.arn}`, { env: { AWS_ENDPOINT_URL_KMS: url } }),
      ),
    );
    if (!shown || !opening) return expect.fail();
    const keys = splitKeysOf([{ ...opening, publicKey: () => shown.publicKey() }]) ?? expect.fail();
    await expect(keys.draw()).rejects.toMatchObject({
      code: 'ERR_KEY_INVALID',
      message: expect.stringContaining('does not open what is sealed for it'),
    });
    await Promise.all([keys.close(), shown.close(), other.close()]);
  });
  it('rejects with a fault of the service, and opens the value once the service is back', async () => {
    const keys = await opened();
    const registry = await registryWith(secret, keys);
    const pair = registry.offeredV2[0]?.keyPair ?? expect.fail();
    const { openValue, KeyRing } = await import('@fuin/crypto-core');
    const sealed = await pair.seal(VALUE, LABEL);
    proxy.trouble = 'gone';
    await expect(openValue(sealed, KeyRing.of(pair), LABEL)).rejects.toMatchObject({
      code: 'ERR_KEY_SERVICE_UNAVAILABLE',
    });
    proxy.trouble = undefined;
    const again = await opened();
    const other = (await registryWith(secret, again)).offeredV2[0]?.keyPair ?? expect.fail();
    expect(await openValue(sealed, KeyRing.of(other), LABEL)).toEqual(VALUE);
    await Promise.all([keys.close(), again.close()]);
  });
  it.each([
    ['no service is configured', () => secret, false, /--split-key names none/],
    [
      'it names another service',
      () => changed({ 'key-service': btoa('aws-kms:arn:other') }),
      true,
      /it needs .*arn:other.*, which --split-key does not name/,
    ],
    [
      'it is of the type that holds no half',
      () => {
        const { 'x25519-key': _half, ...data } = Object(secret['data']);
        return { ...secret, type: KEY_TYPES.held, data };
      },
      true,
      /key-service names a key of another kind than the type of the Secret says/,
    ],
    [
      'its half is of another key',
      () => changed({ 'x25519-key': btoa('x'.repeat(32)) }),
      true,
      /does not belong/,
    ],
    ['its half is too short', () => changed({ 'x25519-key': btoa('x') }), true, /x25519-key: not 32 bytes/],
    [
      'it holds a seed as well',
      () => changed({ seed: btoa('x'.repeat(32)) }),
      true,
      /seed: a key Secret of this type/,
    ],
  ])('is skipped with an event where %s', async (_what, object, isConfigured, message) => {
    const registry = await registryWith(object(), isConfigured ? split : undefined);
    expect(registry.keyRing.keys).toEqual([]);
    expect(registry.events.texts.join()).toMatch(message);
    expect(registry.events.texts.join()).not.toContain(btoa('x'.repeat(32)));
  });
});

describe('openSplitKeys', () => {
  it('opens nothing where nothing is named', async () => {
    expect(await openSplitKeys([], {})).toBeUndefined();
  });
  it.each(['vault:transit/key', 'aws-kms:alias/x', 'x'])('refuses %s', async (name) => {
    await expect(openSplitKeys([name], {})).rejects.toMatchObject({ code: 'ERR_USAGE' });
  });
});
