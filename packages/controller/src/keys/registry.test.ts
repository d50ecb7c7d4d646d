import { KEY_LABEL, SealedSecretsError } from '@fuin/crypto-core';
import type { KubeObject } from '@fuin/kube/client';
import { beforeAll, describe, expect, it } from 'vitest';
import { createMetrics } from '../metrics.ts';
import { keySecret, noLocks, recordingEvents, recordingLog } from '../testing/recorders.ts';
import { Refusals } from './refusals.ts';
import { KeyRegistry, type RegistryDeps } from './registry.ts';

type Made = Awaited<ReturnType<typeof keySecret>>;
let january: Made;
let march: Made;
/** Created by hand: an old certificate in a Secret of today. */
let imported: Made;

beforeAll(async () => {
  [january, march, imported] = await Promise.all([
    keySecret('january', { notBefore: new Date('2026-01-01') }),
    keySecret('march', { notBefore: new Date('2026-03-01') }),
    keySecret('imported', { notBefore: new Date('2025-01-01'), createdAt: new Date('2026-05-01') }),
  ]);
});

/** An API server that holds one Secret, if any; retries wait until `open`. */
function keyServer() {
  const { promise: pause, resolve: open } = Promise.withResolvers<void>();
  const server = {
    secret: undefined as KubeObject | undefined,
    failure: undefined as SealedSecretsError | undefined,
    pause,
    open,
    get: async () => {
      if (server.failure) throw server.failure;
      return server.secret;
    },
    replace: async (_resource: unknown, object: KubeObject) => {
      server.secret = object;
      return object;
    },
  };
  return server;
}

function registry(order: RegistryDeps['order'] = 'CertNotBefore') {
  const clock = { now: () => new Date('2026-06-01') };
  const parts = { events: recordingEvents(), log: recordingLog(), metrics: createMetrics('test') };
  const server = keyServer();
  const refusals = new Refusals({ api: server, log: parts.log, sleep: () => server.pause });
  const deps = { order, copies: 2, now: () => clock.now(), refusals, locks: noLocks, ...parts };
  return Object.assign(new KeyRegistry(deps), parts, { clock, server });
}

const fingerprints = ({ keyRing }: KeyRegistry) => keyRing.keys.map(({ id }) => id);
const marked = (mark: string) => ({ annotations: { [`sealedsecrets.bitnami.com/${mark}`]: 'true' } });
const labelled = ({ secret }: Made, value: string): KubeObject => ({
  ...secret,
  metadata: { ...secret.metadata, labels: { [KEY_LABEL]: value } },
});

