import { type ItemTerms, type KeyPair, KeyRing, type Recipient, sealSecret } from '@fuin/crypto-core';
import type { ObjectKey } from '@fuin/kube/client';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Scene, useScene } from '../../../../test/support/reconcile-scene.ts';
import { readXWingSecret } from '../keys/x-wing-secret.ts';
import { xWingKeySecret } from '../testing/recorders.ts';
import type { ReconcileDeps } from './reconcile.ts';
import { conditionsOf } from './status/conditions.ts';

let scene: Scene;
let namespace: string;
let v2: KeyPair;
useScene((held) => {
  ({ scene, namespace } = held);
});
beforeAll(async () => {
  v2 = (await readXWingSecret(await xWingKeySecret('v2', { notBefore: new Date('2026-01-01') }))).keyPair;
});

const EXPIRY = new Date('2026-06-01T12:00:00Z');
const before = () => new Date(EXPIRY.getTime() - 1);
const after = () => EXPIRY;
const [REFUSE, WARN] = [{ expiryPolicy: 'refuse' }, { expiryPolicy: 'warn' }] as const;

/** Stores an object with one item for each recipient: a, b and so on. */
async function stored(recipients: readonly Recipient[], terms: ItemTerms = {}): Promise<ObjectKey> {
  const encryptedData: Record<string, string> = {};
  for (const [at, recipient] of recipients.entries()) {
    const item = 'abc'.charAt(at);
    const metadata = { namespace, name: 'db' };
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata, data: { [item]: btoa('s3cret') } } as const;
    const own = recipient.format === 'v2' ? terms : {};
    Object.assign(encryptedData, (await sealSecret(secret, recipient, 'strict', own)).spec.encryptedData);
  }
  return storeValues(encryptedData);
}
/** Stores an object with these sealed values, over the one before. */
async function storeValues(encryptedData: Record<string, string>, more: object = {}): Promise<ObjectKey> {
  const object = await scene.seal({ namespace, name: 'db' }, {});
  return scene.store({ ...object, spec: { ...object.spec, encryptedData, ...more } });
}
const pass = (key: ObjectKey, more: Partial<ReconcileDeps> = {}) =>
  scene.pass(key, { keys: { keyRing: KeyRing.of(v2, scene.keyPair) }, ...more });
const conditionOf = async (key: ObjectKey, wanted: string) =>
  conditionsOf((await scene.stored(key))['status']).find(({ type }) => type === wanted);
const texts = (reason: string) => scene.events.texts.filter((text) => text.startsWith(`${reason}: `));

describe('values of format v2', () => {
  it('become a Secret beside values of v1 in one object, and the status names both keys', async () => {
    const key = await stored([v2, scene.keyPair]);
    expect(await pass(key)).toBeUndefined();
    expect((await scene.secret(key))?.['data']).toEqual({ a: btoa('s3cret'), b: btoa('s3cret') });
    expect((await scene.stored(key))['status']).toMatchObject({
      lastUnseal: { keys: { a: v2.id, b: scene.keyPair.id } },
    });
  });
  it('are opened only as the item that they are bound to', async () => {
    const key = await stored([v2], { bindsItem: true });
    const object = await scene.stored(key);
    const { encryptedData } = object['spec'] as { encryptedData: Record<string, string> };
    await storeValues({ z: encryptedData['a'] ?? '' });
    expect(await pass(key)).toBe('ERR_NO_KEY_OPENS_VALUE');
  });
});

