import type { KubeObject, ObjectKey } from '@fuin/kube/client';
import { describe, expect, it } from 'vitest';
import { CONSTANT, growth } from '../../../../test/support/time/growth.ts';
import { KeyRegistry } from '../keys/registry.ts';
import { createMetrics } from '../metrics.ts';
import { LastUnseals } from '../reconcile/status/last-unseal.ts';
import {
  keySecretsOfTwoMonths,
  type MadeKey,
  noLocks,
  noRefusals,
  recordingEvents,
  recordingLog,
} from '../testing/recorders.ts';
import { observeKeyUse } from './key-use-metric.ts';

const { january, march } = await keySecretsOfTwoMonths();

const openedBy = (name: string, ...fingerprints: readonly unknown[]): KubeObject => ({
  apiVersion: 'bitnami.com/v1alpha1',
  kind: 'SealedSecret',
  metadata: { namespace: 'shop', name },
  status: {
    lastUnseal: { keys: Object.fromEntries(fingerprints.map((each, index) => [`i${index}`, each])) },
  },
});

async function starting(...keys: readonly MadeKey[]) {
  const parts = { metrics: createMetrics('test'), events: recordingEvents(), log: recordingLog() };
  const { metrics } = parts;
  const registry = new KeyRegistry({
    locks: noLocks,
    order: 'CertNotBefore',
    refusals: noRefusals,
    copies: 1,
    now: () => new Date('2026-06-01'),
    ...parts,
  });
  const objects = new Map<string, KubeObject>();
  const lastUnseals = new LastUnseals();
  const sealedSecrets = { get: ({ name }: ObjectKey) => objects.get(name) };
  const deps = { ...parts, keys: registry, namespace: 'home', lastUnseals, sealedSecrets };
  const { notice, complete } = observeKeyUse(deps);
  for (const { secret } of keys) await registry.upsert(secret);
  const set = (name: string, current: KubeObject | undefined) => {
    const previous = objects.get(name);
    if (current) objects.set(name, current);
    else objects.delete(name);
    notice({ ...(current && { current }), ...(previous && { previous }) });
  };
  const read = async () => {
    const [stale, oldest] = await Promise.all([
      metrics.staleSealedSecrets.get(),
      metrics.oldestKeyInUse.get(),
    ]);
    const [staleValue, oldestValue] = [stale.values[0]?.value, oldest.values[0]?.value];
    if (staleValue === undefined && oldestValue === undefined) return 'absent';
    return { stale: staleValue, oldestMs: oldestValue === undefined ? 'absent' : oldestValue * 1000 };
  };
  const keyless = async () => (await metrics.keylessSealedSecrets.get()).values[0]?.value;
  return { ...parts, registry, set, read, keyless, lastUnseals, complete };
}

async function watched(...keys: readonly MadeKey[]) {
  const all = await starting(...keys);
  all.complete();
  return all;
}

const printOf = ({ keyPair }: MadeKey) => keyPair.id;
const JANUARY_MS = Date.parse('2026-01-01');
const MARCH_MS = Date.parse('2026-03-01');

