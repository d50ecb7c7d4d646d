import { describe, expect, it } from 'vitest';
import { createInformer } from '../../packages/kube/src/cache/informer.ts';
import type { KubeObject } from '../../packages/kube/src/client/types.ts';
import { object, ScriptedApi } from '../../packages/kube/src/testing/scripted-api.ts';

const SEALED_SECRETS = { group: 'bitnami.com', version: 'v1alpha1', plural: 'sealedsecrets' };
/** Kubernetes' JSON decoder refuses 10,000; a kube-apiserver stores this under deploy/crd.yaml. */
const DEPTH = 9_900;

function deep(resourceVersion: string): KubeObject {
  const note: unknown = JSON.parse(`${'{"a":'.repeat(DEPTH)}1${'}'.repeat(DEPTH)}`);
  return object('deep', resourceVersion, { spec: { encryptedData: {}, template: { metadata: { note } } } });
}

describe('an object that is as deeply nested as the API server allows', () => {
  it('does not keep the informer from listing the others', async () => {
    const api = new ScriptedApi();
    api.lists = [{ items: [deep('1'), object('honest', '2')], resourceVersion: '5' }];
    const stop = new AbortController();
    const informer = createInformer({ client: api, resource: SEALED_SECRETS });
    await informer.start(stop.signal);
    const { hasSynced } = informer.lister;
    const honest = informer.lister.get({ namespace: 'n', name: 'honest' });
    stop.abort();
    expect(hasSynced).toBe(true);
    expect(honest).toBeDefined();
  });

  it('does not keep the informer from following the others', async () => {
    const api = new ScriptedApi();
    api.lists = [{ items: [object('other', '2')], resourceVersion: '5' }];
    const stop = new AbortController();
    const informer = createInformer({ client: api, resource: SEALED_SECRETS });
    await informer.start(stop.signal);
    await expect.poll(() => api.watches.length).toBe(1);
    await api.lastWatch.send('ADDED', deep('6'));
    await api.lastWatch.send('ADDED', object('honest', '7'));
    const honest = informer.lister.get({ namespace: 'n', name: 'honest' });
    stop.abort();
    expect(honest).toBeDefined();
  });
});

describe('an object that cannot be read', () => {
  it('stays what it was, is reported and does not keep the informer from following the others', async () => {
    const api = new ScriptedApi();
    api.lists = [{ items: [object('a', '1'), object('b', '2')], resourceVersion: '5' }];
    const stop = new AbortController();
    const lines: string[] = [];
    const counted: number[] = [];
    const informer = createInformer({
      client: api,
      resource: SEALED_SECRETS,
      transform: (item) => {
        if (item.metadata.name === 'a' && item.metadata.resourceVersion !== '1')
          throw new RangeError('stack');
        return item;
      },
      onUnreadable: (count) => void counted.push(count),
      logger: { log: (_level, message, fields) => void lines.push(`${message}: ${fields?.['name']}`) },
    });
    await informer.start(stop.signal);
    await expect.poll(() => api.watches.length).toBe(1);
    await api.lastWatch.send('MODIFIED', object('a', '6'));
    await api.lastWatch.send('MODIFIED', object('b', '7'));
    stop.abort();
    const versions = ['a', 'b'].map((name) => informer.lister.get({ namespace: 'n', name })?.metadata);
    expect(versions.map((metadata) => metadata?.resourceVersion)).toEqual(['1', '7']);
    expect([counted.length, lines]).toEqual([1, ['object cannot be read: a']]);
  });
});
