import { KEY_ANNOTATIONS, KEY_LABEL, SEALING_KEY_LABEL } from '@fuin/crypto-core';
import { importRecipient, parseRecipient } from '@fuin/crypto-core/v2';
import type { KubeObject } from '@fuin/kube/client';
import { beforeAll, describe, expect, it } from 'vitest';
import { createMetrics } from '../metrics.ts';
import {
  keySecret,
  noLocks,
  noRefusals,
  recordingEvents,
  recordingLog,
  xWingKeySecret,
} from '../testing/recorders.ts';
import { KeyRegistry } from './registry.ts';

const NOW = new Date('2026-06-01T00:00:00Z');
let [older, newer, rsa] = [] as KubeObject[];
beforeAll(async () => {
  older = await xWingKeySecret('older', { notBefore: new Date('2026-01-01T00:00:00Z') });
  newer = await xWingKeySecret('newer', { notBefore: new Date('2026-02-01T00:00:00Z') });
  rsa = (await keySecret('rsa')).secret;
});

function registry() {
  const parts = { events: recordingEvents(), log: recordingLog(), metrics: createMetrics('test') };
  const deps = {
    order: 'CertNotBefore',
    copies: 1,
    now: () => NOW,
    refusals: noRefusals,
    locks: noLocks,
  } as const;
  return Object.assign(new KeyRegistry({ ...deps, ...parts }), parts);
}
const changed = (secret: KubeObject | undefined, metadata: object, others: object = {}): KubeObject =>
  ({ ...secret, ...others, metadata: { ...secret?.metadata, ...metadata } }) as KubeObject;
const namesOf = (keys: KeyRegistry) => keys.offeredV2.map(({ name }) => name);

describe('keys of format v2', () => {
  it('open values beside RSA keys, and never take their place', async () => {
    const keys = registry();
    for (const secret of [older, newer]) if (secret) await keys.upsert(secret, 'own-kind');
    if (rsa) await keys.upsert(rsa);
    expect(keys.keyRing.keys.map(({ id }) => id.split(':')[0])).toEqual(['v2', 'v2', 'SHA256']);
    expect([keys.newest?.name, namesOf(keys)]).toEqual(['rsa', ['newer', 'older']]);
    expect(keys.newestSince('v2')).toEqual(new Date('2026-02-01T00:00:00Z'));
    expect(keys.newestSince('v1')).toEqual(new Date('2026-01-01T00:00:00Z'));
  });
  it('are published as recipient strings', async () => {
    const keys = registry();
    if (newer) await keys.upsert(newer, 'own-kind');
    const [key] = keys.offeredV2;
    expect((await importRecipient(parseRecipient(key?.published ?? ''))).id).toBe(key?.keyPair.id);
  });
  it.each([
    ['begins in the future', '2026-07-01T00:00:00Z/2036-01-01T00:00:00Z'],
    ['is over', '2025-01-01T00:00:00Z/2026-05-01T00:00:00Z'],
    ['cannot be read', 'always'],
    ['is missing', undefined],
  ])('only open values where their validity %s', async (_what, validity) => {
    const keys = registry();
    const annotations = validity === undefined ? {} : { [KEY_ANNOTATIONS.validity]: validity };
    await keys.upsert(changed(newer, { annotations }), 'own-kind');
    expect([keys.keyRing.keys.length, namesOf(keys)]).toEqual([1, []]);
  });
  it.each(['retired', 'refused', 'compromised'])('do not count with the label %s', async (label) => {
    const keys = registry();
    if (newer) await keys.upsert(newer, 'own-kind');
    await keys.upsert(changed(newer, { labels: { [SEALING_KEY_LABEL]: label } }), 'own-kind');
    expect(keys.keyRing.keys).toEqual([]);
  });
  it('show in the metrics when the newest was created and until when it is sealed with', async () => {
    const keys = registry();
    const text = () => keys.metrics.registry.metrics();
    expect(await text()).not.toMatch(/^sealed_secrets_controller_v2_key\S+ /m);
    if (newer) await keys.upsert(newer, 'own-kind');
    expect(await text()).toMatch(/^sealed_secrets_controller_v2_key_created_timestamp_seconds 1769904000$/m);
    expect(await text()).toMatch(/^sealed_secrets_controller_v2_key_expiry_timestamp_seconds 1801440000$/m);
    await keys.remove('newer', 'own-kind');
    expect(await text()).not.toMatch(/^sealed_secrets_controller_v2_key\S+ /m);
  });
  it.each([
    [
      'tls.key beside the seed',
      (secret: KubeObject) => ({ data: { ...(secret['data'] as object), 'tls.key': 'AA==' } }),
    ],
    ['no seed', () => ({ data: {} })],
    ['no data', () => ({ data: null })],
    ['a list as data', () => ({ data: ['AA=='] })],
    ['the type of an RSA key', () => ({ type: 'kubernetes.io/tls' })],
    ['the name of a property as its type', () => ({ type: 'constructor' })],
    ['no type', () => ({ type: undefined })],
  ])('are refused with %s, and named in the event', async (_what, change) => {
    const keys = registry();
    if (newer) await keys.upsert(changed(newer, {}, change(newer)), 'own-kind');
    expect(keys.keyRing.keys).toEqual([]);
    expect(keys.events.texts).toEqual([expect.stringMatching(/^ErrKeyInvalid: key Secret newer: /)]);
    expect(keys.events.texts.join()).not.toMatch(/[A-Za-z0-9+/]{40}/);
  });
  it('show in the metrics when they were backed up', async () => {
    const keys = registry();
    const annotations = {
      ...newer?.metadata.annotations,
      [KEY_ANNOTATIONS.lastBackup]: '2026-05-01T00:00:00Z',
    };
    for (const secret of [older, changed(newer, { annotations })])
      if (secret) await keys.upsert(secret, 'own-kind');
    const { values } = await keys.metrics.keyLastBackup.get();
    expect(values.map(({ value }) => value).sort()).toEqual([0, Date.UTC(2026, 4, 1) / 1000]);
  });
  it('are refused under the label that other controllers read, whatever else they hold', async () => {
    const keys = registry();
    const labels = { [KEY_LABEL]: 'active' };
    const data = { ...(rsa?.['data'] as object), ...(newer?.['data'] as object) };
    await keys.upsert(changed(newer, { labels }, { data }), 'labelled');
    expect(keys.keyRing.keys).toEqual([]);
    const both = { labels: { ...labels, [SEALING_KEY_LABEL]: 'active' } };
    await keys.upsert(changed(newer, both), 'own-kind');
    expect(keys.keyRing.keys).toEqual([]);
    expect(keys.events.texts).toEqual([
      expect.stringContaining('under the label sealedsecrets.bitnami.com/sealing-key only'),
      expect.stringContaining('both labels'),
    ]);
  });
  it('stay while a Secret of the same name loses the other label', async () => {
    const keys = registry();
    if (newer) await keys.upsert(newer, 'own-kind');
    await keys.remove('newer', 'labelled');
    expect(namesOf(keys)).toEqual(['newer']);
  });
});
