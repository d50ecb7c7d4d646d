import { KEY_ANNOTATIONS, KEY_TYPES, KeyRing, openValue, SEALING_KEY_LABEL } from '@fuin/crypto-core';
import { importRecipient, parseRecipient } from '@fuin/crypto-core/v2';
import type { KubeObject } from '@fuin/kube/client';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { crc32c } from '../../../../cloud/src/google/crc32c.ts';
import { startFakeGoogleKem } from '../../../../cloud/src/testing/fake-google-kem.ts';
import { type FaultProxy, startFaultProxy } from '../../../../cloud/src/testing/fault-proxy.ts';
import { createMetrics } from '../../metrics.ts';
import { noLocks, noRefusals, recordingEvents, recordingLog } from '../../testing/recorders.ts';
import { splitMaker } from '../generation.ts';
import { KeyRegistry } from '../registry.ts';
import { KeyRenewer } from '../renewal/renewer.ts';
import type { SplitKeys } from './split-key.ts';
import { openSplitKeys } from './split-keys.ts';

const LABEL = new TextEncoder().encode('shop/db');
const VALUE = new TextEncoder().encode('hunter2');
const NOW = new Date('2026-06-01T00:00:00Z');
const CONFIG = {
  prefix: 'sealed-secrets-key',
  labels: { team: 'a' },
  annotations: {},
  ttlMs: 86_400_000_000,
  renewPeriodMs: 3_600_000,
  cutoff: undefined,
};

let google: Awaited<ReturnType<typeof startFakeGoogleKem>>;
let proxy: FaultProxy;
beforeAll(async () => {
  google = await startFakeGoogleKem();
  google.rotate();
  proxy = await startFaultProxy(google.url);
  vi.stubEnv('GCE_METADATA_HOST', new URL(google.url).host);
  vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', '');
});
afterAll(async () => {
  await proxy?.close();
  await google?.close();
  vi.unstubAllEnvs();
});

const nameOf = (version: number) => `gcp-kms:${google.kemKey.version(version)}`;
const opened = async (...versions: readonly number[]): Promise<SplitKeys> => {
  const env = { KUBERNETES_SERVICE_HOST: '10.0.0.1', CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDKMS: proxy.url };
  return (await openSplitKeys(versions.map(nameOf), env)) ?? expect.fail();
};

/** A namespace of key Secrets, a registry and a renewer over both, and a clock that only sleeping moves. */
function scene(splitKeys: SplitKeys, secrets: KubeObject[] = []) {
  const parts = { events: recordingEvents(), log: recordingLog(), metrics: createMetrics('test') };
  const stop = new AbortController();
  let [nowMs, sleeps] = [NOW.getTime() + secrets.length * 7_200_000, 0];
  const now = () => new Date(nowMs);
  const deps = { order: 'CertNotBefore', copies: 1, now } as const;
  const registry = new KeyRegistry({ ...deps, refusals: noRefusals, locks: noLocks, splitKeys, ...parts });
  const renewer = new KeyRenewer({
    api: {
      list: async () => ({ items: secrets, resourceVersion: '1' }),
      create: async (_resource, object) => {
        const name = `key-${secrets.length + 1}`;
        const creationTimestamp = now().toISOString();
        const created = { ...object, metadata: { ...object.metadata, name, creationTimestamp } };
        secrets.push(created);
        return created;
      },
    },
    registry,
    config: CONFIG,
    maker: splitMaker(CONFIG, 'home', splitKeys),
    namespace: 'home',
    log: parts.log,
    now,
    sleep: async (delayMs) => {
      nowMs += delayMs;
      sleeps += 1;
      if (sleeps >= 10) stop.abort();
    },
  });
  const read = async () => {
    for (const secret of secrets) await registry.upsert(secret, 'own-kind');
  };
  return { registry, renewer, secrets, stop, read, ...parts };
}

/** The key Secret that the controller makes of a version. */
async function made(version: number): Promise<KubeObject> {
  const keys = await opened(version);
  const { renewer, secrets, stop } = scene(keys);
  await renewer.run(stop.signal);
  await keys.close();
  return secrets[0] ?? expect.fail();
}

/** A registry with one key Secret. */
async function registryWith(secret: KubeObject, splitKeys: SplitKeys) {
  const world = scene(splitKeys, [secret]);
  await world.read();
  return world;
}

