// Over 200 lines: what the registry keeps and forgets, with the real keys that it takes.
import { generateKeyPair, KEY_ANNOTATIONS, KEY_TYPES, SEALING_KEY_LABEL } from '@fuin/crypto-core';
import { createCertificate } from '@fuin/crypto-core/x509';
import type { KubeObject } from '@fuin/kube/client';
import { describe, expect, it } from 'vitest';
import { createMetrics } from '../metrics.ts';
import { auditLog } from '../testing/audit-scene.ts';
import {
  keySecret,
  keySecretsOfTwoMonths,
  type MadeKey,
  noLocks,
  noRefusals,
  recordingEvents,
  recordingLog,
  xWingKeySecret,
} from '../testing/recorders.ts';
import { toKeySecret } from './key-secret.ts';
import { KeyRegistry, type Locks, type RegistryDeps } from './registry.ts';

const [JANUARY, MARCH, MAY] = ['2026-01-01', '2026-03-01', '2026-05-01'].map((day) => new Date(day));
const { january, march } = await keySecretsOfTwoMonths();

/** A registry with all that it said; it asks nobody why a key was removed. */
function registry(changes: Partial<RegistryDeps> = {}) {
  const parts = { events: recordingEvents(), log: recordingLog(), metrics: createMetrics('test') };
  const clock = { order: 'CertNotBefore', copies: 1, now: () => new Date('2026-06-01') } as const;
  const keys = new KeyRegistry({ ...clock, refusals: noRefusals, locks: noLocks, ...parts, ...changes });
  const heard: string[] = [];
  keys.onChange(() => heard.push('change'));
  keys.onLoss(({ name }) => heard.push(`loss of ${name}`));
  return Object.assign(keys, parts, { heard });
}

/** The Secret with other metadata. */
const withMetadata = (secret: KubeObject, metadata: Partial<KubeObject['metadata']>): KubeObject => ({
  ...secret,
  metadata: { ...secret.metadata, ...metadata },
});
const removals = ({ log }: ReturnType<typeof registry>) =>
  log.lines.filter((line) => line.includes('key removed'));
const everyKey = () => true;

describe('a key that is removed', () => {
  it('is reported once, as out of service since today', async () => {
    const keys = registry();
    for (const { secret } of [january, march]) await keys.upsert(secret);
    expect([keys.heard, removals(keys)]).toEqual([['change', 'change'], []]);
    await keys.remove('january');
    expect(keys.heard.slice(2)).toEqual(['change', 'loss of january']);
    expect(keys.removed.get(january.keyPair.id)).toBe('out of service here since 2026-06-01');
    expect(keys.removed.get(march.keyPair.id)).toBeUndefined();
    expect(removals(keys)).toEqual([
      `INFO key removed ${JSON.stringify({ secret: 'january', fingerprint: january.keyPair.id })}`,
    ]);
    await keys.remove('january');
    expect(removals(keys)).toHaveLength(1);
  });
  it('is reported where another key takes its place in the same Secret', async () => {
    const keys = registry();
    await keys.upsert(january.secret);
    await keys.upsert(withMetadata(march.secret, { name: 'january' }));
    expect(keys.removed.get(january.keyPair.id)).toBeDefined();
    expect(keys.removed.get(march.keyPair.id)).toBeUndefined();
    expect(keys.heard).toEqual(['change', 'change', 'loss of january']);
  });
  it('is not lost while another Secret holds it', async () => {
    const keys = registry();
    await keys.upsert(march.secret);
    await keys.upsert(january.secret);
    await keys.upsert(withMetadata(january.secret, { name: 'copy' }));
    await keys.remove('january');
    expect(keys.removed.get(january.keyPair.id)).toBeUndefined();
    expect(keys.heard.join()).not.toContain('loss');
    await keys.remove('copy');
    expect(keys.heard.at(-1)).toBe('loss of copy');
  });
  it('is not reported where only its Secret changed', async () => {
    const keys = registry();
    await keys.upsert(january.secret);
    await keys.upsert(withMetadata(january.secret, { annotations: { note: 'a' } }));
    expect([keys.heard, removals(keys)]).toEqual([['change'], []]);
  });
  it.each([
    [undefined, 'key.removed'],
    [async () => false, 'key.removed'],
    [async (name: string) => name === 'january', 'key.retired'],
  ])('is a line of the audit log that says why, as far as that is known', async (isRetired, kind) => {
    const { audit, lines } = auditLog();
    const keys = registry({ audit, ...(isRetired ? { isRetired } : {}) });
    await keys.upsert(january.secret);
    await keys.remove('january');
    const said = async () => {
      await audit.tick();
      return lines().filter(({ kind: each }) => String(each).startsWith('key.'));
    };
    await expect.poll(said).toHaveLength(2);
    const [loaded, removed] = await said();
    const object = expect.objectContaining({ kind: 'Secret', name: 'january' });
    expect(loaded).toMatchObject({ kind: 'key.loaded', object, key: january.keyPair.id });
    expect(removed).toMatchObject({ kind, object, key: january.keyPair.id });
  });
  it('is read again where its Secret comes back in the same version', async () => {
    const secret = withMetadata(january.secret, { resourceVersion: '7' });
    const keys = registry();
    await keys.upsert(secret);
    await keys.remove('january');
    await keys.upsert(secret);
    expect(keys.newest?.name).toBe('january');
  });
});

