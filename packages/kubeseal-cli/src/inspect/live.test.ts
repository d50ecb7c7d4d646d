import { parseSealedSecret } from '@fuin/crypto-core';
import { describe, expect, it } from 'vitest';
import type { Cluster } from '../controller/cluster.ts';
import { askCluster } from './live.ts';

const KEY = `SHA256:${'a'.repeat(43)}`;
const OTHER = `SHA256:${'b'.repeat(43)}`;
const object = (encryptedData: object, metadata: object = { namespace: 'shop', name: 'db' }) =>
  parseSealedSecret({
    apiVersion: 'bitnami.com/v1alpha1',
    kind: 'SealedSecret',
    metadata,
    spec: { encryptedData },
  });
const SEALED = object({ a: 'one', b: 'two' });
/** A cluster that holds SEALED with this status; the paths that it was asked for. */
function clusterWith(live: object | undefined): Cluster & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    send: async (path) => {
      asked.push(path);
      const body = Buffer.from(JSON.stringify(live ?? {}));
      return { status: live ? 200 : 404, statusText: '', headers: {}, body, tookMs: 1 };
    },
    close: async () => undefined,
  };
}
const live = (status: unknown, encryptedData: object = { a: 'one', b: 'two' }) => ({
  metadata: { generation: 3 },
  spec: { encryptedData },
  status,
});
const keysIn = async (status: unknown, encryptedData?: object) =>
  Object.fromEntries((await askCluster(clusterWith(live(status, encryptedData)), SEALED)).keys);

describe('askCluster', () => {
  it('knows the key of every item where the controller needed only one', async () => {
    expect(await keysIn({ lastUnseal: { generation: 3, keys: { a: KEY } } })).toEqual({ a: KEY, b: KEY });
  });
  it('knows of several keys only the items under which they are noted', async () => {
    expect(await keysIn({ lastUnseal: { generation: 3, keys: { a: KEY, x: OTHER } } })).toEqual({ a: KEY });
  });
  it('knows nothing of items whose sealed value is another one in the cluster, and says how many there are', async () => {
    const status = { lastUnseal: { generation: 3, keys: { a: KEY } } };
    expect(await keysIn(status, { a: 'one', b: 'changed' })).toEqual({ a: KEY });
    const { says } = await askCluster(clusterWith(live(status, { a: 'one', b: 'changed' })), SEALED);
    expect(says).toEqual(['the cluster holds other sealed values of 1 of its items']);
  });
  it.each([
    ['of another version', { lastUnseal: { generation: 2, keys: { a: KEY } } }],
    ['with a text in place of keys', { lastUnseal: { generation: 3, keys: 'x' } }],
    ['with a key that is none', { lastUnseal: { generation: 3, keys: { a: 'hunter2\u001b[31m' } } }],
    ['that is a list', []],
    ['that is missing', undefined],
  ])('knows nothing from a status %s', async (_what, status) => {
    expect(await keysIn(status)).toEqual({});
  });
  it('says since when the controller reports a failure, in one line of bounded length', async () => {
    const failing = (type: string, message: string) => ({
      ...{ type, status: 'False', reason: 'NoKeyOpensValue', message },
      lastTransitionTime: '2026-06-01T12:00:00Z',
    });
    const conditions = [failing('Synced', 'no key'), failing('Ready', `no key:\n${'x'.repeat(1_000)}`)];
    const { says } = await askCluster(clusterWith(live({ conditions })), SEALED);
    expect(says[0]).toMatch(
      /^the controller reports since 2026-06-01T12:00:00Z: NoKeyOpensValue: no key: x+$/,
    );
    expect(says[0]?.length).toBeLessThan(400);
  });
  it('says that there is no such object, and asks for none without a namespace', async () => {
    expect((await askCluster(clusterWith(undefined), SEALED)).says).toEqual([
      'the cluster has no such SealedSecret',
    ]);
    const cluster = clusterWith(undefined);
    const { says } = await askCluster(cluster, object({}, { name: 'db' }));
    expect(says).toEqual(['the file does not say in which namespace it is']);
    expect(cluster.asked).toEqual([]);
  });
});
