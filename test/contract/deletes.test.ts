import { describe, expect, it } from 'vitest';
import { freshNamespace, useCluster } from '../support/cluster/use-cluster.ts';
import { configMap, failureOf } from './contract.ts';

const contract = useCluster();

describe('delete', () => {
  it('answers a Status with the uid of what was deleted', async () => {
    const { path } = await freshNamespace(contract.client);
    const { metadata } = await contract.client.create(`${path}/configmaps`, configMap('a'));
    expect(await contract.client.delete(`${path}/configmaps/a`)).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Success',
      details: { name: 'a', kind: 'configmaps', uid: metadata.uid },
    });
    expect((await contract.client.request('GET', `${path}/configmaps/a`)).code).toBe(404);
  });

  it('answers 404 for an object that does not exist', async () => {
    const { path } = await freshNamespace(contract.client);
    const answer = await contract.client.request('DELETE', `${path}/configmaps/a`);
    expect(failureOf(answer)).toMatchObject({ httpCode: 404, message: 'configmaps "a" not found' });
  });

  it('honours a uid precondition', async () => {
    const { path } = await freshNamespace(contract.client);
    const { metadata } = await contract.client.create(`${path}/configmaps`, configMap('a'));
    const uid = '00000000-0000-0000-0000-000000000000';
    const answer = await contract.client.request('DELETE', `${path}/configmaps/a`, {
      body: { preconditions: { uid } },
    });
    expect(failureOf(answer)).toMatchObject({
      httpCode: 409,
      reason: 'Conflict',
      message: `Operation cannot be fulfilled on ConfigMap "a": the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`,
      details: { name: 'a', kind: 'ConfigMap' },
    });
    await contract.client.delete(`${path}/configmaps/a`, { preconditions: { uid: metadata.uid } });
  });

  it('honours a resourceVersion precondition', async () => {
    const { path } = await freshNamespace(contract.client);
    const { metadata } = await contract.client.create(`${path}/configmaps`, configMap('a'));
    const answer = await contract.client.request('DELETE', `${path}/configmaps/a`, {
      body: { preconditions: { resourceVersion: '1' } },
    });
    expect(failureOf(answer)).toMatchObject({
      httpCode: 409,
      message: `Operation cannot be fulfilled on ConfigMap "a": the ResourceVersion in the precondition (1) does not match the ResourceVersion in record (${metadata.resourceVersion}). The object might have been modified`,
    });
  });

  it('waits for finalizers and goes with the last', async () => {
    const { path } = await freshNamespace(contract.client);
    await contract.client.create(
      `${path}/configmaps`,
      configMap('a', {}, { finalizers: ['example.com/hold'] }),
    );
    const held = await contract.client.delete(`${path}/configmaps/a`);
    expect(held).toMatchObject({
      kind: 'ConfigMap',
      metadata: { name: 'a', finalizers: ['example.com/hold'], deletionGracePeriodSeconds: 0 },
    });
    expect(held.metadata.deletionTimestamp).toBeDefined();
    await contract.client.patch(`${path}/configmaps/a`, 'merge', { metadata: { finalizers: null } });
    expect((await contract.client.request('GET', `${path}/configmaps/a`)).code).toBe(404);
  });

  it('refuses new finalizers once deletion began', async () => {
    const { path } = await freshNamespace(contract.client);
    await contract.client.create(
      `${path}/configmaps`,
      configMap('a', {}, { finalizers: ['example.com/hold'] }),
    );
    await contract.client.delete(`${path}/configmaps/a`);
    const patch = { metadata: { finalizers: ['example.com/hold', 'example.com/more'] } };
    const answer = await contract.client.request('PATCH', `${path}/configmaps/a`, {
      body: patch,
      contentType: 'application/merge-patch+json',
    });
    expect(failureOf(answer)).toMatchObject({ httpCode: 422, reason: 'Invalid' });
    expect(answer.body['message']).toContain(
      'metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"example.com/more"}',
    );
    await contract.client.patch(`${path}/configmaps/a`, 'merge', { metadata: { finalizers: null } });
  });

  it('deletes what a selector selects from a collection', async () => {
    const { path } = await freshNamespace(contract.client);
    await contract.client.create(`${path}/configmaps`, configMap('a', {}, { labels: { go: 'yes' } }));
    await contract.client.create(`${path}/configmaps`, configMap('b', {}, { labels: { go: 'no' } }));
    await contract.client.delete(`${path}/configmaps?labelSelector=go%3Dyes`);
    const { items } = await contract.client.list(`${path}/configmaps`);
    const names = items.map(({ metadata }) => metadata.name);
    expect(names).not.toContain('a');
    expect(names).toContain('b');
  });

  it('refuses new objects in a namespace under deletion', async () => {
    const { name, path } = await freshNamespace(contract.client);
    await contract.client.create(
      `${path}/configmaps`,
      configMap('a', {}, { finalizers: ['example.com/hold'] }),
    );
    const terminating = await contract.client.delete(`/api/v1/namespaces/${name}`);
    expect(terminating).toMatchObject({ kind: 'Namespace', status: { phase: 'Terminating' } });
    const answer = await contract.client.request('POST', `${path}/configmaps`, { body: configMap('b') });
    expect(failureOf(answer)).toMatchObject({
      httpCode: 403,
      reason: 'Forbidden',
      message: `configmaps "b" is forbidden: unable to create new content in namespace ${name} because it is being terminated`,
      details: {
        causes: [
          {
            reason: 'NamespaceTerminating',
            message: `namespace ${name} is being terminated`,
            field: 'metadata.namespace',
          },
        ],
      },
    });
    await contract.client.patch(`${path}/configmaps/a`, 'merge', { metadata: { finalizers: null } });
  });
});
