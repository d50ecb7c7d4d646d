import { KEY_ANNOTATIONS, SEALING_KEY_LABEL } from '@fuin/crypto-core';
import type { KubeObject } from '@fuin/kube/client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { refusal } from '../../../../cloud/src/faults.ts';
import { type TestPlugin, writePlugin } from '../../../../cloud/src/testing/plugin-rig.ts';
import type { KeyConfig } from '../../config/config.ts';
import { createMetrics } from '../../metrics.ts';
import { keySecret, noRefusals, recordingEvents, recordingLog } from '../../testing/recorders.ts';
import { type KeyMaker, rsaMaker, xWingMaker } from '../generation.ts';
import { KeyRegistry } from '../registry.ts';
import { KeyLocks } from './key-locks.ts';
import { wrappedMaker } from './wrapped-maker.ts';
import { dataOf, openWrapping, type Wrapping } from './wrapping.ts';

const NOW = new Date('2026-06-01T00:00:00Z');
const VALIDITY = { notBefore: new Date('2026-05-01T00:00:00Z'), notAfter: new Date('2036-01-01T00:00:00Z') };
const CONFIG: KeyConfig = {
  prefix: 'sealed-secrets-key',
  sizeBits: 2048,
  ttlMs: 1,
  commonName: '',
  renewPeriodMs: 0,
  order: 'CertNotBefore',
  cutoff: undefined,
  labels: { team: 'a' },
  annotations: {},
  makesV2: false,
  wrappers: [],
  splitKeys: [],
};

let plugin: TestPlugin;
let wrapping: Wrapping;
beforeEach(async () => {
  plugin = await writePlugin();
  const opened = await openWrapping([`exec:${plugin.program}`], process.env);
  if (!opened) throw new Error('a wrapper was named');
  wrapping = opened;
});
afterEach(() => plugin.remove());

const rsa = () => rsaMaker(CONFIG, 'home', { commonName: 'a', organization: '' });
const xWing = () => xWingMaker(CONFIG, 'home');

/** A wrapped key Secret as the server gives it. */
async function stored(maker: KeyMaker, uid = 'uid-1'): Promise<KubeObject> {
  const secret = await (await wrappedMaker(maker, wrapping).draw()).toSecret(VALIDITY);
  const metadata = { ...secret.metadata, uid, creationTimestamp: VALIDITY.notBefore.toISOString() };
  return { ...secret, metadata };
}

/** A registry whose retries wait until `retry`. */
function registry(services: { readonly wrapping: Wrapping | undefined } = { wrapping }) {
  const parts = { events: recordingEvents(), log: recordingLog(), metrics: createMetrics('test') };
  const waiting: (() => void)[] = [];
  const pauses: number[] = [];
  const sleep = (delayMs: number) => {
    pauses.push(delayMs);
    return new Promise<void>((resolve) => waiting.push(resolve));
  };
  const locks = new KeyLocks({ ...services, sleep, order: 'CertNotBefore', now: () => NOW, ...parts });
  const deps = { order: 'CertNotBefore', copies: 1, now: () => NOW, refusals: noRefusals } as const;
  const keys = new KeyRegistry({ ...deps, locks, ...parts });
  const read = async (secret: KubeObject, source: 'own-kind' | 'labelled' = 'own-kind') => {
    await keys.upsert(secret, source);
    await locks.tried();
    await keys.settle();
  };
  const retry = async () => {
    for (const resolve of waiting.splice(0)) resolve();
  };
  const gauge = async () => (await parts.metrics.keysLocked.get()).values[0]?.value;
  const unreadable = async () => (await parts.metrics.keysUnreadable.get()).values[0]?.value;
  return Object.assign(keys, parts, { locks, read, retry, gauge, unreadable, pauses });
}

const ids = ({ keyRing }: KeyRegistry) => keyRing.keys.map(({ id }) => id);
const fingerprintOf = ({ metadata }: KubeObject) => metadata.annotations?.[KEY_ANNOTATIONS.fingerprint];