describe('the age of keys', () => {
  it('is that of the oldest one, of those that are meant, also after it was removed', async () => {
    const keys = registry();
    expect(keys.oldestSince(everyKey)).toBeUndefined();
    for (const { secret } of [january, march]) await keys.upsert(secret);
    expect(keys.oldestSince(everyKey)).toEqual(JANUARY);
    expect(keys.oldestSince((id) => id === march.keyPair.id)).toEqual(MARCH);
    expect(keys.oldestSince(() => false)).toBeUndefined();
    for (const name of ['march', 'january']) {
      await keys.remove(name);
      expect(keys.oldestSince(everyKey)).toEqual(JANUARY);
      expect(keys.oldestSince((id) => id === march.keyPair.id)).toEqual(MARCH);
    }
    expect(keys.oldestSince(() => false)).toBeUndefined();
  });
  it('is that of its Secret again once that is back', async () => {
    const keys = registry({ order: 'SecretCreationTimestamp' });
    await keys.upsert(january.secret);
    await keys.remove('january');
    await keys.upsert(withMetadata(january.secret, { creationTimestamp: '2026-05-01T00:00:00Z' }));
    expect(keys.oldestSince(everyKey)).toEqual(MAY);
  });
  it('is decided by the name where all dates are the same', async () => {
    const keys = registry();
    for (const name of ['b', 'a', 'c'])
      await keys.upsert(withMetadata((await keySecret(name)).secret, { name }));
    expect(keys.newest?.name).toBe('a');
  });
  it('is exported in seconds, with the expiry', async () => {
    const keys = registry();
    await keys.upsert(march.secret);
    const { keyCreated, certificateExpiry } = keys.metrics;
    expect((await keyCreated.get()).values[0]?.value).toBe(Date.UTC(2026, 2, 1) / 1000);
    expect((await certificateExpiry.get()).values[0]?.value).toBe(Date.UTC(2026, 2, 2) / 1000);
  });
});