describe('--min-format', () => {
  const minFormat = { namespaces: undefined };
  it('refuses an object with a value of v1, writes nothing and leaves the Secret as it is', async () => {
    const key = await stored([v2, scene.keyPair]);
    await pass(key);
    const secret = await scene.secret(key);
    expect(await pass(key, { minFormat })).toBe('ERR_FORMAT_FORBIDDEN'); // although it was in sync
    expect(await scene.secret(key)).toEqual(secret);
    for (const type of ['Synced', 'Ready'])
      expect(await conditionOf(key, type)).toMatchObject({
        status: 'False',
        reason: 'FormatForbidden',
        message: expect.stringMatching(/format v1.*\(b\)/),
      });
    expect(texts('ErrUnsealFailed')).toEqual([expect.stringContaining('format v1')]);
    expect(await pass(key)).toBeUndefined();
  });
  it('creates no Secret, opens nothing, and accepts an object that is all v2', async () => {
    const key = await stored([scene.keyPair]);
    const keys = { keyRing: KeyRing.of() };
    expect(await pass(key, { minFormat, keys })).toBe('ERR_FORMAT_FORBIDDEN');
    expect(await scene.secret(key)).toBeUndefined();
    await stored([v2, v2]);
    expect(await pass(key, { minFormat })).toBeUndefined();
  });
  it('counts in the named namespaces only', async () => {
    const key = await stored([scene.keyPair]);
    expect(await pass(key, { minFormat: { namespaces: new Set(['other']) } })).toBeUndefined();
    const here = { namespaces: new Set(['other', namespace]) };
    expect(await pass(key, { minFormat: here })).toBe('ERR_FORMAT_FORBIDDEN');
  });
  it('refuses legacy data, which is a value of v1', async () => {
    const { spec } = await scene.seal({ namespace, name: 'db' }, { a: 's3cret' });
    const key = await storeValues({}, { data: spec.encryptedData['a'] });
    expect(await pass(key, { minFormat })).toBe('ERR_FORMAT_FORBIDDEN');
  });
  it('leaves a value that cannot be read to the opening', async () => {
    const key = await storeValues({ a: 'AAAC' });
    expect(await pass(key, { minFormat })).toBe('ERR_ENVELOPE_MALFORMED');
  });
});

describe('expiry', () => {
  it('is reported once by condition, event and log, and the Secret is kept in sync', async () => {
    const key = await stored([v2, scene.keyPair], { expiresAt: EXPIRY });
    await pass(key, { ...WARN, now: before });
    expect(await conditionOf(key, 'Ready')).toMatchObject({ reason: 'Unsealed' });
    for (let round = 0; round < 3; round++) expect(await pass(key, { ...WARN, now: after })).toBeUndefined();
    expect(await conditionOf(key, 'Ready')).toMatchObject({
      status: 'True',
      reason: 'ValueExpired',
      message: 'the Secret is in sync with the SealedSecret, but these items are past their expiry: a',
    });
    expect(await conditionOf(key, 'Synced')).toMatchObject({ status: 'True', reason: 'Unsealed' });
    expect(texts('ValueExpired')).toHaveLength(1);
    expect(scene.log.lines.filter((line) => line.startsWith('WARN'))).toEqual([
      `WARN sealed values are past their expiry {"namespace":"${namespace}","name":"db","items":"a"}`,
    ]);
  });
  it('is not reported again by another process, which reads in the status that it was', async () => {
    const key = await stored([v2], { expiresAt: EXPIRY });
    await pass(key, { ...WARN, now: after });
    const { LastUnseals } = await import('./status/last-unseal.ts');
    await pass(key, { ...WARN, now: after, lastUnseals: new LastUnseals() });
    expect(texts('ValueExpired')).toHaveLength(1);
  });
  it('refuses with --expiry-policy=refuse, and the Secret stays as it is', async () => {
    const key = await stored([v2], { expiresAt: EXPIRY });
    expect(await pass(key, { ...REFUSE, now: before })).toBeUndefined();
    const secret = await scene.secret(key);
    expect(await pass(key, { ...REFUSE, now: after })).toBe('ERR_VALUE_EXPIRED');
    expect(await scene.secret(key)).toEqual(secret);
    expect(await conditionOf(key, 'Synced')).toMatchObject({ status: 'False', reason: 'ValueExpired' });
    expect(texts('ErrUnsealFailed')).toEqual([expect.stringContaining('past its expiry')]);
    expect(await pass(key, { ...WARN, now: after })).toBeUndefined();
  });
  it('counts whatever line ends stand in the value', async () => {
    const key = await stored([v2], { expiresAt: EXPIRY });
    const object = await scene.stored(key);
    const { encryptedData } = object['spec'] as { encryptedData: Record<string, string> };
    const text = encryptedData['a'] ?? '';
    await storeValues({ a: `\n\r${text.replace(/^(..)(.)/, '$1\n\n$2\r\n')}` });
    expect(await pass(key, { ...REFUSE, now: after })).toBe('ERR_VALUE_EXPIRED');
  });
});
