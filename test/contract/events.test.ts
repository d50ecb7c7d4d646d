import { beforeAll, describe, expect, it } from 'vitest';
import { freshNamespace, useCluster } from '../support/cluster/use-cluster.ts';
import { failureOf } from './contract.ts';

const contract = useCluster();
let path = '';
let namespace = '';

beforeAll(async () => {
  ({ path, name: namespace } = await freshNamespace(contract.client));
});

function event(name: string, involved: Record<string, string> = {}): unknown {
  const involvedObject = { kind: 'ConfigMap', namespace, name: 'a', uid: 'u1', ...involved };
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name },
    involvedObject,
    reason: 'R',
    message: 'm',
    type: 'Normal',
    count: 1,
  };
}

describe('Event', () => {
  it('counts up by patch', async () => {
    await contract.client.create(`${path}/events`, event('e1'));
    expect(await contract.client.patch(`${path}/events/e1`, 'strategic', { count: 2 })).toMatchObject({
      count: 2,
      reason: 'R',
    });
    expect(await contract.client.patch(`${path}/events/e1`, 'merge', { count: 3 })).toMatchObject({
      count: 3,
    });
  });

  it('is selected by the object it is about', async () => {
    await contract.client.create(`${path}/events`, event('about-b', { name: 'b', uid: 'u2' }));
    await contract.client.create(`${path}/events`, event('about-c', { name: 'c', uid: 'u3' }));
    for (const selector of ['involvedObject.name=b,involvedObject.kind=ConfigMap', 'involvedObject.uid=u2']) {
      const { items } = await contract.client.list(
        `${path}/events?fieldSelector=${encodeURIComponent(selector)}`,
      );
      expect(items.map(({ metadata }) => metadata.name)).toEqual(['about-b']);
    }
  });

  it('must live in the namespace of its object', async () => {
    const answer = await contract.client.request('POST', `${path}/events`, {
      body: event('e2', { namespace: 'default' }),
    });
    expect(failureOf(answer)).toMatchObject({ httpCode: 422, reason: 'Invalid' });
    expect(answer.body['message']).toContain(
      'involvedObject.namespace: Invalid value: "default": does not match event.namespace',
    );
  });
});