describe('the metrics of key use', () => {
  it('are 0 when no SealedSecret needs a key', async () => {
    const { read } = await watched(january);
    expect(await read()).toEqual({ stale: 0, oldestMs: 0 });
  });
  it('count each SealedSecret once if an item needs an older key', async () => {
    const { set, read } = await watched(january, march);
    set('a', openedBy('a', printOf(january), printOf(march), printOf(january)));
    set('b', openedBy('b', printOf(march)));
    expect(await read()).toEqual({ stale: 1, oldestMs: JANUARY_MS });
  });
  it('follow an object that is sealed again, and one that is deleted', async () => {
    const { set, read } = await watched(january, march);
    set('a', openedBy('a', printOf(january)));
    set('b', openedBy('b', printOf(january)));
    set('a', openedBy('a', printOf(march)));
    expect(await read()).toEqual({ stale: 1, oldestMs: JANUARY_MS });
    set('b', undefined);
    expect(await read()).toEqual({ stale: 0, oldestMs: MARCH_MS });
    set('a', undefined);
    expect(await read()).toEqual({ stale: 0, oldestMs: 0 });
  });
  it('grow when a new key comes: everything is sealed with an older one then', async () => {
    const { registry, set, read } = await watched(january);
    set('a', openedBy('a', printOf(january)));
    expect(await read()).toEqual({ stale: 0, oldestMs: JANUARY_MS });
    await registry.upsert(march.secret);
    expect(await read()).toEqual({ stale: 1, oldestMs: JANUARY_MS });
  });
  it('show no age rather than 0 if the only key that is needed was removed, for example after a restart', async () => {
    const { set, read, keyless } = await watched(march);
    set('a', openedBy('a', printOf(january)));
    expect(await read()).toEqual({ stale: 1, oldestMs: 'absent' });
    expect(await keyless()).toBe(1);
    set('b', openedBy('b', printOf(march)));
    expect(await read()).toEqual({ stale: 1, oldestMs: MARCH_MS });
    set('a', undefined);
    expect(await keyless()).toBe(0);
  });
  it.each([
    ['is deleted', (registry: KeyRegistry) => registry.remove('january')],
    [
      'is replaced by another pair in place',
      (registry: KeyRegistry) =>
        registry.upsert({ ...march.secret, metadata: { ...march.secret.metadata, name: 'january' } }),
    ],
    [
      'becomes unreadable',
      (registry: KeyRegistry) =>
        registry.upsert({ ...january.secret, data: { 'tls.key': '!', 'tls.crt': '!' } }),
    ],
  ])('warn if a key that is needed %s, and keep its age', async (_, lose) => {
    const { registry, set, read, keyless, log, events } = await watched(january, march);
    set('a', openedBy('a', printOf(january)));
    set('b', openedBy('b', printOf(march), printOf(january)));
    await lose(registry);
    expect(await keyless()).toBe(2);
    expect(await read()).toEqual({ stale: 2, oldestMs: JANUARY_MS });
    const lines = log.lines.filter((line) => line.includes('a key that is still needed was removed'));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(printOf(january));
    expect(lines[0]).toMatch(/sealedSecrets\W+2\b/);
    expect(events.texts.filter((text) => text.startsWith('KeyLost'))).toEqual([
      `KeyLost: the key ${printOf(january)}, which opened 2 SealedSecrets, was removed: restore it, or seal them again`,
    ]);
    await registry.upsert({ ...january.secret, metadata: { ...january.secret.metadata, name: 'restored' } });
    expect(await keyless()).toBe(0);
  });
  it('do not warn of a key that another Secret still holds, or that no object needs', async () => {
    const { registry, set, log, events } = await watched(january, march);
    set('a', openedBy('a', printOf(january)));
    await registry.upsert({ ...january.secret, metadata: { ...january.secret.metadata, name: 'copy' } });
    await registry.remove('copy');
    await registry.remove('march');
    expect(log.lines.join()).not.toContain('needed');
    expect(events.texts.join()).not.toContain('KeyLost');
  });
  it('cost no more if a status names any number of invented keys', async () => {
    const { set, read } = await watched(january, march);
    const changes = (size: number) => {
      set('hostile', openedBy('hostile', ...Array.from({ length: size }, (_, index) => `SHA256:${index}`)));
      return () => {
        for (let index = 0; index < 2_000; index++)
          set('a', openedBy('a', printOf(index % 2 ? january : march)));
      };
    };
    expect(await growth(changes, 20_000)).toBeLessThan(CONSTANT);
    expect(await read()).toEqual({ stale: 2, oldestMs: JANUARY_MS });
  });
  it.each([
    ['a failure', { status: { conditions: [{ type: 'Synced', status: 'False' }] } }],
    ['a deletion under way', { metadata: { name: 'a', namespace: 'shop', deletionTimestamp: 'x' } }],
    ['keys that are none', { status: { lastUnseal: { keys: { a: 1, b: null } } } }],
  ])('ignore an object with %s', async (_what, fields) => {
    const { set, read } = await watched(march);
    set('a', {
      apiVersion: 'bitnami.com/v1alpha1',
      kind: 'SealedSecret',
      metadata: { name: 'a', namespace: 'shop' },
      ...fields,
    });
    expect(await read()).toEqual({ stale: 0, oldestMs: 0 });
  });
});

describe('the metrics of key use, if the status does not show it', () => {
  const UPSTREAMS = { conditions: [{ type: 'Synced', status: 'True' }], observedGeneration: 1 };
  const mute = (name: string, status: unknown): KubeObject => ({
    metadata: { namespace: 'shop', name, uid: name, generation: 1 },
    status,
  });
  const success = (name: string, fingerprint: string) => ({
    uid: name,
    generation: 1,
    scope: 'strict' as const,
    secretUid: 's',
    secretResourceVersion: '1',
    openedBy: new Map([['item', fingerprint]]),
    expired: '',
    unsigned: '',
  });

  it('are absent until every SealedSecret was seen once', async () => {
    const { set, read, complete } = await starting(january, march);
    set('a', openedBy('a', printOf(march)));
    expect(await read()).toBe('absent');
    complete();
    expect(await read()).toEqual({ stale: 0, oldestMs: MARCH_MS });
  });
  it.each([
    ['no status', undefined],
    ['the status of another controller, or of ours under its CRD', UPSTREAMS],
    ['a record that is text', { ...UPSTREAMS, lastUnseal: 'x' }],
    [
      'a record without the keys',
      {
        ...UPSTREAMS,
        lastUnseal: { generation: 1, scope: 'strict', secretUID: 's', secretResourceVersion: '1' },
      },
    ],
  ])(
    'are absent while an object with %s was not opened by this process, and count it then',
    async (_what, status) => {
      const { set, read, lastUnseals } = await watched(january, march);
      set('a', mute('a', status));
      set('b', openedBy('b', printOf(march)));
      expect(await read()).toBe('absent');
      lastUnseals.note({ namespace: 'shop', name: 'a' }, success('a', printOf(january)));
      expect(await read()).toEqual({ stale: 1, oldestMs: JANUARY_MS });
    },
  );
  it('are absent again when the object changes, until it is decrypted', async () => {
    const { set, read, lastUnseals } = await watched(january, march);
    set('a', mute('a', UPSTREAMS));
    lastUnseals.note({ namespace: 'shop', name: 'a' }, success('a', printOf(january)));
    set('a', {
      ...mute('a', UPSTREAMS),
      metadata: { namespace: 'shop', name: 'a', uid: 'a', generation: 2 },
    });
    expect(await read()).toBe('absent');
  });
  it('ignore an object that failed and has no status', async () => {
    const { set, read, lastUnseals } = await watched(march);
    set('a', mute('a', undefined));
    lastUnseals.noteFailure({ namespace: 'shop', name: 'a' }, mute('a', undefined));
    expect(await read()).toEqual({ stale: 0, oldestMs: 0 });
  });
});