describe('a key that a key service holds whole', () => {
  it('is a Secret without anything secret: the public key, and the name of the version', async () => {
    const secret = await made(1);
    expect(secret).toMatchObject({
      metadata: {
        generateName: 'sealed-secrets-key-v2-',
        labels: { team: 'a', [SEALING_KEY_LABEL]: 'active' },
        annotations: { [KEY_ANNOTATIONS.fingerprint]: expect.stringMatching(/^v2:/) },
      },
      type: KEY_TYPES.held,
    });
    const data = secret['data'] as Record<string, string>;
    expect(Object.keys(data).sort()).toEqual(['key-service', 'public-key']);
    expect(atob(data['key-service'] ?? '')).toBe(nameOf(1));
    expect(atob(data['public-key'] ?? '')).toHaveLength(1216);
  });
  it('opens values with one call for each and none when it is read, and asks the service for nothing else', async () => {
    const keys = await opened(1);
    const secret = await made(1);
    google.kemKey.actions.length = 0;
    const { registry } = await registryWith(secret, keys);
    const [offered] = registry.offeredV2;
    expect(google.kemKey.actions).toEqual([]);
    const recipient = await importRecipient(parseRecipient(offered?.published ?? ''));
    for (let round = 0; round < 2; round++) {
      const sealed = await recipient.seal(VALUE, LABEL);
      for (let again = 0; again < 3; again++)
        expect(await openValue(sealed, registry.keyRing, LABEL)).toEqual(VALUE);
    }
    expect(google.kemKey.actions).toEqual(['decapsulate', 'decapsulate']);
    await keys.close();
  });
  it('leaves a damaged value closed: the service answers with a secret that nobody else has', async () => {
    const keys = await opened(1);
    const { registry } = await registryWith(await made(1), keys);
    const pair = registry.offeredV2[0]?.keyPair ?? expect.fail();
    const sealed = await pair.seal(VALUE, LABEL);
    const { parseEnvelope } = await import('../../../../crypto-core/src/value/format-table.ts');
    const envelope = parseEnvelope(sealed);
    if (envelope.format !== 'v2') return expect.fail();
    const recipients = envelope.recipients.map(({ encapsulation, ...entry }) => ({
      ...entry,
      encapsulation: encapsulation.with(7, (encapsulation[7] ?? 0) ^ 1) as typeof encapsulation,
    }));
    google.kemKey.actions.length = 0;
    expect(await pair.open({ ...envelope, recipients }, LABEL, '')).toBeNull();
    expect(google.kemKey.actions).toEqual(['decapsulate']);
    expect(await openValue(sealed, KeyRing.of(pair), LABEL)).toEqual(VALUE);
    await keys.close();
  });
  it('rejects with a fault of the service, and opens the value once the service is back', async () => {
    const secret = await made(1);
    const [failing, again] = [await opened(1), await opened(1)];
    const { registry } = await registryWith(secret, failing);
    const sealed = await (registry.offeredV2[0]?.keyPair ?? expect.fail()).seal(VALUE, LABEL);
    proxy.trouble = 503;
    await expect(openValue(sealed, registry.keyRing, LABEL)).rejects.toMatchObject({
      code: 'ERR_KEY_SERVICE_UNAVAILABLE',
    });
    proxy.trouble = undefined;
    const { registry: other } = await registryWith(secret, again);
    expect(await openValue(sealed, other.keyRing, LABEL)).toEqual(VALUE);
    await Promise.all([failing.close(), again.close()]);
  });
  it('is made only where the service opens what is sealed for it', async () => {
    const keys = await opened(1);
    const { 'public-key': data = '' } = (await made(2))['data'] as Record<string, string>;
    const crc32cChecksum = String(crc32c(Buffer.from(data, 'base64')));
    google.spoil = (fields) =>
      fields['publicKey'] ? { ...fields, publicKey: { data, crc32cChecksum } } : fields;
    await expect(keys.draw()).rejects.toMatchObject({
      code: 'ERR_KEY_INVALID',
      message: expect.stringContaining('does not open what is sealed for it'),
    });
    google.spoil = undefined;
    expect(await keys.draw()).toEqual(await keys.draw());
    await keys.close();
  });
  it('is not renewed by age or on request, which the log says', async () => {
    const keys = await opened(1);
    const { renewer, registry, secrets, stop, log } = scene(keys);
    await renewer.run(stop.signal); // ten hours, with a period of one
    expect(secrets).toHaveLength(1);
    expect(log.lines.filter((line) => line.startsWith('WARN'))).toEqual([]);
    await renewer.generateNow(new AbortController().signal);
    const [secret] = secrets as [KubeObject];
    const annotations = { ...secret.metadata.annotations, [KEY_ANNOTATIONS.replace]: 'now' };
    await registry.upsert({ ...secret, metadata: { ...secret.metadata, annotations } }, 'own-kind');
    const again = scene(keys, [{ ...secret, metadata: { ...secret.metadata, annotations } }]);
    await again.read();
    await again.renewer.run(again.stop.signal);
    for (const { lines } of [log, again.log])
      expect(lines).toContainEqual(expect.stringMatching(/^WARN no new key: .*another version/));
    expect([secrets.length, again.secrets.length]).toEqual([1, 1]);
    await keys.close();
  });
  it('gives way to the one of another version, once that is named first, and goes on opening values', async () => {
    const keys = await opened(2, 1);
    const { renewer, registry, secrets, stop, read } = scene(keys, [await made(1)]);
    await read();
    const old = await (registry.offeredV2[0]?.keyPair ?? expect.fail()).seal(VALUE, LABEL);
    await renewer.run(stop.signal);
    const [newest] = registry.offeredV2;
    expect([secrets.length, newest?.heldAs]).toEqual([2, nameOf(2)]);
    expect(await openValue(old, registry.keyRing, LABEL)).toEqual(VALUE);
    const fresh = await (newest?.keyPair ?? expect.fail()).seal(VALUE, LABEL);
    expect(await openValue(fresh, registry.keyRing, LABEL)).toEqual(VALUE);
    await keys.close();
  });
  it('is made again where its Secret is gone, and nothing is lost with it', async () => {
    const [first, second] = [await made(1), await made(1)];
    expect(second['data']).toEqual(first['data']);
    expect(second.metadata.annotations?.[KEY_ANNOTATIONS.fingerprint]).toBe(
      first.metadata.annotations?.[KEY_ANNOTATIONS.fingerprint],
    );
  });
  it('is not made while the service fails', async () => {
    const keys = await opened(1);
    const { renewer, secrets, stop, log } = scene(keys);
    proxy.trouble = 'gone';
    await renewer.run(stop.signal);
    proxy.trouble = undefined;
    expect(secrets).toEqual([]);
    expect(log.lines).toContainEqual(expect.stringMatching(/^ERROR cannot generate a new key, will retry/));
    await keys.close();
  });
  it.each([
    [
      'it names a version that is not configured',
      { 'key-service': btoa('gcp-kms:projects/other') },
      /it needs .*projects\/other.*, which --split-key does not name/,
    ],
    ['its public key is damaged', { 'public-key': undefined }, /public-key: missing/],
    ['its public key is of another length', { 'public-key': btoa('x') }, /public-key: not 1216 bytes/],
    [
      'it holds an X25519 half as well',
      { 'x25519-key': btoa('x'.repeat(32)) },
      /x25519-key: a key Secret of this/,
    ],
  ])('is skipped with an event where %s', async (_what, data, message) => {
    const keys = await opened(1);
    const secret = await made(1);
    const { registry, events } = await registryWith(
      { ...secret, data: { ...Object(secret['data']), ...data } },
      keys,
    );
    expect(registry.keyRing.keys).toEqual([]);
    expect(events.texts.join()).toMatch(message);
    await keys.close();
  });
  it('is skipped where its public key is another one than its fingerprint says, so that nobody seals for it', async () => {
    const keys = await opened(1);
    const [secret, other] = [await made(1), await made(2)];
    const { 'public-key': publicKey } = other['data'] as Record<string, string>;
    const { registry, events } = await registryWith(
      { ...secret, data: { ...Object(secret['data']), 'public-key': publicKey } },
      keys,
    );
    expect([registry.offeredV2, registry.keyRing.keys]).toEqual([[], []]);
    expect(events.texts.join()).toContain('it holds another key than its annotation says');
    await keys.close();
  });
  it('is skipped as a Secret of the kind that holds a half', async () => {
    const keys = await opened(1);
    const secret = await made(1);
    const half = { 'x25519-key': btoa('x'.repeat(32)) };
    for (const [type, data] of [
      [KEY_TYPES.split, half],
      [KEY_TYPES.split, {}],
    ] as const) {
      const { registry } = await registryWith(
        { ...secret, type, data: { ...Object(secret['data']), ...data } },
        keys,
      );
      expect(registry.keyRing.keys).toEqual([]);
    }
    await keys.close();
  });
});