describe('KeyRegistry', () => {
  it.each([
    ['CertNotBefore', () => [march, january, imported]],
    ['SecretCreationTimestamp', () => [imported, march, january]],
  ] as const)('serves the newest by %s and opens with all', async (order, expected) => {
    const keys = registry(order);
    for (const { secret } of [january, imported, march]) await keys.upsert(secret);
    expect(fingerprints(keys)).toEqual(expected().map(({ keyPair }) => keyPair.id));
    expect(keys.newest?.keyPair.id).toBe(expected()[0]?.keyPair.id);
  });
  it.each(['CertNotBefore', 'SecretCreationTimestamp'] as const)(
    'opens with a key whose certificate begins in the future, and seals with it from then on (%s)',
    async (order) => {
      const notBefore = new Date('2026-07-01');
      const future = await keySecret('future', { notBefore, createdAt: new Date('2026-05-30') });
      const keys = registry(order);
      await keys.upsert(future.secret);
      // the only key was created while the clock was wrong, so there is nothing else to seal with; renewal is
      // due
      expect([keys.newest?.name, keys.newestSince('v1'), keys.keyRing.keys.length]).toEqual([
        'future',
        undefined,
        1,
      ]);
      await keys.upsert(march.secret);
      expect(keys.newest?.name).toBe('march');
      keys.clock.now = () => new Date(notBefore.getTime() - 240_000);
      expect(keys.newest?.name).toBe('future');
    },
  );
  it('counts the Secrets that cannot be read as they are now', async () => {
    const keys = registry();
    const unreadable = async () => (await keys.metrics.keysUnreadable.get()).values[0]?.value;
    const broken = (made: Made): KubeObject => ({ ...made.secret, data: { 'tls.key': '!', 'tls.crt': '!' } });
    await keys.upsert(broken(january));
    await keys.upsert(broken(march));
    await keys.upsert(imported.secret);
    expect(await unreadable()).toBe(2);
    await keys.upsert(january.secret);
    expect(await unreadable()).toBe(1);
    await keys.remove('march');
    expect(await unreadable()).toBe(0);
  });
  it('keeps the earlier one of two keys of the same age', async () => {
    const twin = await keySecret('twin', {
      notBefore: new Date('2026-03-01'),
      createdAt: new Date('2026-03-02'),
    });
    const keys = registry();
    for (const { secret } of [twin, march]) await keys.upsert(secret);
    expect(keys.newest?.name).toBe('march');
  });
  it('stops using a key that is removed or no longer active', async () => {
    const keys = registry();
    for (const { secret } of [january, march, imported]) await keys.upsert(secret);
    await keys.remove('march');
    await keys.upsert(labelled(imported, 'compromised'));
    expect(fingerprints(keys)).toEqual([january.keyPair.id]);
    await keys.upsert(labelled(imported, 'active'));
    expect(keys.keyRing.keys).toHaveLength(2);
  });
  it('skips a corrupt key Secret with event, metric and log line, and keeps the others', async () => {
    const keys = registry();
    await keys.upsert(january.secret);
    await keys.upsert({ ...march.secret, data: { 'tls.key': 'garbage' } });
    expect(fingerprints(keys)).toEqual([january.keyPair.id]);
    expect(keys.events.texts).toEqual([
      'ErrKeyInvalid: key Secret march: tls.key: illegal base64 data at input byte 4',
    ]);
    expect(await keys.metrics.registry.metrics()).toContain('sealed_secrets_controller_key_errors_total 1');
    expect(keys.log.lines.filter((line) => line.startsWith('ERROR'))).toHaveLength(1);
  });
  it.each([
    [
      'owned by a SealedSecret',
      {
        ownerReferences: [
          {
            apiVersion: 'bitnami.com/v1alpha1',
            kind: 'SealedSecret',
            name: 'march',
            uid: 'u',
            controller: true,
          },
        ],
      },
    ],
    ['made by one that gives up ownership', marked('skip-set-owner-references')],
    ['open to be written by one', marked('patch')],
    ['open to be taken over by one', marked('managed')],
  ])(
    'refuses a key that is %s, whichever controller wrote it, and says so on the Secret',
    async (_what, mark) => {
      const keys = registry();
      await keys.upsert(january.secret);
      const planted = { ...march.secret, metadata: { ...march.secret.metadata, ...mark } };
      keys.server.secret = planted;
      for (const source of ['labelled', 'legacy'] as const) await keys.upsert(planted, source);
      expect(fingerprints(keys)).toEqual([january.keyPair.id]);
      expect(keys.events.texts[0]).toMatch(
        /^ErrKeyInvalid: key Secret march: it was created by a SealedSecret, or a SealedSecret may write it/,
      );
      expect(await keys.metrics.registry.metrics()).toContain('sealed_secrets_controller_key_errors_total 2');
      expect(keys.server.secret).toEqual({
        ...planted,
        metadata: { ...planted.metadata, labels: { [KEY_LABEL]: 'refused' } },
      });
      for (const source of ['labelled', 'legacy'] as const)
        await keys.upsert(labelled(march, 'refused'), source);
      expect(fingerprints(keys)).toEqual([january.keyPair.id]);
      await keys.upsert(march.secret); // a person removed the mark and set the label
      expect(keys.newest?.name).toBe('march');
    },
  );
  it('refuses such a key even after its mark was removed, until the refusal is written', async () => {
    const keys = registry();
    await keys.upsert(january.secret);
    keys.server.secret = march.secret;
    keys.server.failure = new SealedSecretsError('ERR_API_REJECTED', 'no right to change Secrets');
    const annotations = { 'sealedsecrets.bitnami.com/skip-set-owner-references': 'true' };
    await keys.upsert({ ...march.secret, metadata: { ...march.secret.metadata, annotations } });
    await keys.upsert(march.secret);
    await keys.remove('march');
    await keys.upsert(march.secret);
    expect(fingerprints(keys)).toEqual([january.keyPair.id]);
    keys.server.failure = undefined;
    keys.server.open();
    await new Promise(setImmediate);
    expect(keys.server.secret?.metadata.labels).toEqual({ [KEY_LABEL]: 'refused' });
    expect(keys.log.lines.filter((line) => line.includes('cannot be marked'))).toHaveLength(1);
  });
  it('accepts a key that something else owns', async () => {
    const keys = registry();
    const owner = { apiVersion: 'cert-manager.io/v1', kind: 'Certificate', name: 'march', uid: 'u' };
    await keys.upsert({ ...march.secret, metadata: { ...march.secret.metadata, ownerReferences: [owner] } });
    expect(keys.newest?.name).toBe('march');
  });
  it('drops a key whose Secret was changed into garbage', async () => {
    const keys = registry();
    for (const { secret } of [january, march]) await keys.upsert(secret);
    await keys.upsert({ ...march.secret, data: null });
    expect(fingerprints(keys)).toEqual([january.keyPair.id]);
  });
  it('applies changes in the order in which they came', async () => {
    const keys = registry();
    void keys.upsert(january.secret);
    void keys.remove('january');
    void keys.upsert(march.secret);
    await keys.settle();
    expect(fingerprints(keys)).toEqual([march.keyPair.id]);
  });
  it('reports changes, and none if a Secret arrives again unchanged', async () => {
    const keys = registry();
    let changes = 0;
    keys.onChange(() => {
      changes += 1;
    });
    const version = (resourceVersion: string) => ({
      ...january.secret,
      metadata: { ...january.secret.metadata, resourceVersion },
    });
    for (const secret of [version('1'), version('1'), version('2')]) await keys.upsert(secret);
    expect(changes).toBe(1);
    await keys.remove('january');
    await keys.remove('january');
    expect(changes).toBe(2);
  });
  it('accepts the legacy Secret without label only by its name, and never serves it', async () => {
    const bare = { ...january.secret, metadata: { ...january.secret.metadata, labels: {} } };
    const keys = registry();
    await keys.upsert(bare);
    expect(keys.newest).toBeUndefined();
    await keys.upsert(bare, 'legacy');
    expect([keys.keyRing.keys.length, keys.newest, keys.newestSince('v1')]).toEqual([
      1,
      undefined,
      undefined,
    ]);
    await keys.upsert(january.secret);
    expect(keys.newest?.name).toBe('january');
    await keys.upsert(labelled(january, 'retired'), 'legacy');
    expect(keys.keyRing.keys).toEqual([]);
  });
  it('measures number, age and expiry', async () => {
    const keys = registry();
    for (const { secret } of [january, march]) await keys.upsert(secret);
    const text = await keys.metrics.registry.metrics();
    expect(text).toContain('sealed_secrets_controller_keys 2');
    expect(text).toContain(
      `sealed_secrets_controller_key_created_timestamp_seconds ${Date.UTC(2026, 2, 1) / 1000}`,
    );
    expect(text).toContain(
      `sealed_secrets_controller_certificate_expiry_timestamp_seconds ${Date.UTC(2026, 2, 2) / 1000}`,
    );
  });
  it('exports when each key was backed up, and 0 for never, for nonsense and for a time in the future', async () => {
    const keys = registry();
    const backups = async () => (await keys.metrics.keyLastBackup.get()).values;
    const noted = ({ secret, keyPair }: Made, time: string) => ({
      secret: {
        ...secret,
        metadata: {
          ...secret.metadata,
          annotations: { 'sealedsecrets.bitnami.com/last-backup': time },
        },
      },
      fingerprint: keyPair.id,
    });
    for (const { secret } of [january, march]) await keys.upsert(secret);
    expect((await backups()).map(({ value }) => value)).toEqual([0, 0]);
    for (const [time, value] of [
      ['2026-05-01T00:00:00Z', Date.UTC(2026, 4, 1) / 1000],
      ['9999-01-01T00:00:00Z', 0],
      ['soon', 0],
      ['1960-01-01T00:00:00Z', 0],
      ['2026-06-01T00:04:00Z', Date.UTC(2026, 5, 1, 0, 4) / 1000],
    ] as const) {
      const { secret, fingerprint } = noted(january, time);
      await keys.upsert(secret);
      expect(await backups()).toContainEqual({ labels: { fingerprint }, value });
    }
    await keys.remove('january');
    expect((await backups()).map(({ labels }) => labels.fingerprint)).toEqual([march.keyPair.id]);
  });
  it('does not wake listeners when only the time of a backup changes', async () => {
    const keys = registry();
    await keys.upsert(january.secret);
    let changes = 0;
    keys.onChange(() => {
      changes += 1;
    });
    const annotations = { 'sealedsecrets.bitnami.com/last-backup': '2026-05-01T00:00:00Z' };
    await keys.upsert({ ...january.secret, metadata: { ...january.secret.metadata, annotations } });
    expect(changes).toBe(0);
  });
  it('prints no key material', async () => {
    const keys = registry();
    await keys.upsert(january.secret);
    const said = [...keys.log.lines, ...keys.events.texts, await keys.metrics.registry.metrics()].join('\n');
    expect(said).not.toMatch(/PRIVATE KEY|LS0tLS1CRUdJTi/);
  });
});