describe('a key that a key service wraps', () => {
  it.each([
    ['RSA', rsa, 'tls.crt'],
    ['format v2', xWing, 'public-key'],
  ])('of %s is stored without its private key, and opened from there', async (_what, maker, item) => {
    const secret = await stored(maker());
    expect(secret['type']).toBe('sealedsecrets.bitnami.com/wrapped-key');
    expect(secret.metadata.labels).toEqual({ team: 'a', [SEALING_KEY_LABEL]: 'active' });
    expect(secret.metadata.name).toMatch(/^sealed-secrets-key(-v2-)?[a-z2-9]{5}$/);
    expect(Object.keys(Object(secret['data'])).sort()).toEqual([item, 'wrapped-key', 'wrapper'].sort());
    const keys = registry();
    await keys.read(secret);
    expect(ids(keys)).toEqual([fingerprintOf(secret)]);
    expect(await keys.gauge()).toBe(0);
  });

  it('waits while the service fails, hurts no other key, and heals without a change', async () => {
    const [secret, plain] = [await stored(rsa()), await keySecret('plain')];
    const keys = registry();
    plugin.setTrouble(500);
    await keys.read(plain.secret, 'labelled');
    await keys.read(secret);
    expect(ids(keys)).toEqual([plain.keyPair.id]);
    expect(await keys.gauge()).toBe(1);
    expect((await keys.metrics.keyServiceFailures.get()).values[0]?.value).toBe(1);
    expect(keys.events.texts).toEqual([
      expect.stringMatching(/^ErrKeyLocked: key service exec:\/.* cannot answer now$/),
    ]);
    // a service that fails must not lead to new keys
    expect(keys.newestSince('v1')).toEqual(VALIDITY.notBefore);
    plugin.setTrouble(undefined);
    await keys.retry();
    await expect.poll(() => ids(keys)).toContain(fingerprintOf(secret));
    expect(await keys.gauge()).toBe(0);
  });

  it('leads to no new key while it is locked, also where its Secret does not say since when it counts', async () => {
    const secret = await stored(rsa());
    const { [KEY_ANNOTATIONS.validity]: _validity, ...annotations } = secret.metadata.annotations ?? {};
    const keys = registry();
    plugin.setTrouble(500);
    await keys.read({ ...secret, metadata: { ...secret.metadata, annotations } });
    expect(keys.newestSince('v1')).toEqual(VALIDITY.notBefore); // when it was created
  });

  it.each([
    [undefined, 250, 500],
    [20_000, 20_000, 20_000],
    [86_400_000, 300_000, 300_000],
  ])(
    'is tried again after a pause that a service which throttles may ask for: %s ms',
    async (retryAfterMs, atLeast, atMost) => {
      const secret = await stored(rsa());
      const unwrap = () => Promise.reject(refusal('X', { status: 429, retryAfterMs }, {}));
      const keys = registry({ wrapping: { ...wrapping, unwrap } });
      await keys.read(secret);
      expect(keys.pauses).toHaveLength(1);
      expect(keys.pauses[0]).toBeLessThanOrEqual(atMost);
      expect(keys.pauses[0]).toBeGreaterThanOrEqual(atLeast);
    },
  );

  it('counts as damaged while the service answers with a wrong key, and heals once it gives the right one', async () => {
    const secret = await stored(rsa());
    const keys = registry();
    plugin.setTrouble('wrong-key');
    await keys.read(secret);
    expect(keys.pauses).toHaveLength(1);
    await keys.retry();
    await expect.poll(() => keys.pauses).toHaveLength(2);
    expect([ids(keys), await keys.gauge(), await keys.unreadable()]).toEqual([[], 0, 1]);
    expect(keys.events.texts).toEqual([
      expect.stringMatching(/^ErrKeyInvalid: .* or the key service answers with a wrong key$/),
    ]);
    plugin.setTrouble(undefined);
    await keys.retry();
    await expect.poll(() => ids(keys)).toEqual([fingerprintOf(secret)]);
    expect([await keys.gauge(), await keys.unreadable()]).toEqual([0, 0]);
  });
  it('stays damaged where its own bytes are, although it is tried again, at most once a minute', async () => {
    const secret = await stored(rsa());
    const { 'wrapped-key': wrapped, ...data } = Object(secret['data']) as Record<string, string>;
    const bytes = Buffer.from(wrapped ?? '', 'base64');
    bytes[9] = (bytes[9] ?? 0) ^ 1;
    const keys = registry();
    await keys.read({ ...secret, data: { ...data, 'wrapped-key': bytes.toString('base64') } });
    expect(keys.pauses).toHaveLength(1);
    for (let tries = 2; tries <= 10; tries++) {
      await keys.retry();
      await expect.poll(() => keys.pauses).toHaveLength(tries);
    }
    expect([ids(keys), await keys.unreadable(), keys.events.texts.length]).toEqual([[], 1, 1]);
    expect(keys.newestSince('v1')).toBeUndefined(); // so that a new key is made
    expect(keys.pauses.at(-1)).toBeGreaterThanOrEqual(30_000);
    expect(Math.max(...keys.pauses)).toBeLessThanOrEqual(60_000);
  });

  it('stays in memory whatever becomes of the service, and metadata that changes needs no service', async () => {
    const secret = await stored(rsa());
    const keys = registry();
    await keys.read(secret);
    plugin.setTrouble('gone');
    const annotations = {
      ...secret.metadata.annotations,
      [KEY_ANNOTATIONS.replace]: 'now',
      [KEY_ANNOTATIONS.lastBackup]: '2026-05-02T00:00:00Z',
    };
    await keys.read({ ...secret, metadata: { ...secret.metadata, resourceVersion: '2', annotations } });
    expect(ids(keys)).toEqual([fingerprintOf(secret)]);
    expect(keys.isReplacementAsked('v1')).toBe(true);
    expect((await keys.metrics.keyLastBackup.get()).values[0]?.value).toBe(Date.UTC(2026, 4, 2) / 1000);
    // wrapped anew, which nobody can unwrap now
    const data = { ...Object(secret['data']), wrapper: await otherNote(secret) };
    await keys.read({ ...secret, data, metadata: { ...secret.metadata, resourceVersion: '3' } });
    expect(ids(keys)).toEqual([fingerprintOf(secret)]);
    expect(await keys.gauge()).toBe(1);
  });

  it('is reported where no service is configured, and no plain key takes its place', async () => {
    const secret = await stored(rsa());
    const keys = registry({ wrapping: await openWrapping([], process.env) });
    await keys.read(secret);
    expect(keys.events.texts).toEqual(['ErrKeyLocked: a key service wraps it, and --key-wrapper names none']);
    expect(keys.newestSince('v1')).toEqual(VALIDITY.notBefore);
    await keys.remove(secret.metadata.name ?? '', 'own-kind');
    expect([await keys.gauge(), keys.newestSince('v1')]).toEqual([0, undefined]);
  });

  it('does not delay others while its service is silent', async () => {
    const [secret, plain] = [await stored(rsa()), await keySecret('plain')];
    plugin.setTrouble('silent');
    const keys = registry();
    await keys.upsert(secret, 'own-kind');
    await keys.upsert(plain.secret, 'labelled');
    expect(ids(keys)).toEqual([plain.keyPair.id]);
    expect(keys.locks.locked).toEqual([secret]);
    await keys.remove(secret.metadata.name ?? '', 'own-kind');
  });

  it('is used when a slow service answers at last, and nothing was made or refused meanwhile', async () => {
    const [secret, plain] = [await stored(rsa()), await keySecret('plain')];
    const { promise: late, resolve: answer } = Promise.withResolvers<void>();
    const unwrap: Wrapping['unwrap'] = (...given) => late.then(() => wrapping.unwrap(...given));
    const keys = registry({ wrapping: { ...wrapping, unwrap } });
    await keys.upsert(secret, 'own-kind');
    await keys.upsert(plain.secret, 'labelled');
    expect([ids(keys), await keys.gauge(), keys.events.texts]).toEqual([[plain.keyPair.id], 1, []]);
    expect(keys.newestSince('v1')).toEqual(VALIDITY.notBefore);
    answer();
    await expect.poll(() => ids(keys)).toContain(fingerprintOf(secret));
    expect([await keys.gauge(), keys.pauses]).toEqual([0, []]);
  });

  const broken: readonly [string, (secret: KubeObject) => KubeObject, RegExp][] = [
    [
      'its key in the clear too',
      (secret) => ({ ...secret, data: { ...Object(secret['data']), 'tls.key': 'AAAA' } }),
      /twice, in the clear as tls.key/,
    ],
    [
      'another name',
      (secret) => ({ ...secret, metadata: { ...secret.metadata, name: 'other' } }),
      /^ErrKeyLocked: key service exec:\/.*: it refuses$/,
    ],
    [
      'no fingerprint',
      (secret) => ({ ...secret, metadata: { ...secret.metadata, annotations: {} } }),
      /key-fingerprint is missing/,
    ],
  ];
  it.each(broken)('is not used with %s', async (_what, change, message) => {
    const keys = registry();
    await keys.read(change(await stored(rsa())));
    expect(ids(keys)).toEqual([]);
    expect(keys.events.texts).toEqual([expect.stringMatching(message)]);
    expect(keys.pauses).toHaveLength(message.source.includes('it refuses') ? 1 : 0);
  });

  it.each([
    ['RSA', rsa],
    ['format v2', xWing],
  ])('of %s is not used under the fingerprint of another one', async (_what, maker) => {
    const secret = await stored(maker());
    const { namespace = '', name = '' } = secret.metadata;
    const other = await (await maker().draw()).toSecret(VALIDITY);
    const context = { namespace, name, fingerprint: fingerprintOf(secret) ?? '' };
    const keys = registry();
    await keys.read({ ...secret, data: await wrapping.wrap(dataOf(other), context) });
    expect(ids(keys)).toEqual([]);
    expect(keys.events.texts).toEqual([
      expect.stringMatching(/^ErrKeyInvalid: .*holds another key than its annotation says$/),
    ]);
  });

  it('is never unwrapped where a SealedSecret may have created its Secret', async () => {
    const secret = await stored(rsa());
    const annotations = { ...secret.metadata.annotations, 'sealedsecrets.bitnami.com/managed': 'true' };
    const keys = registry();
    plugin.setTrouble(500); // who asks the service waits for it
    await keys.read({ ...secret, metadata: { ...secret.metadata, annotations } });
    expect(ids(keys)).toEqual([]);
    expect(keys.events.texts).toEqual([
      expect.stringMatching(/^ErrKeyInvalid: .*it was created by a SealedSecret/),
    ]);
    expect(keys.locks.locked).toEqual([]);
  });

  it('is not made while the service fails: no plain key is made instead', async () => {
    const drawn = await wrappedMaker(rsa(), wrapping).draw();
    plugin.setTrouble(500);
    await expect(drawn.toSecret(VALIDITY)).rejects.toMatchObject({ code: 'ERR_KEY_SERVICE_UNAVAILABLE' });
  });
});

/** The note of another key: nobody can tell it from that of a key that was rewrapped. */
async function otherNote({ metadata }: KubeObject): Promise<unknown> {
  plugin.setTrouble(undefined);
  const other = await stored(rsa(), metadata.uid);
  plugin.setTrouble('gone');
  return Object(other['data'])['wrapper'];
}