describe('a key Secret', () => {
  it('without a label opens nothing, but for the one that has the name from before there were labels', async () => {
    const keys = registry();
    const bare = withMetadata(january.secret, { labels: {} });
    for (const source of ['labelled', 'own-kind'] as const) await keys.upsert(bare, source);
    expect(keys.keyRing.keys).toEqual([]);
    await keys.upsert(bare, 'legacy');
    expect(keys.keyRing.keys).toHaveLength(1);
    expect(keys.log.lines).toEqual([
      `INFO registered private key ${JSON.stringify({ secret: 'january', fingerprint: january.keyPair.id })}`,
    ]);
  });
  it('of format v2 without a validity has nothing to serve and holds back no renewal', async () => {
    const secret = await xWingKeySecret('v2', { notBefore: new Date('2026-01-01') });
    const { [KEY_ANNOTATIONS.validity]: _validity, ...annotations } = secret.metadata.annotations ?? {};
    const keys = registry();
    await keys.upsert(withMetadata(secret, { annotations }), 'own-kind');
    expect([keys.keyRing.keys.length, keys.offeredV2, keys.newestSince('v2')]).toEqual([1, [], undefined]);
    await keys.upsert(secret, 'own-kind');
    expect([keys.offeredV2.length, keys.newestSince('v2')]).toEqual([1, JANUARY]);
  });
  it('with another certificate of the same key, or with another expiry, is a change', async () => {
    const keyPair = await generateKeyPair(2048);
    const issued = async (commonName: string, notAfter: string) => {
      const validity = { notBefore: new Date('2026-01-01'), notAfter: new Date(notAfter) };
      const certificatePem = await createCertificate(keyPair, { commonName, ...validity });
      const place = { namespace: 'home', prefix: 'k', labels: {}, annotations: {} };
      return withMetadata(toKeySecret({ keyPair, certificatePem, ...place }), {
        name: 'k',
        creationTimestamp: '2026-01-01T00:00:00Z',
      });
    };
    const keys = registry();
    await keys.upsert(await issued('a', '2027-01-01'));
    await keys.upsert(await issued('b', '2027-01-01'));
    expect(keys.heard).toEqual(['change', 'change']);
    const v2 = await xWingKeySecret('v2', { notBefore: new Date('2026-01-01') });
    await keys.upsert(v2, 'own-kind');
    const validity = '2026-01-01T00:00:00Z/2026-12-01T00:00:00Z';
    expect(v2.metadata.annotations?.[KEY_ANNOTATIONS.validity]).toBeDefined();
    const annotations = { ...v2.metadata.annotations, [KEY_ANNOTATIONS.validity]: validity };
    await keys.upsert(withMetadata(v2, { annotations }), 'own-kind');
    expect(keys.heard).toEqual(['change', 'change', 'change', 'change']);
  });
});

/** Locks that a test opens by hand. */
function locksByHand(since?: Date) {
  const opened: Parameters<Locks['unlock']>[2][] = [];
  const forgotten: string[] = [];
  const locks: Locks = {
    unlock: (_at, _secret, unlocked) => void opened.push(unlocked),
    forget: (at) => void forgotten.push(at),
    since: () => since,
  };
  return { locks, opened, forgotten };
}

describe('a wrapped key Secret', () => {
  const plain = ({ secret, keyPair }: MadeKey): KubeObject => ({
    ...withMetadata(secret, {
      labels: { [SEALING_KEY_LABEL]: 'active' },
      annotations: { [KEY_ANNOTATIONS.fingerprint]: keyPair.id },
    }),
    type: KEY_TYPES.wrapped,
  });
  const version = (secret: KubeObject, resourceVersion: string) =>
    withMetadata(secret, { name: 'k', uid: 'u', resourceVersion });

  it('gives no key that a slow service opened from a version that is not the current one', async () => {
    const { locks, opened } = locksByHand();
    const keys = registry({ locks });
    await keys.upsert(version(plain(january), '1'), 'own-kind');
    await keys.upsert(version(plain(march), '2'), 'own-kind');
    await opened[0]?.(version(plain(january), '1'));
    expect(keys.keyRing.keys).toEqual([]);
    await opened[1]?.(version(plain(march), '2'));
    expect(keys.keyRing.keys.map(({ id }) => id)).toEqual([march.keyPair.id]);
  });
  it('is forgotten where it is plain from now on', async () => {
    const { locks, opened, forgotten } = locksByHand();
    const keys = registry({ locks });
    await keys.upsert(version(plain(january), '1'), 'own-kind');
    expect([opened.length, forgotten]).toEqual([1, []]);
    const { type: _type, ...other } = version(plain(january), '2');
    await keys.upsert(other, 'own-kind');
    expect(forgotten).toEqual([`${SEALING_KEY_LABEL} k`]);
  });
  it.each([
    ['older than', JANUARY, MARCH],
    ['newer than', MAY, MAY],
    ['unlike', undefined, MARCH],
  ])('that is locked counts for renewal where it is newer: %s the others', async (_what, since, newest) => {
    const keys = registry(locksByHand(since));
    await keys.upsert(march.secret);
    expect(keys.newestSince('v1')).toEqual(newest);
    await keys.remove('march');
    expect(keys.newestSince('v1')).toEqual(since);
  });
});
